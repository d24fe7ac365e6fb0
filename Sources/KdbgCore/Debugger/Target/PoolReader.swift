// SPDX-License-Identifier: GPL-3.0-or-later

/// The two pools in guest memory (spec/boot.md section 5.20). Their headers may say anything, so every walk is bounded by pages and by the pool.
struct PoolReader {
    enum Kind: UInt32, CaseIterable {
        case nonPaged = 0
        case paged = 1

        var name: String { self == .nonPaged ? "NonPaged" : "Paged" }
        fileprivate var startSymbol: String { self == .nonPaged ? "MmNonPagedPoolStart" : "MmPagedPoolStart" }
        fileprivate var sizeSymbol: String { self == .nonPaged ? "MmSizeOfNonPagedPoolInBytes" : "MmSizeOfPagedPoolInBytes" }
    }

    /// A block of a page, with what its POOL_HEADER says.
    struct Block {
        /// Virtual address of the header.
        var address: UInt32
        /// In units of 8 bytes, the header included.
        var size: UInt32
        var previousSize: UInt32
        var isAllocated: Bool
        /// It is free, and waits on a lookaside list for the next allocation of its size.
        var isInLookaside: Bool
        var tag: UInt32

        /// Virtual address of what the owner got.
        var body: UInt32 { address &+ 8 }
        func contains(_ place: UInt32) -> Bool { place &- address < size &* 8 }
    }

    /// An allocation of whole pages, which has no header.
    struct LargeAllocation {
        var address: UInt32
        var tag: UInt32
        var bytes: UInt32
    }

    let target: any Target

    /// More pages than any kernel of 1 GiB would have.
    private static let maximumPages: UInt32 = 0x1_0000
    private static let unit: UInt32 = 8

    /// First address, and the one behind the last; nil before there is such a pool.
    func range(_ kind: Kind) -> (start: UInt32, end: UInt32)? {
        guard let start = target.global(kind.startSymbol), start != 0, let size = target.global(kind.sizeSymbol), size != 0 else {
            return nil
        }
        let pages = min(size >> 12, Self.maximumPages)
        let (end, overflow) = start.addingReportingOverflow(pages << 12)
        return (start & ~0xFFF, overflow ? 0xFFFF_F000 : end)
    }

    /// All parts of a pool: nonpaged pool has an expansion far behind.
    func ranges(_ kind: Kind) -> [(start: UInt32, end: UInt32)] {
        guard let first = range(kind) else { return [] }
        guard kind == .nonPaged, let start = target.global("MmNonPagedPoolExpansionStart"), let end = target.global("MmNonPagedPoolEnd"),
            start != 0, start < end, end &- start <= Self.maximumPages << 12
        else { return [first] }
        return [first, (start & ~0xFFF, end & ~0xFFF)]
    }

    /// The pool that holds an address.
    func kind(of address: UInt32) -> Kind? {
        Kind.allCases.first { kind in ranges(kind).contains { address >= $0.start && address < $0.end } }
    }

    /// The blocks of a page from its beginning; ends at a size of zero, at one that leaves the page, and where memory is missing.
    func blocks(inPage page: UInt32) -> [Block] {
        var blocks: [Block] = []
        var offset: UInt32 = 0
        while offset < 0x1000, let word = target.read32(page &+ offset), let tag = target.read32(page &+ offset &+ 4) {
            let size = word >> 16 & 0x1FF
            guard size > 0, offset &+ size &* Self.unit <= 0x1000 else { break }
            let isKept = word >> 25 & Ex.inLookaside != 0
            blocks.append(
                Block(
                    address: page &+ offset, size: size, previousSize: word & 0x1FF, isAllocated: word >> 25 != 0 && !isKept,
                    isInLookaside: isKept,
                    tag: tag))
            offset &+= size &* Self.unit
        }
        return blocks
    }

    /// Whether a page of the pool holds blocks: it is there, and for nonpaged pool it is an allocation of one page that is no large one.
    private func hasBlocks(_ page: UInt32, of kind: Kind, large: Set<UInt32>) -> Bool {
        guard let entry = target.read32(0xC000_0000 &+ page >> 12 &* 4), entry & 1 != 0, !large.contains(page) else { return false }
        guard kind == .nonPaged, let database = target.global("MmPfnDatabase") else { return true }
        let both = PfnEntry.startOfAllocation | PfnEntry.endOfAllocation
        let flags = target.read16(database &+ entry >> 12 &* MMPFN.size &+ MMPFN.layout.e1.offset).map(UInt32.init) ?? both
        return flags & both == both
    }

