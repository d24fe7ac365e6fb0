// SPDX-License-Identifier: GPL-3.0-or-later

/// `CM_NAME_CONTROL_BLOCK`: the name of an open key, one byte per character when `Compressed`.
package struct CM_NAME_CONTROL_BLOCK: Structure {
    package static let size: UInt32 = 0x10
    package let Compressed = Field.u16(0x00)
    package let RefCount = Field.u16(0x02)
    package let ConvKey = Field.u32(0x04)
    package let NextHash = Field.pointer(0x08, to: "CM_NAME_HASH")
    package let NameLength = Field.u16(0x0C)
    package let Name = ArrayField(0x0E, count: 1, stride: 2, of: "WCHAR")

    package static let layout = Self()
}
