// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_EXPORT_DIRECTORY` (PE specification, section 6.3).
package struct IMAGE_EXPORT_DIRECTORY: Structure {
    package static let size: UInt32 = 0x28
    package let Characteristics = Field.u32(0x00)
    package let TimeDateStamp = Field.u32(0x04)
    package let MajorVersion = Field.u16(0x08)
    package let MinorVersion = Field.u16(0x0A)
    package let Name = Field.u32(0x0C)
    package let Base = Field.u32(0x10)
    package let NumberOfFunctions = Field.u32(0x14)
    package let NumberOfNames = Field.u32(0x18)
    package let AddressOfFunctions = Field.u32(0x1C)
    package let AddressOfNames = Field.u32(0x20)
    package let AddressOfNameOrdinals = Field.u32(0x24)

    package static let layout = Self()
}
