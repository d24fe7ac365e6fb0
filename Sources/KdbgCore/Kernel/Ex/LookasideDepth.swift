// SPDX-License-Identifier: GPL-3.0-or-later

/// How many blocks a lookaside list keeps: the balance-set manager looks every second at one of the kinds of lists, and gives depth to those that are used.
extension Ex {
    /// The smallest depth; allocations below which a list counts as idle; what an idle one loses.
    private enum Depth {
        static let minimum: Value = 4
        static let busy: Value = 25
        static let step: Value = 10
    }

    /// Which kind of lists is next: 0 nonpaged, 1 paged, 2 the pool's own, 3 the system's.
    private static let scanCount: Global = .init("ExpScanCount")

    /// `ExAdjustLookasideDepth()`, once a second: every list is looked at every four seconds.
    package static let adjustLookasideDepth: Routine = .init("ExAdjustLookasideDepth") { f in
        for (index, head) in [nonPagedLookasideList, pagedLookasideList, poolLookasideList, systemLookasideList].enumerated() {
            f.if(scanCount.dword == Value(index)) { f.call(scanLookasideLists, head) }
        }
        f.set(scanCount.dword, (scanCount.dword + 1) & 3)
        f.return()
    }

    /// `ExpScanGeneralLookasideList(ListHead*)`: every list gets the depth that its use since the last look deserves.
    private static let scanLookasideLists: Routine = .init("ExpScanGeneralLookasideList", ["ListHead"]) { f in
        let irql = f.call(Hal.acquireSpinLock, lookasideLock)
        f.forEach(in: f.argument(0)) { entry in
            let list = f.local(Pointer<GENERAL_LOOKASIDE>.containing(entry, as: \.ListEntry))
            let allocates = f.local(list.TotalAllocates - list.LastTotalAllocates)
            let misses = f.local(list.AllocateMisses - list.LastAllocateMisses)
            f.set(list.LastTotalAllocates, list.TotalAllocates)
            f.set(list.LastAllocateMisses, list.AllocateMisses)
            f.set(list.Depth, f.call(computeDepth, allocates, misses, list.MaximumDepth, list.Depth))
        }
        f.call(Hal.releaseSpinLock, lookasideLock, irql)
        f.return()
    }

    /// `ExpComputeLookasideDepth(Allocates, Misses, MaximumDepth, Depth) -> depth`: an idle list loses ten, a busy one that has what it is asked for loses
    /// one, and one that misses more than one in 200 gains half of what its share of misses is of the room above, and five.
    private static let computeDepth: Routine = .init(
        "ExpComputeLookasideDepth", ["Allocates", "Misses", "MaximumDepth", "Depth"]
    ) { f in
        let allocates = f.argument(0)
        let maximum = f.argument(2)
        let depth = f.local(f.argument(3))
        f.if(allocates < Depth.busy) {
            f.if(depth > Depth.minimum + Depth.step) { f.return(depth - Depth.step) }
            f.return(Depth.minimum)
        }
        let ratio = f.local(f.argument(1) * 1000 / allocates)
        f.if(ratio < 5) {
            f.if(depth > Depth.minimum) { f.return(depth - 1) }
            f.return(Depth.minimum)
        }
        f.if(ratio > 1000) { f.set(ratio, 1000) }
        f.if(maximum > depth) { f.add(depth, ratio * (maximum - depth) / 2000 + 5) }
        f.if(depth > maximum) { f.set(depth, maximum) }
        f.return(depth)
    }
}
