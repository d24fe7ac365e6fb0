// SPDX-License-Identifier: GPL-3.0-or-later

/// `UNICODE_STRING` (spec/boot.md section 5.1).
package struct UNICODE_STRING: Structure {
    package static let size: UInt32 = 0x08
    package let Length = Field.u16(0x00)
    package let MaximumLength = Field.u16(0x02)
    package let Buffer = Field.pointer(0x04, to: "WCHAR")

    package static let layout = Self()
}
