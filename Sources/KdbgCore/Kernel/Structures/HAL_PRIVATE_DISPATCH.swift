// SPDX-License-Identifier: GPL-3.0-or-later

/// `HAL_PRIVATE_DISPATCH` (spec/boot.md section 5.19).
package struct HAL_PRIVATE_DISPATCH: Structure {
    package static let size: UInt32 = 0x50
    package let Version = Field.u32(0x00)
    package let HalHandlerForBus = Field.u32(0x04)
    package let HalHandlerForConfigSpace = Field.u32(0x08)
    package let HalLocateHiberRanges = Field.u32(0x0C)
    package let HalRegisterBusHandler = Field.u32(0x10)
    package let HalSetWakeEnable = Field.u32(0x14)
    package let HalSetWakeAlarm = Field.u32(0x18)
    package let HalPciTranslateBusAddress = Field.u32(0x1C)
    package let HalPciAssignSlotResources = Field.u32(0x20)
    package let HalHaltSystem = Field.u32(0x24)
    package let HalFindBusAddressTranslation = Field.u32(0x28)
    package let HalResetDisplay = Field.u32(0x2C)
    package let HalAllocateMapRegisters = Field.u32(0x30)
    package let KdSetupPciDeviceForDebugging = Field.u32(0x34)
    package let KdReleasePciDeviceforDebugging = Field.u32(0x38)
    package let KdGetAcpiTablePhase0 = Field.u32(0x3C)
    package let KdCheckPowerButton = Field.u32(0x40)
    package let HalVectorToIDTEntry = Field.u32(0x44)
    package let KdMapPhysicalMemory64 = Field.u32(0x48)
    package let KdUnmapVirtualAddress = Field.u32(0x4C)

    package static let layout = Self()
}
