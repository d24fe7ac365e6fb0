// SPDX-License-Identifier: GPL-3.0-or-later

/// `HBIN`: the head of a bin of a hive; cells follow. `FileOffset` counts from the end of the base block.
package struct HBIN: Structure {
    package static let size: UInt32 = 0x20
    package let Signature = Field.u32(0x00)
    package let FileOffset = Field.u32(0x04)
    package let Size = Field.u32(0x08)
    package let Reserved1 = ArrayField(0x0C, count: 2, stride: 4, of: "ULONG")
    package let TimeStamp = Embedded<LARGE_INTEGER>(0x14)
    package let Spare = Field.u32(0x1C)

    package static let layout = Self()
}
