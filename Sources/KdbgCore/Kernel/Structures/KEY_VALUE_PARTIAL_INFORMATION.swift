// SPDX-License-Identifier: GPL-3.0-or-later

/// `KEY_VALUE_PARTIAL_INFORMATION`: a value's type and bytes.
package struct KEY_VALUE_PARTIAL_INFORMATION: Structure {
    package static let size: UInt32 = 0x10
    package let TitleIndex = Field.u32(0x00)
    package let `Type` = Field.u32(0x04)
    package let DataLength = Field.u32(0x08)
    package let Data = ArrayField(0x0C, count: 1, stride: 1, of: "UCHAR")

    package static let layout = Self()
}
