// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_HEADER_CREATOR_INFO` (spec/boot.md section 5.2).
package struct OBJECT_HEADER_CREATOR_INFO: Structure {
    package static let size: UInt32 = 0x10
    package let TypeList = Embedded<LIST_ENTRY>(0x00)
    package let CreatorUniqueProcess = Field.pointer(0x08, to: "VOID")
    package let CreatorBackTraceIndex = Field.u16(0x0C)
    package let Reserved = Field.u16(0x0E)

    package static let layout = Self()
}
