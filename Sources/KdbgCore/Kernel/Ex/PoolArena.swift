// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// One of the two pools in guest memory. Blocks below a page carry a POOL_HEADER and are split and joined in units of 8 bytes; larger ones
/// take whole pages. The guest may have overwritten anything: whatever does not add up makes the operation fail, and all arithmetic wraps.
struct PoolArena {
    /// 32 MiB.
    static let maximumPages: UInt32 = 8192
    static let maximumLargeAllocations: UInt32 = 512
    static let maximumTags: UInt32 = 256
    private static let unit: UInt32 = 8
    private static let unitsPerPage: UInt32 = 512
    /// Largest request that fits into a page with its header.
    private static let largestBlock: UInt32 = 0xFF0

    private let machine: Machine
    private let type: UInt32
    private let descriptor: UInt32
    private let base: UInt32
    private let pages: UInt32
    private let pageMap: UInt32
    private let bigPages: UInt32
    private let trackTable: UInt32
    private let physical: PageMap

    /// - Parameter type: 0 nonpaged, 1 paged.
    init(_ call: ServiceCall, type: UInt32) {
        machine = call.machine
        self.type = type
        descriptor = call.address(of: type == 0 ? Ex.nonPagedPoolDescriptor : Ex.pagedPoolDescriptor)
        base = call.machine.read32(linear: call.address(of: type == 0 ? Mm.nonPagedPoolStart : Mm.pagedPoolStart)) ?? 0
        let size = call.machine.read32(linear: call.address(of: type == 0 ? Mm.sizeOfNonPagedPool : Mm.sizeOfPagedPool)) ?? 0
        pages = min(size >> 12, Self.maximumPages)
        pageMap = call.address(of: Ex.poolPageMap) &+ type &* Self.maximumPages
        bigPages = call.address(of: Ex.poolBigPageTable)
        trackTable = call.address(of: Ex.poolTrackTable)
        physical = PageMap(call)
    }

    func contains(_ address: UInt32) -> Bool { address >= base && address &- base < pages << 12 }

    /// Makes all free lists empty.
    func initialize() {
        write(descriptor, type)
        for units in 0..<Self.unitsPerPage {
            write(listHead(units), listHead(units))
            write(listHead(units) &+ 4, listHead(units))
        }
    }

    /// Finds room for `bytes`; nil when the pool is full.
    func allocate(_ bytes: UInt32, tag: UInt32) -> UInt32? {
        let address = bytes > Self.largestBlock ? allocatePages(bytes, tag) : allocateBlock(max(bytes, 1), tag)
        guard let address else { return nil }
        count(8)
        return address
    }

    /// Takes an allocation back; false for what is none.
    func free(_ address: UInt32) -> Bool {
        let page = (address &- base) >> 12
        let freed =
            switch machine.read8(linear: pageMap &+ page) {
            case 1: freeBlock(address &- Self.unit)
            case 2 where address & 0xFFF == 0: freePages(address, page)
            default: false
            }
        if freed { count(0xC) }
        return freed
    }

    // MARK: Whole pages

    private func allocatePages(_ bytes: UInt32, _ tag: UInt32) -> UInt32? {
        guard bytes <= pages << 12 else { return nil }
        let count = (bytes &+ 0xFFF) >> 12
        guard let slot = bigPageSlot(holding: 0), let first = takePages(count, as: 2) else { return nil }
        let address = base &+ first << 12
        write(slot, address)
        write(slot &+ 4, tag)
        write(slot &+ 8, bytes)
        track(tag, bytes: Int64(count << 12))
        return address
    }

    private func freePages(_ address: UInt32, _ page: UInt32) -> Bool {
        guard let slot = bigPageSlot(holding: address) else { return false }
        let count = (read(slot &+ 8) &+ 0xFFF) >> 12
        guard count <= pages &- page else { return false }
        for index in page..<page &+ count { _ = machine.write8(linear: pageMap &+ index, 0) }
        track(read(slot &+ 4), bytes: -Int64(count << 12))
        write(slot, 0)
        return true
    }

    private func bigPageSlot(holding address: UInt32) -> UInt32? {
        (0..<Self.maximumLargeAllocations).lazy.map { bigPages &+ 12 &* $0 }.first { read($0) == address }
    }

    /// Takes a run of free pages and makes sure that there is memory under them.
    private func takePages(_ count: UInt32, as kind: UInt8) -> UInt32? {
        guard let map = machine.readBytes(linear: pageMap, count: Int(pages)) else { return nil }
        var first = 0
        var length = 0
        for (index, state) in map.enumerated() {
            length = state == 0 ? length + 1 : 0
            guard length == Int(count) else { continue }
            first = index + 1 - length
            for page in first...index where !physical.mapPage(base &+ UInt32(page) << 12) { return nil }
            for page in first...index { _ = machine.write8(linear: pageMap &+ UInt32(page), page == first ? kind : 3) }
            return UInt32(first)
        }
        return nil
    }

    // MARK: Blocks

    private func listHead(_ units: UInt32) -> UInt32 {
        descriptor &+ POOL_DESCRIPTOR.layout.ListHeads.offset &+ 8 &* units
    }

