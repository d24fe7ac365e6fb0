// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Phase 0 of memory management (spec/boot.md section 1.6.2).
extension Mm {
    static let pfnDatabase: Global = .init("MmPfnDatabase") { [.dword(0xB000_0000)] }
    static let nonPagedPoolStart: Global = .init("MmNonPagedPoolStart")
    static let sizeOfNonPagedPool: Global = .init("MmSizeOfNonPagedPoolInBytes") { [.dword(0x20_0000)] }
    static let pagedPoolStart: Global = .init("MmPagedPoolStart") { [.dword(0xE100_0000)] }
    static let sizeOfPagedPool: Global = .init("MmSizeOfPagedPoolInBytes") { [.dword(0x200_0000)] }
    static let nonPagedSystemStart: Global = .init("MmNonPagedSystemStart") { [.dword(0xF500_0000)] }
    static let highestUserAddress: Global = .init("MmHighestUserAddress") { [.dword(0x7FFE_FFFF)] }
    package static let loadedModuleList: GlobalStructure<LIST_ENTRY> = Global.listHead("PsLoadedModuleList")
    static let loadedUserImageList: GlobalStructure<LIST_ENTRY> = Global.listHead("MmLoadedUserImageList")

    static let armInitSystem: Routine = .init(
        "MmArmInitSystem", ["Phase", "LoaderBlock"], section: .initialization,
        step: .init(
            "1.6 #13", "Memory manager, phase 0",
            "From the loader's list of memory to pools: which pages are free, the PFN database, nonpaged pool, system PTEs, paged pool, and the kernel's own list of loaded modules. From here on memory can be allocated."
        )
    ) { f in
        f.if(f.argument(0) != 0) { f.return(1) }
        f.call(scanMemoryDescriptors, f.argument(1))
        f.call(setUserBoundary)
        f.call(setSessionLayout)
        f.call(initializeLists)
        f.call(countSystemPtes)
        f.call(initMachineDependent)
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
            "Free, loaded and temporary memory is counted; everything that is not free is marked in use.")
    ) { f in
        f.set(lowestPhysicalPage.dword, 0xFFFF_FFFF as Value)
        f.call(markPages, 0, 0x10_0000, 1)
        f.set(availablePages.dword, 0)
        f.set(pfnHint.dword, 0x10_0000)
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value) { entry in
            let descriptor = f.local(entry).as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            f.if(descriptor.MemoryType != 6 && descriptor.MemoryType != 0x16) {
                f.add(numberOfPhysicalPages.dword, descriptor.PageCount)
                f.if(descriptor.BasePage < lowestPhysicalPage.dword) { f.set(lowestPhysicalPage.dword, descriptor.BasePage) }
                f.if(descriptor.BasePage + descriptor.PageCount - 1 > highestPhysicalPage.dword) {
                    f.set(highestPhysicalPage.dword, descriptor.BasePage + descriptor.PageCount - 1)
                }
            }
            f.if(descriptor.MemoryType == 2) { f.call(markPages, descriptor.BasePage, descriptor.PageCount, 0) }
        }
        f.set(Ke.sharedUserData.NumberOfPhysicalPages, numberOfPhysicalPages.dword)
        f.return()
    }

    static let systemRangeStart: Global = .init("MmSystemRangeStart")
    static let userProbeAddress: Global = .init("MmUserProbeAddress")

    static let setUserBoundary: Routine = .bootStep(
        "1.6.2 #2", "MiSetUserBoundary", [], "User and system space",
        "The boundary globals: user addresses end at 0x7FFEFFFF, probing stops at 0x7FFF0000, the system begins at 0x80000000."
    ) { f in
        f.set(highestUserAddress.dword, 0x7FFE_FFFF as Value)
        f.set(userProbeAddress.dword, 0x7FFF_0000 as Value)
        f.set(systemRangeStart.dword, 0x8000_0000 as Value)
        f.return()
    }

    static let sessionBase: Global = .init("MmSessionBase")
    static let systemViewStart: Global = .init("MiSystemViewStart")

    static let setSessionLayout: Routine = .bootStep(
        "1.6.2 #3", "MiSetSessionLayout", [], "Session space",
        "Session images, views and pool end at 0xC0000000 and begin at 0xBB400000; the 32 MB of system views lie below."
    ) { f in
        f.set(sessionBase.dword, 0xBB40_0000 as Value)
        f.set(systemViewStart.dword, 0xB940_0000 as Value)
        f.return()
    }

    static let systemLoadLock: GlobalStructure<KEVENT> = .init("MmSystemLoadLock")

    static let initializeLists: Routine = .bootStep(
        "1.6.2 #4", "MiInitializeLists", [], "Lists and locks",
        "MmLoadedUserImageList becomes an empty list and the lock of image loading free."
    ) { f in
        f.initializeListHead(loadedUserImageList.value)
        f.call(Ke.initializeEvent, systemLoadLock, 1, 1)
        f.return()
    }

    static let numberOfSystemPtes: Global = .init("MmNumberOfSystemPtes")

    static let countSystemPtes: Routine = .bootStep(
        "1.6.2 #5", "MiCountSystemPtes", [], "System PTEs",
        "How many page-table entries the system keeps for itself: 7000, 11000, 22000 or 44000 by the size of memory."
    ) { f in
        f.set(numberOfSystemPtes.dword, 7000)
        f.if(numberOfPhysicalPages.dword >= 19 * 256) { f.set(numberOfSystemPtes.dword, 11000) }
        f.if(numberOfPhysicalPages.dword > 32 * 256) { f.set(numberOfSystemPtes.dword, 22000) }
        f.if(numberOfPhysicalPages.dword > 256 * 256) { f.set(numberOfSystemPtes.dword, 44000) }
        f.return()
    }

    /// Number of runs, number of pages, then base page and page count of up to 16 runs.
    static let physicalMemoryBlock: Global = .init("MmPhysicalMemoryBlock", size: 8 + 8 * 16)

    static let describePhysicalMemory: Routine = .bootStep(
        "1.6.2 #7", "MiDescribePhysicalMemory", ["LoaderBlock"], "Physical memory block",
        "Adjacent descriptors of usable memory become runs, as drivers and dumps want to see them."
    ) { f in
        let block = physicalMemoryBlock.value
        let run = f.local(0)
        f.zero(block, 8 + 8 * 16)
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value) { entry in
            let descriptor = f.local(entry).as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            f.if(descriptor.MemoryType == 6 || descriptor.MemoryType == 0x16 || descriptor.MemoryType == 3) { f.continue() }
            f.if(run != 0 && run.dword() + run.dword(4) == descriptor.BasePage) {
                f.set(run.dword(4), run.dword(4) + descriptor.PageCount)
            } else: {
                f.if(block.dword() < 16) {
                    f.set(run, block + 8 + (block.dword() << 3))
                    f.set(run.dword(), descriptor.BasePage)
                    f.set(run.dword(4), descriptor.PageCount)
                    f.set(block.dword(), block.dword() + 1)
                }
            }
            f.set(block.dword(4), block.dword(4) + descriptor.PageCount)
        }
        f.return()
    }

    static let systemSize: Global = .init("MmSystemSize")
    /// Free pages below which writers are slowed down, when many pages are modified and in any case.
    static let throttleTop: Global = .init("MmThrottleTop")
    static let throttleBottom: Global = .init("MmThrottleBottom")
    /// An MMPFNLIST: pages, list, first, last. Nothing is paged out, so no page is ever on it.
    static let modifiedPageList: Global = .init("MmModifiedPageListHead", size: 16) {
        [.dword(0), .dword(3), .dword(0xFFFF_FFFF), .dword(0xFFFF_FFFF)]
    }

    static let sizeMemory: Routine = .bootStep(
        "1.6.2 #9", "MiSizeMemory", [], "Small, medium or large",
        "MmSystemSize is 0 up to 13 MB, 1 up to 32 MB and 2 above; caches and queues are sized by it."
    ) { f in
        f.set(systemSize.dword, 0)
        f.if(numberOfPhysicalPages.dword > 13 * 256) { f.set(systemSize.dword, 1) }
        f.if(numberOfPhysicalPages.dword > 32 * 256) { f.set(systemSize.dword, 2) }
        f.set(throttleTop.dword, 450)
        f.set(throttleBottom.dword, 127)
        // What links the list into the image, where !defwrites looks for it.
        f.set(modifiedPageList.dword, 0)
        f.return()
    }

    static let initMachineDependent: Routine = .init(
        "MiInitMachineDependent", section: .initialization,
        step: .init(
            "1.6.2 #6", "Page tables, PFN database, nonpaged pool",
            "The user half of the page directory is cleared: address 0 is unmapped from now on, which is why a NULL object type faults. Then PFN database, nonpaged pool, hyperspace and system PTEs get their page tables."
        )
    ) { f in
        f.asm { a in a.movFromControl(.eax, 3) }
        let directory = f.saveEAX()
        f.set(Ke.initialProcess.Pcb.address(of: \.DirectoryTableBase).dword(), directory)
        f.zero(Value(0xC030_0000 as UInt32), 0x800)
        f.load(directory)
        f.asm { a in a.movToControl(3, .eax) }
        let pages = f.local(((highestPhysicalPage.dword + 1) * 0x24 + 0xFFF) >> 12)
        f.if(f.call(mapPages, pfnDatabase.dword, pages) == 0) {
            f.call(Ke.bugCheckEx, 0x7D, numberOfPhysicalPages.dword, lowestPhysicalPage.dword, highestPhysicalPage.dword, 0x101)
        }
        f.zero(pfnDatabase.dword, pages << 12)
        f.set(nonPagedPoolStart.dword, pfnDatabase.dword + ((pages + 1) << 12))
        f.if(f.call(mapPages, nonPagedPoolStart.dword, sizeOfNonPagedPool.dword >> 12) == 0) {
            f.call(Ke.bugCheckEx, 0x7D, numberOfPhysicalPages.dword, lowestPhysicalPage.dword, highestPhysicalPage.dword, 0x101)
        }
        // Pool is needed from here on by the steps that follow.
        f.call(Ex.initializePool, 0)
        f.call(ensurePageTable, 0xC040_0000 as Value)
        let end = f.local(nonPagedSystemStart.dword + (numberOfSystemPtes.dword << 12))
        let address = f.local(nonPagedSystemStart.dword)
        f.while(address < end) {
            f.call(ensurePageTable, address)
            f.add(address, 0x40_0000)
        }
        f.call(initializeSystemPtes, pte(of: nonPagedSystemStart.dword), numberOfSystemPtes.dword, PteSpace.system)
        f.return()
    }

    static let initializePools: Routine = .init(
        "MiInitializePools", section: .initialization,
        step: .init("1.6.2 #10", "Paged pool", "The paged pool's descriptor gets its free lists; nonpaged pool has had them since step 6.")
    ) { f in
        f.call(Ex.initializePool, 1)
        f.return()
    }
}
