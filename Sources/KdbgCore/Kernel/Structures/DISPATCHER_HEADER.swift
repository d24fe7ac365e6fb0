// SPDX-License-Identifier: GPL-3.0-or-later

/// `DISPATCHER_HEADER` (spec/boot.md section 5.12).
package struct DISPATCHER_HEADER: Structure {
    package static let size: UInt32 = 0x10
    package let `Type` = Field.u8(0x00)
    package let Lock = Field.i32(0x00)
    package let Abandoned = Field.u8(0x01)
    package let NpxIrql = Field.u8(0x01)
    package let Signalling = Field.u8(0x01)
    package let Size = Field.u8(0x02)
    package let Hand = Field.u8(0x02)
    package let Inserted = Field.u8(0x03)
    package let DpcActive = Field.u8(0x03)
    package let SignalState = Field.i32(0x04)
    package let WaitListHead = Embedded<LIST_ENTRY>(0x08)

    package static let layout = Self()
}
