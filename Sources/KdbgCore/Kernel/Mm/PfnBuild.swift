// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// How the PFN database comes into being (spec/boot.md section 1.6.2 #6). The pages it lies in are taken before it exists, off the beginning of the
/// largest descriptor of free memory; then it is filled from what the page tables map and from what the loader reports.
extension Mm {
    /// The loader's descriptor with the most free pages, what it said at first, and how many of its pages were taken.
    static let freeDescriptor: Global = .init("MxFreeDescriptor")
    static let oldFreeDescriptor: GlobalStructure<MEMORY_ALLOCATION_DESCRIPTOR> = .init("MxOldFreeDescriptor")

    /// `MxGetNextPage(PageCount) -> number of the first page`: pages in a row for what must exist before pages can be allocated. Without them BC
    /// 0x7D(physical pages, free pages left, free pages at first, pages wanted).
    static let getNextPage: Routine = .init("MxGetNextPage", ["PageCount"], section: .initialization) { f in
        let descriptor = freeDescriptor.dword.as(MEMORY_ALLOCATION_DESCRIPTOR.self)
        f.if(freeDescriptor.dword == 0) {
            f.call(Ke.bugCheckEx, 0x7D, numberOfPhysicalPages.dword, 0, 0, f.argument(0))
        }
        f.if(f.argument(0) > descriptor.PageCount) {
            f.call(
                Ke.bugCheckEx, 0x7D, numberOfPhysicalPages.dword, descriptor.PageCount, oldFreeDescriptor.PageCount, f.argument(0))
        }
        let page = f.local(descriptor.BasePage)
        f.set(descriptor.BasePage, page + f.argument(0))
        f.set(descriptor.PageCount, descriptor.PageCount - f.argument(0))
        f.return(page)
    }

    /// `MxMapPageTables(Start, End)`: empty page tables for a range of addresses, where there are none.
    static let mapEarlyPageTables: Routine = .init("MxMapPageTables", ["StartAddress", "EndAddress"], section: .initialization) { f in
        let entry = f.local(pde(of: f.argument(0)))
        f.while(entry <= pde(of: f.argument(1) - 1)) {
            f.if((entry.dword() & 1) == 0) {
                f.set(entry.dword(), (f.call(getNextPage, 1) << 12) | validKernelPte)
                f.zero(entry << 10, 0x1000)
            }
            f.add(entry, 4)
        }
        f.return()
    }

    /// `MxMapPages(Start, PageCount)`: fresh pages under a range that has page tables.
    static let mapEarlyPages: Routine = .init("MxMapPages", ["StartAddress", "PageCount"], section: .initialization) { f in
        let entry = f.local(pte(of: f.argument(0)))
        let end = f.local(entry + (f.argument(1) << 2))
        let value = f.local((f.call(getNextPage, f.argument(1)) << 12) | validKernelPte)
        f.while(entry < end) {
            f.set(entry.dword(), value)
            f.add(value, 0x1000)
            f.add(entry, 4)
        }
        f.return()
    }

    static let buildPfnDatabase: Routine = .init("MiInitializePfnDatabase", ["LoaderBlock"], section: .initialization) { f in
        f.call(buildFromPages, f.argument(0))
        f.call(buildZeroPage)
        // What was taken off the descriptor is mapped by now and counts as used.
        f.copy(to: freeDescriptor.dword, from: oldFreeDescriptor, MEMORY_ALLOCATION_DESCRIPTOR.size)
        f.call(buildFromLoaderBlock, f.argument(0))
        f.return()
    }

    /// Descriptor types whose pages are free: LoaderFree, LoadedProgram, FirmwareTemporary, OsloaderStack.
    static func isFree(_ type: Value) -> Value { type == 2 || type == 4 || type == 5 || type == 8 }
    /// Types that are no memory of ours: FirmwarePermanent, SpecialMemory, BBTMemory, HALCachedMemory.
    static func isInvisible(_ type: Value) -> Value { type == 6 || type == 0x16 || type == 0x17 || type == 0x1A }

