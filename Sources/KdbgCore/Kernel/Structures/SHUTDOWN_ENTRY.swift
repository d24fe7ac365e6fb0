// SPDX-License-Identifier: GPL-3.0-or-later

/// `SHUTDOWN_ENTRY` (spec/boot.md section 5.21): a device that hears of the end.
package struct SHUTDOWN_ENTRY: Structure {
    package static let size: UInt32 = 0x0C
    package let ShutdownList = Embedded<LIST_ENTRY>(0x00)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x08)

    package static let layout = Self()
}
