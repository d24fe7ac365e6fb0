// SPDX-License-Identifier: GPL-3.0-or-later

/// `MDL` (0x1C bytes, spec/boot.md section 5.20): a range of virtual addresses and, behind it, the numbers of its pages.
package struct MDL: Structure {
    package static let size: UInt32 = 0x1C
    package let Next = PointerTo<MDL>(0x00)
    package let Size = Field.i16(0x04)
    package let MdlFlags = Field.u16(0x06)
    package let Process = PointerTo<EPROCESS>(0x08)
    package let MappedSystemVa = Field.pointer(0x0C)
    package let StartVa = Field.pointer(0x10)
    package let ByteCount = Field.u32(0x14)
    package let ByteOffset = Field.u32(0x18)

    package static let layout = Self()
}
