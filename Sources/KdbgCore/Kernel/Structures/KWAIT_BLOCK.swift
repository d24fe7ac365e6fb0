// SPDX-License-Identifier: GPL-3.0-or-later

/// `KWAIT_BLOCK` (spec/boot.md section 5.12).
package struct KWAIT_BLOCK: Structure {
    package static let size: UInt32 = 0x18
    package let WaitListEntry = Embedded<LIST_ENTRY>(0x00)
    package let Thread = PointerTo<KTHREAD>(0x08)
    package let Object = Field.pointer(0x0C, to: "VOID")
    package let NextWaitBlock = PointerTo<KWAIT_BLOCK>(0x10)
    package let WaitKey = Field.u16(0x14)
    package let WaitType = Field.u8(0x16)

    package static let layout = Self()
}
