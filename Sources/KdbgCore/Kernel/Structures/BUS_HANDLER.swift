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

/// `HAL_BUS_HANDLER`: the entry of HalpAllBusHandlers around a handler.
package struct HAL_BUS_HANDLER: Structure {
    package static let size: UInt32 = 0x78
    package let AllHandlers = Embedded<LIST_ENTRY>(0x00)
    package let ReferenceCount = Field.u32(0x08)
    package let Handler = Embedded<BUS_HANDLER>(0x0C)

    package static let layout = Self()
}

/// `SUPPORTED_RANGE`: bus addresses from Base to Limit; SystemBase is added to them, in the address space with that number (0 memory, 1 ports).
package struct SUPPORTED_RANGE: Structure {
    package static let size: UInt32 = 0x20
    package let Next = PointerTo<SUPPORTED_RANGE>(0x00)
    package let SystemAddressSpace = Field.u32(0x04)
    package let SystemBase = Embedded<LARGE_INTEGER>(0x08)
    package let Base = Embedded<LARGE_INTEGER>(0x10)
    package let Limit = Embedded<LARGE_INTEGER>(0x18)

    package static let layout = Self()
}

/// `SUPPORTED_RANGES`: what addresses a bus has, by kind.
package struct SUPPORTED_RANGES: Structure {
    package static let size: UInt32 = 0xA0
    package let Version = Field.u16(0x00)
    package let Sorted = Field.u8(0x02)
    package let NoIO = Field.u32(0x04)
    package let IO = Embedded<SUPPORTED_RANGE>(0x08)
    package let NoMemory = Field.u32(0x28)
    package let Memory = Embedded<SUPPORTED_RANGE>(0x30)
    package let NoPrefetchMemory = Field.u32(0x50)
    package let PrefetchMemory = Embedded<SUPPORTED_RANGE>(0x58)
    package let NoDma = Field.u32(0x78)
    package let Dma = Embedded<SUPPORTED_RANGE>(0x80)

    package static let layout = Self()
}
