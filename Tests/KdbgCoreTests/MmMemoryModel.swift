// SPDX-License-Identifier: GPL-3.0-or-later

import X86

@testable import KdbgCore

/// What guest memory says about physical pages and pools, read in the simplest way there is and compared with itself: what a structure claims, and
/// what counting gives. Offsets are numbers here, so that a wrong layout shows.
final class MmMemoryModel {
    let run: KernelRun
    private let database: UInt32
    private let highest: UInt32
    private let lowest: UInt32
    /// What does not add up.
    private(set) var defects: [String] = []

    init(_ run: KernelRun) {
        self.run = run
        database = run.variable("MmPfnDatabase")
        highest = run.variable("MmHighestPhysicalPage")
        lowest = run.variable("MmLowestPhysicalPage")
    }

    private func expect(_ holds: Bool, _ text: @autoclosure () -> String) {
        if !holds, defects.count < 20 { defects.append(text()) }
    }

    private func entry(_ page: UInt32) -> UInt32 { database + 0x24 * page }
    private func location(_ page: UInt32) -> UInt32 { run.word(entry(page) + 0xE) >> 8 & 7 }
    private func referenceCount(_ page: UInt32) -> UInt32 { run.word(entry(page) + 0xC) }

    // MARK: Lists

    /// Pages of a list in its order, walked forwards; backwards it must be the same.
    func list(_ name: String, location wanted: UInt32) -> [UInt32] {
        let head = run.address(name)
        var pages: [UInt32] = []
        var previous: UInt32 = 0xFFFF_FFFF
        var page = run.read(head + 8)
        while page != 0xFFFF_FFFF, page <= highest, pages.count <= Int(highest) {
            expect(run.read(entry(page) + 8) == previous, "\(name): page \(page) does not lead back")
            expect(location(page) == wanted && referenceCount(page) == 0, "\(name): page \(page) is elsewhere or in use")
            pages.append(page)
            previous = page
            page = run.read(entry(page))
        }
        expect(run.read(head + 0xC) == previous, "\(name): the last page is another")
        expect(run.read(head) == UInt32(pages.count), "\(name): \(pages.count) pages, Total \(run.read(head))")
        expect(run.read(head + 4) == wanted, "\(name): ListName")
        return pages
    }

    /// The tables of colours hold the same pages, each in its own.
    private func checkColors(_ index: UInt32, _ pages: [UInt32]) {
        var colored: Set<UInt32> = []
        for color in 0..<64 as Range<UInt32> {
            let table = run.read(run.address("MmFreePagesByColor") + 4 * index) + 12 * color
            var page = run.read(table)
            var previous: UInt32 = 0x1FF_FFFF
            var count: UInt32 = 0
            while page != 0xFFFF_FFFF, page <= highest, count <= highest {
                expect(page % 64 == color, "page \(page) has colour \(color)")
                expect(run.read(entry(page) + 0x14) & 0x1FF_FFFF == previous, "colour \(color): page \(page) does not lead back")
                colored.insert(page)
                count += 1
                previous = page
                page = run.read(entry(page) + 0x10)
            }
            expect(run.read(table + 8) == count, "colour \(color): \(count) pages, Count \(run.read(table + 8))")
            expect(run.read(table + 4) == (count == 0 ? 0xFFFF_FFFF : entry(previous)), "colour \(color): Blink")
        }
        expect(colored == Set(pages), "colours and list \(index) hold different pages")
    }

    // MARK: Pages

    /// Every page of memory is on one list or in use, and what is in use has as many shares as there are entries for it.
    func checkPages() {
        let zeroed = list("MmZeroedPageListHead", location: 0)
        let free = list("MmFreePageListHead", location: 1)
        let bad = list("MmBadPageListHead", location: 5)
        for (name, place) in [("MmStandbyPageListHead", 2), ("MmModifiedPageListHead", 3), ("MmModifiedNoWritePageListHead", 4)] {
            expect(list(name, location: UInt32(place)).isEmpty, "\(name) is not empty")
        }
        checkColors(0, zeroed)
        checkColors(1, free)
        expect(run.variable("MmAvailablePages") == UInt32(zeroed.count + free.count), "MmAvailablePages")
        let listed = Set(zeroed + free + bad)
        expect(listed.count == zeroed.count + free.count + bad.count, "a page is on two lists")
        let (shares, mapped) = countShares()
        expect(listed.isDisjoint(with: mapped), "a listed page is mapped: \(listed.intersection(mapped).sorted().prefix(5))")
        var total = 0
        for page in memoryPages where !listed.contains(page) {
            total += 1
            // The lowest page is given to nobody.
            guard page != lowest else {
                expect(referenceCount(page) == 0xFFF0, "the lowest page can be had")
                continue
            }
            expect(location(page) == 6 && referenceCount(page) > 0, "page \(page) is in no list and not in use")
            expect(
                run.read(entry(page) + 8) == shares[page, default: 0],
                "page \(page): \(shares[page, default: 0]) shares, ShareCount \(run.read(entry(page) + 8))")
        }
        expect(
            total + zeroed.count + free.count == Int(run.variable("MmNumberOfPhysicalPages")),
            "\(total) pages in use, \(zeroed.count + free.count) available, \(run.variable("MmNumberOfPhysicalPages")) in all")
    }

