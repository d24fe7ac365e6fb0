// SPDX-License-Identifier: GPL-3.0-or-later

/// `LDR_DATA_TABLE_ENTRY` (spec/boot.md section 5.8).
package struct LDR_DATA_TABLE_ENTRY: Structure {
    package static let size: UInt32 = 0x50
    package let InLoadOrderLinks = Embedded<LIST_ENTRY>(0x00)
    package let InMemoryOrderLinks = Embedded<LIST_ENTRY>(0x08)
    package let InInitializationOrderLinks = Embedded<LIST_ENTRY>(0x10)
    package let DllBase = Field.pointer(0x18, to: "VOID")
    package let EntryPoint = Field.pointer(0x1C, to: "VOID")
    package let SizeOfImage = Field.u32(0x20)
    package let FullDllName = Embedded<UNICODE_STRING>(0x24)
    package let BaseDllName = Embedded<UNICODE_STRING>(0x2C)
    package let Flags = Field.u32(0x34)
    package let LoadCount = Field.u16(0x38)
    package let TlsIndex = Field.u16(0x3A)
    package let HashLinks = Embedded<LIST_ENTRY>(0x3C)
    package let SectionPointer = Field.pointer(0x3C, to: "VOID")
    package let CheckSum = Field.u32(0x40)
    package let TimeDateStamp = Field.u32(0x44)
    package let LoadedImports = Field.pointer(0x44, to: "VOID")
    package let EntryPointActivationContext = Field.pointer(0x48, to: "ACTIVATION_CONTEXT")
    package let PatchInformation = Field.pointer(0x4C, to: "VOID")

    package static let layout = Self()
}
