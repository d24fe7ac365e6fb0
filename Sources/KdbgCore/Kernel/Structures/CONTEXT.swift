// SPDX-License-Identifier: GPL-3.0-or-later

/// `CONTEXT` (spec/boot.md section 5.16).
package struct CONTEXT: Structure {
    package static let size: UInt32 = 0x2CC
    package let ContextFlags = Field.u32(0x00)
    package let Dr0 = Field.u32(0x04)
    package let Dr1 = Field.u32(0x08)
    package let Dr2 = Field.u32(0x0C)
    package let Dr3 = Field.u32(0x10)
    package let Dr6 = Field.u32(0x14)
    package let Dr7 = Field.u32(0x18)
    package let FloatSave = ArrayField(0x1C, count: 112, stride: 1, of: "UCHAR")
    package let SegGs = Field.u32(0x8C)
    package let SegFs = Field.u32(0x90)
    package let SegEs = Field.u32(0x94)
    package let SegDs = Field.u32(0x98)
    package let Edi = Field.u32(0x9C)
    package let Esi = Field.u32(0xA0)
    package let Ebx = Field.u32(0xA4)
    package let Edx = Field.u32(0xA8)
    package let Ecx = Field.u32(0xAC)
    package let Eax = Field.u32(0xB0)
    package let Ebp = Field.u32(0xB4)
    package let Eip = Field.u32(0xB8)
    package let SegCs = Field.u32(0xBC)
    package let EFlags = Field.u32(0xC0)
    package let Esp = Field.u32(0xC4)
    package let SegSs = Field.u32(0xC8)
    package let ExtendedRegisters = ArrayField(0xCC, count: 512, stride: 1, of: "UCHAR")

    package static let layout = Self()
}
