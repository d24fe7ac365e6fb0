// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Page tables through the self-map at 0xC0000000 (spec/boot.md section 4.1): the directory's entry 0x300 maps the directory itself.
extension Mm {
    /// Virtual address of the page-table entry of a virtual address.
    static func pte(of address: Value) -> Value { ((address >> 12) << 2) + Value(0xC000_0000 as UInt32) }
    /// Virtual address of the page-directory entry of a virtual address.
    static func pde(of address: Value) -> Value { ((address >> 22) << 2) + Value(0xC030_0000 as UInt32) }

    /// Whether there is a page at a virtual address.
    static func isMapped(_ address: Value) -> Value { (pde(of: address).dword() & 1) != 0 && (pte(of: address).dword() & 1) != 0 }

    /// `MiMapPages(Address, PageCount) -> BOOLEAN`: fresh pages under virtual addresses that have none; makes page tables as needed. What they hold
    /// is undefined. When there are not enough, those that there were stay.
    static let mapPages: Routine = .init("MiMapPages", ["Address", "PageCount"]) { f in
        let address = f.local(f.argument(0))
        let count = f.local(f.argument(1))
        f.while(count != 0) {
            f.if(f.call(ensurePageTable, address) == 0) { f.return(0) }
            let entry = f.local(pte(of: address))
            f.if((entry.dword() & 1) == 0) {
                let irql = f.call(Hal.raiseIrqlToDpcLevel)
                f.add(systemPageColor.dword, 1)
                let page = f.call(removeAnyPage, systemPageColor.dword)
                f.if(page != 0) {
                    f.call(initializePfn, page, entry, 1)
                    f.set(entry.dword(), (page << 12) | validKernelPte)
                }
                f.call(Hal.lowerIrql, irql)
                f.if(page == 0) { f.return(0) }
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
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.add(systemPageColor.dword, 1)
        let page = f.call(removeZeroPage, systemPageColor.dword)
        f.if(page != 0) {
            f.call(initializePfn, page, entry, 1)
            f.set(entry.dword(), (page << 12) | validKernelPte)
            f.flushTranslation(of: entry << 10)
        }
        f.call(Hal.lowerIrql, irql)
        f.return(page != 0)
    }

    /// `MiUnmapPages(Address, PageCount)`: gives the pages back.
    static let unmapPages: Routine = .init("MiUnmapPages", ["Address", "PageCount"]) { f in
        f.call(deleteSystemPageableVm, pte(of: f.argument(0)), f.argument(1), 0, 0)
        f.return()
    }
}
