// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_FILE_HEADER` (PE specification, section 3.3).
package struct IMAGE_FILE_HEADER: Structure {
    package static let size: UInt32 = 0x14
    package let Machine = Field.u16(0x00)
    package let NumberOfSections = Field.u16(0x02)
    package let TimeDateStamp = Field.u32(0x04)
    package let PointerToSymbolTable = Field.u32(0x08)
    package let NumberOfSymbols = Field.u32(0x0C)
    package let SizeOfOptionalHeader = Field.u16(0x10)
    package let Characteristics = Field.u16(0x12)

    package static let layout = Self()
}
