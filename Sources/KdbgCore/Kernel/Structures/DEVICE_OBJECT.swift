// SPDX-License-Identifier: GPL-3.0-or-later

/// `DEVICE_OBJECT` (spec/boot.md section 5.5).
package struct DEVICE_OBJECT: Structure {
    package static let size: UInt32 = 0xB8
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let ReferenceCount = Field.i32(0x04)
    package let DriverObject = PointerTo<DRIVER_OBJECT>(0x08)
    package let NextDevice = PointerTo<DEVICE_OBJECT>(0x0C)
    package let AttachedDevice = PointerTo<DEVICE_OBJECT>(0x10)
    package let CurrentIrp = PointerTo<IRP>(0x14)
    package let Timer = PointerTo<IO_TIMER>(0x18)
    package let Flags = Field.u32(0x1C)
    package let Characteristics = Field.u32(0x20)
    package let Vpb = PointerTo<VPB>(0x24)
    package let DeviceExtension = Field.pointer(0x28, to: "VOID")
    package let DeviceType = Field.u32(0x2C)
    package let StackSize = Field.i8(0x30)
    package let ListEntry = Embedded<LIST_ENTRY>(0x34)
    package let Wcb = Embedded<WAIT_CONTEXT_BLOCK>(0x34)
    package let AlignmentRequirement = Field.u32(0x5C)
    package let DeviceQueue = Embedded<KDEVICE_QUEUE>(0x60)
    package let Dpc = Embedded<KDPC>(0x74)
    package let ActiveThreadCount = Field.u32(0x94)
    package let SecurityDescriptor = Field.pointer(0x98, to: "SECURITY_DESCRIPTOR")
    package let DeviceLock = Embedded<KEVENT>(0x9C)
    package let SectorSize = Field.u16(0xAC)
    package let DeviceObjectExtension = PointerTo<DEVOBJ_EXTENSION>(0xB0)

    package static let layout = Self()
}
