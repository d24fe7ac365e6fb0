// SPDX-License-Identifier: GPL-3.0-or-later

/// `SEGMENT`: the pages behind a section; the layout is that of Windows Server 2003. The prototype PTEs follow at `ThePtes`.
package struct SEGMENT: Structure {
    package static let size: UInt32 = 0x40
    package let ControlArea = PointerTo<CONTROL_AREA>(0x00)
    package let TotalNumberOfPtes = Field.u32(0x04)
    package let NonExtendedPtes = Field.u32(0x08)
    /// Bytes.
    package let SizeOfSegment = Embedded<LARGE_INTEGER>(0x10)
    package let SegmentPteTemplate = Field.u32(0x18)
    package let NumberOfCommittedPages = Field.u32(0x1C)
    package let ExtendInfo = Field.pointer(0x20)
    package let SegmentFlags = Field.u32(0x24)
    package let BasedAddress = Field.pointer(0x28)
    /// Of a section without a file: who made it.
    package let u1 = PointerTo<EPROCESS>(0x2C)
    /// Of a section without a file: where it was mapped first.
    package let u2 = Field.pointer(0x30)
    package let PrototypePte = Field.pointer(0x34, to: "MMPTE")
    package let ThePtes = Field.u32(0x38)

    package static let layout = Self()
}
