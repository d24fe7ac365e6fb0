// SPDX-License-Identifier: GPL-3.0-or-later

/// `KGDTENTRY` (spec/boot.md section 5.17).
package struct KGDTENTRY: Structure {
    package static let size: UInt32 = 0x08
    package let LimitLow = Field.u16(0x00)
    package let BaseLow = Field.u16(0x02)
    package let BaseMid = Field.u8(0x04)
    package let Flags1 = Field.u8(0x05)
    package let Flags2 = Field.u8(0x06)
    package let BaseHi = Field.u8(0x07)

    package static let layout = Self()
}
