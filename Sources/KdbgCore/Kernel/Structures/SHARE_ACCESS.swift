// SPDX-License-Identifier: GPL-3.0-or-later

/// `SHARE_ACCESS`: how often a file is open, and for what; kept by the file system (Windows DDK, wdm.h).
package struct SHARE_ACCESS: Structure {
    package static let size: UInt32 = 0x1C
    package let OpenCount = Field.u32(0x00)
    package let Readers = Field.u32(0x04)
    package let Writers = Field.u32(0x08)
    package let Deleters = Field.u32(0x0C)
    package let SharedRead = Field.u32(0x10)
    package let SharedWrite = Field.u32(0x14)
    package let SharedDelete = Field.u32(0x18)

    package static let layout = Self()
}
