// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Pages of paged pool (spec/boot.md section 4.1): address space from 0xE1000000 on, whose use two bitmaps record. Nothing is paged out, so every page
/// in use is there; page tables are made as the pool grows.
extension Mm {
    package static let pagedPoolInfo: GlobalStructure<MM_PAGED_POOL_INFO> = .init("MmPagedPoolInfo")
    /// Number of the page that is the page directory, and the address of a second view of it.
    static let systemPageDirectory: Global = .init("MmSystemPageDirectory")
    static let systemPagePtes: Global = .init("MmSystemPagePtes")

    private static let allocationMap: Value = pagedPoolInfo.PagedPoolAllocationMap.value
    private static let endMap: Value = pagedPoolInfo.EndOfPagedPoolBitmap.value

    /// `MiBuildPagedPool()`.
    static let buildPagedPool: Routine = .init("MiBuildPagedPoolMaps", section: .initialization) { f in
        f.set(systemPageDirectory.dword, pte(of: pdeBase.value).dword() >> 12)
        let view = f.call(reserveSystemPtes, 1, PteSpace.system)
        f.set(view.dword(), (systemPageDirectory.dword << 12) | validKernelPte)
        f.set(systemPagePtes.dword, view << 10)
        f.set(sizeOfPagedPool.dword, maximumNonPagedPool.dword << 1)
        f.if(sizeOfPagedPool.dword < 0x200_0000) { f.set(sizeOfPagedPool.dword, 0x200_0000) }
        f.set(sizeOfPagedPool.dword, (sizeOfPagedPool.dword + 0x3F_FFFF) & ~Value(0x3F_FFFF))
        f.if(sizeOfPagedPool.dword > nonPagedSystemStart.dword - pagedPoolStart.dword) {
            f.set(sizeOfPagedPool.dword, nonPagedSystemStart.dword - pagedPoolStart.dword)
        }
        f.set(pagedPoolEnd.dword, pagedPoolStart.dword + sizeOfPagedPool.dword - 1)
        let info = pagedPoolInfo.pointer
        f.set(info.FirstPteForPagedPool, pte(of: pagedPoolStart.dword))
        f.set(info.LastPteForPagedPool, pte(of: pagedPoolEnd.dword))
        f.set(info.NextPdeForPagedPoolExpansion, pde(of: pagedPoolStart.dword))
        let pages = f.local(sizeOfPagedPool.dword >> 12)
        let bytes = f.local(((pages + 31) >> 5) << 2)
        for field in [info.address(of: \.PagedPoolAllocationMap), info.address(of: \.EndOfPagedPoolBitmap)] {
            let map = f.call(Ex.allocatePoolWithTag, 0, bytes + RTL_BITMAP.size.value, Value.tag("Mm  "))
            f.if(map == 0) {
                f.call(
                    Ke.bugCheckEx, 0x7D, numberOfPhysicalPages.dword, lowestPhysicalPage.dword, highestPhysicalPage.dword, 0x101)
            }
            f.zero(map, bytes + RTL_BITMAP.size.value)
            f.call(Rtl.initializeBitMap, map, map + RTL_BITMAP.size.value, pages)
            f.set(field.dword(), map)
        }
        // What has no page table yet counts as taken.
        f.call(Rtl.setBits, allocationMap, 0, pages)
        f.call(expandPagedPool, 1)
        f.return()
    }

    /// `MiExpandPagedPool(PageTables) -> BOOLEAN`: page tables for the next addresses of the pool, 4 MB each.
    static let expandPagedPool: Routine = .init("MiExpandPagedPool", ["PageTables"]) { f in
        let left = f.local(f.argument(0))
        let next = pagedPoolInfo.NextPdeForPagedPoolExpansion
        f.while(left != 0) {
            f.if(next > pde(of: pagedPoolEnd.dword)) { f.return(0) }
            let address = f.local(next << 20)
            f.if(f.call(ensurePageTable, address) == 0) { f.return(0) }
            f.call(Rtl.clearBits, allocationMap, (address - pagedPoolStart.dword) >> 12, 1024)
            f.set(next, next + 4)
            f.set(left, left - 1)
        }
        f.return(1)
    }

