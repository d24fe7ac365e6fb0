// SPDX-License-Identifier: GPL-3.0-or-later

/// `POOL_TRACKER_TABLE`: what the two pools are used for under one tag.
package struct POOL_TRACKER_TABLE: Structure {
    package static let size: UInt32 = 0x1C
    package let Key = Field.u32(0x00)
    package let NonPagedAllocs = Field.u32(0x04)
    package let NonPagedFrees = Field.u32(0x08)
    package let NonPagedBytes = Field.u32(0x0C)
    package let PagedAllocs = Field.u32(0x10)
    package let PagedFrees = Field.u32(0x14)
    package let PagedBytes = Field.u32(0x18)

    package static let layout = Self()
}
