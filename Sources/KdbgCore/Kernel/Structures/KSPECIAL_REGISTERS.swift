// SPDX-License-Identifier: GPL-3.0-or-later

/// `KSPECIAL_REGISTERS` (spec/boot.md section 5.11).
package struct KSPECIAL_REGISTERS: Structure {
    package static let size: UInt32 = 0x54
    package let Cr0 = Field.u32(0x00)
    package let Cr2 = Field.u32(0x04)
    package let Cr3 = Field.u32(0x08)
    package let Cr4 = Field.u32(0x0C)
    package let KernelDr0 = Field.u32(0x10)
    package let KernelDr1 = Field.u32(0x14)
    package let KernelDr2 = Field.u32(0x18)
    package let KernelDr3 = Field.u32(0x1C)
    package let KernelDr6 = Field.u32(0x20)
    package let KernelDr7 = Field.u32(0x24)
    package let GdtrPad = Field.u16(0x28)
    package let GdtrLimit = Field.u16(0x2A)
    package let GdtrBase = Field.u32(0x2C)
    package let IdtrPad = Field.u16(0x30)
    package let IdtrLimit = Field.u16(0x32)
    package let IdtrBase = Field.u32(0x34)
    package let Tr = Field.u16(0x38)
    package let Ldtr = Field.u16(0x3A)

    package static let layout = Self()
}
