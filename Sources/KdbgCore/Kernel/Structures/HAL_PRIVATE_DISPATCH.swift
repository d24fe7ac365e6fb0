// SPDX-License-Identifier: GPL-3.0-or-later

/// `HAL_PRIVATE_DISPATCH` (spec/boot.md section 5.19).
package struct HAL_PRIVATE_DISPATCH: Structure {
    package static let size: UInt32 = 0x50
    package let Version = Field.u32(0x00)
    package let HalHandlerForBus = Field.pointer(0x04, to: "VOID")
    package let HalHandlerForConfigSpace = Field.pointer(0x08, to: "VOID")
    package let HalLocateHiberRanges = Field.pointer(0x0C, to: "VOID")
    package let HalRegisterBusHandler = Field.pointer(0x10, to: "VOID")
    package let HalSetWakeEnable = Field.pointer(0x14, to: "VOID")
    package let HalSetWakeAlarm = Field.pointer(0x18, to: "VOID")
    package let HalPciTranslateBusAddress = Field.pointer(0x1C, to: "VOID")
    package let HalPciAssignSlotResources = Field.pointer(0x20, to: "VOID")
    package let HalHaltSystem = Field.pointer(0x24, to: "VOID")
    package let HalFindBusAddressTranslation = Field.pointer(0x28, to: "VOID")
    package let HalResetDisplay = Field.pointer(0x2C, to: "VOID")
    package let HalAllocateMapRegisters = Field.pointer(0x30, to: "VOID")
    package let KdSetupPciDeviceForDebugging = Field.pointer(0x34, to: "VOID")
    package let KdReleasePciDeviceforDebugging = Field.pointer(0x38, to: "VOID")
    package let KdGetAcpiTablePhase0 = Field.pointer(0x3C, to: "VOID")
    package let KdCheckPowerButton = Field.pointer(0x40, to: "VOID")
    package let HalVectorToIDTEntry = Field.pointer(0x44, to: "VOID")
    package let KdMapPhysicalMemory64 = Field.pointer(0x48, to: "VOID")
    package let KdUnmapVirtualAddress = Field.pointer(0x4C, to: "VOID")

    package static let layout = Self()
}
