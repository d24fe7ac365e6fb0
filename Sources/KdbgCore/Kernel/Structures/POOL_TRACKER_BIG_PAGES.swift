// SPDX-License-Identifier: GPL-3.0-or-later

/// `POOL_TRACKER_BIG_PAGES`: an allocation of whole pages, which has no header to hold its tag.
package struct POOL_TRACKER_BIG_PAGES: Structure {
    package static let size: UInt32 = 0x10
    /// The address; bit 0 is set when the row is free.
    package let Va = Field.pointer(0x00)
    package let Key = Field.u32(0x04)
    package let NumberOfPages = Field.u32(0x08)
    package let QuotaObject = Field.pointer(0x0C)

    package static let layout = Self()
}
