// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_DIRECTORY` (spec/boot.md section 5.2).
package struct OBJECT_DIRECTORY: Structure {
    package static let size: UInt32 = 0xA0
    package let HashBuckets = ArrayField(0x00, count: 37, stride: 4, of: "PVOID")
    package let Lock = Field.u32(0x94)
    package let DeviceMap = PointerTo<DEVICE_MAP>(0x98)
    package let SessionId = Field.u32(0x9C)

    package static let layout = Self()
}
