// SPDX-License-Identifier: GPL-3.0-or-later

/// `CM_KEY_NODE`: a key in a hive, signature `nk`. Of the arrays of two, the first is for stable subkeys and the second for volatile ones; in a link to
/// another hive the cell and the hive (`CM_KEY_REFERENCE`) take the place of the lists.
package struct CM_KEY_NODE: Structure {
    package static let size: UInt32 = 0x50
    package let Signature = Field.u16(0x00)
    package let Flags = Field.u16(0x02)
    package let LastWriteTime = Embedded<LARGE_INTEGER>(0x04)
    package let Spare = Field.u32(0x0C)
    package let Parent = Field.u32(0x10)
    package let SubKeyCounts = ArrayField(0x14, count: 2, stride: 4, of: "ULONG")
    package let SubKeyLists = ArrayField(0x1C, count: 2, stride: 4, of: "ULONG")
    package let ChildHiveCell = Field.u32(0x1C)
    package let ChildHive = PointerTo<HHIVE>(0x20)
    package let ValueCount = Field.u32(0x24)
    package let ValueList = Field.u32(0x28)
    package let Security = Field.u32(0x2C)
    package let Class = Field.u32(0x30)
    package let MaxNameLen = Field.u32(0x34)
    package let MaxClassLen = Field.u32(0x38)
    package let MaxValueNameLen = Field.u32(0x3C)
    package let MaxValueDataLen = Field.u32(0x40)
    package let WorkVar = Field.u32(0x44)
    package let NameLength = Field.u16(0x48)
    package let ClassLength = Field.u16(0x4A)
    package let Name = ArrayField(0x4C, count: 1, stride: 2, of: "WCHAR")

    package static let layout = Self()
}
