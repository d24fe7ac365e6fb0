// SPDX-License-Identifier: GPL-3.0-or-later

/// `BUS_HANDLER` (spec/boot.md section 5.20 gives its size): a bus as the HAL knows it, with the routines for what is on it.
package struct BUS_HANDLER: Structure {
    package static let size: UInt32 = 0x6C
    package let Version = Field.u32(0x00)
    package let InterfaceType = Field.i32(0x04)
    package let ConfigurationType = Field.i32(0x08)
    package let BusNumber = Field.u32(0x0C)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x10)
    package let ParentHandler = PointerTo<BUS_HANDLER>(0x14)
    package let BusData = Field.pointer(0x18)
    package let DeviceControlExtensionSize = Field.u32(0x1C)
    package let BusAddresses = PointerTo<SUPPORTED_RANGES>(0x20)
    package let Reserved = ArrayField(0x24, count: 4, stride: 4, of: "ULONG")
    package let GetBusData = Field.pointer(0x34)
    package let SetBusData = Field.pointer(0x38)
    package let AdjustResourceList = Field.pointer(0x3C)
    package let AssignSlotResources = Field.pointer(0x40)
    package let GetInterruptVector = Field.pointer(0x44)
    package let TranslateBusAddress = Field.pointer(0x48)
    package let Spare = ArrayField(0x4C, count: 8, stride: 4, of: "PVOID")

    package static let layout = Self()
}
