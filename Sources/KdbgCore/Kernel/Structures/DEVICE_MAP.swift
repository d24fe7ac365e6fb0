// SPDX-License-Identifier: GPL-3.0-or-later

/// `DEVICE_MAP` (spec/boot.md section 5.2).
package struct DEVICE_MAP: Structure {
    package static let size: UInt32 = 0x30
    package let DosDevicesDirectory = PointerTo<OBJECT_DIRECTORY>(0x00)
    package let GlobalDosDevicesDirectory = PointerTo<OBJECT_DIRECTORY>(0x04)
    package let ReferenceCount = Field.u32(0x08)
    package let DriveMap = Field.u32(0x0C)
    package let DriveType = ArrayField(0x10, count: 32, stride: 1, of: "UCHAR")

    package static let layout = Self()
}
