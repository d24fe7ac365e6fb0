// SPDX-License-Identifier: GPL-3.0-or-later

/// Pool: real POOL_HEADERs in guest memory; the bookkeeping is a Swift service.
extension Ex {
    /// `ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag) -> address or NULL`. Pool type bit 0: 0 nonpaged, 1 paged. The bytes are not zeroed.
    package static let allocatePoolWithTag: Routine = .native("ExAllocatePoolWithTag", ["PoolType", "NumberOfBytes", "Tag"]) { call in
        0
    }

    /// `ExFreePoolWithTag(P, Tag)`.
    package static let freePoolWithTag: Routine = .native("ExFreePoolWithTag", ["P", "Tag"]) { call in
        0
    }
}
