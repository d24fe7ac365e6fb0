// SPDX-License-Identifier: GPL-3.0-or-later

/// `LOADER_PARAMETER_EXTENSION` (spec/boot.md section 5.9).
package struct LOADER_PARAMETER_EXTENSION: Structure {
    package static let size: UInt32 = 0x84
    package let Size = Field.u32(0x00)
    package let Profile = ArrayField(0x04, count: 16, stride: 1, of: "UCHAR")
    package let MajorVersion = Field.u32(0x14)
    package let MinorVersion = Field.u32(0x18)
    package let EmInfFileImage = Field.pointer(0x1C, to: "VOID")
    package let EmInfFileSize = Field.u32(0x20)
    package let TriageDumpBlock = Field.pointer(0x24, to: "VOID")
    package let LoaderPagesSpanned = Field.u32(0x28)
    package let HeadlessLoaderBlock = Field.pointer(0x2C, to: "HEADLESS_LOADER_BLOCK")
    package let SMBiosEPSHeader = Field.pointer(0x30, to: "SMBIOS_TABLE_HEADER")
    package let DrvDBImage = Field.pointer(0x34, to: "VOID")
    package let DrvDBSize = Field.u32(0x38)
    package let NetworkLoaderBlock = Field.pointer(0x3C, to: "NETWORK_LOADER_BLOCK")
    package let HalpIRQLToTPR = Field.pointer(0x40, to: "UCHAR")
    package let HalpVectorToIRQL = Field.pointer(0x44, to: "UCHAR")
    package let FirmwareDescriptorListHead = Embedded<LIST_ENTRY>(0x48)
    package let AcpiTable = Field.pointer(0x50, to: "VOID")
    package let AcpiTableSize = Field.u32(0x54)
    package let BootViaWinload = BitField(0x58, size: 4, bits: 0...0)
    package let BootViaEFI = BitField(0x58, size: 4, bits: 1...1)
    package let LoaderPerformanceData = Field.pointer(0x5C, to: "LOADER_PERFORMANCE_DATA")
    package let BootApplicationPersistentData = Embedded<LIST_ENTRY>(0x60)
    package let WmdTestResult = Field.pointer(0x68, to: "VOID")
    package let BootIdentifier = ArrayField(0x6C, count: 16, stride: 1, of: "UCHAR")
    package let ResumePages = Field.u32(0x7C)
    package let DumpHeader = Field.pointer(0x80, to: "VOID")

    package static let layout = Self()
}
