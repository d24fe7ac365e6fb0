// SPDX-License-Identifier: GPL-3.0-or-later

/// `SHARED_CACHE_MAP`: what the cache manager knows of a file with cached pages. The specification gives no offsets; these are ours.
package struct SHARED_CACHE_MAP: Structure {
    package static let size: UInt32 = 0x38
    package let OpenCount = Field.u32(0x04)
    package let FileSize = Embedded<LARGE_INTEGER>(0x08)
    package let FileObject = PointerTo<FILE_OBJECT>(0x28)
    /// Pages.
    package let DirtyPages = Field.u32(0x2C)
    package let SharedCacheMapLinks = Embedded<LIST_ENTRY>(0x30)
    /// Pages that are mapped.
    package let MappedPages = Field.u32(0x10)

    package static let layout = Self()
}
