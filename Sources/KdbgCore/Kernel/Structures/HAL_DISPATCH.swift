// SPDX-License-Identifier: GPL-3.0-or-later

/// `HAL_DISPATCH` (spec/boot.md section 5.19).
package struct HAL_DISPATCH: Structure {
    package static let size: UInt32 = 0x60
    package let Version = Field.u32(0x00)
    package let HalQuerySystemInformation = Field.pointer(0x04, to: "VOID")
    package let HalSetSystemInformation = Field.pointer(0x08, to: "VOID")
    package let HalQueryBusSlots = Field.pointer(0x0C, to: "VOID")
    package let Spare1 = Field.u32(0x10)
    package let HalExamineMBR = Field.pointer(0x14, to: "VOID")
    package let HalIoAssignDriveLetters = Field.pointer(0x18, to: "VOID")
    package let HalIoReadPartitionTable = Field.pointer(0x1C, to: "VOID")
    package let HalIoSetPartitionInformation = Field.pointer(0x20, to: "VOID")
    package let HalIoWritePartitionTable = Field.pointer(0x24, to: "VOID")
    package let HalReferenceHandlerForBus = Field.pointer(0x28, to: "VOID")
    package let HalReferenceBusHandler = Field.pointer(0x2C, to: "VOID")
    package let HalDereferenceBusHandler = Field.pointer(0x30, to: "VOID")
    package let HalInitPnpDriver = Field.pointer(0x34, to: "VOID")
    package let HalInitPowerManagement = Field.pointer(0x38, to: "VOID")
    package let HalGetDmaAdapter = Field.pointer(0x3C, to: "VOID")
    package let HalGetInterruptTranslator = Field.pointer(0x40, to: "VOID")
    package let HalStartMirroring = Field.pointer(0x44, to: "VOID")
    package let HalEndMirroring = Field.pointer(0x48, to: "VOID")
    package let HalMirrorPhysicalMemory = Field.pointer(0x4C, to: "VOID")
    package let HalEndOfBoot = Field.pointer(0x50, to: "VOID")
    package let HalMirrorVerify = Field.pointer(0x54, to: "VOID")
    package let HalGetCachedAcpiTable = Field.pointer(0x58, to: "VOID")
    package let HalSetPciErrorHandlerCallback = Field.pointer(0x5C, to: "VOID")

    package static let layout = Self()
}
