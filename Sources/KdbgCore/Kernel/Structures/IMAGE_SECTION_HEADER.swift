// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_SECTION_HEADER` (PE specification, section 4).
package struct IMAGE_SECTION_HEADER: Structure {
    package static let size: UInt32 = 0x28
    package let Name = ArrayField(0x00, count: 8, stride: 1, of: "UCHAR")
    package let VirtualSize = Field.u32(0x08)
    package let VirtualAddress = Field.u32(0x0C)
    package let SizeOfRawData = Field.u32(0x10)
    package let PointerToRawData = Field.u32(0x14)
    package let PointerToRelocations = Field.u32(0x18)
    package let PointerToLinenumbers = Field.u32(0x1C)
    package let NumberOfRelocations = Field.u16(0x20)
    package let NumberOfLinenumbers = Field.u16(0x22)
    package let Characteristics = Field.u32(0x24)

    package static let layout = Self()
}
