// SPDX-License-Identifier: GPL-3.0-or-later

/// `DEVOBJ_EXTENSION` (spec/boot.md section 5.5).
package struct DEVOBJ_EXTENSION: Structure {
    package static let size: UInt32 = 0x2C
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x04)
    package let PowerFlags = Field.u32(0x08)
    package let Dope = Field.pointer(0x0C, to: "DEVICE_OBJECT_POWER_EXTENSION")
    package let ExtensionFlags = Field.u32(0x10)
    package let DeviceNode = PointerTo<DEVICE_NODE>(0x14)
    package let AttachedTo = PointerTo<DEVICE_OBJECT>(0x18)
    package let StartIoCount = Field.i32(0x1C)
    package let StartIoKey = Field.i32(0x20)
    package let StartIoFlags = Field.u32(0x24)
    package let Vpb = PointerTo<VPB>(0x28)

    package static let layout = Self()
}
