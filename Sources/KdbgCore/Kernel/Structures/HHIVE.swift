// SPDX-License-Identifier: GPL-3.0-or-later

/// `HHIVE`: a hive in memory. A flat one lies there as its file does; the others have two storages, stable and volatile. The layout is ours.
package struct HHIVE: Structure {
    package static let size: UInt32 = 0x60
    package let Signature = Field.u32(0x00)
    package let GetCellRoutine = Field.pointer(0x04)
    package let BaseBlock = PointerTo<HBASE_BLOCK>(0x24)
    package let Flat = Field.u8(0x2C)
    package let HiveFlags = Field.u32(0x34)
    package let StorageTypeCount = Field.u32(0x38)
    package let Version = Field.u32(0x3C)
    package let Storage = ArrayField(0x40, count: 2, stride: 0x10, of: "DUAL")

    package static let layout = Self()
}
