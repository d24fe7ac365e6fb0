// SPDX-License-Identifier: GPL-3.0-or-later

/// `DBGKD_DEBUG_DATA_HEADER64` (spec/boot.md section 5.18).
package struct DBGKD_DEBUG_DATA_HEADER64: Structure {
    package static let size: UInt32 = 0x18
    package let List = ArrayField(0x00, count: 4, stride: 4, of: "ULONG")
    package let OwnerTag = Field.u32(0x10)
    package let Size = Field.u32(0x14)

    package static let layout = Self()
}
