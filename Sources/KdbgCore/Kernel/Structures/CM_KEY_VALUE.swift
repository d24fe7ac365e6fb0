// SPDX-License-Identifier: GPL-3.0-or-later

/// `CM_KEY_VALUE`: a value in a hive, signature `vk`. Bit 31 of the length says that up to four bytes lie in `Data` itself; otherwise that is a cell.
package struct CM_KEY_VALUE: Structure {
    package static let size: UInt32 = 0x18
    package let Signature = Field.u16(0x00)
    package let NameLength = Field.u16(0x02)
    package let DataLength = Field.u32(0x04)
    package let Data = Field.u32(0x08)
    package let `Type` = Field.u32(0x0C)
    package let Flags = Field.u16(0x10)
    package let Spare = Field.u16(0x12)
    package let Name = ArrayField(0x14, count: 1, stride: 2, of: "WCHAR")

    package static let layout = Self()
}
