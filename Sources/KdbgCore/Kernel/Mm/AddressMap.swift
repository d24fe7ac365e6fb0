// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The kernel's half of the address space (spec/boot.md section 4.1), in the variables that NT has for it. Ends named `End` are the first address
/// behind, unless the comment says otherwise.
extension Mm {
    // MARK: Fixed places

    /// What the loader mapped: physical addresses or this.
    static let kseg0: UInt32 = 0x8000_0000
    static let pteBase: UInt32 = 0xC000_0000
    static let pdeBase: UInt32 = 0xC030_0000
    static let hyperSpace: UInt32 = 0xC040_0000
    static let hyperSpaceEnd: UInt32 = 0xC080_0000
    /// Nobody reads through this entry; it is what an address that must not be used is given.
    static let dummyPte: UInt32 = 0xC050_0000
    /// Which ranges of the process's addresses are taken, a bit per 64 KB.
    static let vadBitmap: UInt32 = 0xC050_1000
    static let workingSetListAddress: UInt32 = 0xC050_2000
    static let systemCacheWorkingSet: UInt32 = 0xC0C0_0000
    static let debugMapping: UInt32 = 0xFFBF_F000
    static let halRegion: UInt32 = 0xFFC0_0000
    /// `MmNonPagedSystemStart` never lies below.
    static let lowestNonPagedSystemStart: UInt32 = 0xEB00_0000

    // MARK: Variables

    /// Bytes of the loader's mapping, a multiple of 4 MB.
    static let bootImageSize: Global = .init("MmBootImageSize")
    package static let pfnDatabase: Global = .init("MmPfnDatabase") { [.dword(0xB000_0000)] }
    /// Pages of the PFN database with its colour tables.
    static let pfnAllocation: Global = .init("MxPfnAllocation")
    package static let nonPagedPoolStart: Global = .init("MmNonPagedPoolStart")
    package static let sizeOfNonPagedPool: Global = .init("MmSizeOfNonPagedPoolInBytes")
    /// What initial pool and expansion may grow to together.
    static let maximumNonPagedPool: Global = .init("MmMaximumNonPagedPoolInBytes")
    static let nonPagedPoolExpansionStart: Global = .init("MmNonPagedPoolExpansionStart")
    static let nonPagedPoolEnd: Global = .init("MmNonPagedPoolEnd") { [.dword(0xFFBE_0000)] }
    static let nonPagedSystemStart: Global = .init("MmNonPagedSystemStart")
    static let numberOfSystemPtes: Global = .init("MmNumberOfSystemPtes")
    package static let pagedPoolStart: Global = .init("MmPagedPoolStart") { [.dword(0xE100_0000)] }
    /// The last address.
    static let pagedPoolEnd: Global = .init("MmPagedPoolEnd")
    package static let sizeOfPagedPool: Global = .init("MmSizeOfPagedPoolInBytes")
    static let systemCacheStart: Global = .init("MmSystemCacheStart") { [.dword(0xC100_0000)] }
    /// The last address.
    static let systemCacheEnd: Global = .init("MmSystemCacheEnd") { [.dword(0xE0FF_FFFF)] }
    static let systemCacheWorkingSetList: Global = .init("MmSystemCacheWorkingSetList") { [.dword(systemCacheWorkingSet)] }
    static let workingSetList: Global = .init("MmWorkingSetList") { [.dword(workingSetListAddress)] }
    static let vadBitmapAddress: Global = .init("MiVadBitMap") { [.dword(vadBitmap)] }
    /// The last address of hyperspace.
    static let hyperSpaceLast: Global = .init("MmHyperSpaceEnd") { [.dword(hyperSpaceEnd - 1)] }
    /// The entry of the page through which a debugger looks at physical memory.
    static let debugPte: Global = .init("MmDebugPte")
    package static let highestUserAddress: Global = .init("MmHighestUserAddress") { [.dword(0x7FFE_FFFF)] }
    static let systemRangeStart: Global = .init("MmSystemRangeStart")
    static let userProbeAddress: Global = .init("MmUserProbeAddress")

