// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory descriptor lists (spec/boot.md section 5.20): which physical pages a buffer lies in. A locked page has a reference more in the PFN database, so
/// that it does not become free while a device may still write to it; a mapping of the list is a second address for the same pages.
extension Mm {
    /// The page number of an address, out of the self-map (spec/boot.md section 4.1). Large pages: out of the directory. 0xFFFFFFFF when nothing is
    /// there, or when it may not be written and shall be.
    private static let pageOf: Routine = .init("MiGetPageFrame", ["VirtualAddress", "ForWriting"]) { f in
        let address = f.argument(0)
        let wanted = f.local(1)
        f.if(f.argument(1) != 0) { f.set(wanted, 3) }
        let directory = f.local(pde(of: address).dword())
        f.if((directory & wanted) != wanted) { f.return(endOfPages) }
        f.if((directory & 0x80) != 0) { f.return(((directory >> 22) << 10) + ((address >> 12) & 0x3FF)) }
        let entry = f.local(pte(of: address).dword())
        f.if((entry & wanted) != wanted) { f.return(endOfPages) }
        f.return(entry >> 12)
    }

    /// Pages that a list describes.
    private static func pageCount(_ mdl: Pointer<MDL>) -> Value { (mdl.ByteOffset + mdl.ByteCount + 0xFFF) >> 12 }
    /// The number of one of its pages.
    private static func frame(_ mdl: Pointer<MDL>, _ index: Value) -> Value { (mdl.value + MDL.size.value + (index << 2)).dword() }

    /// `MmSizeOfMdl(Base, Length) -> bytes of a list for a range`.
    package static let sizeOfMdl: Routine = .init("MmSizeOfMdl", ["Base", "Length"]) { f in
        f.return(((((f.argument(0) & 0xFFF) + f.argument(1) + 0xFFF) >> 12) << 2) + MDL.size.value)
    }

