// SPDX-License-Identifier: GPL-3.0-or-later

/// `VPB` (spec/boot.md section 5.5).
package struct VPB: Structure {
    package static let size: UInt32 = 0x58
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let Flags = Field.u16(0x04)
    package let VolumeLabelLength = Field.u16(0x06)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x08)
    package let RealDevice = PointerTo<DEVICE_OBJECT>(0x0C)
    package let SerialNumber = Field.u32(0x10)
    package let ReferenceCount = Field.u32(0x14)
    package let VolumeLabel = ArrayField(0x18, count: 32, stride: 2, of: "USHORT")

    package static let layout = Self()
}
