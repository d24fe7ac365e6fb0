// SPDX-License-Identifier: GPL-3.0-or-later

/// `DEVICE_NODE` (spec/boot.md section 5.20).
package struct DEVICE_NODE: Structure {
    package static let size: UInt32 = 0x130
    package let Sibling = PointerTo<DEVICE_NODE>(0x00)
    package let Child = PointerTo<DEVICE_NODE>(0x04)
    package let Parent = PointerTo<DEVICE_NODE>(0x08)
    package let LastChild = PointerTo<DEVICE_NODE>(0x0C)
    package let Level = Field.u32(0x10)
    package let State = Field.u32(0x2C)
    package let Flags = Field.u32(0x8C)
    package let PhysicalDeviceObject = PointerTo<DEVICE_OBJECT>(0x98)
    package let InstancePath = Embedded<UNICODE_STRING>(0xA4)
    package let ServiceName = Embedded<UNICODE_STRING>(0xAC)

    package static let layout = Self()
}
