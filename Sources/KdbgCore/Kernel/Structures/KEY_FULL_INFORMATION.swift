// SPDX-License-Identifier: GPL-3.0-or-later

/// `KEY_FULL_INFORMATION`: how much is in a key.
package struct KEY_FULL_INFORMATION: Structure {
    package static let size: UInt32 = 0x30
    package let LastWriteTime = Embedded<LARGE_INTEGER>(0x00)
    package let TitleIndex = Field.u32(0x08)
    package let ClassOffset = Field.u32(0x0C)
    package let ClassLength = Field.u32(0x10)
    package let SubKeys = Field.u32(0x14)
    package let MaxNameLen = Field.u32(0x18)
    package let MaxClassLen = Field.u32(0x1C)
    package let Values = Field.u32(0x20)
    package let MaxValueNameLen = Field.u32(0x24)
    package let MaxValueDataLen = Field.u32(0x28)
    package let Class = ArrayField(0x2C, count: 1, stride: 2, of: "WCHAR")

    package static let layout = Self()
}
