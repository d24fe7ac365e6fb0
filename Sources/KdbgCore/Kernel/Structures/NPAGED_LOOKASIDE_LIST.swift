// SPDX-License-Identifier: GPL-3.0-or-later

/// `NPAGED_LOOKASIDE_LIST` (spec/boot.md section 1.9 #1).
package struct NPAGED_LOOKASIDE_LIST: Structure {
    package static let size: UInt32 = 0x50
    package let L = Embedded<GENERAL_LOOKASIDE>(0x00)
    package let Lock = Field.u32(0x48)

    package static let layout = Self()
}
