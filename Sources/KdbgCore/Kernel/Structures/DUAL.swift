// SPDX-License-Identifier: GPL-3.0-or-later

/// `DUAL`: one of the two storages of a hive, bytes of bins and where each page of them is. `Guard` holds for how many pages `BlockList` has room.
package struct DUAL: Structure {
    package static let size: UInt32 = 0x10
    package let Length = Field.u32(0x00)
    package let Map = Field.pointer(0x04)
    package let BlockList = PointerTo<HMAP_ENTRY>(0x08)
    package let Guard = Field.u32(0x0C)

    package static let layout = Self()
}