    /// Addresses of all pages of large allocations, as far as memory could hold so many.
    private var largePages: Set<UInt32> {
        var pages: Set<UInt32> = []
        for large in largeAllocations {
            for index in 0..<(large.bytes >> 12) { pages.insert(large.address &+ index << 12) }
            if pages.count > Int(Self.maximumPages) { break }
        }
        return pages
    }

    /// Calls `body` with every block of the pool from an address on, until it says that it is enough.
    func forEachBlock(_ kind: Kind, from first: UInt32? = nil, _ body: (Block) -> Bool) {
        let large = largePages
        var isEnough = false
        for range in ranges(kind) where !isEnough { isEnough = !forEachBlock(kind, in: range, from: first, large, body) }
    }

    /// The same in a part of the pool; false when it is enough.
    private func forEachBlock(
        _ kind: Kind, in range: (start: UInt32, end: UInt32), from first: UInt32?, _ large: Set<UInt32>, _ body: (Block) -> Bool
    ) -> Bool {
        var page = range.start
        if let first, first > range.start { page = first & ~0xFFF }
        while page < range.end {
            if hasBlocks(page, of: kind, large: large), target.read32(page) != nil {
                for block in blocks(inPage: page) where first.map({ block.body >= $0 }) ?? true {
                    // A first block has nothing in front of it; what says otherwise is no header.
                    if block.address == page, block.previousSize != 0 { break }
                    if !body(block) { return false }
                }
            }
            page &+= 0x1000
            if page == 0 { return true }
        }
        return true
    }

    /// Bounds of the table of large allocations; nil before there is one.
    var largeTable: (start: UInt32, end: UInt32)? {
        guard let start = target.global("PoolBigPageTable"), start != 0, let rows = target.global("PoolBigPageTableSize") else {
            return nil
        }
        return (start, start &+ POOL_TRACKER_BIG_PAGES.size &* min(rows, Self.maximumPages))
    }

    var largeAllocations: [LargeAllocation] {
        guard let table = largeTable, table.start < table.end else { return [] }
        return stride(from: table.start, to: table.end, by: Int(POOL_TRACKER_BIG_PAGES.size)).compactMap { row in
            // Bit 0 marks a free row.
            guard let address = target.read32(row), address != 0, address & 1 == 0, let tag = target.read32(row &+ 4),
                let pages = target.read32(row &+ 8), pages <= Self.maximumPages
            else { return nil }
            return LargeAllocation(address: address, tag: tag, bytes: pages << 12)
        }
    }
}

/// A pool tag as it is typed and shown: four characters, the lowest byte first.
struct PoolTag {
    /// A tag that may have wildcards: `?` for one character. Nil stands for any tag (`*`).
    private let wanted: [UInt8]?

    init(_ word: String) {
        wanted = word == "*" ? nil : Array(word.utf8.prefix(4))
    }

    func matches(_ tag: UInt32) -> Bool {
        guard let wanted else { return true }
        // A shorter tag is filled up with blanks.
        return (0..<4).allSatisfy { index in
            let character = index < wanted.count ? wanted[index] : UInt8(ascii: " ")
            return character == UInt8(ascii: "?") || character == UInt8(truncatingIfNeeded: tag >> (8 * UInt32(index)))
        }
    }

    /// The four characters as typed.
    var text: String { wanted.map { String(decoding: $0, as: UTF8.self).harmless().padded(right: 4) } ?? "*" }

    /// A tag's four characters, those that cannot be shown as dots.
    static func text(of tag: UInt32) -> String {
        String(
            String.UnicodeScalarView(
                (0..<4).map { index in
                    let byte = UInt8(truncatingIfNeeded: tag >> (8 * UInt32(index)))
                    return (0x20...0x7E).contains(byte) ? Unicode.Scalar(byte) : "."
                }))
    }

    /// Whether all four can be shown.
    static func isPrintable(_ tag: UInt32) -> Bool {
        (0..<4).allSatisfy { (0x20...0x7E).contains(UInt8(truncatingIfNeeded: tag >> (8 * UInt32($0)))) }
    }
}
