// SPDX-License-Identifier: GPL-3.0-or-later

/// `DRIVER_REINIT_ITEM` (spec/boot.md section 5.4).
package struct DRIVER_REINIT_ITEM: Structure {
    package static let size: UInt32 = 0x14
    package let ItemEntry = Embedded<LIST_ENTRY>(0x00)
    package let DriverObject = PointerTo<DRIVER_OBJECT>(0x08)
    package let ReinitRoutine = Field.pointer(0x0C, to: "VOID")
    package let Context = Field.pointer(0x10, to: "VOID")

    package static let layout = Self()
}
