// SPDX-License-Identifier: GPL-3.0-or-later

/// `CM_PARSE_CONTEXT`: what whoever creates a key hands to the parse procedure.
package struct CM_PARSE_CONTEXT: Structure {
    package static let size: UInt32 = 0x28
    package let TitleIndex = Field.u32(0x00)
    package let Class = Embedded<UNICODE_STRING>(0x04)
    package let CreateOptions = Field.u32(0x0C)
    /// 1 the key was made, 2 it was there.
    package let Disposition = Field.u32(0x10)
    package let ChildHiveCell = Field.u32(0x14)
    package let ChildHive = PointerTo<HHIVE>(0x18)
    package let PredefinedHandle = Field.pointer(0x1C)
    /// Whether the key is to be a link to `ChildHive`.
    package let CreateLink = Field.u8(0x20)
    package let CreateOperation = Field.u8(0x21)
    package let OriginPoint = Field.pointer(0x24, to: "CMHIVE")

    package static let layout = Self()
}