    /// Pages of the runs in MmPhysicalMemoryBlock.
    private var memoryPages: [UInt32] {
        let block = run.variable("MmPhysicalMemoryBlock")
        return (0..<run.read(block)).flatMap { index in
            let base = run.read(block + 8 + 8 * index)
            return Array(base..<base + run.read(block + 12 + 8 * index))
        }
    }

    /// The prototype PTE of a section's page, which lies in paged pool.
    private func prototype(of page: UInt32) -> UInt32? {
        guard page <= highest, location(page) == 6 else { return nil }
        let address = run.read(entry(page) + 4) & ~1
        return address >= 0xE100_0000 && address < 0xEB00_0000 ? address : nil
    }

    /// By page: entries that map it and count, and for a page table those in it. Entries count that own their page, that map a section's, and those of the
    /// loader's mappings. A prototype PTE counts for its page and for the page of pool that it lies in. Also all pages that any entry maps.
    private func countShares() -> (shares: [UInt32: UInt32], mapped: Set<UInt32>) {
        var shares: [UInt32: UInt32] = [:]
        var mapped: Set<UInt32> = []
        func count(_ value: UInt32, at pte: UInt32, in table: UInt32) {
            guard value & 1 != 0 else { return }
            let page = value >> 12
            mapped.insert(page)
            let address = pte << 10
            let isOwner = page <= highest && run.read(entry(page) + 4) & ~1 == pte
            let isLoaders = address >= 0x8000_0000 && address < 0x8000_0000 + run.variable("MmBootImageSize") || address >= 0xFFC0_0000
            guard isOwner || isLoaders || prototype(of: page) != nil else { return }
            shares[page, default: 0] += 1
            shares[table, default: 0] += 1
        }
        let directory = run.read(0xC030_0C00) >> 12
        for index in 0..<1024 as Range<UInt32> {
            let pde = 0xC030_0000 + 4 * index
            count(run.read(pde), at: pde, in: directory)
            guard run.read(pde) & 1 != 0, index != 0x300 else { continue }
            for slot in 0..<1024 as Range<UInt32> {
                let pte = 0xC000_0000 + index << 12 + 4 * slot
                count(run.read(pte), at: pte, in: run.read(pde) >> 12)
            }
        }
        // The lower halves of processes with a directory of their own; their entries are behind the same self-map.
        for own in run.list(run.address("PsActiveProcessHead")).map({ run.read($0 - 0x98 + 0x18) }) where own >> 12 != directory {
            for index in 0..<512 as Range<UInt32> {
                let pde = run.machine.readPhysical32(own + 4 * index)
                count(pde, at: 0xC030_0000 + 4 * index, in: own >> 12)
                guard pde & 1 != 0 else { continue }
                for slot in 0..<1024 as Range<UInt32> {
                    count(run.machine.readPhysical32((pde & ~0xFFF) + 4 * slot), at: 0xC000_0000 + index << 12 + 4 * slot, in: pde >> 12)
                }
            }
        }
        for page in memoryPages {
            guard let address = prototype(of: page) else { continue }
            shares[page, default: 0] += 1
            shares[run.read(0xC000_0000 + address >> 12 * 4) >> 12, default: 0] += 1
        }
        return (shares, mapped)
    }

    // MARK: Pools

    /// One of the pools, added up.
    struct Pool {
        /// Bodies of blocks that wait on a lookaside list.
        var kept: Set<UInt32> = []
        var blocks = 0
        var blockBytes: UInt32 = 0
        var blockPages: UInt32 = 0
        var bigPages: UInt32 = 0
        var bigs = 0
        /// By tag: allocations in use and their bytes.
        var tags: [UInt32: (count: UInt32, bytes: UInt32)] = [:]
    }

