// SPDX-License-Identifier: GPL-3.0-or-later

/// `MMPFN` (0x24 bytes, spec/boot.md section 5.20): what is known of a physical page. Members that unions share have the union's name.
package struct MMPFN: Structure {
    package static let size: UInt32 = 0x24
    /// On a list: number of the next page. 0xFFFFFFFF ends it.
    package let u1 = Field.u32(0x00)
    /// The page-table entry that maps the page; bit 0 is set when the page is free as soon as nobody uses it.
    package let PteAddress = Field.pointer(0x04, to: "MMPTE")
    /// On a list: number of the previous page. In use: entries that map it and, for a page table, entries in it.
    package let u2 = Field.u32(0x08)
    package let ReferenceCount = Field.u16(0x0C)
    /// MMPFNENTRY, see `PfnEntry`.
    package let e1 = Field.u16(0x0E)
    /// In use: what the entry holds when the page is taken away. On a list: number of the next page of its colour.
    package let OriginalPte = Field.u32(0x10)
    /// Bits 0 to 24, PteFrame: number of the page that holds the entry. On a list: number of the previous page of its colour.
    package let u4 = Field.u32(0x14)
    package let Wsle = Field.u32(0x18)
    package let NextLRU = PointerTo<MMPFN>(0x1C)
    package let PreviousLRU = PointerTo<MMPFN>(0x20)

    package static let layout = Self()
}

/// Bits of MMPFN.e1.
package enum PfnEntry {
    package static let modified: UInt32 = 0x0001
    /// First page of an allocation of nonpaged pool, while the page is in use. On disk transfers NT calls the bit ReadInProgress.
    package static let startOfAllocation: UInt32 = 0x0002
    /// Last page of one.
    package static let endOfAllocation: UInt32 = 0x0004
    /// Where a page is: bits 8 to 10.
    package static let locationMask: UInt32 = 0x0700
    /// How its mapping is cached: bits 12 and 13.
    package static let cached: UInt32 = 0x1000
    package static let notMapped: UInt32 = 0x3000
    package static let rom: UInt32 = 0x4000

    /// Values of PageLocation; the first six are lists.
    package enum Location: UInt32, CaseIterable, Sendable {
        case zeroed, free, standby, modified, modifiedNoWrite, bad, active, transition

        /// In its place in e1.
        package var bits: UInt32 { rawValue << 8 }
    }
}
