// SPDX-License-Identifier: GPL-3.0-or-later

/// `MMSESSION`: what is mapped in system space; the layout is that of Windows Server 2003.
package struct MMSESSION: Structure {
    package static let size: UInt32 = 0x40
    package let SystemSpaceViewLock = Embedded<KGUARDED_MUTEX>(0x00)
    package let SystemSpaceViewLockPointer = Field.pointer(0x20, to: "KGUARDED_MUTEX")
    package let SystemSpaceViewStart = Field.pointer(0x24)
    package let SystemSpaceViewTable = PointerTo<MMVIEW>(0x28)
    package let SystemSpaceHashSize = Field.u32(0x2C)
    /// Rows in use.
    package let SystemSpaceHashEntries = Field.u32(0x30)
    package let SystemSpaceHashKey = Field.u32(0x34)
    package let BitmapFailures = Field.u32(0x38)
    /// A bit per 64 KiB.
    package let SystemSpaceBitMap = PointerTo<RTL_BITMAP>(0x3C)

    package static let layout = Self()
}