    private func allocateBlock(_ bytes: UInt32, _ tag: UInt32) -> UInt32? {
        let units = (bytes &+ 2 &* Self.unit &- 1) / Self.unit
        guard let (block, size) = takeFreeBlock(atLeast: units) else { return nil }
        var kept = size
        if size &- units >= 2 {
            kept = units
            setHeader(block &+ units &* Self.unit, previous: units, units: size &- units, type: 0, tag: 0)
            fixNext(block &+ units &* Self.unit, units: size &- units)
            insertFree(block &+ units &* Self.unit, units: size &- units)
        }
        setHeader(block, previous: previousSize(block), units: kept, type: type &+ 1, tag: tag)
        track(tag, bytes: Int64(kept &* Self.unit))
        return block &+ Self.unit
    }

    private func takeFreeBlock(atLeast units: UInt32) -> (block: UInt32, units: UInt32)? {
        for size in units..<Self.unitsPerPage {
            let entry = read(listHead(size))
            guard entry != listHead(size), contains(entry) else { continue }
            unlink(entry)
            return (entry &- Self.unit, size)
        }
        guard let page = takePages(1, as: 1) else { return nil }
        let block = base &+ page << 12
        // 511 units fit the size field; the last 8 bytes of a page are not used.
        setHeader(block, previous: 0, units: Self.unitsPerPage &- 1, type: 0, tag: 0)
        return (block, Self.unitsPerPage &- 1)
    }

    private func freeBlock(_ header: UInt32) -> Bool {
        var block = header
        var units = size(block)
        guard isAllocated(block), units > 0 else { return false }
        track(read(block &+ 4), bytes: -Int64(units &* Self.unit))
        let next = block &+ units &* Self.unit
        if isInPage(next, of: block), !isAllocated(next), size(next) > 0 {
            unlink(next &+ Self.unit)
            units &+= size(next)
        }
        let previous = previousSize(block)
        if previous > 0, isInPage(block &- previous &* Self.unit, of: block), !isAllocated(block &- previous &* Self.unit) {
            block &-= previous &* Self.unit
            unlink(block &+ Self.unit)
            units &+= previous
        }
        guard units < Self.unitsPerPage &- 1 else {
            _ = machine.write8(linear: pageMap &+ (block &- base) >> 12, 0)
            return true
        }
        setHeader(block, previous: previousSize(block), units: units, type: 0, tag: 0)
        fixNext(block, units: units)
        insertFree(block, units: units)
        return true
    }

    private func isInPage(_ address: UInt32, of block: UInt32) -> Bool {
        address >> 12 == block >> 12 && address & 0xFFF < (Self.unitsPerPage &- 1) &* Self.unit
    }

    private func insertFree(_ block: UInt32, units: UInt32) {
        let head = listHead(units)
        let first = read(head)
        write(block &+ 8, first)
        write(block &+ 12, head)
        write(first &+ 4, block &+ 8)
        write(head, block &+ 8)
    }

    private func unlink(_ entry: UInt32) {
        let next = read(entry)
        let previous = read(entry &+ 4)
        write(previous, next)
        write(next &+ 4, previous)
    }

    /// The block behind one whose size changed must know the new size.
    private func fixNext(_ block: UInt32, units: UInt32) {
        let next = block &+ units &* Self.unit
        guard isInPage(next, of: block) else { return }
        write(next, read(next) & ~0x1FF | units)
    }

    // MARK: Headers

    private func setHeader(_ block: UInt32, previous: UInt32, units: UInt32, type: UInt32, tag: UInt32) {
        write(block, previous | units << 16 | type << 25)
        write(block &+ 4, tag)
    }

    private func previousSize(_ block: UInt32) -> UInt32 { read(block) & 0x1FF }
    private func size(_ block: UInt32) -> UInt32 { read(block) >> 16 & 0x1FF }
    private func isAllocated(_ block: UInt32) -> Bool { read(block) >> 25 != 0 }

    // MARK: Accounting

    /// Counts an allocation (positive) or a free (negative) under its tag.
    private func track(_ tag: UInt32, bytes: Int64) {
        var index = (tag &* 0x9E37_79B1) >> 24
        for _ in 0..<Self.maximumTags {
            let entry = trackTable &+ 28 &* index
            let known = read(entry)
            if known == 0 { write(entry, tag) }
            if known == 0 || known == tag {
                let cells = entry &+ 4 &+ 12 &* type
                let cell = bytes > 0 ? cells : cells &+ 4
                write(cell, read(cell) &+ 1)
                write(cells &+ 8, UInt32(truncatingIfNeeded: Int64(read(cells &+ 8)) &+ bytes))
                return
            }
            index = (index &+ 1) % Self.maximumTags
        }
    }

    private func count(_ field: UInt32) { write(descriptor &+ field, read(descriptor &+ field) &+ 1) }

    private func read(_ address: UInt32) -> UInt32 { machine.read32(linear: address) ?? 0 }
    private func write(_ address: UInt32, _ value: UInt32) { _ = machine.write32(linear: address, value) }
}
