// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Phase 0 of memory management (spec/boot.md section 1.6.2).
extension Mm {
    package static let loadedModuleList: GlobalStructure<LIST_ENTRY> = Global.listHead("PsLoadedModuleList")
    static let loadedUserImageList: GlobalStructure<LIST_ENTRY> = Global.listHead("MmLoadedUserImageList")

    /// `MmArmInitSystem(Phase, LoaderBlock) -> BOOLEAN`. Phases 1 and 2 have nothing to do.
    static let armInitSystem: Routine = .init(
        "MmArmInitSystem", ["Phase", "LoaderBlock"], section: .initialization,
        step: .init(
            "1.6 #13", "Memory manager, phase 0",
            "From the loader's list of memory to pools: which pages are free, the PFN database, nonpaged pool, system PTEs, paged pool, and the kernel's own list of loaded modules. From here on memory can be allocated."
        )
    ) { f in
        f.if(f.argument(0) != 0) { f.return(1) }
        f.call(scanMemoryDescriptors, f.argument(1))
        f.call(setUserBoundary, f.argument(1))
        f.call(setSessionLayout)
        f.call(initializeLists)
        f.call(countSystemPtes)
        f.call(initMachineDependent, f.argument(1))
        f.call(describePhysicalMemory, f.argument(1))
        f.call(reloadBootLoadedDrivers, f.argument(1))
        f.call(sizeMemory)
        f.call(initializePools)
        f.call(initializeLoadedModuleList, f.argument(1))
        f.return(1)
    }

