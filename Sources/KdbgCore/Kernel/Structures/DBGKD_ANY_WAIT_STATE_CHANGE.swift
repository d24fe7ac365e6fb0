// SPDX-License-Identifier: GPL-3.0-or-later

/// `DBGKD_ANY_WAIT_STATE_CHANGE` (spec/boot.md section 5.18).
package struct DBGKD_ANY_WAIT_STATE_CHANGE: Structure {
    package static let size: UInt32 = 0xF0
    package let NewState = Field.u32(0x00)
    package let ProcessorLevel = Field.u16(0x04)
    package let Processor = Field.u16(0x06)
    package let NumberProcessors = Field.u32(0x08)
    package let Thread = Field.u32(0x10)
    package let ProgramCounter = Field.u32(0x18)
    package let ExceptionRecord = Embedded<EXCEPTION_RECORD>(0x20)
    package let ControlReport = ArrayField(0xC0, count: 12, stride: 4, of: "ULONG")

    package static let layout = Self()
}
