// SPDX-License-Identifier: GPL-3.0-or-later

/// `GENERAL_LOOKASIDE` (spec/boot.md section 5.12).
package struct GENERAL_LOOKASIDE: Structure {
    package static let size: UInt32 = 0x48
    package let ListHead = Embedded<SINGLE_LIST_ENTRY>(0x00)
    package let SequenceAndDepth = Field.u32(0x04)
    package let Depth = Field.u16(0x08)
    package let MaximumDepth = Field.u16(0x0A)
    package let TotalAllocates = Field.u32(0x0C)
    package let TotalFrees = Field.u32(0x14)
    package let PoolType = Field.u32(0x1C)
    package let Tag = Field.u32(0x20)
    package let Size = Field.u32(0x24)
    package let Allocate = Field.pointer(0x28, to: "VOID")
    package let Free = Field.pointer(0x2C, to: "VOID")
    package let ListEntry = Embedded<LIST_ENTRY>(0x30)

    package static let layout = Self()
}
