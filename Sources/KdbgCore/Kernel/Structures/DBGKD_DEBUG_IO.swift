// SPDX-License-Identifier: GPL-3.0-or-later

/// `DBGKD_DEBUG_IO` (spec/boot.md section 5.18).
package struct DBGKD_DEBUG_IO: Structure {
    package static let size: UInt32 = 0x10
    package let ApiNumber = Field.u32(0x00)
    package let ProcessorLevel = Field.u16(0x04)
    package let Processor = Field.u16(0x06)
    package let LengthOfString = Field.u32(0x08)
    package let LengthOfPromptString = Field.u32(0x0C)

    package static let layout = Self()
}