    static let scanMemoryDescriptors: Routine = .init(
        "MiScanMemoryDescriptors", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.6.2 #1", "Count physical pages",
            "The loader's descriptors say what memory there is: how many pages, the lowest and the highest, how many are free. The longest run of free ones is where the first pages will be taken from."
        )
    ) { f in
        f.set(lowestPhysicalPage.dword, 0xFFFF_FFFF as Value)
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value) { entry in
            let descriptor = f.local(entry).as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            f.if(isInvisible(descriptor.MemoryType) || descriptor.PageCount == 0) { f.continue() }
            f.if(descriptor.MemoryType != 3) { f.add(numberOfPhysicalPages.dword, descriptor.PageCount) }
            f.if(descriptor.BasePage < lowestPhysicalPage.dword) { f.set(lowestPhysicalPage.dword, descriptor.BasePage) }
            let last = f.local(descriptor.BasePage + descriptor.PageCount - 1)
            f.if(last > highestPhysicalPage.dword) { f.set(highestPhysicalPage.dword, last) }
            f.if(isFree(descriptor.MemoryType)) {
                f.add(numberOfFreePages.dword, descriptor.PageCount)
                f.if(freeDescriptor.dword == 0 || descriptor.PageCount > oldFreeDescriptor.PageCount) {
                    f.set(freeDescriptor.dword, descriptor)
                    f.copy(to: oldFreeDescriptor, from: descriptor, MEMORY_ALLOCATION_DESCRIPTOR.size)
                }
            }
        }
        f.set(Ke.sharedUserData.NumberOfPhysicalPages, numberOfPhysicalPages.dword)
        f.return()
    }

    static let systemLoadLock: GlobalStructure<KEVENT> = .init("MmSystemLoadLock")

    static let initializeLists: Routine = .bootStep(
        "1.6.2 #4", "MiInitializeLists", [], "Lists and locks",
        "MmLoadedUserImageList becomes an empty list, the lock of image loading free, and the event of the zero-page thread is made."
    ) { f in
        f.initializeListHead(loadedUserImageList.value)
        f.call(Ke.initializeEvent, systemLoadLock, 1, 1)
        f.call(Ke.initializeEvent, zeroingPageEvent, 1, 0)
        // Nobody waits for it before start-up is over.
        f.set(zeroingPageThreadActive.byte, 1)
        f.return()
    }

    static let initMachineDependent: Routine = .init(
        "MiInitMachineDependent", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.6.2 #6", "Page tables, PFN database, nonpaged pool",
            "The user half of the page directory is cleared: address 0 is unmapped from now on, which is why a NULL object type faults. Then the sizes of nonpaged pool and system PTE space are computed, and PFN database, nonpaged pool, system PTEs and hyperspace get their page tables."
        )
    ) { f in
        let directory = f.local(pte(of: pdeBase.value).dword() & ~Value(0xFFF))
        f.set(Ke.initialProcess.Pcb.address(of: \.DirectoryTableBase).dword(), directory)
        f.zero(Value(pdeBase), 0x800)
        f.flushTranslations()
        f.call(computeNonPagedPoolVa, numberOfFreePages.dword)
        f.call(unmapFreeBootPages, f.argument(0))
        f.call(mapEarlyPageTables, nonPagedSystemStart.dword, nonPagedPoolEnd.dword)
        f.call(mapEarlyPageTables, pfnDatabase.dword, nonPagedPoolStart.dword + sizeOfNonPagedPool.dword)
        f.call(mapEarlyPages, pfnDatabase.dword, pfnAllocation.dword)
        f.zero(pfnDatabase.dword, pfnAllocation.dword << 12)
        f.call(mapEarlyPages, nonPagedPoolStart.dword, sizeOfNonPagedPool.dword >> 12)
        f.call(initializeColorTables)
        f.call(buildPfnDatabase, f.argument(0))
        f.call(initializeNonPagedPool)
        // Pool is needed from here on by the steps that follow.
        f.call(Ex.initializePool, 0)
        f.call(initializeSystemPtes, pte(of: nonPagedSystemStart.dword), numberOfSystemPtes.dword, PteSpace.system)
        f.call(initializeHyperSpace)
        f.return(0)
    }

    /// A PHYSICAL_MEMORY_DESCRIPTOR in pool.
    static let physicalMemoryBlock: Global = .init("MmPhysicalMemoryBlock")
    /// A bit per physical page, set for those that are memory.
    static let pfnBitMap: GlobalStructure<RTL_BITMAP> = .init("MiPfnBitMap")

    static let describePhysicalMemory: Routine = .bootStep(
        "1.6.2 #7", "MmInitializeMemoryLimits", ["LoaderBlock"], "Physical memory block",
        "Adjacent descriptors of usable memory become runs, as drivers and dumps want to see them, and a bitmap says which pages are memory. Without pool for both it is bugcheck 0x7D."
    ) { f in
        let count = f.local(0)
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value) { _ in f.add(count, 1) }
        let size = f.local(((highestPhysicalPage.dword + 32) >> 5) << 2)
        f.set(physicalMemoryBlock.dword, f.call(Ex.allocatePoolWithTag, 0, (count << 3) + 8, Value.tag("lMmM")))
        let bits = f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("Mm  "))
        f.if(physicalMemoryBlock.dword == 0 || bits == 0) {
            f.call(
                Ke.bugCheckEx, 0x7D, numberOfPhysicalPages.dword, lowestPhysicalPage.dword, highestPhysicalPage.dword, 0x101)
        }
        f.zero(bits, size)
        f.call(Rtl.initializeBitMap, pfnBitMap, bits, highestPhysicalPage.dword + 1)
        let block = f.local(physicalMemoryBlock.dword).as(PHYSICAL_MEMORY_DESCRIPTOR.self)
        f.set(block.NumberOfRuns, 0)
        f.set(block.NumberOfPages, 0)
        let run = f.local(PHYSICAL_MEMORY_RUN.self)
        f.set(run.value, 0)
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value) { entry in
            let descriptor = f.local(entry).as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            f.if(isInvisible(descriptor.MemoryType) || descriptor.MemoryType == 3 || descriptor.PageCount == 0) { f.continue() }
            f.if(run.isNotNull && run.BasePage + run.PageCount == descriptor.BasePage) {
                f.set(run.PageCount, run.PageCount + descriptor.PageCount)
            } else: {
                f.set(run.value, block.Run.value + (block.NumberOfRuns << 3))
                f.set(run.BasePage, descriptor.BasePage)
                f.set(run.PageCount, descriptor.PageCount)
                f.set(block.NumberOfRuns, block.NumberOfRuns + 1)
            }
            f.set(block.NumberOfPages, block.NumberOfPages + descriptor.PageCount)
            f.call(Rtl.setBits, pfnBitMap, descriptor.BasePage, descriptor.PageCount)
        }
        f.set(residentAvailablePages.dword, availablePages.dword - 32)
        f.return()
    }

    static let systemSize: Global = .init("MmSystemSize")
    /// Free pages below which writers are slowed down, when many pages are modified and in any case.
    static let throttleTop: Global = .init("MmThrottleTop")
    static let throttleBottom: Global = .init("MmThrottleBottom")

    static let sizeMemory: Routine = .bootStep(
        "1.6.2 #9", "MiSizeMemory", [], "Small, medium or large",
        "MmSystemSize is 0 up to 13 MB, 1 up to 32 MB and 2 above; caches and queues are sized by it."
    ) { f in
        f.set(systemSize.dword, 0)
        f.if(numberOfPhysicalPages.dword > 13 * 256) { f.set(systemSize.dword, 1) }
        f.if(numberOfPhysicalPages.dword > 32 * 256) { f.set(systemSize.dword, 2) }
        f.set(throttleTop.dword, 450)
        f.set(throttleBottom.dword, 127)
        f.return()
    }

    static let initializePools: Routine = .init(
        "MiBuildPagedPool", section: .initialization,
        step: .init(
            "1.6.2 #10", "Paged pool",
            "From 0xE1000000 on, twice the size that nonpaged pool may have, but at least 32 MB: its bitmaps, its first page table, its descriptor. A system PTE shows the page directory once more."
        )
    ) { f in
        f.call(buildPagedPool)
        f.call(Ex.initializePool, 1)
        f.set(debugPte.dword, pte(of: debugMapping.value))
        f.return()
    }
}
