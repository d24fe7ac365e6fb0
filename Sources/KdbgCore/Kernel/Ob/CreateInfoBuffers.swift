// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Creation records come from a lookaside list, by way of the PRCB (spec/boot.md sections 1.6 #21, 3.1, 5.11).
extension Ob {
    private static let createInfoList: GlobalStructure<GENERAL_LOOKASIDE> = .init("ObpCreateInfoLookasideList")
    private static let nameBufferList: GlobalStructure<GENERAL_LOOKASIDE> = .init("ObpNameBufferLookasideList")

    /// The PRCB's own list of creation records; NULL before phase 0, when using it faults near address 0.
    private static var processorList: Pointer<GENERAL_LOOKASIDE> {
        Pointer(Ke.prcb.address(of: \.PPLookasideList).dword(8 * 3))
    }

    /// `ObpInitializeLookasides()`: the lists of creation records (index 3 in the PRCB) and of name buffers (4).
    static let initializeLookasides: Routine = .init("ObpInitializeLookasides", section: .initialization) { f in
        for (list, index, size, tag) in [
            (createInfoList, 3, OBJECT_CREATE_INFORMATION.size, "ObCI"), (nameBufferList, 4, 248, "ObNm"),
        ] as [(GlobalStructure<GENERAL_LOOKASIDE>, Int32, UInt32, StaticString)] {
            f.zero(list, GENERAL_LOOKASIDE.size)
            f.set(list.Depth, 4)
            f.set(list.MaximumDepth, 32)
            f.set(list.Tag, Value.tag(tag))
            f.set(list.Size, size)
            f.set(list.Allocate, Ex.allocatePoolWithTag)
            f.set(list.Free, Ex.freePoolWithTag)
            f.initializeListHead(list.pointer.address(of: \.ListEntry))
            let pair = Ke.prcb.address(of: \.PPLookasideList)
            f.set(pair.dword(8 * index), list)
            f.set(pair.dword(8 * index + 4), list)
        }
        f.return()
    }

    /// `ObpAllocateObjectCreateInfoBuffer() -> OBJECT_CREATE_INFORMATION* or NULL`.
    static let allocateCreateInfoBuffer: Routine = .init("ObpAllocateObjectCreateInfoBuffer") { f in
        let list = f.local(processorList)
        f.add(list.TotalAllocates, 1)
        let irql = f.call(Hal.raiseIrql, Irql.high)
        let block = f.local(list.value.dword())
        f.if(block != 0) {
            f.set(list.value.dword(), block.dword())
            f.set(list.SequenceAndDepth, list.SequenceAndDepth - 1)
        }
        f.call(Hal.lowerIrql, irql)
        f.if(block != 0) { f.return(block) }
        f.return(f.callIndirect(list.Allocate, list.PoolType, list.Size, list.Tag))
    }

    /// `ObpFreeObjectCreateInfoBuffer(OBJECT_CREATE_INFORMATION*)`: back to the list, or to the pool when that is long enough.
    static let freeCreateInfoBuffer: Routine = .init("ObpFreeObjectCreateInfoBuffer", ["CreateInfo"]) { f in
        let list = f.local(processorList)
        f.add(list.TotalFrees, 1)
        f.if((list.SequenceAndDepth & 0xFFFF) >= list.Depth) {
            f.call(Ex.freePoolWithTag, f.argument(0), list.Tag)
            f.return()
        }
        let irql = f.call(Hal.raiseIrql, Irql.high)
        f.set(f.argument(0).dword(), list.value.dword())
        f.set(list.value.dword(), f.argument(0))
        f.add(list.SequenceAndDepth, 1)
        f.call(Hal.lowerIrql, irql)
        f.return()
    }
}
