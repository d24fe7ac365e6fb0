// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Taking pool.
extension Ex {
    /// `ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag) -> address or NULL`. Pool type bit 0: 0 nonpaged, 1 paged. The bytes are not zeroed.
    /// Nonpaged pool up to DISPATCH_LEVEL, paged pool below. All allocations come through here.
    package static let allocatePoolWithTag: Routine = .init("ExAllocatePoolWithTag", ["PoolType", "NumberOfBytes", "Tag"]) { f in
        f.call(checkPoolIrql, f.argument(0))
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let address = f.local(0)
        f.if(f.argument(1) > Value(largestPoolBlock)) {
            f.set(address, f.call(allocateBigPool, f.argument(0), f.argument(1), f.argument(2)))
        } else: {
            f.set(address, f.call(allocatePoolBlock, f.argument(0), f.argument(1), f.argument(2)))
        }
        f.call(Hal.lowerIrql, irql)
        // Bit 1, must succeed: there is no going on without it.
        f.if(address == 0 && (f.argument(0) & 2) != 0) {
            f.call(Ke.bugCheckEx, 0x41, f.argument(1), Mm.availablePages.dword, f.argument(2), f.argument(0))
        }
        f.return(address)
    }

    /// `ExAllocatePool(PoolType, NumberOfBytes) -> address or NULL`: the tag is `None`.
    package static let allocatePool: Routine = .init("ExAllocatePool", ["PoolType", "NumberOfBytes"]) { f in
        f.return(f.call(allocatePoolWithTag, f.argument(0), f.argument(1), Value.tag("None")))
    }

    /// `ExpCheckPoolIrqlLevel(PoolType)`: an assertion of checked builds.
    static let checkPoolIrql: Routine = .init("ExpCheckPoolIrqlLevel", ["PoolType"]) { f in
        let irql = Value.fs(Hal.irqlOffset, width: .byte)
        f.if((f.argument(0) & 1) != 0) {
            f.assert(irql <= Irql.apc, "KeGetCurrentIrql() <= APC_LEVEL")
        } else: {
            f.assert(irql <= Irql.dispatch, "KeGetCurrentIrql() <= DISPATCH_LEVEL")
        }
        f.return()
    }

    /// `ExpAllocateBigPool(PoolType, NumberOfBytes, Tag) -> address or NULL`.
    static let allocateBigPool: Routine = .init("ExpAllocateBigPool", ["PoolType", "NumberOfBytes", "Tag"]) { f in
        f.if(f.argument(1) > 0x7FFF_F000) { f.return(0) }
        let address = f.call(Mm.allocatePoolPages, f.argument(0), f.argument(1))
        f.if(address == 0) { f.return(0) }
        f.call(recordBigPool, address, (f.argument(1) + 0xFFF) >> 12, f.argument(2), f.argument(0))
        f.return(address)
    }

    /// `ExpAllocatePoolBlock(PoolType, NumberOfBytes, Tag) -> address or NULL`: a small one that was kept, the smallest free block that is large
    /// enough, or one of a new page.
    static let allocatePoolBlock: Routine = .init("ExpAllocatePoolBlock", ["PoolType", "NumberOfBytes", "Tag"]) { f in
        let descriptor = f.local(descriptor(f.argument(0)))
        let units = f.local((f.argument(1) + 15) >> 3)
        f.if(units < 2) { f.set(units, 2) }
        let header = f.local(0)
        f.if(units <= Value(smallPoolLists)) { f.set(header, f.call(allocateSmallBlock, f.argument(0), units)) }
        f.if(header == 0) {
            f.set(header, f.call(takePoolBlock, descriptor, f.argument(0), units))
            f.if(header == 0) { f.return(0) }
        }
        f.set(header.word(2), (((f.argument(0) & 1) + 1) << 9) | units)
        f.set(header.dword(4), f.argument(2))
        f.set(header.dword(8), 0)
        f.set(header.dword(12), 0)
        f.add(descriptor.RunningAllocs, 1)
        f.add(descriptor.TotalBytes, units << 3)
        f.call(insertPoolTracker, f.argument(2), units << 3, f.argument(0))
        f.return(header + 8)
    }

