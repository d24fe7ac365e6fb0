// SPDX-License-Identifier: GPL-3.0-or-later

/// Lookaside lists of small pool blocks (spec/boot.md sections 1.6 #2 and 5.11): one for each size up to 256 bytes, header included, and each pool. Freed blocks wait there for the next
/// allocation of their size. They keep their place in the page, so that neighbours are not joined with them, and count as free: a bit in the header says where they are.
extension Ex {
    /// Sizes, in units of 8 bytes.
    static let smallPoolLists: UInt32 = 32
    /// In POOL_HEADER.PoolType: the block is on a lookaside list.
    package static let inLookaside: UInt32 = 0x40

    private static let smallNonPagedLists: GlobalStructure<GENERAL_LOOKASIDE> = .init(
        "ExpSmallNPagedPoolLookasideLists", count: smallPoolLists)
    private static let smallPagedLists: GlobalStructure<GENERAL_LOOKASIDE> = .init("ExpSmallPagedPoolLookasideLists", count: smallPoolLists)

    /// The processor's list for blocks of a size, NULL before `ExInitPoolLookasidePointers`.
    private static func list(_ type: Value, _ units: Value) -> Value {
        let arrays = offset(of: \KPRCB.PPPagedLookasideList) - offset(of: \KPRCB.PPNPagedLookasideList)
        return (Ke.prcb.address(of: \.PPNPagedLookasideList) + (type & 1) * Value(arrays) + ((units - 1) << 3)).dword()
    }

    static let initPoolLookasidePointers: Routine = .bootStep(
        "1.6 #2", "ExInitPoolLookasidePointers", [], "Pool lookaside pointers",
        """
        The PRCB's 64 pairs of pointers get their lists of small pool blocks, one for each size up to 256 bytes and each pool. The lists keep nothing before ExInitSystem has \
        given them a depth.
        """
    ) { f in
        for (array, lists) in [
            (Ke.prcb.address(of: \.PPNPagedLookasideList), smallNonPagedLists),
            (Ke.prcb.address(of: \.PPPagedLookasideList), smallPagedLists),
        ] {
            let list = f.local(lists.value)
            let pair = f.local(array)
            let left = f.local(Value(smallPoolLists))
            f.while(left != 0) {
                f.set(pair.dword(), list)
                f.set(pair.dword(4), list)
                f.add(pair, 8)
                f.add(list, GENERAL_LOOKASIDE.size)
                f.set(left, left - 1)
            }
        }
        f.return()
    }

    /// `ExpInitializeSmallPoolLists()`: they keep four blocks each, and more when the balance-set manager says so.
    static let initializeSmallPoolLists: Routine = .init("ExpInitializeSmallPoolLists", section: .initialization) { f in
        for (type, lists) in [smallNonPagedLists, smallPagedLists].enumerated() {
            let index = f.local(0)
            f.while(index < Value(smallPoolLists)) {
                let list = f.local(lists.value + index * Value(GENERAL_LOOKASIDE.size))
                f.call(initializeSystemLookasideList, list, Value(type), (index + 1) << 3, Value.tag("Pool"), 256, poolLookasideList)
                f.add(index, 1)
            }
        }
        f.return()
    }

    /// `ExpAllocateSmallBlock(PoolType, Units) -> header or NULL`, at DISPATCH_LEVEL: a block that was kept.
    static let allocateSmallBlock: Routine = .init("ExpAllocateSmallBlock", ["PoolType", "Units"]) { f in
        let list = f.local(list(f.argument(0), f.argument(1))).as(GENERAL_LOOKASIDE.self)
        f.if(list.isNull) { f.return(0) }
        f.add(list.TotalAllocates, 1)
        let entry = f.call(interlockedPopEntrySList, list)
        f.if(entry != 0) { f.return(entry - 8) }
        f.add(list.AllocateMisses, 1)
        f.return(0)
    }

    /// `ExpKeepSmallBlock(PoolType, Header) -> BOOLEAN`, at DISPATCH_LEVEL: FALSE when the list of its size is full. The block counts as free already.
    static let keepSmallBlock: Routine = .init("ExpKeepSmallBlock", ["PoolType", "Header"]) { f in
        let header = f.argument(1)
        let list = f.local(list(f.argument(0), blockSize(header))).as(GENERAL_LOOKASIDE.self)
        f.if(list.isNull) { f.return(0) }
        f.add(list.TotalFrees, 1)
        f.if(list.ListDepth >= list.Depth) {
            f.add(list.FreeMisses, 1)
            f.return(0)
        }
        f.set(header.word(2), blockSize(header) | Value(inLookaside << 9))
        f.call(interlockedPushEntrySList, list, header + 8)
        f.return(1)
    }
}
