// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_ATTRIBUTES` (spec/boot.md section 5.1).
package struct OBJECT_ATTRIBUTES: Structure {
    package static let size: UInt32 = 0x18
    package let Length = Field.u32(0x00)
    package let RootDirectory = Field.pointer(0x04, to: "VOID")
    package let ObjectName = PointerTo<UNICODE_STRING>(0x08)
    package let Attributes = Field.u32(0x0C)
    package let SecurityDescriptor = Field.pointer(0x10, to: "VOID")
    package let SecurityQualityOfService = Field.pointer(0x14, to: "VOID")

    package static let layout = Self()
}
