// SPDX-License-Identifier: GPL-3.0-or-later

/// `HMAP_ENTRY`: where a page of a hive's bins is in memory, and the bin it belongs to.
package struct HMAP_ENTRY: Structure {
    package static let size: UInt32 = 0x10
    package let BlockAddress = Field.pointer(0x00)
    package let BinAddress = PointerTo<HBIN>(0x04)
    package let CmView = Field.pointer(0x08)
    package let MemAlloc = Field.u32(0x0C)

    package static let layout = Self()
}