    /// `MiUnmapFreeBootPages(LoaderBlock)`: the loader maps whole page tables; free pages in them are mapped by nobody from now on.
    static let unmapFreeBootPages: Routine = .init("MiUnmapFreeBootPages", ["LoaderBlock"], section: .initialization) { f in
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value) { entry in
            let descriptor = f.local(entry).as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            f.if(isFree(descriptor.MemoryType)) {
                let base = f.local(descriptor.BasePage << 12)
                let end = f.local((descriptor.BasePage + descriptor.PageCount) << 12)
                f.if(end > bootImageSize.dword) { f.set(end, bootImageSize.dword) }
                f.if(base < end) { f.zero(pte(of: base + kseg0.value), ((end - base) >> 12) << 2) }
            }
        }
        f.flushTranslations()
        f.return()
    }

    /// `MiIsRegularMemory(LoaderBlock, PageFrameIndex) -> BOOLEAN`: whether a page is memory that the loader reports as ours.
    static let isRegularMemory: Routine = .init("MiIsRegularMemory", ["LoaderBlock", "PageFrameIndex"], section: .initialization) { f in
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value) { entry in
            let descriptor = entry.as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            f.if(f.argument(1) - descriptor.BasePage < descriptor.PageCount) { f.return(!isInvisible(descriptor.MemoryType)) }
        }
        // The one that pages were taken off says so no more.
        f.return(f.argument(1) - oldFreeDescriptor.BasePage < oldFreeDescriptor.PageCount)
    }

    /// `MiBuildPfnDatabaseFromPages(LoaderBlock)`: what is mapped is in use. Page tables first, so that each belongs to its directory entry; the
    /// page directory belongs to the entry that maps it into itself.
    static let buildFromPages: Routine = .init("MiBuildPfnDatabaseFromPages", ["LoaderBlock"], section: .initialization) { f in
        let directory = f.local(Value(pdeBase))
        f.while(directory < pdeBase.value + 0x1000) {
            f.if((directory.dword() & 1) != 0) { f.call(countMapping, directory, 0) }
            f.add(directory, 4)
        }
        f.set(directory, pdeBase)
        f.while(directory < pdeBase.value + 0x1000) {
            f.if((directory.dword() & 1) != 0 && directory != pte(of: pteBase.value) + 0xC00) {
                let entry = f.local(directory << 10)
                let end = f.local(entry + 0x1000)
                f.while(entry < end) {
                    f.if((entry.dword() & 1) != 0) { f.call(countMapping, entry, f.argument(0)) }
                    f.add(entry, 4)
                }
            }
            f.add(directory, 4)
        }
        f.return()
    }

    /// `MiCountMapping(Pte*, LoaderBlock)`: a share for the mapped page and one for the page table. The first entry that maps a page owns it.
    /// Without a loader block the page is known to be memory.
    static let countMapping: Routine = .init("MiCountMapping", ["PointerPte", "LoaderBlock"], section: .initialization) { f in
        let table = f.local(pte(of: f.argument(0)).dword() >> 12)
        f.add(pfn(table).u2, 1)
        let page = f.local(f.argument(0).dword() >> 12)
        f.if(page > highestPhysicalPage.dword) { f.return() }
        let entry = f.local(pfn(page))
        f.if(entry.ReferenceCount == 0) {
            f.if(f.argument(1) != 0) {
                f.if(f.call(isRegularMemory, f.argument(1), page) == 0) { f.return() }
            }
            f.set(entry.PteAddress, f.argument(0))
            f.set(entry.u4, table)
            f.set(entry.ReferenceCount, 1)
            f.set(entry.e1, Value(PfnEntry.Location.active.bits | PfnEntry.cached))
        }
        f.add(entry.u2, 1)
        f.return()
    }

    /// `MiBuildPfnDatabaseZeroPage()`: the lowest page is never given out, so that 0 and what comes near it are not mistaken for one.
    static let buildZeroPage: Routine = .init("MiBuildPfnDatabaseZeroPage", section: .initialization) { f in
        let entry = f.local(pfn(lowestPhysicalPage.dword))
        f.if(entry.ReferenceCount == 0) {
            let last = f.local(pde(of: 0xFFFF_FFFF))
            f.set(entry.PteAddress, last)
            f.set(entry.u4, last.dword() >> 12)
            f.set(entry.u2, 1)
            f.set(entry.ReferenceCount, 0xFFF0)
            f.set(entry.e1, Value(PfnEntry.Location.active.bits))
        }
        f.return()
    }

    /// `MiBuildPfnDatabaseFromLoaderBlock(LoaderBlock)`: free pages that are not mapped go to the free list, from the highest of a descriptor down;
    /// what is in use without being mapped is marked so.
    static let buildFromLoaderBlock: Routine = .init("MiBuildPfnDatabaseFromLoaderBlock", ["LoaderBlock"], section: .initialization) { f in
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value) { element in
            let descriptor = f.local(element).as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            let type = f.local(descriptor.MemoryType)
            f.if(isInvisible(type)) { f.continue() }
            let page = f.local(descriptor.BasePage + descriptor.PageCount)
            f.while(page > descriptor.BasePage) {
                f.set(page, page - 1)
                let entry = f.local(pfn(page))
                f.if(entry.ReferenceCount == 0) {
                    f.if(isFree(type)) {
                        f.call(insertPageInFreeList, page)
                        f.continue()
                    }
                    f.if(type == 3) {
                        f.call(insertPageInList, badPageList, page)
                        f.continue()
                    }
                    f.set(entry.ReferenceCount, 1)
                    f.set(entry.e1, Value(PfnEntry.Location.active.bits | PfnEntry.cached))
                    f.if(type == 0x19) { f.set(entry.e1, Value(PfnEntry.Location.active.bits | PfnEntry.rom)) }
                }
            }
        }
        f.return()
    }
}
