// SPDX-License-Identifier: GPL-3.0-or-later

/// `KIDTENTRY` (spec/boot.md section 5.17).
package struct KIDTENTRY: Structure {
    package static let size: UInt32 = 0x08
    package let Offset = Field.u16(0x00)
    package let Selector = Field.u16(0x02)
    package let Access = Field.u16(0x04)
    package let ExtendedOffset = Field.u16(0x06)

    package static let layout = Self()
}
