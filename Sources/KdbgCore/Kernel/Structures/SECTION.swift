// SPDX-License-Identifier: GPL-3.0-or-later

/// `SECTION`, the body of a section object; the layout is that of Windows Server 2003.
package struct SECTION: Structure {
    package static let size: UInt32 = 0x28
    /// Where based sections lie; unused here.
    package let Address = Embedded<MMADDRESS_NODE>(0x00)
    package let Segment = PointerTo<SEGMENT>(0x14)
    /// Bytes.
    package let SizeOfSection = Embedded<LARGE_INTEGER>(0x18)
    /// See `SectionFlag`.
    package let u = Field.u32(0x20)
    /// PAGE_… of the creation: more than that no view may allow.
    package let InitialPageProtection = Field.u32(0x24)

    package static let layout = Self()
}
