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

    /// The pool that holds an address.
    func kind(of address: UInt32) -> Kind? {
        Kind.allCases.first { kind in range(kind).map { address >= $0.start && address < $0.end } ?? false }
    }

    /// The blocks of a page from its beginning; ends at a size of zero, at one that leaves the page, and where memory is missing.
    func blocks(inPage page: UInt32) -> [Block] {
        var blocks: [Block] = []
        var offset: UInt32 = 0
        while offset < 0x1000, let word = target.read32(page &+ offset), let tag = target.read32(page &+ offset &+ 4) {
            let size = word >> 16 & 0x1FF
            guard size > 0, offset &+ size &* Self.unit <= 0x1000 else { break }
            blocks.append(
                Block(address: page &+ offset, size: size, previousSize: word & 0x1FF, isAllocated: word >> 25 != 0, tag: tag))
            offset &+= size &* Self.unit
        }
        return blocks
    }

    /// Whether a page of the pool is known to hold no blocks: it is free or belongs to a large allocation. Where the kernel keeps no such map every page may.
    private func hasBlocks(_ page: UInt32, of kind: Kind, from start: UInt32) -> Bool {
        guard let map = target.symbols.symbol(named: "ExpPoolPageMap")?.address else { return true }
        let index = (page &- start) >> 12
        guard index < PoolArena.maximumPages else { return true }
        return target.read8(map &+ kind.rawValue &* PoolArena.maximumPages &+ index) ?? 1 == 1
    }

    /// Calls `body` with every block of the pool from an address on, until it says that it is enough.
    func forEachBlock(_ kind: Kind, from first: UInt32? = nil, _ body: (Block) -> Bool) {
        guard let (start, end) = range(kind) else { return }
        var page = start
        if let first, first > start { page = first & ~0xFFF }
        while page < end {
            if hasBlocks(page, of: kind, from: start), target.read32(page) != nil {
                for block in blocks(inPage: page) where first.map({ block.body >= $0 }) ?? true {
                    // A first block has nothing in front of it; what says otherwise is no header.
                    if block.address == page, block.previousSize != 0 { break }
                    if !body(block) { return }
                }
            }
            page &+= 0x1000
            if page == 0 { return }
        }
    }

    /// Bounds of the table of large allocations.
    var largeTable: (start: UInt32, end: UInt32)? {
        target.symbols.symbol(named: "PoolBigPageTable").map { ($0.address, $0.address &+ 12 &* PoolArena.maximumLargeAllocations) }
    }

    var largeAllocations: [LargeAllocation] {
        guard let table = largeTable else { return [] }
        return (0..<PoolArena.maximumLargeAllocations).compactMap { index in
            let entry = table.start &+ 12 &* index
            guard let address = target.read32(entry), address != 0, let tag = target.read32(entry &+ 4),
                let bytes = target.read32(entry &+ 8)
            else { return nil }
            return LargeAllocation(address: address, tag: tag, bytes: bytes)
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
