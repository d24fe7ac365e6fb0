// SPDX-License-Identifier: GPL-3.0-or-later

/// `CONTROL_AREA`: who uses a segment; the layout is that of Windows Server 2003. A SUBSECTION follows.
package struct CONTROL_AREA: Structure {
    package static let size: UInt32 = 0x30
    package let Segment = PointerTo<SEGMENT>(0x00)
    package let DereferenceList = Embedded<LIST_ENTRY>(0x04)
    /// Section objects.
    package let NumberOfSectionReferences = Field.u32(0x0C)
    /// Pages in memory.
    package let NumberOfPfnReferences = Field.u32(0x10)
    package let NumberOfMappedViews = Field.u32(0x14)
    package let NumberOfSystemCacheViews = Field.u32(0x18)
    package let NumberOfUserReferences = Field.u32(0x1C)
    /// See `SectionFlag`.
    package let u = Field.u32(0x20)
    package let FilePointer = PointerTo<FILE_OBJECT>(0x24)
    package let WaitingForDeletion = Field.pointer(0x28)
    package let ModifiedWriteCount = Field.u16(0x2C)
    package let FlushInProgressCount = Field.u16(0x2E)

    package static let layout = Self()
}
