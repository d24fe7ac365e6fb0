// SPDX-License-Identifier: GPL-3.0-or-later

/// `GENERAL_LOOKASIDE` (spec/boot.md section 5.12).
package struct GENERAL_LOOKASIDE: Structure {
    package static let size: UInt32 = 0x48
    package let ListHead = Embedded<SINGLE_LIST_ENTRY>(0x00)
    /// SLIST_HEADER.Depth: how many blocks the list holds now.
    package let ListDepth = Field.u16(0x04)
    package let Sequence = Field.u16(0x06)
    package let Depth = Field.u16(0x08)
    package let MaximumDepth = Field.u16(0x0A)
    package let TotalAllocates = Field.u32(0x0C)
    package let AllocateMisses = Field.u32(0x10)
    package let TotalFrees = Field.u32(0x14)
    package let FreeMisses = Field.u32(0x18)
    package let PoolType = Field.u32(0x1C)
    package let Tag = Field.u32(0x20)
    package let Size = Field.u32(0x24)
    package let Allocate = Field.pointer(0x28, to: "VOID")
    package let Free = Field.pointer(0x2C, to: "VOID")
    package let ListEntry = Embedded<LIST_ENTRY>(0x30)
    package let LastTotalAllocates = Field.u32(0x38)
    package let LastAllocateMisses = Field.u32(0x3C)

    package static let layout = Self()
}
