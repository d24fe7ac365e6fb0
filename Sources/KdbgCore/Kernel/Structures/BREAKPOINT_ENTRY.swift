// SPDX-License-Identifier: GPL-3.0-or-later

/// `BREAKPOINT_ENTRY` (spec/boot.md section 5.18).
package struct BREAKPOINT_ENTRY: Structure {
    package static let size: UInt32 = 0x10
    package let Flags = Field.u32(0x00)
    package let DirectoryTableBase = Field.u32(0x04)
    package let Address = Field.pointer(0x08, to: "VOID")
    package let Content = Field.u8(0x0C)

    package static let layout = Self()
}