    /// `MmBuildMdlForNonPagedPool(Mdl*)`: fills in the pages of memory that never goes away, whose own address serves as the mapping.
    package static let buildMdlForNonPagedPool: Routine = .init("MmBuildMdlForNonPagedPool", ["MemoryDescriptorList"]) { f in
        let mdl = f.argument(0, MDL.self)
        let index = f.local(0)
        f.while(index < pageCount(mdl)) {
            f.set(frame(mdl, index), f.call(pageOf, mdl.StartVa + (index << 12), 0))
            f.add(index, 1)
        }
        f.set(mdl.address(of: \.Process).dword(), 0)
        f.set(mdl.MappedSystemVa, mdl.StartVa + mdl.ByteOffset)
        f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.sourceIsNonPagedPool))
        f.return()
    }

    /// `MmProbeAndLockPages(Mdl*, AccessMode, Operation)`: fills in the pages and locks them. Operation 0 only reads the buffer. When one is not there,
    /// or is read-only and shall be written, none stays locked and STATUS_ACCESS_VIOLATION is raised.
    package static let probeAndLockPages: Routine = .init("MmProbeAndLockPages", ["MemoryDescriptorList", "AccessMode", "Operation"]) { f in
        let mdl = f.argument(0, MDL.self)
        f.assert(mdl.ByteCount != 0, "Mdl->ByteCount != 0")
        f.assert(
            (mdl.MdlFlags & Value(MdlFlag.pagesLocked | MdlFlag.mappedToSystemVa | MdlFlag.sourceIsNonPagedPool | MdlFlag.partial)) == 0,
            "(Mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL)) == 0")
        f.set(mdl.address(of: \.Process).dword(), 0)
        f.set(mdl.MdlFlags, mdl.MdlFlags & ~Value(MdlFlag.ioSpace | MdlFlag.writeOperation))
        f.if(f.argument(2) != 0) { f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.writeOperation)) }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let index = f.local(0)
        f.while(index < pageCount(mdl)) {
            let page = f.call(pageOf, mdl.StartVa + (index << 12), f.argument(2))
            f.set(frame(mdl, index), page)
            f.if(page == endOfPages) {
                f.call(unlockFrames, mdl, index)
                f.call(Hal.lowerIrql, irql)
                f.call(Ex.raiseStatus, Status.accessViolation)
                f.return()
            }
            f.if(f.call(isCounted, page) != 0) {
                f.set(pfn(page).ReferenceCount, pfn(page).ReferenceCount + 1)
            } else: {
                f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.ioSpace))
            }
            f.add(index, 1)
        }
        f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.pagesLocked))
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `MiIsCountedPage(PageFrameIndex) -> BOOLEAN`: whether the PFN database knows the page as memory in use. A device's is not.
    private static let isCounted: Routine = .init("MiIsCountedPage", ["PageFrameIndex"]) { f in
        f.if(f.argument(0) > highestPhysicalPage.dword) { f.return(0) }
        f.return(pfn(f.argument(0)).ReferenceCount != 0)
    }

    /// `MiUnlockFrames(Mdl*, Count)`: takes the references of the first pages back. A page without one: BC 0x4E(7).
    private static let unlockFrames: Routine = .init("MiUnlockFrames", ["Mdl", "Count"]) { f in
        let mdl = f.argument(0, MDL.self)
        let index = f.local(0)
        f.while(index < f.argument(1)) {
            let page = f.local(frame(mdl, index))
            f.if(page <= highestPhysicalPage.dword) {
                f.if((mdl.MdlFlags & Value(MdlFlag.ioSpace)) == 0 || f.call(isCounted, page) != 0) {
                    f.call(decrementReferenceCount, pfn(page), page)
                }
            }
            f.add(index, 1)
        }
        f.return()
    }

    /// `MmUnlockPages(Mdl*)`: takes the mapping down, if there is one, and the locks back.
    package static let unlockPages: Routine = .init("MmUnlockPages", ["MemoryDescriptorList"]) { f in
        let mdl = f.argument(0, MDL.self)
        f.assert((mdl.MdlFlags & Value(MdlFlag.pagesLocked)) != 0, "(Mdl->MdlFlags & MDL_PAGES_LOCKED) != 0")
        f.if((mdl.MdlFlags & Value(MdlFlag.mappedToSystemVa)) != 0) { f.call(unmapLockedPages, mdl.MappedSystemVa, mdl) }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.call(unlockFrames, mdl, pageCount(mdl))
        f.set(mdl.MdlFlags, mdl.MdlFlags & ~Value(MdlFlag.pagesLocked | MdlFlag.ioSpace))
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `MmMapLockedPagesSpecifyCache(Mdl*, AccessMode, CacheType, BaseAddress, BugCheckOnFailure, Priority) -> address or NULL`: system PTEs that map the
    /// pages. Without entries, and when the caller says so, BC 0x3F(0, pages, free entries, all entries).
    package static let mapLockedPagesSpecifyCache: Routine = .init(
        "MmMapLockedPagesSpecifyCache",
        ["MemoryDescriptorList", "AccessMode", "CacheType", "BaseAddress", "BugCheckOnFailure", "Priority"]
    ) { f in
        let mdl = f.argument(0, MDL.self)
        let count = f.local(pageCount(mdl))
        let first = f.call(reserveSystemPtes, count, PteSpace.system)
        f.if(first == 0) {
            f.if((f.argument(4) & 0xFF) != 0 && (mdl.MdlFlags & Value(MdlFlag.mappingCanFail)) == 0) {
                f.call(Ke.bugCheckEx, 0x3F, 0, count, totalFreeSystemPtes.dword, numberOfSystemPtes.dword)
            }
            f.return(0)
        }
        let bits = f.local(validKernelPte)
        // Not cached: bits 3 and 4.
        f.if(f.argument(2) == 0) { f.set(bits, validKernelPte | 0x18) }
        let index = f.local(0)
        f.while(index < count) {
            f.set((first + (index << 2)).dword(), (frame(mdl, index) << 12) | bits)
            f.add(index, 1)
        }
        f.set(mdl.MappedSystemVa, (first << 10) + mdl.ByteOffset)
        f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.mappedToSystemVa))
        f.if((mdl.MdlFlags & Value(MdlFlag.partial)) != 0) { f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.partialHasBeenMapped)) }
        f.return(mdl.MappedSystemVa)
    }

    /// `MmMapLockedPages(Mdl*, AccessMode) -> address`: cached, or BC 0x3F.
    package static let mapLockedPages: Routine = .init("MmMapLockedPages", ["MemoryDescriptorList", "AccessMode"]) { f in
        f.return(f.call(mapLockedPagesSpecifyCache, f.argument(0), f.argument(1), 1, 0, 1, 32))
    }

    /// `MmUnmapLockedPages(BaseAddress, Mdl*)`.
    package static let unmapLockedPages: Routine = .init("MmUnmapLockedPages", ["BaseAddress", "MemoryDescriptorList"]) { f in
        let mdl = f.argument(1, MDL.self)
        f.assert((mdl.MdlFlags & Value(MdlFlag.mappedToSystemVa)) != 0, "(Mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) != 0")
        f.call(releaseSystemPtes, pte(of: f.argument(0)), pageCount(mdl), PteSpace.system)
        f.set(mdl.MdlFlags, mdl.MdlFlags & ~Value(MdlFlag.mappedToSystemVa | MdlFlag.partialHasBeenMapped))
        f.return()
    }
}
