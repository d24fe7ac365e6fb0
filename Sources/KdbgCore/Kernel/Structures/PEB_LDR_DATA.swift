// SPDX-License-Identifier: GPL-3.0-or-later

/// `PEB_LDR_DATA`: the images of a process, in three orders; PEB.Ldr points to it. The entries are LDR_DATA_TABLE_ENTRY.
package struct PEB_LDR_DATA: Structure {
    package static let size: UInt32 = 0x28
    package let Length = Field.u32(0x00)
    package let Initialized = Field.u8(0x04)
    package let SsHandle = Field.pointer(0x08, to: "VOID")
    package let InLoadOrderModuleList = Embedded<LIST_ENTRY>(0x0C)
    package let InMemoryOrderModuleList = Embedded<LIST_ENTRY>(0x14)
    package let InInitializationOrderModuleList = Embedded<LIST_ENTRY>(0x1C)
    package let EntryInProgress = Field.pointer(0x24, to: "VOID")

    package static let layout = Self()
}
