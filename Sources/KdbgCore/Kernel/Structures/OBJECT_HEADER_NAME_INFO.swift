// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_HEADER_NAME_INFO` (spec/boot.md section 5.2).
package struct OBJECT_HEADER_NAME_INFO: Structure {
    package static let size: UInt32 = 0x18
    package let Directory = PointerTo<OBJECT_DIRECTORY>(0x00)
    package let Name = Embedded<UNICODE_STRING>(0x04)
    package let QueryReferences = Field.u32(0x0C)
    package let Reserved2 = Field.u32(0x10)
    package let DbgReferenceCount = Field.u32(0x14)

    package static let layout = Self()
}
