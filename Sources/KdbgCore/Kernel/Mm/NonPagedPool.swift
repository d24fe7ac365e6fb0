// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Pages of nonpaged pool (spec/boot.md section 4.1): the initial pool, whose free pages form runs that describe themselves, and beyond it the
/// expansion, which gets pages as they are needed. The PFN entry of an allocation's first page and that of its last are marked.
extension Mm {
    /// Lists of runs of one, two, three, and more pages.
    static let nonPagedPoolFreeListHead: Global = .init("MmNonPagedPoolFreeListHead", size: 4 * LIST_ENTRY.size)
    private static let signature: Value = .tag("FreP")
    /// Pages of nonpaged pool in use.
    package static let allocatedNonPagedPool: Global = .init("MmAllocatedNonPagedPool")
    /// Pages of the expansion in use, and those it has in all.
    package static let expansionPagesInUse: Global = .init("MiNonPagedPoolExpansionPagesInUse")
    package static let expansionPages: Global = .init("MiNonPagedPoolExpansionPages")

    private static func listHead(of pages: Value) -> Value { nonPagedPoolFreeListHead.value + (pages << 3) }

    /// `MiInitializeNonPagedPool()`: one run with all pages of the initial pool; entries for the expansion.
    static let initializeNonPagedPool: Routine = .init("MiInitializeNonPagedPool", section: .initialization) { f in
        for index in 0..<UInt32(4) { f.initializeListHead(listHead(of: Value(index))) }
        f.call(insertFreePoolRun, nonPagedPoolStart.dword, sizeOfNonPagedPool.dword >> 12)
        f.set(expansionPages.dword, (nonPagedPoolEnd.dword - nonPagedPoolExpansionStart.dword) >> 12)
        f.call(
            initializeSystemPtes, pte(of: nonPagedPoolExpansionStart.dword), expansionPages.dword, PteSpace.nonPagedPoolExpansion)
        f.return()
    }

    /// `MiInsertFreePoolRun(Address, PageCount)`: makes pages a free run; its last page points to its first.
    static let insertFreePoolRun: Routine = .init("MiInsertFreePoolRun", ["Address", "PageCount"]) { f in
        let run = f.argument(0, MMFREE_POOL_ENTRY.self)
        f.set(run.Size, f.argument(1))
        f.set(run.Signature, signature)
        let last = f.local(run.value + ((f.argument(1) - 1) << 12)).as(MMFREE_POOL_ENTRY.self)
        f.set(last.address(of: \.Owner).dword(), run)
        let index = f.local(f.argument(1) - 1)
        f.if(index > 3) { f.set(index, 3) }
        f.insertTailList(listHead(of: index), run.value)
        f.return()
    }

    /// `MiRemoveFreePoolRun(Run*)`. A run that does not look like one: BC 0x19(3).
    static let removeFreePoolRun: Routine = .init("MiRemoveFreePoolRun", ["Run"]) { f in
        let run = f.argument(0, MMFREE_POOL_ENTRY.self)
        f.if(run.Signature != signature || run.List.Flink.Blink.value != run.value || run.List.Blink.Flink.value != run.value) {
            f.call(Ke.bugCheckEx, 0x19, 3, run, run.List.Flink, run.List.Blink)
        }
        f.removeEntryList(run.value)
        f.return()
    }

    /// `MiAllocateNonPagedPoolPages(PageCount) -> address, or NULL`.
    static let allocateNonPagedPoolPages: Routine = .init("MiAllocateNonPagedPoolPages", ["PageCount"]) { f in
        let count = f.argument(0)
        let address = f.local(0)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let index = f.local(count - 1)
        f.if(index > 3) { f.set(index, 3) }
        f.while(index < 4 && address == 0) {
            f.forEach(in: listHead(of: index)) { element in
                let run = element.as(MMFREE_POOL_ENTRY.self)
                f.if(address == 0 && run.Size >= count) {
                    f.call(removeFreePoolRun, run)
                    let left = f.local(run.Size - count)
                    // The upper end is taken, so that the run's beginning need not move.
                    f.set(address, element + (left << 12))
                    f.if(left != 0) { f.call(insertFreePoolRun, run, left) }
                }
            }
            f.add(index, 1)
        }
        f.if(address == 0) { f.set(address, f.call(expandNonPagedPool, count)) }
        f.if(address != 0) {
            let first = f.local(pfn(pte(of: address).dword() >> 12))
            f.set(first.e1, first.e1 | Value(PfnEntry.startOfAllocation))
            let last = f.local(pfn(pte(of: address + ((count - 1) << 12)).dword() >> 12))
            f.set(last.e1, last.e1 | Value(PfnEntry.endOfAllocation))
            f.add(allocatedNonPagedPool.dword, count)
            f.call(notifyPoolEvents)
        }
        f.call(Hal.lowerIrql, irql)
        f.return(address)
    }

