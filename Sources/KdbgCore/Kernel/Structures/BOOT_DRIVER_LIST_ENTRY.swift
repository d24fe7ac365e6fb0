// SPDX-License-Identifier: GPL-3.0-or-later

/// `BOOT_DRIVER_LIST_ENTRY` (spec/boot.md section 5.4).
package struct BOOT_DRIVER_LIST_ENTRY: Structure {
    package static let size: UInt32 = 0x1C
    package let Link = Embedded<LIST_ENTRY>(0x00)
    package let FilePath = Embedded<UNICODE_STRING>(0x08)
    package let RegistryPath = Embedded<UNICODE_STRING>(0x10)
    package let LdrEntry = PointerTo<LDR_DATA_TABLE_ENTRY>(0x18)

    package static let layout = Self()
}