    /// Walks the pools' pages and compares them with lists, descriptors, tables and page counts.
    func checkPools() {
        let big = bigAllocations()
        for type in 0..<2 as Range<UInt32> {
            let descriptor = run.read(run.address("PoolVector") + 4 * type)
            // Paged pool comes later.
            guard descriptor != 0 else { continue }
            var pool = Pool()
            var free: Set<UInt32> = []
            for page in poolPages(type, big) { walk(page, type, &pool, &free) }
            for (address, row) in big where (address >= 0xE100_0000 && address < 0xEB00_0000 ? 1 : 0) == type {
                pool.bigs += 1
                pool.bigPages += row.pages
                pool.tags[row.tag, default: (0, 0)].count += 1
                pool.tags[row.tag, default: (0, 0)].bytes += row.pages << 12
            }
            expect(
                run.read(descriptor + 0x10) == pool.blockPages,
                "pool \(type): \(pool.blockPages) pages, TotalPages \(run.read(descriptor + 0x10))")
            expect(
                run.read(descriptor + 0x14) == pool.bigPages,
                "pool \(type): \(pool.bigPages) large pages, TotalBigPages \(run.read(descriptor + 0x14))")
            expect(run.read(descriptor + 0x28) == pool.blockBytes + pool.bigPages << 12, "pool \(type): TotalBytes")
            expect(
                Int(run.read(descriptor + 8) &- run.read(descriptor + 0xC)) == pool.blocks + pool.bigs,
                "pool \(type): RunningAllocs less RunningDeAllocs")
            expect(lookasides(type) == pool.kept, "pool \(type): kept blocks and lookaside lists differ")
            expect(freeLists(descriptor) == free, "pool \(type): free blocks and lists differ")
            checkTags(type, pool)
            let used = type == 0 ? run.variable("MmAllocatedNonPagedPool") : run.read(run.address("MmPagedPoolInfo") + 0x1C)
            expect(used == pool.blockPages + pool.bigPages, "pool \(type): \(used) pages taken, \(pool.blockPages + pool.bigPages) found")
        }
        checkFreeRuns()
    }

    private func bigAllocations() -> [UInt32: (tag: UInt32, pages: UInt32)] {
        var result: [UInt32: (tag: UInt32, pages: UInt32)] = [:]
        for index in 0..<run.variable("PoolBigPageTableSize") {
            let row = run.variable("PoolBigPageTable") + 16 * index
            if run.read(row) & 1 == 0 { result[run.read(row)] = (run.read(row + 4), run.read(row + 8)) }
        }
        return result
    }

    /// Pages that hold blocks.
    private func poolPages(_ type: UInt32, _ big: [UInt32: (tag: UInt32, pages: UInt32)]) -> [UInt32] {
        let large = Set(big.flatMap { address, row in (0..<row.pages).map { address + $0 << 12 } })
        let ranges =
            type == 1
            ? [(run.variable("MmPagedPoolStart"), run.variable("MmPagedPoolEnd") & ~0xFFF)]
            : [
                (run.variable("MmNonPagedPoolStart"), run.variable("MmNonPagedPoolStart") + run.variable("MmSizeOfNonPagedPoolInBytes")),
                (run.variable("MmNonPagedPoolExpansionStart"), run.variable("MmNonPagedPoolEnd")),
            ]
        return ranges.flatMap { start, end in
            stride(from: start, to: end, by: 0x1000).filter { page in
                guard run.read(0xC030_0000 + page >> 22 * 4) & 1 != 0 else { return false }
                let pte = run.read(0xC000_0000 + page >> 12 * 4)
                return pte & 1 != 0 && !large.contains(page) && (type == 1 || run.word(entry(pte >> 12) + 0xE) & 6 == 6)
            }
        }
    }

    private func walk(_ page: UInt32, _ type: UInt32, _ pool: inout Pool, _ free: inout Set<UInt32>) {
        pool.blockPages += 1
        var place = page
        var previous: UInt32 = 0
        var followsFree = false
        while place < page + 0x1000 {
            let word = run.read(place)
            let size = word >> 16 & 0x1FF
            expect(word & 0x1FF == previous && size > 0, "block \(String(place, radix: 16)): sizes")
            guard size > 0 else { return }
            if word >> 25 == 0 {
                expect(!followsFree, "block \(String(place, radix: 16)): two free ones in a row")
                if size > 1 { free.insert(place + 8) }
            } else if word >> 25 & 0x40 != 0 {
                pool.kept.insert(place + 8)
            } else {
                expect(word >> 25 == type + 1, "block \(String(place, radix: 16)): PoolType")
                pool.blocks += 1
                pool.blockBytes += size * 8
                pool.tags[run.read(place + 4), default: (0, 0)].count += 1
                pool.tags[run.read(place + 4), default: (0, 0)].bytes += size * 8
            }
            followsFree = word >> 25 == 0
            previous = size
            place += size * 8
        }
        expect(place == page + 0x1000, "page \(String(page, radix: 16)): blocks do not fill it")
    }

