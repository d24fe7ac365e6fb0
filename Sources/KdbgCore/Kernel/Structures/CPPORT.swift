// SPDX-License-Identifier: GPL-3.0-or-later

/// `CPPORT` (spec/boot.md section 5.18).
package struct CPPORT: Structure {
    package static let size: UInt32 = 0x0C
    package let Address = Field.pointer(0x00, to: "VOID")
    package let BaudRate = Field.u32(0x04)
    package let Flags = Field.u16(0x08)

    package static let layout = Self()
}
