// SPDX-License-Identifier: GPL-3.0-or-later

/// `LOADER_PARAMETER_BLOCK` (spec/boot.md section 5.9).
package struct LOADER_PARAMETER_BLOCK: Structure {
    package static let size: UInt32 = 0x7C
    package let LoadOrderListHead = Embedded<LIST_ENTRY>(0x00)
    package let MemoryDescriptorListHead = Embedded<LIST_ENTRY>(0x08)
    package let BootDriverListHead = Embedded<LIST_ENTRY>(0x10)
    package let KernelStack = Field.u32(0x18)
    package let Prcb = Field.u32(0x1C)
    package let Process = Field.u32(0x20)
    package let Thread = Field.u32(0x24)
    package let RegistryLength = Field.u32(0x28)
    package let RegistryBase = Field.pointer(0x2C, to: "VOID")
    package let ConfigurationRoot = PointerTo<CONFIGURATION_COMPONENT_DATA>(0x30)
    package let ArcBootDeviceName = Field.pointer(0x34, to: "CHAR")
    package let ArcHalDeviceName = Field.pointer(0x38, to: "CHAR")
    package let NtBootPathName = Field.pointer(0x3C, to: "CHAR")
    package let NtHalPathName = Field.pointer(0x40, to: "CHAR")
    package let LoadOptions = Field.pointer(0x44, to: "CHAR")
    package let NlsData = PointerTo<NLS_DATA_BLOCK>(0x48)
    package let ArcDiskInformation = PointerTo<ARC_DISK_INFORMATION>(0x4C)
    package let OemFontFile = Field.pointer(0x50, to: "VOID")
    package let SetupLdrBlock = PointerTo<SETUP_LOADER_BLOCK>(0x54)
    package let Extension = PointerTo<LOADER_PARAMETER_EXTENSION>(0x58)
    package let I386 = ArrayField(0x5C, count: 12, stride: 1, of: "UCHAR")
    package let Alpha = Field.u32(0x5C)
    package let IA64 = Field.u32(0x5C)
    package let PowerPC = Field.u64(0x5C)
    package let Arm = Field.u32(0x5C)
    package let FirmwareInformation = ArrayField(0x68, count: 20, stride: 1, of: "UCHAR")

    package static let layout = Self()
}
