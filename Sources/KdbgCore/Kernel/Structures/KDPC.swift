// SPDX-License-Identifier: GPL-3.0-or-later

/// `KDPC` (spec/boot.md section 5.12).
package struct KDPC: Structure {
    package static let size: UInt32 = 0x20
    package let `Type` = Field.u8(0x00)
    package let Importance = Field.u8(0x01)
    package let Number = Field.u16(0x02)
    package let DpcListEntry = Embedded<LIST_ENTRY>(0x04)
    package let DeferredRoutine = Field.pointer(0x0C, to: "VOID")
    package let DeferredContext = Field.pointer(0x10, to: "VOID")
    package let SystemArgument1 = Field.pointer(0x14, to: "VOID")
    package let SystemArgument2 = Field.pointer(0x18, to: "VOID")
    package let DpcData = Field.pointer(0x1C, to: "VOID")

    package static let layout = Self()
}
