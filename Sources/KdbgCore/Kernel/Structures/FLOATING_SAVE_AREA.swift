// SPDX-License-Identifier: GPL-3.0-or-later

/// `FLOATING_SAVE_AREA`: the coprocessor's registers as FNSAVE stores them (spec/boot.md section 5.16).
package struct FLOATING_SAVE_AREA: Structure {
    package static let size: UInt32 = 0x70
    package let ControlWord = Field.u32(0x00)
    package let StatusWord = Field.u32(0x04)
    package let TagWord = Field.u32(0x08)
    package let ErrorOffset = Field.u32(0x0C)
    package let ErrorSelector = Field.u32(0x10)
    package let DataOffset = Field.u32(0x14)
    package let DataSelector = Field.u32(0x18)
    package let RegisterArea = ArrayField(0x1C, count: 80, stride: 1, of: "UCHAR")
    package let Cr0NpxState = Field.u32(0x6C)

    package static let layout = Self()
}