    static let systemViewStart: Global = .init("MiSystemViewStart")
    static let systemViewSize: Global = .init("MmSystemViewSize")
    static let sessionBase: Global = .init("MmSessionBase")
    static let sessionPoolStart: Global = .init("MiSessionPoolStart")
    static let sessionPoolEnd: Global = .init("MiSessionPoolEnd")
    static let sessionViewStart: Global = .init("MiSessionViewStart")
    static let sessionSpaceWs: Global = .init("MiSessionSpaceWs")
    static let sessionImageStart: Global = .init("MiSessionImageStart")
    static let sessionImageEnd: Global = .init("MiSessionImageEnd")
    static let sessionSpaceEnd: Global = .init("MiSessionSpaceEnd")
    static let sessionSize: Global = .init("MmSessionSize")

    // MARK: Physical memory

    package static let numberOfPhysicalPages: Global = .init("MmNumberOfPhysicalPages")
    package static let highestPhysicalPage: Global = .init("MmHighestPhysicalPage")
    package static let lowestPhysicalPage: Global = .init("MmLowestPhysicalPage")
    /// Zeroed, free and standby pages.
    package static let availablePages: Global = .init("MmAvailablePages")
    static let residentAvailablePages: Global = .init("MmResidentAvailablePages")
    /// Pages of free memory that the loader reported.
    static let numberOfFreePages: Global = .init("MiNumberOfFreePages")

    // MARK: Steps

    static let setUserBoundary: Routine = .bootStep(
        "1.6.2 #2", "MiSetUserBoundary", ["LoaderBlock"], "User and system space",
        "The boundary globals: user addresses end at 0x7FFEFFFF, probing stops at 0x7FFF0000, the system begins at 0x80000000 with what the loader mapped, rounded up to 4 MB."
    ) { f in
        f.set(highestUserAddress.dword, 0x7FFE_FFFF as Value)
        f.set(userProbeAddress.dword, 0x7FFF_0000 as Value)
        f.set(systemRangeStart.dword, kseg0)
        let pages = f.argument(0, LOADER_PARAMETER_BLOCK.self).Extension.LoaderPagesSpanned
        f.set(bootImageSize.dword, ((pages << 12) + 0x3F_FFFF) & ~Value(0x3F_FFFF))
        f.return()
    }

    static let setSessionLayout: Routine = .bootStep(
        "1.6.2 #3", "MiSetSessionLayout", [], "Session space",
        "From 0xC0000000 downwards: 8 MB for images such as win32k, 4 MB for the working set, 48 MB of views, 16 MB of paged pool; then 32 MB of system views."
    ) { f in
        let ends: [(Global, UInt32)] = [
            (sessionSpaceEnd, 0xC000_0000), (sessionImageEnd, 0xC000_0000), (sessionImageStart, 0xBF80_0000), (sessionSpaceWs, 0xBF40_0000),
            (sessionViewStart, 0xBC40_0000), (sessionPoolEnd, 0xBC40_0000), (sessionPoolStart, 0xBB40_0000), (sessionBase, 0xBB40_0000),
            (sessionSize, 0x04C0_0000), (systemViewSize, 0x0200_0000), (systemViewStart, 0xB940_0000),
        ]
        for (global, value) in ends { f.set(global.dword, value) }
        f.return()
    }

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

