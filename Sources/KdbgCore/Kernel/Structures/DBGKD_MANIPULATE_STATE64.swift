// SPDX-License-Identifier: GPL-3.0-or-later

/// `DBGKD_MANIPULATE_STATE64` (spec/boot.md section 5.18).
package struct DBGKD_MANIPULATE_STATE64: Structure {
    package static let size: UInt32 = 0x38
    package let ApiNumber = Field.u32(0x00)
    package let ProcessorLevel = Field.u16(0x04)
    package let Processor = Field.u16(0x06)
    package let ReturnStatus = Field.u32(0x08)
    package let u = ArrayField(0x10, count: 10, stride: 4, of: "ULONG")

    package static let layout = Self()
}