    /// `ExpTakePoolBlock(Descriptor*, PoolType, Units) -> header or NULL`: from the free lists, or from a new page.
    private static let takePoolBlock: Routine = .init("ExpTakePoolBlock", ["PoolDescriptor", "PoolType", "Units"]) { f in
        let descriptor = f.argument(0, POOL_DESCRIPTOR.self)
        let units = f.argument(2)
        let head = f.call(findFreeBlock, descriptor, units)
        f.if(head != 0) {
            let header = f.local(head.dword() - 8)
            f.call(removeFreeBlock, header)
            f.return(f.call(splitPoolBlock, descriptor, header, units))
        }
        let header = f.call(Mm.allocatePoolPages, f.argument(1), 0x1000)
        f.if(header == 0) { f.return(0) }
        f.add(descriptor.TotalPages, 1)
        setHeader(f, header, previous: 0, size: units, type: 0)
        let rest = f.local(header + (units << 3))
        setHeader(f, rest, previous: units, size: Value(poolUnitsPerPage) - units, type: 0)
        f.set(rest.dword(4), 0)
        f.call(insertFreeBlock, descriptor, rest, 0)
        f.return(header)
    }

    /// `ExpFindFreeBlock(Descriptor*, Units) -> head of the first list that has blocks of that size or more, or NULL`.
    private static let findFreeBlock: Routine = .init("ExpFindFreeBlock", ["PoolDescriptor", "Units"]) { f in
        let descriptor = f.argument(0, POOL_DESCRIPTOR.self)
        let end = f.local(descriptor.value + Value(POOL_DESCRIPTOR.size))
        f.load(descriptor.ListHeads + (f.argument(1) << 3))
        let result = f.local()
        // Five instructions a list; most lists are empty.
        f.asm { a in
            guard case .frame(let end) = end.node, case .frame(let result) = result.node else { return }
            let again = a.newLabel()
            let found = a.newLabel()
            let none = a.newLabel()
            a.mov(.ecx, .at(.ebp, end))
            a.bind(again)
            a.alu(.cmp, .eax, .ecx)
            a.jcc(.aboveOrEqual, none)
            a.alu(.cmp, .eax, .at(.eax))
            a.jcc(.notEqual, found)
            a.alu(.add, .eax, 8)
            a.jmp(again)
            a.bind(none)
            a.alu(.xor, .eax, .eax)
            a.bind(found)
            a.mov(.at(.ebp, result), .eax)
        }
        f.return(result)
    }

    /// `ExpSplitPoolBlock(Descriptor*, Header, Units) -> header of a block of exactly that size`: the first block of a page gives its front, any other its end,
    /// so that free space gathers.
    private static let splitPoolBlock: Routine = .init("ExpSplitPoolBlock", ["PoolDescriptor", "Header", "Units"]) { f in
        let header = f.local(f.argument(1))
        let rest = f.local(header)
        let units = f.argument(2)
        let size = f.local(blockSize(header))
        f.if(size < units) { f.call(Ke.bugCheckEx, 0x19, 0x20, header, nextBlock(header), header.dword()) }
        f.if(size == units) { f.return(header) }
        f.if(previousSize(header) == 0) {
            setHeader(f, header, previous: 0, size: units, type: 0)
            f.set(rest, nextBlock(header))
            setHeader(f, rest, previous: units, size: size - units, type: 0)
            fixNext(f, rest)
        } else: {
            setHeader(f, rest, previous: previousSize(rest), size: size - units, type: 0)
            f.set(header, nextBlock(rest))
            setHeader(f, header, previous: size - units, size: units, type: 0)
            fixNext(f, header)
        }
        f.set(rest.dword(4), 0)
        f.call(insertFreeBlock, f.argument(0), rest, 0)
        f.return(header)
    }
}
