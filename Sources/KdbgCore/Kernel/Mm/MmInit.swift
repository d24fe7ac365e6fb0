// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Phase 0 of memory management (spec/boot.md section 1.6.2).
extension Mm {
    static let pfnDatabase: Global = .init("MmPfnDatabase") { [.dword(0xB000_0000)] }
    static let nonPagedPoolStart: Global = .init("MmNonPagedPoolStart")
    static let sizeOfNonPagedPool: Global = .init("MmSizeOfNonPagedPoolInBytes") { [.dword(0x20_0000)] }
    static let pagedPoolStart: Global = .init("MmPagedPoolStart") { [.dword(0xE100_0000)] }
    static let sizeOfPagedPool: Global = .init("MmSizeOfPagedPoolInBytes") { [.dword(0x200_0000)] }
    static let systemPteBase: Global = .init("MmSystemPteBase") { [.dword(0xF500_0000)] }
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
        f.call(initMachineDependent)
        f.call(initializePools)
        f.call(reloadBootLoadedDrivers, f.argument(1))
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
        f.call(ensurePageTable, 0xC040_0000 as Value)
        f.call(ensurePageTable, systemPteBase.dword)
        f.set(nextKernelStack.dword, systemPteBase.dword + 0x10_0000)
        f.return()
    }

    static let initializePools: Routine = .init(
        "MiInitializePools", section: .initialization,
        step: .init("1.6.2 #10", "Paged pool", "Both pool descriptors get their free lists; ExAllocatePoolWithTag works from here on.")
    ) { f in
        f.call(Ex.initializePool, 0)
        f.call(Ex.initializePool, 1)
        f.return()
    }

    static let reloadBootLoadedDrivers: Routine = .init(
        "MiReloadBootLoadedDrivers", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.6.2 #8", "Boot drivers in place",
            "Images from the fifth on are marked as system-mapped. They stay at the addresses the loader gave them."
        )
    ) { f in
        let count = f.local(0)
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOrderListHead.value) { entry in
            let module = f.local(entry).as(LDR_DATA_TABLE_ENTRY.self)
            f.add(count, 1)
            f.if(count > 4) { f.set(module.Flags, module.Flags | 0x0100_0000) }
        }
        f.return()
    }

    static let initializeLoadedModuleList: Routine = .init(
        "MiInitializeLoadedModuleList", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.6.2 #11", "PsLoadedModuleList",
            "Every entry of the loader's list that has a PE header is copied to nonpaged pool and linked into the kernel's own list. Two lists exist from now on, and the start of boot drivers uses both."
        )
    ) { f in
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOrderListHead.value) { entry in
            let module = f.local(entry).as(LDR_DATA_TABLE_ENTRY.self)
            let base = f.local(module.DllBase)
            f.if(base.word() == 0x5A4D && (base + base.dword(0x3C)).dword() == 0x4550) {
                let size = f.local(Value(LDR_DATA_TABLE_ENTRY.size) + 2)
                f.add(size, module.BaseDllName.Length)
                let copy = f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("MmLd")).as(LDR_DATA_TABLE_ENTRY.self)
                f.if(copy.isNull) { f.call(Ke.bugCheckEx, 0x7D, 0, 0, 0, 0x101) }
                f.copy(to: copy, from: module, LDR_DATA_TABLE_ENTRY.size)
                f.set(copy.BaseDllName.Buffer, copy.value + Value(LDR_DATA_TABLE_ENTRY.size))
                f.copy(to: copy.BaseDllName.Buffer, from: module.BaseDllName.Buffer, module.BaseDllName.Length + 2)
                f.insertTailList(loadedModuleList.value, copy.value)
            }
        }
        f.return()
    }
}
