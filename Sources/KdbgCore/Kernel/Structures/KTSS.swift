// SPDX-License-Identifier: GPL-3.0-or-later

/// `KTSS` (spec/boot.md section 5.17).
package struct KTSS: Structure {
    package static let size: UInt32 = 0x20AC
    package let Backlink = Field.u16(0x00)
    package let Esp0 = Field.u32(0x04)
    package let Ss0 = Field.u16(0x08)
    package let NotUsed1 = ArrayField(0x0C, count: 4, stride: 4, of: "ULONG")
    package let CR3 = Field.u32(0x1C)
    package let Eip = Field.u32(0x20)
    package let EFlags = Field.u32(0x24)
    package let Eax = Field.u32(0x28)
    package let Ecx = Field.u32(0x2C)
    package let Edx = Field.u32(0x30)
    package let Ebx = Field.u32(0x34)
    package let Esp = Field.u32(0x38)
    package let Ebp = Field.u32(0x3C)
    package let Esi = Field.u32(0x40)
    package let Edi = Field.u32(0x44)
    package let Es = Field.u16(0x48)
    package let Cs = Field.u16(0x4C)
    package let Ss = Field.u16(0x50)
    package let Ds = Field.u16(0x54)
    package let Fs = Field.u16(0x58)
    package let Gs = Field.u16(0x5C)
    package let LDT = Field.u16(0x60)
    package let Flags = Field.u16(0x64)
    package let IoMapBase = Field.u16(0x66)
    package let IoMaps = ArrayField(0x68, count: 1, stride: 8228, of: "KIIO_ACCESS_MAP")
    package let IntDirectionMap = ArrayField(0x208C, count: 32, stride: 1, of: "UCHAR")

    package static let layout = Self()
}
