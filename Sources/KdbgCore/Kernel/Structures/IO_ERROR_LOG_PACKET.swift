// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_ERROR_LOG_PACKET` (what a driver fills in for the event log).
package struct IO_ERROR_LOG_PACKET: Structure {
    package static let size: UInt32 = 0x30
    package let MajorFunctionCode = Field.u8(0x00)
    package let RetryCount = Field.u8(0x01)
    package let DumpDataSize = Field.u16(0x02)
    package let NumberOfStrings = Field.u16(0x04)
    package let StringOffset = Field.u16(0x06)
    package let EventCategory = Field.u16(0x08)
    package let ErrorCode = Field.u32(0x0C)
    package let UniqueErrorValue = Field.u32(0x10)
    package let FinalStatus = Field.u32(0x14)
    package let SequenceNumber = Field.u32(0x18)
    package let IoControlCode = Field.u32(0x1C)
    package let DeviceOffset = Embedded<LARGE_INTEGER>(0x20)
    package let DumpData = Field.u32(0x28)

    package static let layout = Self()
}
