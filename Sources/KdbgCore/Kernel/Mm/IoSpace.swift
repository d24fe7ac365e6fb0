// SPDX-License-Identifier: GPL-3.0-or-later

/// Windows on physical memory that nobody has mapped: system PTEs, filled and emptied.
extension Mm {
    /// `MmMapIoSpace(PhysicalAddressLow, PhysicalAddressHigh, NumberOfBytes, CacheType) -> address or NULL`: valid and writable; cache type 1 is cached.
    package static let mapIoSpace: Routine = .init(
        "MmMapIoSpace", ["PhysicalAddressLow", "PhysicalAddressHigh", "NumberOfBytes", "CacheType"]
    ) { f in
        let physical = f.argument(0)
        f.if(f.argument(1) != 0 || f.argument(2) == 0) { f.return(0) }
        let pages = f.local(((physical & 0xFFF) + f.argument(2) + 0xFFF) >> 12)
        let first = f.call(reserveSystemPtes, pages, PteSpace.system)
        f.if(first == 0) { f.return(0) }
        // Present, writable, accessed, dirty; not cached unless it may be.
        let bits = f.local(0x63)
        f.if(f.argument(3) != 1) { f.set(bits, 0x7B) }
        let entry = f.local(first)
        let page = f.local(physical & ~Value(0xFFF))
        f.while(pages != 0) {
            f.set(entry.dword(), page | bits)
            f.add(entry, 4)
            f.add(page, 0x1000)
            f.set(pages, pages - 1)
        }
        f.return((first << 10) + (physical & 0xFFF))
    }

    /// `MmUnmapIoSpace(BaseAddress, NumberOfBytes)`.
    package static let unmapIoSpace: Routine = .init("MmUnmapIoSpace", ["BaseAddress", "NumberOfBytes"]) { f in
        let pages = f.local(((f.argument(0) & 0xFFF) + f.argument(1) + 0xFFF) >> 12)
        let first = f.local(Value(0xC000_0000) + ((f.argument(0) >> 12) << 2))
        f.call(releaseSystemPtes, first, pages, PteSpace.system)
        f.return()
    }
}
