// SPDX-License-Identifier: GPL-3.0-or-later

/// `HANDLE_TABLE_ENTRY` (spec/boot.md section 5.20).
package struct HANDLE_TABLE_ENTRY: Structure {
    package static let size: UInt32 = 0x08
    package let Object = Field.u32(0x00)
    package let GrantedAccess = Field.u32(0x04)

    package static let layout = Self()
}
