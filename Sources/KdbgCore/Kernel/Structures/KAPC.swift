// SPDX-License-Identifier: GPL-3.0-or-later

/// `KAPC` (spec/boot.md section 5.12).
package struct KAPC: Structure {
    package static let size: UInt32 = 0x30
    package let `Type` = Field.u8(0x00)
    package let Size = Field.u8(0x02)
    package let Thread = PointerTo<KTHREAD>(0x08)
    package let ApcListEntry = Embedded<LIST_ENTRY>(0x0C)
    package let KernelRoutine = Field.pointer(0x14, to: "VOID")
    package let RundownRoutine = Field.pointer(0x18, to: "VOID")
    package let NormalRoutine = Field.pointer(0x1C, to: "VOID")
    package let NormalContext = Field.pointer(0x20, to: "VOID")
    package let SystemArgument1 = Field.pointer(0x24, to: "VOID")
    package let SystemArgument2 = Field.pointer(0x28, to: "VOID")
    package let ApcStateIndex = Field.u8(0x2C)
    package let ApcMode = Field.u8(0x2D)
    package let Inserted = Field.u8(0x2E)

    package static let layout = Self()
}
