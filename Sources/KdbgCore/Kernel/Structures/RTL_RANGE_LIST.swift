// SPDX-License-Identifier: GPL-3.0-or-later

/// `RTL_RANGE_LIST` (Windows DDK): RTLP_RANGE_LIST_ENTRYs by where they start.
package struct RTL_RANGE_LIST: Structure {
    package static let size: UInt32 = 0x14
    package let ListHead = Embedded<LIST_ENTRY>(0x00)
    package let Flags = Field.u32(0x08)
    package let Count = Field.u32(0x0C)
    /// Counts changes.
    package let Stamp = Field.u32(0x10)

    package static let layout = Self()
}
