// SPDX-License-Identifier: GPL-3.0-or-later

/// `MMFREE_POOL_ENTRY`: the beginning of a run of free pages of nonpaged pool. Of later pages only the last holds anything: its Owner.
package struct MMFREE_POOL_ENTRY: Structure {
    package static let size: UInt32 = 0x14
    package let List = Embedded<LIST_ENTRY>(0x00)
    /// Pages.
    package let Size = Field.u32(0x08)
    package let Signature = Field.u32(0x0C)
    package let Owner = PointerTo<MMFREE_POOL_ENTRY>(0x10)

    package static let layout = Self()
}
