// SPDX-License-Identifier: GPL-3.0-or-later

/// `SECTION_OBJECT_POINTERS`: what a file is mapped as, shared by all its file objects; the file system keeps it with the file.
package struct SECTION_OBJECT_POINTERS: Structure {
    package static let size: UInt32 = 0x0C
    package let DataSectionObject = PointerTo<CONTROL_AREA>(0x00)
    package let SharedCacheMap = Field.pointer(0x04, to: "VOID")
    package let ImageSectionObject = PointerTo<CONTROL_AREA>(0x08)

    package static let layout = Self()
}
