// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory descriptor lists of kernel memory, which is resident: page numbers come from the page tables.
extension Mm {
    /// The page number of an address, out of the self-map (spec/boot.md section 4.1). Large pages: out of the directory.
    private static let pageOf: Routine = .init("MiGetPageFrame", ["VirtualAddress"]) { f in
        let address = f.argument(0)
        let pde = f.local((Value(0xC030_0000) + ((address >> 22) << 2)).dword())
        f.if((pde & 0x80) != 0) { f.return(((pde >> 22) << 10) + ((address >> 12) & 0x3FF)) }
        f.return((Value(0xC000_0000) + ((address >> 12) << 2)).dword() >> 12)
    }

    /// `MiFillMdl(Mdl*)`: the numbers of all pages.
    private static let fillMdl: Routine = .init("MiFillMdl", ["Mdl"]) { f in
        let mdl = f.argument(0, MDL.self)
        let cell = f.local(mdl.value + MDL.size.value)
        let page = f.local(mdl.StartVa)
        let end = f.local(mdl.StartVa + mdl.ByteOffset + mdl.ByteCount)
        f.while(page < end) {
            f.set(cell.dword(), f.call(pageOf, page))
            f.add(cell, 4)
            f.add(page, 0x1000)
        }
        f.return()
    }

    /// `MmBuildMdlForNonPagedPool(Mdl*)`.
    package static let buildMdlForNonPagedPool: Routine = .init("MmBuildMdlForNonPagedPool", ["MemoryDescriptorList"]) { f in
        let mdl = f.argument(0, MDL.self)
        f.call(fillMdl, mdl)
        f.set(mdl.MappedSystemVa, mdl.StartVa + mdl.ByteOffset)
        f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.sourceIsNonPagedPool))
        f.return()
    }

    /// `MmProbeAndLockPages(Mdl*, AccessMode, Operation)`. Kernel memory needs no probing and is always resident.
    package static let probeAndLockPages: Routine = .init("MmProbeAndLockPages", ["MemoryDescriptorList", "AccessMode", "Operation"]) { f in
        let mdl = f.argument(0, MDL.self)
        f.call(fillMdl, mdl)
        f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.pagesLocked))
        f.if(f.argument(2) != 0) { f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.writeOperation)) }
        f.return()
    }

    /// `MmUnlockPages(Mdl*)`.
    package static let unlockPages: Routine = .init("MmUnlockPages", ["MemoryDescriptorList"]) { f in
        let mdl = f.argument(0, MDL.self)
        f.if((mdl.MdlFlags & Value(MdlFlag.mappedToSystemVa)) != 0) { f.call(unmapLockedPages, mdl.MappedSystemVa, mdl) }
        f.set(mdl.MdlFlags, mdl.MdlFlags & ~Value(MdlFlag.pagesLocked | MdlFlag.writeOperation))
        f.return()
    }

    /// `MmMapLockedPagesSpecifyCache(Mdl*, AccessMode, CacheType, BaseAddress, BugCheckOnFailure, Priority) -> address`: where the memory is anyway.
    package static let mapLockedPagesSpecifyCache: Routine = .init(
        "MmMapLockedPagesSpecifyCache",
        ["MemoryDescriptorList", "AccessMode", "CacheType", "BaseAddress", "BugCheckOnFailure", "Priority"]
    ) { f in
        let mdl = f.argument(0, MDL.self)
        f.set(mdl.MappedSystemVa, mdl.StartVa + mdl.ByteOffset)
        f.set(mdl.MdlFlags, mdl.MdlFlags | Value(MdlFlag.mappedToSystemVa))
        f.return(mdl.MappedSystemVa)
    }

    /// `MmUnmapLockedPages(BaseAddress, Mdl*)`.
    package static let unmapLockedPages: Routine = .init("MmUnmapLockedPages", ["BaseAddress", "MemoryDescriptorList"]) { f in
        let mdl = f.argument(1, MDL.self)
        f.set(mdl.MdlFlags, mdl.MdlFlags & ~Value(MdlFlag.mappedToSystemVa | MdlFlag.partialHasBeenMapped))
        f.return()
    }
}