    /// `MiAllocatePagedPoolPages(PageCount) -> address, or NULL`.
    static let allocatePagedPoolPages: Routine = .init("MiAllocatePagedPoolPages", ["PageCount"]) { f in
        let count = f.argument(0)
        f.if(count > availablePages.dword || count > sizeOfPagedPool.dword >> 12) { f.return(0) }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let index = f.call(Rtl.findClearBits, allocationMap, count, pagedPoolInfo.PagedPoolHint)
        f.while(index == 0xFFFF_FFFF) {
            f.if(f.call(expandPagedPool, 1) == 0) {
                f.call(Hal.lowerIrql, irql)
                f.return(0)
            }
            f.set(index, f.call(Rtl.findClearBits, allocationMap, count, 0))
        }
        let address = f.local(pagedPoolStart.dword + (index << 12))
        f.if(f.call(mapPages, address, count) == 0) {
            f.call(unmapPages, address, count)
            f.call(Hal.lowerIrql, irql)
            f.return(0)
        }
        f.call(Rtl.setBits, allocationMap, index, count)
        f.call(Rtl.setBits, endMap, index + count - 1, 1)
        f.set(pagedPoolInfo.PagedPoolHint, index + count)
        f.add(pagedPoolInfo.AllocatedPagedPool, count)
        f.add(pagedPoolInfo.PagedPoolCommit, count)
        f.call(notifyPoolEvents)
        f.call(Hal.lowerIrql, irql)
        f.return(address)
    }

    /// `MiFreePagedPoolPages(Address) -> pages`: BC 0xC2(0x50, address, page of the pool, bytes of the pool) for what begins no allocation.
    static let freePagedPoolPages: Routine = .init("MiFreePagedPoolPages", ["Address"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let index = f.local((f.argument(0) - pagedPoolStart.dword) >> 12)
        let isBad = f.local(f.call(Rtl.testBit, allocationMap, index) == 0 || !isMapped(f.argument(0)))
        f.if(index != 0 && isBad == 0) {
            // The page before is free, or ends an allocation.
            f.set(isBad, f.call(Rtl.testBit, allocationMap, index - 1))
            f.if(isBad != 0) { f.set(isBad, f.call(Rtl.testBit, endMap, index - 1) == 0) }
        }
        f.if(isBad != 0) { f.call(Ke.bugCheckEx, 0xC2, 0x50, f.argument(0), index, sizeOfPagedPool.dword) }
        let count = f.local(1)
        f.loop {
            f.if(f.call(Rtl.testBit, endMap, index + count - 1) != 0) { f.break() }
            f.add(count, 1)
        }
        f.call(unmapPages, f.argument(0), count)
        f.call(Rtl.clearBits, endMap, index + count - 1, 1)
        f.call(Rtl.clearBits, allocationMap, index, count)
        f.if(index < pagedPoolInfo.PagedPoolHint) { f.set(pagedPoolInfo.PagedPoolHint, index) }
        f.set(pagedPoolInfo.AllocatedPagedPool, pagedPoolInfo.AllocatedPagedPool - count)
        f.set(pagedPoolInfo.PagedPoolCommit, pagedPoolInfo.PagedPoolCommit - count)
        f.call(notifyPoolEvents)
        f.call(Hal.lowerIrql, irql)
        f.return(count)
    }

    /// `MiAllocatePoolPages(PoolType, SizeInBytes) -> address, or NULL`: whole pages of one of the pools.
    package static let allocatePoolPages: Routine = .init("MiAllocatePoolPages", ["PoolType", "SizeInBytes"]) { f in
        let count = f.local((f.argument(1) + 0xFFF) >> 12)
        f.if(count == 0) { f.return(0) }
        f.if((f.argument(0) & 1) == 0) { f.return(f.call(allocateNonPagedPoolPages, count)) }
        f.return(f.call(allocatePagedPoolPages, count))
    }

    /// `MiFreePoolPages(StartingVa) -> pages`.
    package static let freePoolPages: Routine = .init("MiFreePoolPages", ["StartingVa"]) { f in
        f.if(f.call(determinePoolType, f.argument(0)) == 1) { f.return(f.call(freePagedPoolPages, f.argument(0))) }
        f.return(f.call(freeNonPagedPoolPages, f.argument(0)))
    }

    /// `MmDeterminePoolType(Address) -> 0 nonpaged, 1 paged`: BC 0xC2(0x42, address) for what is in neither pool, 0xC2(0x40) for user addresses.
    package static let determinePoolType: Routine = .init("MmDeterminePoolType", ["PoolAddress"]) { f in
        let address = f.argument(0)
        f.if(address >= pagedPoolStart.dword && address <= pagedPoolEnd.dword) { f.return(1) }
        f.if(address - nonPagedPoolStart.dword < sizeOfNonPagedPool.dword) { f.return(0) }
        f.if(address >= nonPagedPoolExpansionStart.dword && address < nonPagedPoolEnd.dword) { f.return(0) }
        f.if(address < systemRangeStart.dword) { f.call(Ke.bugCheckEx, 0xC2, 0x40, address, systemRangeStart.dword, 0) }
        f.call(Ke.bugCheckEx, 0xC2, 0x42, address, 0, 0)
        f.return(0)
    }
}
