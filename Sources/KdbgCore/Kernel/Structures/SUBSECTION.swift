// SPDX-License-Identifier: GPL-3.0-or-later

/// `SUBSECTION`: a piece of a segment that is backed by the same thing; the layout is that of Windows Server 2003. Sections without a file have one.
package struct SUBSECTION: Structure {
    package static let size: UInt32 = 0x20
    package let ControlArea = PointerTo<CONTROL_AREA>(0x00)
    package let u = Field.u32(0x04)
    package let StartingSector = Field.u32(0x08)
    package let NumberOfFullSectors = Field.u32(0x0C)
    package let SubsectionBase = Field.pointer(0x10, to: "MMPTE")
    package let UnusedPtes = Field.u32(0x14)
    package let PtesInSubsection = Field.u32(0x18)
    package let NextSubsection = PointerTo<SUBSECTION>(0x1C)

    package static let layout = Self()
}
