// SPDX-License-Identifier: GPL-3.0-or-later

/// `KEY_BASIC_INFORMATION`: a key's name.
package struct KEY_BASIC_INFORMATION: Structure {
    package static let size: UInt32 = 0x18
    package let LastWriteTime = Embedded<LARGE_INTEGER>(0x00)
    package let TitleIndex = Field.u32(0x08)
    package let NameLength = Field.u32(0x0C)
    package let Name = ArrayField(0x10, count: 1, stride: 2, of: "WCHAR")

    package static let layout = Self()
}
