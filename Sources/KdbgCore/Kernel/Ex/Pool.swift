// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Pool (spec/boot.md section 5.20): real POOL_HEADERs in guest memory; the bookkeeping is a Swift service, `PoolArena`.
extension Ex {
    static let nonPagedPoolDescriptor: GlobalStructure<POOL_DESCRIPTOR> = .init("NonPagedPoolDescriptor")
    static let pagedPoolDescriptor: GlobalStructure<POOL_DESCRIPTOR> = .init("PagedPoolDescriptor")
    /// One byte per pool page, nonpaged then paged: 0 free, 1 holds blocks, 2 first page of a large allocation, 3 a later page of one.
    static let poolPageMap: Global = .init("ExpPoolPageMap", size: 2 * PoolArena.maximumPages)
    /// Large allocations: address, tag, bytes; 12 bytes an entry.
    static let poolBigPageTable: Global = .init("PoolBigPageTable", size: 12 * PoolArena.maximumLargeAllocations)
    /// Per tag 28 bytes: the tag, then allocations, frees and bytes in use of nonpaged and of paged pool.
    package static let poolTrackTable: Global = .init("PoolTrackTable", size: 28 * PoolArena.maximumTags)

    private static let globals: [any Item] =
        [
            nonPagedPoolDescriptor, pagedPoolDescriptor, poolPageMap, poolBigPageTable, poolTrackTable, Mm.nonPagedPoolStart,
            Mm.sizeOfNonPagedPool, Mm.pagedPoolStart, Mm.sizeOfPagedPool,
        ] + PageMap.globals

    /// `ExInitializePoolDescriptor(PoolType)`: empty free lists.
    static let initializePool: Routine = .native("ExInitializePoolDescriptor", ["PoolType"], uses: globals) { call in
        PoolArena(call, type: call.argument(0) & 1).initialize()
        return 0
    }

    /// `ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag) -> address or NULL`. Pool type bit 0: 0 nonpaged, 1 paged. The bytes are not zeroed.
    package static let allocatePoolWithTag: Routine = .native(
        "ExAllocatePoolWithTag", ["PoolType", "NumberOfBytes", "Tag"], uses: globals
    ) { call in
        PoolArena(call, type: call.argument(0) & 1).allocate(call.argument(1), tag: call.argument(2)) ?? 0
    }

    /// `ExFreePoolWithTag(P, Tag)`: BC 0xC2 for what is not an allocation.
    package static let freePoolWithTag: Routine = .init("ExFreePoolWithTag", ["P", "Tag"]) { f in
        f.if(f.call(freeToArena, f.argument(0)) == 0) { f.call(Ke.bugCheckEx, 0xC2, 7, 0, 0, f.argument(0)) }
        f.return()
    }

    /// `ExpFreeToArena(P) -> BOOLEAN`.
    static let freeToArena: Routine = .native("ExpFreeToArena", ["P"], uses: globals) { call in
        let address = call.argument(0)
        for type in [0, 1] as [UInt32] {
            let arena = PoolArena(call, type: type)
            if arena.contains(address) { return arena.free(address) ? 1 : 0 }
        }
        return 0
    }
}
