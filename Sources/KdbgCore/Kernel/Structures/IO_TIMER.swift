// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_TIMER` (spec/boot.md section 5.20).
package struct IO_TIMER: Structure {
    package static let size: UInt32 = 0x18
    package let `Type` = Field.u16(0x00)
    package let TimerEnabled = Field.u16(0x02)
    package let TimerList = Embedded<LIST_ENTRY>(0x04)
    package let TimerRoutine = Field.pointer(0x0C, to: "VOID")
    package let Context = Field.pointer(0x10, to: "VOID")
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x14)

    package static let layout = Self()
}
