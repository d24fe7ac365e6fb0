// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_DIRECTORY_ENTRY` (spec/boot.md section 5.2).
package struct OBJECT_DIRECTORY_ENTRY: Structure {
    package static let size: UInt32 = 0x0C
    package let ChainLink = PointerTo<OBJECT_DIRECTORY_ENTRY>(0x00)
    package let Object = Field.pointer(0x04, to: "VOID")
    package let HashValue = Field.u32(0x08)

    package static let layout = Self()
}
