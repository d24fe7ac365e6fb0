// SPDX-License-Identifier: GPL-3.0-or-later

/// `KDEVICE_QUEUE_ENTRY` (spec/boot.md section 5.6).
package struct KDEVICE_QUEUE_ENTRY: Structure {
    package static let size: UInt32 = 0x10
    package let DeviceListEntry = Embedded<LIST_ENTRY>(0x00)
    package let SortKey = Field.u32(0x08)
    package let Inserted = Field.u8(0x0C)

    package static let layout = Self()
}
