// SPDX-License-Identifier: GPL-3.0-or-later

/// `DRIVER_INFORMATION` (spec/boot.md section 5.4).
package struct DRIVER_INFORMATION: Structure {
    package static let size: UInt32 = 0x24
    package let Link = Embedded<LIST_ENTRY>(0x00)
    package let DriverObject = PointerTo<DRIVER_OBJECT>(0x08)
    package let DataTableEntry = PointerTo<BOOT_DRIVER_LIST_ENTRY>(0x0C)
    package let ServiceHandle = Field.pointer(0x10, to: "VOID")
    package let TagPosition = Field.u16(0x14)
    package let Failed = Field.u32(0x18)
    package let Processed = Field.u32(0x1C)
    package let Status = Field.u32(0x20)

    package static let layout = Self()
}
