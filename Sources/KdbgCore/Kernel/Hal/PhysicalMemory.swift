// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The HAL's own window on physical memory: page-table entries of its region that nobody uses, for times when the memory manager cannot be asked (spec/boot.md section 4.1).
extension Hal {
    /// From 0xFFD00000 to below the page of shared user data.
    private static let heapStart: UInt32 = 0xFFD0_0000
    private static let heapEnd: UInt32 = 0xFFDE_0000
    /// Through the self-map: the entry of an address.
    private static func entry(_ address: UInt32) -> UInt32 { 0xC000_0000 + (address >> 12) * 4 }

    /// `HalpMapPhysicalMemory64(PhysicalAddress, NumberOfPages) -> address or NULL`: valid and writable; the address has 64 bits and is rounded down to a page.
    static let mapPhysicalMemory64: Routine = .init(
        "HalpMapPhysicalMemory64", ["PhysicalAddressLow", "PhysicalAddressHigh", "NumberOfPages"], module: .hal
    ) { f in
        let place = f.local(entry(heapStart))
        let found = f.local(0)
        f.if(f.argument(1) != 0 || f.argument(2) == 0) { f.return(0) }
        f.while(found < f.argument(2) && place < Value(entry(heapEnd))) {
            f.if(place.dword() == 0) {
                f.add(found, 1)
            } else: {
                f.set(found, 0)
            }
            f.add(place, 4)
        }
        f.if(found < f.argument(2)) { f.return(0) }
        f.set(place, place - (found << 2))
        let address = f.local(place << 10)
        let page = f.local(f.argument(0) & ~Value(0xFFF))
        f.while(found != 0) {
            f.set(place.dword(), page | 3)
            f.add(place, 4)
            f.add(page, 0x1000)
            f.set(found, found - 1)
        }
        f.return(address + (f.argument(0) & 0xFFF))
    }

    /// `HalpUnmapVirtualAddress(VirtualAddress, NumberOfPages)`: only what lies in the HAL's window.
    static let unmapVirtualAddress: Routine = .init("HalpUnmapVirtualAddress", ["VirtualAddress", "NumberOfPages"], module: .hal) { f in
        let address = f.local(f.argument(0) & ~Value(0xFFF))
        let left = f.local(f.argument(1))
        f.while(left != 0 && address >= Value(heapStart) && address < Value(heapEnd)) {
            f.set((Value(0xC000_0000) + ((address >> 12) << 2)).dword(), 0)
            f.load(address)
            f.asm { a in a.invlpg(.at(.eax)) }
            f.add(address, 0x1000)
            f.set(left, left - 1)
        }
        f.return()
    }
}
