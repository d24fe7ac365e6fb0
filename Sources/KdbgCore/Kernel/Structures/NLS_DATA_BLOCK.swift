// SPDX-License-Identifier: GPL-3.0-or-later

/// `NLS_DATA_BLOCK` (spec/boot.md section 5.9).
package struct NLS_DATA_BLOCK: Structure {
    package static let size: UInt32 = 0x0C
    package let AnsiCodePageData = Field.pointer(0x00, to: "VOID")
    package let OemCodePageData = Field.pointer(0x04, to: "VOID")
    package let UnicodeCodePageData = Field.pointer(0x08, to: "VOID")

    package static let layout = Self()
}
