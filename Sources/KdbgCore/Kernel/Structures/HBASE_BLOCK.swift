// SPDX-License-Identifier: GPL-3.0-or-later

/// `HBASE_BLOCK`: the head of a hive image; 4 KiB, of which the rest is unused. `Length` is that of the bins behind it, `CheckSum` all dwords before it
/// combined by XOR.
package struct HBASE_BLOCK: Structure {
    package static let size: UInt32 = 0x200
    package let Signature = Field.u32(0x00)
    package let Sequence1 = Field.u32(0x04)
    package let Sequence2 = Field.u32(0x08)
    package let TimeStamp = Embedded<LARGE_INTEGER>(0x0C)
    package let Major = Field.u32(0x14)
    package let Minor = Field.u32(0x18)
    package let `Type` = Field.u32(0x1C)
    package let Format = Field.u32(0x20)
    package let RootCell = Field.u32(0x24)
    package let Length = Field.u32(0x28)
    package let Cluster = Field.u32(0x2C)
    package let FileName = ArrayField(0x30, count: 32, stride: 2, of: "WCHAR")
    package let CheckSum = Field.u32(0x1FC)

    package static let layout = Self()
}
