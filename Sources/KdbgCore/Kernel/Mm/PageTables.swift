// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Page tables through the self-map at 0xC0000000, and physical pages (spec/boot.md section 4.1).
extension Mm {
    /// Virtual address of the page-table entry of a virtual address.
    static func pte(of address: Value) -> Value { ((address >> 12) << 2) + Value(0xC000_0000 as UInt32) }
    /// Virtual address of the page-directory entry of a virtual address.
    static func pde(of address: Value) -> Value { ((address >> 22) << 2) + Value(0xC030_0000 as UInt32) }

    /// One bit per physical page, set when it is in use; room for 4 GiB.
    static let pfnBitMap: Global = .init("MiPfnBitMap", size: 0x2_0000)
    /// Where the search for a free page goes on.
    static let pfnHint: Global = .init("MiPfnHint")
    package static let numberOfPhysicalPages: Global = .init("MmNumberOfPhysicalPages")
    package static let availablePages: Global = .init("MmAvailablePages")
    static let highestPhysicalPage: Global = .init("MmHighestPhysicalPage")
    static let lowestPhysicalPage: Global = .init("MmLowestPhysicalPage")

    /// `MiMarkPages(First, Count, InUse)`: sets or clears a range of the bitmap.
    static let markPages: Routine = .native("MiMarkPages", ["FirstPage", "PageCount", "InUse"], uses: PageMap.globals) { call in
        PageMap(call).mark(call.argument(0), count: call.argument(1), inUse: call.argument(2) != 0)
        return 0
    }

    /// `MiAllocatePage() -> page frame number, or 0 when there is none left`.
    static let allocatePage: Routine = .native("MiAllocatePage", uses: PageMap.globals) { call in
        PageMap(call).allocate() ?? 0
    }

    /// `MiFreePage(PageFrameNumber)`.
    static let freePage: Routine = .native("MiFreePage", ["PageFrameNumber"], uses: PageMap.globals) { call in
        PageMap(call).mark(call.argument(0), inUse: false)
        return 0
    }

    /// `MiMapPages(Address, PageCount) -> BOOLEAN`: fresh pages under virtual addresses that have none; makes page tables as needed.
    static let mapPages: Routine = .init("MiMapPages", ["Address", "PageCount"]) { f in
        let address = f.local(f.argument(0))
        let count = f.local(f.argument(1))
        f.while(count != 0) {
            f.if(f.call(ensurePageTable, address) == 0) { f.return(0) }
            let entry = f.local(pte(of: address))
            f.if((entry.dword() & 1) == 0) {
                let page = f.call(allocatePage)
                f.if(page == 0) { f.return(0) }
                f.set(entry.dword(), (page << 12) | 0x63)
            }
            f.add(address, 0x1000)
            f.set(count, count - 1)
        }
        f.return(1)
    }

    /// `MiEnsurePageTable(Address) -> BOOLEAN`: makes the page table of a virtual address, zeroed, when there is none.
    static let ensurePageTable: Routine = .init("MiEnsurePageTable", ["Address"]) { f in
        let entry = f.local(pde(of: f.argument(0)))
        f.if((entry.dword() & 1) != 0) { f.return(1) }
        let page = f.call(allocatePage)
        f.if(page == 0) { f.return(0) }
        f.set(entry.dword(), (page << 12) | 0x63)
        f.zero(pte(of: f.argument(0)) & ~Value(0xFFF), 0x1000)
        f.return(1)
    }

    /// `MiUnmapPages(Address, PageCount)`: gives the pages back.
    static let unmapPages: Routine = .init("MiUnmapPages", ["Address", "PageCount"]) { f in
        let address = f.local(f.argument(0))
        let count = f.local(f.argument(1))
        f.while(count != 0) {
            let entry = f.local(pte(of: address))
            f.if((entry.dword() & 1) != 0) {
                f.call(freePage, entry.dword() >> 12)
                f.set(entry.dword(), 0)
                f.load(address)
                f.asm { a in a.invlpg(.at(.eax)) }
            }
            f.add(address, 0x1000)
            f.set(count, count - 1)
        }
        f.return()
    }

    /// `MmAccessFault(ErrorCode, Address, Mode, TrapFrame) -> status`: nothing is paged out, so a missing page is an access violation below
    /// DISPATCH_LEVEL and STATUS_UNSUCCESSFUL above (spec/boot.md section 3.1).
    package static let accessFault: Routine = .init("MmAccessFault", ["FaultCode", "Address", "Mode", "TrapInformation"]) { f in
        f.if(Value.fs(Hal.irqlOffset, width: .byte) >= Irql.dispatch) {
            f.print("PAGE FAULT AT IRQL > 1: address %p\n", f.argument(1))
            f.return(Status.unsuccessful)
        }
        f.return(Status.accessViolation)
    }
}

