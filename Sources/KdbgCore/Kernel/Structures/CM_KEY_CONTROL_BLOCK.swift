// SPDX-License-Identifier: GPL-3.0-or-later

/// `CM_KEY_CONTROL_BLOCK`: one for each key that is open, in the hash table `CmpCacheTable`; it keeps the blocks of the keys above it alive.
package struct CM_KEY_CONTROL_BLOCK: Structure {
    package static let size: UInt32 = 0x50
    package let RefCount = Field.u32(0x00)
    package let ExtFlags = Field.u32(0x04)
    /// Hash of the whole path.
    package let ConvKey = Field.u32(0x08)
    /// The next block with the same place in the table, by the address of its `ConvKey`.
    package let NextHash = Field.pointer(0x0C, to: "CM_KEY_HASH")
    package let KeyHive = PointerTo<HHIVE>(0x10)
    package let KeyCell = Field.u32(0x14)
    package let ParentKcb = PointerTo<CM_KEY_CONTROL_BLOCK>(0x18)
    package let NameBlock = PointerTo<CM_NAME_CONTROL_BLOCK>(0x1C)
    package let CachedSecurity = Field.pointer(0x20)
    package let ValueCache = Field.u64(0x24)
    package let SubKeyCount = Field.u32(0x2C)
    package let KeyBodyListHead = Embedded<LIST_ENTRY>(0x30)
    package let KcbLastWriteTime = Embedded<LARGE_INTEGER>(0x38)
    package let KcbMaxNameLen = Field.u16(0x40)
    package let KcbMaxValueNameLen = Field.u16(0x42)
    package let KcbMaxValueDataLen = Field.u32(0x44)
    package let Flags = Field.u16(0x48)

    package static let layout = Self()
}
