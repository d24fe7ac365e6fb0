// SPDX-License-Identifier: GPL-3.0-or-later

/// `ERROR_LOG_ENTRY` (error.c; an IO_ERROR_LOG_PACKET follows).
package struct ERROR_LOG_ENTRY: Structure {
    package static let size: UInt32 = 0x20
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let ListEntry = Embedded<LIST_ENTRY>(0x04)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x0C)
    package let DriverObject = PointerTo<DRIVER_OBJECT>(0x10)
    package let TimeStamp = Embedded<LARGE_INTEGER>(0x18)

    package static let layout = Self()
}
