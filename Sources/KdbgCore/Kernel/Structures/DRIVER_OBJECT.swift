// SPDX-License-Identifier: GPL-3.0-or-later

/// `DRIVER_OBJECT` (spec/boot.md section 5.4).
package struct DRIVER_OBJECT: Structure {
    package static let size: UInt32 = 0xA8
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x04)
    package let Flags = Field.u32(0x08)
    package let DriverStart = Field.pointer(0x0C, to: "VOID")
    package let DriverSize = Field.u32(0x10)
    package let DriverSection = Field.pointer(0x14, to: "VOID")
    package let DriverExtension = PointerTo<DRIVER_EXTENSION>(0x18)
    package let DriverName = Embedded<UNICODE_STRING>(0x1C)
    package let HardwareDatabase = Field.pointer(0x24, to: "UNICODE_STRING")
    package let FastIoDispatch = Field.pointer(0x28, to: "FAST_IO_DISPATCH")
    package let DriverInit = Field.pointer(0x2C, to: "DRIVER_INITIALIZE")
    package let DriverStartIo = Field.pointer(0x30, to: "DRIVER_STARTIO")
    package let DriverUnload = Field.pointer(0x34, to: "DRIVER_UNLOAD")
    package let MajorFunction = ArrayField(0x38, count: 28, stride: 4, of: "PDRIVER_DISPATCH")

    package static let layout = Self()
}
