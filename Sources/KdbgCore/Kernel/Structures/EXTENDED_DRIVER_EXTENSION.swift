// SPDX-License-Identifier: GPL-3.0-or-later

/// `EXTENDED_DRIVER_EXTENSION` (spec/boot.md section 5.4).
package struct EXTENDED_DRIVER_EXTENSION: Structure {
    package static let size: UInt32 = 0x1C
    package let DriverObject = PointerTo<DRIVER_OBJECT>(0x00)
    package let AddDevice = Field.pointer(0x04, to: "VOID")
    package let Count = Field.u32(0x08)
    package let ServiceKeyName = Embedded<UNICODE_STRING>(0x0C)
    package let ClientDriverExtension = PointerTo<IO_CLIENT_EXTENSION>(0x14)
    package let FsFilterCallbacks = Field.pointer(0x18, to: "VOID")

    package static let layout = Self()
}
