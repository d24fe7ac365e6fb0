// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What is left of memory management when the executive is up (spec/boot.md section 1.8).
extension Mm {
    /// `MmInitSystem(Phase) -> BOOLEAN`.
    static let initSystem: Routine = .init(
        "MmInitSystem", ["Phase"], section: .initialization,
        step: .init(
            "1.8 #16", "Memory manager, phase 1",
            """
            The map of kernel memory goes to the debug log, twelve lines, and becomes the areas in which a page fault is the memory manager's own mistake. The \
            object type Section comes into being, with \\Device\\PhysicalMemory as its first object, and the six events of \\KernelObjects that say whether \
            memory and pools are scarce or plentiful. The balancer and the balance-set manager get their threads. Code and constants of the loaded images \
            become read-only.
            """
        )
    ) { f in
        for area in areas {
            f.print("(ntoskrnl/mm/mminit.c:131)           0x%p - 0x%p\t%s\n", area.start, area.end, f.text(area.name))
            f.call(addSystemArea, area.start, area.end)
        }
        f.if(f.call(sectionInitialization) == 0) { f.return(0) }
        f.call(createSharedUserDataPte)
        f.if(f.call(initBalancerThread).isError) { f.return(0) }
        f.if(f.call(initializeMemoryEvents) == 0) { f.return(0) }
        f.if(f.call(initBalanceSetManager).isError) { f.return(0) }
        f.forEach(in: loadedModuleList.value) { entry in
            f.call(writeProtectSystemImage, entry.as(LDR_DATA_TABLE_ENTRY.self).DllBase)
        }
        f.return(1)
    }

    /// The entry by which processes see shared user data, in paged pool.
    static let sharedUserDataPte: Global = .init("MmSharedUserDataPte")

    /// `MiCreateSharedUserDataPte()`: user mode may read the page, no more. Without pool for four bytes BC 0x7D.
    private static let createSharedUserDataPte: Routine = .init("MiCreateSharedUserDataPte", section: .initialization) { f in
        let entry = f.call(Ex.allocatePoolWithTag, 1, 4, Value.tag("MmPt"))
        f.if(entry == 0) {
            f.call(Ke.bugCheckEx, 0x7D, numberOfPhysicalPages.dword, lowestPhysicalPage.dword, highestPhysicalPage.dword, 0x101)
        }
        f.set(entry.dword(), (pte(of: 0xFFDF_0000 as Value).dword() & ~Value(0xFFF)) | 0x25)
        f.set(sharedUserDataPte.dword, entry)
        f.return()
    }

    /// Set while the zero-page thread has something to do, or does not exist.
    static let zeroingPageThreadActive: Global = .init("MmZeroingPageThreadActive")
    static let zeroingPageEvent: GlobalStructure<KEVENT> = .init("MmZeroingPageEvent")
    /// How many zeroed pages the thread keeps ready. NT's clears all there are; here that would make the host find memory for all of the RAM.
    static let zeroedPagesWanted: Value = 64

    /// `MmZeroPageThread()`: the phase-1 thread at priority 0, for ever.
    package static let zeroPageThread: Routine = .init(
        "MmZeroPageThread",
        step: .init(
            "1.8 #39", "Zero-page thread",
            "The thread that brought the system up gives back the code that only start-up needed, drops to priority 0, lets everybody else run, and then clears free pages for ever."
        )
    ) { f in
        f.call(freeBootInitialization)
        f.set(Ke.prcb.CurrentThread.BasePriority, 0)
        f.call(Ke.setPriorityThread, Ke.prcb.CurrentThread, 0)
        f.call(zeroFreePages)
        f.return()
    }

    /// `MiZeroFreePages()`: clears free pages until enough are ready, then waits until there are fewer. Reached only when no other thread has
    /// anything to do.
    static let zeroFreePages: Routine = .init("MiZeroFreePages") { f in
        f.loop {
            f.while(freePageList.Total != 0 && zeroedPageList.Total < zeroedPagesWanted) {
                let irql = f.call(Hal.raiseIrqlToDpcLevel)
                let page = f.local(freePageList.Flink)
                f.call(unlinkFreeOrZeroedPage, pfn(page))
                f.call(Hal.lowerIrql, irql)
                f.call(zeroPhysicalPage, page)
                f.call(Hal.raiseIrqlToDpcLevel)
                f.call(insertPageInList, zeroedPageList, page)
                f.call(Hal.lowerIrql, irql)
            }
            f.set(zeroingPageThreadActive.byte, 0)
            f.call(Ke.waitForSingleObject, zeroingPageEvent, 0, 0, 0, 0)
        }
    }
}
