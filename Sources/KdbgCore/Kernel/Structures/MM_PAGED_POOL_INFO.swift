// SPDX-License-Identifier: GPL-3.0-or-later

/// `MM_PAGED_POOL_INFO`: which pages of paged pool are in use.
package struct MM_PAGED_POOL_INFO: Structure {
    package static let size: UInt32 = 0x24
    /// A bit per page, set when it is in use or has no page table yet.
    package let PagedPoolAllocationMap = PointerTo<RTL_BITMAP>(0x00)
    /// A bit per page, set for the last one of an allocation.
    package let EndOfPagedPoolBitmap = PointerTo<RTL_BITMAP>(0x04)
    package let FirstPteForPagedPool = Field.pointer(0x08, to: "MMPTE")
    package let LastPteForPagedPool = Field.pointer(0x0C, to: "MMPTE")
    /// The directory entry of the page table that is made next.
    package let NextPdeForPagedPoolExpansion = Field.pointer(0x10, to: "MMPTE")
    /// The page where the search begins.
    package let PagedPoolHint = Field.u32(0x14)
    package let PagedPoolCommit = Field.u32(0x18)
    /// Pages in use.
    package let AllocatedPagedPool = Field.u32(0x1C)

    package static let layout = Self()
}