    /// `MiComputeNonPagedPoolVa(FreePages)`: how big nonpaged pool is and may become, and with that where system PTEs and expansion lie.
    static let computeNonPagedPoolVa: Routine = .init("MiComputeNonPagedPoolVa", ["FreePages"], section: .initialization) { f in
        let databaseBytes = f.local(((highestPhysicalPage.dword + 1) * Value(MMPFN.size)) & ~Value(0xFFF))
        let megabytes = f.local(0)
        f.if(f.argument(0) > 1024) { f.set(megabytes, (f.argument(0) - 1024) >> 8) }
        f.set(sizeOfNonPagedPool.dword, megabytes * 0x8000 + 0x4_0000)
        f.if(numberOfPhysicalPages.dword <= 255 * 256) { f.set(sizeOfNonPagedPool.dword, 0x20_0000) }
        f.if(sizeOfNonPagedPool.dword > 0x800_0000) { f.set(sizeOfNonPagedPool.dword, 0x800_0000) }
        f.if(f.argument(0) >= 0x1_F000) {
            f.set(maximumNonPagedPool.dword, megabytes * 0x3_2000 + databaseBytes + 0x10_0000)
            f.if(maximumNonPagedPool.dword < 0x800_0000) { f.set(maximumNonPagedPool.dword, 0x800_0000) }
        } else: {
            f.set(maximumNonPagedPool.dword, megabytes * 0x6_4000 + databaseBytes + 0x10_0000)
        }
        // Room for sixteen pages beside what is there at first, whatever the sizes are.
        let least = f.local(sizeOfNonPagedPool.dword + databaseBytes + 0x1_0000)
        f.if(maximumNonPagedPool.dword < least) { f.set(maximumNonPagedPool.dword, least) }
        f.if(maximumNonPagedPool.dword > 0x1000_0000) { f.set(maximumNonPagedPool.dword, 0x1000_0000 as Value) }
        f.set(pfnAllocation.dword, (((highestPhysicalPage.dword + 1) * Value(MMPFN.size) + colorTableBytes) >> 12) + 1)
        f.set(nonPagedPoolStart.dword, pfnDatabase.dword + (pfnAllocation.dword << 12))
        // With 4 GB of memory the initial pool would reach into system views.
        f.if(nonPagedPoolStart.dword + sizeOfNonPagedPool.dword > systemViewStart.dword) {
            f.set(sizeOfNonPagedPool.dword, systemViewStart.dword - nonPagedPoolStart.dword)
        }
        f.set(nonPagedPoolExpansionStart.dword, nonPagedPoolEnd.dword - maximumNonPagedPool.dword + sizeOfNonPagedPool.dword)
        let start = nonPagedSystemStart.dword
        f.set(start, (nonPagedPoolExpansionStart.dword - ((numberOfSystemPtes.dword + 1) << 12)) & ~Value(0x3F_FFFF))
        f.if(start < lowestNonPagedSystemStart.value) {
            f.set(start, lowestNonPagedSystemStart)
            f.set(numberOfSystemPtes.dword, ((nonPagedPoolExpansionStart.dword - start) >> 12) - 1)
        }
        f.return()
    }

    /// What `MmInitSystem` shows and makes memory areas of, from the lowest address upwards as the debug log has them. Ends are exclusive, except
    /// where the log's are not.
    static var areas: [(start: Value, end: Value, name: String)] {
        [
            (kseg0.value, bootImageSize.dword + kseg0.value, "Boot Loaded Image"),
            (pfnDatabase.dword, pfnDatabase.dword + (pfnAllocation.dword << 12), "PFN Database"),
            (nonPagedPoolStart.dword, nonPagedPoolStart.dword + sizeOfNonPagedPool.dword, "ARM3 Non Paged Pool"),
            (systemViewStart.dword, systemViewStart.dword + systemViewSize.dword, "System View Space"),
            (sessionBase.dword, sessionSpaceEnd.dword, "Session Space"),
            (pteBase.value, (hyperSpace - 1).value, "Page Tables"), (pdeBase.value, (pdeBase + 0xFFF).value, "Page Directories"),
            (hyperSpace.value, hyperSpaceLast.dword, "Hyperspace"), (systemCacheStart.dword, systemCacheEnd.dword, "System Cache"),
            (pagedPoolStart.dword, pagedPoolStart.dword + sizeOfPagedPool.dword, "ARM3 Paged Pool"),
            (nonPagedSystemStart.dword, nonPagedPoolExpansionStart.dword, "System PTE Space"),
            (nonPagedPoolExpansionStart.dword, nonPagedPoolEnd.dword, "Non Paged Pool Expansion PTE Space"),
        ]
    }
}