    /// `MiExpandNonPagedPool(PageCount) -> address, or NULL`: fresh pages behind entries of the expansion.
    static let expandNonPagedPool: Routine = .init("MiExpandNonPagedPool", ["PageCount"]) { f in
        let count = f.argument(0)
        f.if(count > availablePages.dword) { f.return(0) }
        let entry = f.call(reserveSystemPtes, count, PteSpace.nonPagedPoolExpansion)
        f.if(entry == 0) { f.return(0) }
        f.if(f.call(mapPages, entry << 10, count) == 0) {
            f.call(unmapPages, entry << 10, count)
            f.call(releaseSystemPtes, entry, count, PteSpace.nonPagedPoolExpansion)
            f.return(0)
        }
        f.add(expansionPagesInUse.dword, count)
        f.return(entry << 10)
    }

    /// `MiFreeNonPagedPoolPages(Address) -> pages`: BC 0xC2(0x41, address, page, highest page) for what begins no allocation.
    static let freeNonPagedPoolPages: Routine = .init("MiFreeNonPagedPoolPages", ["Address"]) { f in
        let address = f.argument(0)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let page = f.local(pte(of: address).dword())
        f.if((page & 1) == 0) { f.call(Ke.bugCheckEx, 0xC2, 0x44, address, 0, 0) }
        f.set(page, page >> 12)
        let first = f.local(pfn(page))
        f.if((first.e1 & Value(PfnEntry.startOfAllocation)) == 0) {
            f.call(Ke.bugCheckEx, 0xC2, 0x41, address, page, highestPhysicalPage.dword)
        }
        f.set(first.e1, first.e1 & ~Value(PfnEntry.startOfAllocation))
        let count = f.local(1)
        let last = f.local(first)
        f.while((last.e1 & Value(PfnEntry.endOfAllocation)) == 0) {
            f.set(last.value, pfn(pte(of: address + (count << 12)).dword() >> 12))
            f.add(count, 1)
        }
        f.set(last.e1, last.e1 & ~Value(PfnEntry.endOfAllocation))
        f.set(allocatedNonPagedPool.dword, allocatedNonPagedPool.dword - count)
        f.call(notifyPoolEvents)
        f.if(address >= nonPagedPoolExpansionStart.dword) {
            f.call(unmapPages, address, count)
            f.call(releaseSystemPtes, pte(of: address), count, PteSpace.nonPagedPoolExpansion)
            f.set(expansionPagesInUse.dword, expansionPagesInUse.dword - count)
        } else: {
            f.call(joinFreePoolRuns, address, count)
        }
        f.call(Hal.lowerIrql, irql)
        f.return(count)
    }

    /// `MiIsFreePoolPage(Address, Mark) -> BOOLEAN`: whether a page of the initial pool is free, looking at the end that `Mark` names: a used page on
    /// this side of an allocation's boundary has that mark.
    private static let isFreePoolPage: Routine = .init("MiIsFreePoolPage", ["Address", "Mark"]) { f in
        f.if(f.argument(0) < nonPagedPoolStart.dword) { f.return(0) }
        f.if(f.argument(0) >= nonPagedPoolStart.dword + sizeOfNonPagedPool.dword) { f.return(0) }
        f.return((pfn(pte(of: f.argument(0)).dword() >> 12).e1 & f.argument(1)) == 0)
    }

    /// `MiJoinFreePoolRuns(Address, PageCount)`: makes pages free, as one run with free ones on both sides.
    private static let joinFreePoolRuns: Routine = .init("MiJoinFreePoolRuns", ["Address", "PageCount"]) { f in
        let address = f.local(f.argument(0))
        let count = f.local(f.argument(1))
        let next = f.local(address + (count << 12))
        f.if(f.call(isFreePoolPage, next, PfnEntry.startOfAllocation) != 0) {
            f.call(removeFreePoolRun, next)
            f.add(count, next.as(MMFREE_POOL_ENTRY.self).Size)
        }
        f.if(f.call(isFreePoolPage, address - 0x1000, PfnEntry.endOfAllocation) != 0) {
            let run = f.local((address - 0x1000).as(MMFREE_POOL_ENTRY.self).Owner)
            f.call(removeFreePoolRun, run)
            f.add(count, run.Size)
            f.set(address, run)
        }
        f.call(insertFreePoolRun, address, count)
        f.return()
    }
}