/// The physical page bitmap in guest memory, as Swift services see it.
struct PageMap {
    private let machine: Machine
    private let map: UInt32
    private let hint: UInt32
    private let top: UInt32
    private let available: UInt32

    /// Pages that the map has room for.
    private static let size: UInt32 = 0x10_0000
    /// What a service must name in `uses`.
    static let globals: [any Item] = [Mm.pfnBitMap, Mm.pfnHint, Mm.availablePages, Mm.highestPhysicalPage]

    init(_ call: ServiceCall) {
        machine = call.machine
        map = call.address(of: Mm.pfnBitMap)
        hint = call.address(of: Mm.pfnHint)
        available = call.address(of: Mm.availablePages)
        top = min(machine.read32(linear: call.address(of: Mm.highestPhysicalPage)) ?? 0, Self.size - 1)
    }

    /// Sets or clears a page's bit, if the map has one for it, and keeps `MmAvailablePages` in step.
    func mark(_ page: UInt32, inUse: Bool) {
        guard page < Self.size else { return }
        let cell = map + page / 8
        let bit = UInt8(1) << UInt8(page % 8)
        let old = machine.read8(linear: cell) ?? 0
        guard (old & bit != 0) != inUse else { return }
        _ = machine.write8(linear: cell, inUse ? old | bit : old & ~bit)
        let count = machine.read32(linear: available) ?? 0
        _ = machine.write32(linear: available, inUse ? count &- 1 : count &+ 1)
        if !inUse, page < machine.read32(linear: hint) ?? 0 { _ = machine.write32(linear: hint, page) }
    }

    /// Sets or clears the bits of a range of pages, up to the end of the map.
    func mark(_ first: UInt32, count: UInt32, inUse: Bool) {
        let first = min(first, Self.size)
        let end = first + min(count, Self.size - first)
        guard end > first, var bits = machine.readBytes(linear: map + first / 8, count: Int((end + 7) / 8 - first / 8)) else { return }
        var changed: UInt32 = 0
        for index in bits.indices {
            let page = (first & ~7) + 8 * UInt32(index)
            var mask: UInt8 = 0xFF
            if page < first { mask &= 0xFF << UInt8(first - page) }
            if page + 8 > end { mask &= 0xFF >> UInt8(page + 8 - end) }
            let new = inUse ? bits[index] | mask : bits[index] & ~mask
            changed += UInt32((new ^ bits[index]).nonzeroBitCount)
            bits[index] = new
        }
        _ = machine.writeBytes(linear: map + first / 8, bits)
        let free = machine.read32(linear: available) ?? 0
        _ = machine.write32(linear: available, inUse ? free &- changed : free &+ changed)
        if !inUse, first < machine.read32(linear: hint) ?? 0 { _ = machine.write32(linear: hint, first) }
    }

    /// Puts a fresh page under a virtual address that has none, through the self-map; makes the page table when it is missing.
    func mapPage(_ address: UInt32) -> Bool {
        let directoryEntry = 0xC030_0000 + address >> 22 * 4
        let entry = 0xC000_0000 + address >> 12 * 4
        if (machine.read32(linear: directoryEntry) ?? 0) & 1 == 0 {
            guard let table = allocate() else { return false }
            _ = machine.write32(linear: directoryEntry, table << 12 | 0x63)
            _ = machine.writeBytes(linear: entry & ~0xFFF, [UInt8](repeating: 0, count: 0x1000))
        }
        if (machine.read32(linear: entry) ?? 0) & 1 == 0 {
            guard let page = allocate() else { return false }
            _ = machine.write32(linear: entry, page << 12 | 0x63)
        }
        return true
    }

    /// Takes the lowest free page; nil when there is none.
    func allocate() -> UInt32? {
        var page = machine.read32(linear: hint) ?? 0
        while page <= top {
            let bits = machine.read8(linear: map + page / 8) ?? 0xFF
            if bits == 0xFF {
                page = (page & ~7) + 8
            } else if bits & (1 << UInt8(page % 8)) != 0 {
                page += 1
            } else {
                mark(page, inUse: true)
                _ = machine.write32(linear: hint, page + 1)
                return page
            }
        }
        return nil
    }
}
