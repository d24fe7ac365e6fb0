// SPDX-License-Identifier: GPL-3.0-or-later

/// Creation records and names come from lookaside lists, by way of the PRCB (spec/boot.md sections 1.6 #21, 3.1, 5.11).
extension Ob {
    private static let createInfoList: GlobalStructure<NPAGED_LOOKASIDE_LIST> = .init("ObpCreateInfoLookasideList")
    private static let nameBufferList: GlobalStructure<NPAGED_LOOKASIDE_LIST> = .init("ObpNameBufferLookasideList")
    private static let processorCreateInfoList: GlobalStructure<GENERAL_LOOKASIDE> = .init("ObpProcessorCreateInfoList")
    private static let processorNameBufferList: GlobalStructure<GENERAL_LOOKASIDE> = .init("ObpProcessorNameBufferList")
    /// Index of creation records in `Prcb.PPLookasideList`.
    private static let createInfoIndex: Value = 3

    /// `ObpInitializeLookasides()`: the lists of creation records (index 3 in the PRCB) and of name buffers (4), for all and for the boot processor.
    static let initializeLookasides: Routine = .init("ObpInitializeLookasides", section: .initialization) { f in
        let lists: [(GlobalStructure<NPAGED_LOOKASIDE_LIST>, GlobalStructure<GENERAL_LOOKASIDE>, Int32, UInt32, StaticString)] = [
            (createInfoList, processorCreateInfoList, 3, OBJECT_CREATE_INFORMATION.size, "ObCI"),
            (nameBufferList, processorNameBufferList, 4, 248, "ObNm"),
        ]
        for (all, own, index, size, tag) in lists {
            f.call(Ex.initializeNPagedLookasideList, all, 0, 0, 0, size, Value.tag(tag), 32)
            f.call(Ex.initializeSystemLookasideList, own, 0, size, Value.tag(tag), 32, Ex.systemLookasideList)
            let pair = Ke.prcb.address(of: \.PPLookasideList)
            f.set(pair.dword(8 * index), own)
            f.set(pair.dword(8 * index + 4), all)
        }
        f.return()
    }

    /// `ObpAllocateObjectCreateInfoBuffer() -> OBJECT_CREATE_INFORMATION* or NULL`. Before phase 0 the PRCB has no list, and this faults near address 0.
    static let allocateCreateInfoBuffer: Routine = .init("ObpAllocateObjectCreateInfoBuffer") { f in
        f.return(f.call(Ex.allocateFromPPLookasideList, createInfoIndex))
    }

    /// `ObpFreeObjectCreateInfoBuffer(OBJECT_CREATE_INFORMATION*)`.
    static let freeCreateInfoBuffer: Routine = .init("ObpFreeObjectCreateInfoBuffer", ["CreateInfo"]) { f in
        f.call(Ex.freeToPPLookasideList, createInfoIndex, f.argument(0))
        f.return()
    }
}
