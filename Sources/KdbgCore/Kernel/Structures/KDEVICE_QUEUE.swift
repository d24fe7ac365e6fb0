// SPDX-License-Identifier: GPL-3.0-or-later

/// `KDEVICE_QUEUE` (spec/boot.md section 5.5).
package struct KDEVICE_QUEUE: Structure {
    package static let size: UInt32 = 0x14
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let DeviceListHead = Embedded<LIST_ENTRY>(0x04)
    package let Lock = Field.u32(0x0C)
    package let Busy = Field.u8(0x10)

    package static let layout = Self()
}
