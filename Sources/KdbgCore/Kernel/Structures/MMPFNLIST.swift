// SPDX-License-Identifier: GPL-3.0-or-later

/// `MMPFNLIST`: a list of physical pages by number; 0xFFFFFFFF is its end.
package struct MMPFNLIST: Structure {
    package static let size: UInt32 = 0x10
    package let Total = Field.u32(0x00)
    /// The PageLocation of its pages.
    package let ListName = Field.u32(0x04)
    package let Flink = Field.u32(0x08)
    package let Blink = Field.u32(0x0C)

    package static let layout = Self()
}
