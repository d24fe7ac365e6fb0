// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Subsystems that start-up calls in passing (spec/boot.md sections 1.5, 1.6 and 1.8): each does what its row says it sets, no more.
extension Misc {
    static let ppInitSystem: Routine = .bootStep(
        "1.6 #24", "PpInitSystem", ["LoaderBlock"], "Plug and play, phase 0",
        "The resource that guards the device registry, and the empty table of device references."
    ) { f in
        f.zero(deviceReferenceTable, 0x38)
        // The root of an empty RTL_AVL_TABLE is its own parent.
        f.set(deviceReferenceTable.dword, deviceReferenceTable)
        f.insertTailList(Ex.resourceList.value, deviceRegistryResource.SystemResourcesList.value)
        f.return(1)
    }

    private static let deviceReferenceTable: Global = .init("PpDeviceReferenceTable", size: 0x38)
    static let deviceRegistryResource: GlobalStructure<ERESOURCE> = .init("PpRegistryDeviceResource")

    static let dbgkInitialize: Routine = .bootStep("1.6 #25", "DbgkInitialize", [], "User-mode debugging", "The type DebugObject.") { f in
        f.call(Ob.createSimpleType, f.unicode("DebugObject"), 0x28)
        f.return(1)
    }

    static let ccInitializeCacheManager: Routine = .bootStep(
        "1.8 #18", "CcInitializeCacheManager", [], "Cache manager",
        "Lists of cached files and lazy writes; this system's file system writes through."
    ) { f in
        f.initializeListHead(sharedCacheMapList.value)
        f.initializeListHead(deferredWrites.value)
        f.set(totalDirtyPages.dword, 0)
        f.set(dirtyPageThreshold.dword, Mm.numberOfPhysicalPages.dword >> 3)
        f.if(Mm.systemSize.dword == 1) { f.set(dirtyPageThreshold.dword, Mm.numberOfPhysicalPages.dword >> 2) }
        f.if(Mm.systemSize.dword == 2) { f.add(dirtyPageThreshold.dword, Mm.numberOfPhysicalPages.dword >> 2) }
        f.return(1)
    }

    /// SHARED_CACHE_MAPs of files with cached pages: none, as long as the file system keeps no cache.
    static let sharedCacheMapList: GlobalStructure<LIST_ENTRY> = Global.listHead("CcDirtySharedCacheMapList")
    /// Writes that wait until there are fewer dirty pages.
    static let deferredWrites: GlobalStructure<LIST_ENTRY> = Global.listHead("CcDeferredWrites")
    static let totalDirtyPages: Global = .init("CcTotalDirtyPages")
    /// How many dirty pages there may be before writers have to wait: an eighth of memory, a quarter, or both, by the size of the system.
    static let dirtyPageThreshold: Global = .init("CcDirtyPageThreshold")

    static let prefetcherInitialize: Routine = .bootStep(
        "1.8 #20", "CcPfInitializePrefetcher", [], "Prefetcher", "Nothing to prefetch; 15 %."
    ) { f in
        f.call(inbvUpdateProgressBar, 15)
        f.return()
    }

    static let ppInitSystemPhase1: Routine = .bootStep(
        "1.8 #24", "PpInitSystemPhase1", [], "Plug and play, phase 1", "Says TRUE at once; 20 %."
    ) { f in
        f.call(inbvUpdateProgressBar, 20)
        f.return(1)
    }

    static let xipInit: Routine = .bootStep(
        "1.8 #28", "XIPInit", [], "Execute in place",
        "No ROM disk. The progress bar goes from 25 to 75 % while the I/O manager starts drivers."
    ) { f in
        f.call(inbvSetProgressBarSubset, 25, 75)
        f.return()
    }
}
