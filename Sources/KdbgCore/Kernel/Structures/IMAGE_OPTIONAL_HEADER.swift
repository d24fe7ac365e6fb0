// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_OPTIONAL_HEADER` (PE specification, section 3.4).
package struct IMAGE_OPTIONAL_HEADER: Structure {
    package static let size: UInt32 = 0xE0
    package let Magic = Field.u16(0x00)
    package let MajorLinkerVersion = Field.u8(0x02)
    package let MinorLinkerVersion = Field.u8(0x03)
    package let SizeOfCode = Field.u32(0x04)
    package let SizeOfInitializedData = Field.u32(0x08)
    package let SizeOfUninitializedData = Field.u32(0x0C)
    package let AddressOfEntryPoint = Field.u32(0x10)
    package let BaseOfCode = Field.u32(0x14)
    package let BaseOfData = Field.u32(0x18)
    package let ImageBase = Field.u32(0x1C)
    package let SectionAlignment = Field.u32(0x20)
    package let FileAlignment = Field.u32(0x24)
    package let MajorOperatingSystemVersion = Field.u16(0x28)
    package let MinorOperatingSystemVersion = Field.u16(0x2A)
    package let MajorImageVersion = Field.u16(0x2C)
    package let MinorImageVersion = Field.u16(0x2E)
    package let MajorSubsystemVersion = Field.u16(0x30)
    package let MinorSubsystemVersion = Field.u16(0x32)
    package let Win32VersionValue = Field.u32(0x34)
    package let SizeOfImage = Field.u32(0x38)
    package let SizeOfHeaders = Field.u32(0x3C)
    package let CheckSum = Field.u32(0x40)
    package let Subsystem = Field.u16(0x44)
    package let DllCharacteristics = Field.u16(0x46)
    package let SizeOfStackReserve = Field.u32(0x48)
    package let SizeOfStackCommit = Field.u32(0x4C)
    package let SizeOfHeapReserve = Field.u32(0x50)
    package let SizeOfHeapCommit = Field.u32(0x54)
    package let LoaderFlags = Field.u32(0x58)
    package let NumberOfRvaAndSizes = Field.u32(0x5C)
    package let DataDirectory = ArrayField(0x60, count: 16, stride: 8, of: "IMAGE_DATA_DIRECTORY")

    package static let layout = Self()
}
