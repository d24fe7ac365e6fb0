// SPDX-License-Identifier: GPL-3.0-or-later

/// `CONTROLLER_OBJECT` (spec/boot.md section 5.20).
package struct CONTROLLER_OBJECT: Structure {
    package static let size: UInt32 = 0x28
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let ControllerExtension = Field.pointer(0x04, to: "VOID")
    package let DeviceWaitQueue = Embedded<KDEVICE_QUEUE>(0x08)
    package let Spare1 = Field.u32(0x1C)
    package let Spare2 = Embedded<LARGE_INTEGER>(0x20)

    package static let layout = Self()
}
