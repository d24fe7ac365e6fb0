// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Giving pool back. What does not look like an allocation ends in a bugcheck, with the parameters that Windows gives it.
extension Ex {
    /// `ExFreePoolWithTag(P, Tag)`: a tag of 0 matches any.
    ///
    /// - BC 0xC2(7, 0, header, P): the block is free already.
    /// - BC 0xC2(0x0A, P, tag of the allocation, Tag): somebody else's.
    /// - BC 0xC2(0x40 to 0x50, P, …): no address of a pool, or not the beginning of an allocation.
    /// - BC 0x19(0x20, header, next header, contents): the header or its neighbour was overwritten.
    package static let freePoolWithTag: Routine = .init("ExFreePoolWithTag", ["P", "Tag"]) { f in
        let type = f.call(Mm.determinePoolType, f.argument(0))
        f.call(checkPoolIrql, type)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.if((f.argument(0) & 0xFFF) == 0) {
            f.call(freeBigPool, f.argument(0), f.argument(1), type)
        } else: {
            f.call(freePoolBlock, f.argument(0), f.argument(1), type)
        }
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `ExpFreeBigPool(P, Tag, PoolType)`.
    static let freeBigPool: Routine = .init("ExpFreeBigPool", ["P", "Tag", "PoolType"]) { f in
        let tag = f.call(findTagForBigPages, f.argument(0))
        f.if(f.argument(1) != 0 && tag != 0 && tag != f.argument(1)) {
            f.call(Ke.bugCheckEx, 0xC2, 0x0A, f.argument(0), tag, f.argument(1))
        }
        f.if(tag == 0 && bigPagesLost.dword == 0) { f.call(Ke.bugCheckEx, 0xC2, 0x46, f.argument(0), 0, 0) }
        let pages = f.call(Mm.freePoolPages, f.argument(0))
        f.call(removeTagForBigPages, f.argument(0))
        f.if(tag == 0) { f.set(tag, Value.tag("BIG ")) }
        f.call(removePoolTracker, tag, pages << 12, f.argument(2))
        let descriptor = f.local(descriptor(f.argument(2)))
        f.add(descriptor.RunningDeAllocs, 1)
        f.set(descriptor.TotalBigPages, descriptor.TotalBigPages - pages)
        f.set(descriptor.TotalBytes, descriptor.TotalBytes - (pages << 12))
        f.return()
    }

    /// `ExpFreePoolBlock(P, Tag, PoolType)`: a small one is kept for the next of its size; others are joined with free
    /// neighbours, and a page that is free as a whole goes back.
    static let freePoolBlock: Routine = .init("ExpFreePoolBlock", ["P", "Tag", "PoolType"]) { f in
        let header = f.local(f.argument(0) - 8)
        f.call(checkPoolHeader, header, f.argument(2), f.argument(1))
        let descriptor = f.local(descriptor(f.argument(2)))
        let size = f.local(blockSize(header))
        // Seen as free by whoever frees it again, also when a neighbour takes it in.
        f.set(header.word(2), size)
        f.add(descriptor.RunningDeAllocs, 1)
        f.set(descriptor.TotalBytes, descriptor.TotalBytes - (size << 3))
        f.call(removePoolTracker, header.dword(4), size << 3, f.argument(2))
        f.if(size <= Value(smallPoolLists)) {
            f.if(f.call(keepSmallBlock, f.argument(2), header) != 0) { f.return() }
        }
        let next = f.local(nextBlock(header))
        f.if((next & 0xFFF) != 0 && poolType(next) == 0) {
            f.call(removeFreeBlock, next)
            f.add(size, blockSize(next))
        }
        f.if(previousSize(header) != 0) {
            let previous = f.local(header - (previousSize(header) << 3))
            f.if(poolType(previous) == 0) {
                f.call(removeFreeBlock, previous)
                f.add(size, blockSize(previous))
                f.set(header, previous)
            }
        }
        f.if(size == Value(poolUnitsPerPage)) {
            f.set(descriptor.TotalPages, descriptor.TotalPages - 1)
            f.call(Mm.freePoolPages, header)
            f.return()
        }
        setHeader(f, header, previous: previousSize(header), size: size, type: 0)
        fixNext(f, header)
        f.call(insertFreeBlock, descriptor, header, 1)
        f.return()
    }

    /// `ExpCheckPoolHeader(Header, PoolType, Tag)`: whether it and its neighbours agree.
    static let checkPoolHeader: Routine = .init("ExpCheckPoolHeader", ["Header", "PoolType", "Tag"]) { f in
        let header = f.argument(0)
        f.if((header & 7) != 0 || !Mm.isMapped(header)) { f.call(Ke.bugCheckEx, 0xC2, 0x46, header + 8, 0, 0) }
        f.if(poolType(header) == 0 || (poolType(header) & Value(inLookaside)) != 0) {
            f.call(Ke.bugCheckEx, 0xC2, 7, 0, header.dword(), header + 8)
        }
        let next = f.local(nextBlock(header))
        let isCorrupt = f.local(blockSize(header) < 2 || ((next - 1) ^ header) > 0xFFF || poolType(header) != f.argument(1) + 1)
        f.if(isCorrupt == 0 && (next & 0xFFF) != 0) { f.set(isCorrupt, previousSize(next) != blockSize(header)) }
        f.if(isCorrupt == 0) {
            f.if(previousSize(header) == 0) {
                f.set(isCorrupt, (header & 0xFFF) != 0)
            } else: {
                let previous = f.local(header - (previousSize(header) << 3))
                f.set(isCorrupt, (previous ^ header) > 0xFFF || blockSize(previous) != previousSize(header))
            }
        }
        f.if(isCorrupt != 0) { f.call(Ke.bugCheckEx, 0x19, 0x20, header, next, header.dword()) }
        f.if(f.argument(2) != 0 && header.dword(4) != f.argument(2)) {
            f.call(Ke.bugCheckEx, 0xC2, 0x0A, header + 8, header.dword(4), f.argument(2))
        }
        f.return()
    }
}
