// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Pages in use. The share count (MMPFN.u2) is the number of entries that map the page, and for a page table also of the entries in it; all of them
/// together are one reference. Every lock is one more (spec/boot.md section 4.1).
extension Mm {
    /// What entries of pages the system uses hold apart from the page's number: valid, writable, accessed, dirty.
    static let validKernelPte: Value = 0x63
    /// The software form of the same protection, kept in MMPFN.OriginalPte.
    private static let demandZeroPte: Value = 0x80

    /// `MiInitializePfn(PageFrameIndex, Pte*, Modified)`: the page is about to be mapped by an entry, whose page table gets a share.
    static let initializePfn: Routine = .init("MiInitializePfn", ["PageFrameIndex", "PointerPte", "Modified"]) { f in
        let entry = f.local(pfn(f.argument(0)))
        f.set(entry.u1, 0)
        f.set(entry.PteAddress, f.argument(1))
        f.set(entry.u2, 1)
        f.set(entry.ReferenceCount, 1)
        f.set(entry.e1, f.argument(2) | Value(PfnEntry.Location.active.bits | PfnEntry.cached))
        f.set(entry.OriginalPte, demandZeroPte)
        let table = f.local(pte(of: f.argument(1)).dword() >> 12)
        f.set(entry.u4, table)
        f.add(pfn(table).u2, 1)
        f.return()
    }

    /// `MiDecrementShareCount(Pfn*, PageFrameIndex)`: the last share gives up the reference; without one the page is free.
    static let decrementShareCount: Routine = .init("MiDecrementShareCount", ["Pfn", "PageFrameIndex"]) { f in
        let entry = f.argument(0, MMPFN.self)
        f.if(entry.u2 == 0) { f.call(Ke.bugCheckEx, 0x4E, 0x99, f.argument(1), (entry.e1 >> 8) & 7, 0) }
        f.set(entry.u2, entry.u2 - 1)
        f.if(entry.u2 == 0) {
            f.set(entry.e1, (entry.e1 & ~Value(PfnEntry.locationMask)) | Value(PfnEntry.Location.transition.bits))
            f.call(decrementReferenceCount, entry, f.argument(1))
        }
        f.return()
    }

    /// `MiDecrementReferenceCount(Pfn*, PageFrameIndex)`: the last reference of a page without shares makes it free. Nothing is paged out, so what
    /// it held is gone.
    static let decrementReferenceCount: Routine = .init("MiDecrementReferenceCount", ["Pfn", "PageFrameIndex"]) { f in
        let entry = f.argument(0, MMPFN.self)
        f.if(entry.ReferenceCount == 0) { f.call(Ke.bugCheckEx, 0x4E, 7, f.argument(1), entry.u2, 0) }
        f.set(entry.ReferenceCount, entry.ReferenceCount - 1)
        f.if(entry.ReferenceCount == 0 && entry.u2 == 0) {
            f.set(entry.PteAddress, 0)
            f.call(insertPageInFreeList, f.argument(1))
        }
        f.return()
    }

    /// `MiDeleteSystemPageableVm(Pte*, PageCount, Flags, ValidPages*) -> pages that were mapped`: unmaps what entries map and frees it where nobody
    /// else uses it. `ValidPages` may be NULL.
    package static let deleteSystemPageableVm: Routine = .init(
        "MiDeleteSystemPageableVm", ["PointerPte", "PageCount", "Flags", "ValidPages"]
    ) { f in
        let entry = f.local(f.argument(0))
        let left = f.local(f.argument(1))
        let valid = f.local(0)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.while(left != 0) {
            f.if((entry.dword() & 1) != 0) {
                let page = f.local(entry.dword() >> 12)
                f.set(entry.dword(), 0)
                f.flushTranslation(of: entry << 10)
                f.call(deletePage, page, entry)
                f.add(valid, 1)
            }
            f.add(entry, 4)
            f.set(left, left - 1)
        }
        f.call(Hal.lowerIrql, irql)
        f.if(f.argument(3) != 0) { f.set(f.argument(3).dword(), valid) }
        f.return(valid)
    }

    /// `MiDeletePage(PageFrameIndex, Pte*)`: an entry that mapped the page does so no more. Memory that nobody counts, such as a device's, has no shares.
    static let deletePage: Routine = .init("MiDeletePage", ["PageFrameIndex", "PointerPte"]) { f in
        let table = f.local(pte(of: f.argument(1)).dword() >> 12)
        f.call(decrementShareCount, pfn(table), table)
        f.if(f.argument(0) > highestPhysicalPage.dword) { f.return() }
        let entry = f.local(pfn(f.argument(0)))
        f.if(entry.ReferenceCount == 0) { f.return() }
        f.if((entry.PteAddress & ~Value(1)) == f.argument(1)) { f.set(entry.PteAddress, entry.PteAddress | 1) }
        f.call(decrementShareCount, entry, f.argument(0))
        f.return()
    }

    /// `MiMoveMapping(OldPte*, NewPte*)`: the page that one valid entry maps is from now on mapped by another, which must be empty. Its translations
    /// are the caller's business.
    package static let moveMapping: Routine = .init("MiMoveMapping", ["OldPte", "NewPte"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let entry = f.local(pfn(f.argument(0).dword() >> 12))
        let oldTable = f.local(pte(of: f.argument(0)).dword() >> 12)
        let newTable = f.local(pte(of: f.argument(1)).dword() >> 12)
        f.set(f.argument(1).dword(), f.argument(0).dword())
        f.set(f.argument(0).dword(), 0)
        f.set(entry.PteAddress, f.argument(1))
        f.set(entry.u4, newTable)
        f.add(pfn(newTable).u2, 1)
        f.call(decrementShareCount, pfn(oldTable), oldTable)
        f.call(Hal.lowerIrql, irql)
        f.return()
    }
}