    /// Blocks on the processor's lists of small blocks, each on the list of its size, as many as the list says.
    private func lookasides(_ type: UInt32) -> Set<UInt32> {
        var result: Set<UInt32> = []
        for size in 1...32 as ClosedRange<UInt32> {
            let list = run.read(0xFFDF_F120 + 0x660 + 0x100 * type + 8 * (size - 1))
            guard list != 0 else { continue }
            var entry = run.read(list)
            var count: UInt32 = 0
            while entry != 0, count < 300 {
                expect(run.read(entry - 8) >> 16 & 0x1FF == size, "lookaside list \(size) has a block of another size")
                result.insert(entry)
                count += 1
                entry = run.read(entry)
            }
            expect(run.word(list + 4) == count && count <= 256, "lookaside list \(size): \(count) blocks")
        }
        return result
    }

    private func freeLists(_ descriptor: UInt32) -> Set<UInt32> {
        var result: Set<UInt32> = []
        for size in 0..<512 as Range<UInt32> {
            let head = descriptor + 0x30 + 8 * size
            for block in run.list(head) {
                expect(run.read(block - 8) >> 16 & 0x1FF == size, "list \(size) has a block of another size")
                result.insert(block)
            }
        }
        return result
    }

    private func checkTags(_ type: UInt32, _ pool: Pool) {
        for index in 0..<run.variable("PoolTrackTableSize") {
            let row = run.variable("PoolTrackTable") + 28 * index
            let columns = row + 4 + 12 * type
            let found = pool.tags[run.read(row)] ?? (0, 0)
            guard run.read(row) != 0 else { continue }
            expect(
                run.read(columns) &- run.read(columns + 4) == found.count && run.read(columns + 8) == found.bytes,
                "tag \(PoolTag.text(of: run.read(row))), pool \(type): \(found), the table says \(run.read(columns) &- run.read(columns + 4)), \(run.read(columns + 8))"
            )
        }
    }

    /// Free runs of the initial pool and what is in use are all of it.
    private func checkFreeRuns() {
        var free: UInt32 = 0
        for index in 0..<4 as Range<UInt32> {
            for start in run.list(run.address("MmNonPagedPoolFreeListHead") + 8 * index) {
                let size = run.read(start + 8)
                expect(size > index && (index == 3 || size == index + 1), "a run of \(size) pages on list \(index)")
                expect(run.read(start + (size - 1) << 12 + 0x10) == start, "a run's last page does not know its first")
                free += size
            }
        }
        let initial = run.variable("MmAllocatedNonPagedPool") - run.variable("MiNonPagedPoolExpansionPagesInUse")
        expect(free + initial == run.variable("MmSizeOfNonPagedPoolInBytes") >> 12, "\(free) pages free, \(initial) in use")
    }

    // MARK: System PTEs

    /// Clusters of a space, as (index, size); all entries in them are empty but for the first two.
    func clusters(_ space: UInt32) -> [(first: UInt32, size: UInt32)] {
        var result: [(first: UInt32, size: UInt32)] = []
        var link = run.read(run.address("MmFirstFreeSystemPte") + 4 * space)
        while link >> 12 != 0xF_FFFF, result.count < 100_000 {
            let entry = run.variable("MmSystemPteBase") + link >> 12 * 4
            let size = run.read(entry) & 2 != 0 ? 1 : run.read(entry + 4) >> 12
            expect(result.last.map { $0.size <= size } ?? true, "clusters are not in order")
            for index in 2..<max(size, 2) where run.read(entry + 4 * index) != 0 {
                expect(false, "entry \(index) of a free cluster holds something")
            }
            result.append((entry, size))
            link = run.read(entry)
        }
        let total = result.reduce(0) { $0 + $1.size }
        expect(total == run.read(run.address("MmTotalFreeSystemPtes") + 4 * space), "space \(space): \(total) entries free")
        return result
    }
}
