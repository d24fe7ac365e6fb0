// SPDX-License-Identifier: GPL-3.0-or-later

/// `KEY_VALUE_FULL_INFORMATION`: a value's type, name and bytes; the bytes are `DataOffset` from the structure's start.
package struct KEY_VALUE_FULL_INFORMATION: Structure {
    package static let size: UInt32 = 0x18
    package let TitleIndex = Field.u32(0x00)
    package let `Type` = Field.u32(0x04)
    package let DataOffset = Field.u32(0x08)
    package let DataLength = Field.u32(0x0C)
    package let NameLength = Field.u32(0x10)
    package let Name = ArrayField(0x14, count: 1, stride: 2, of: "WCHAR")

    package static let layout = Self()
}
