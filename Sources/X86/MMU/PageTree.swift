// SPDX-License-Identifier: GPL-3.0-or-later

/// 4096 bytes that never change, shared by all trees that hold them.
final class SavedPage: @unchecked Sendable {
    static var size: Int { 4096 }
    let bytes: UnsafeMutableRawPointer

    /// A copy of a page.
    init(copying source: UnsafeRawPointer) {
        bytes = .allocate(byteCount: Self.size, alignment: 16)
        bytes.copyMemory(from: source, byteCount: Self.size)
    }

    deinit { bytes.deallocate() }

    /// Replaces the contents; only by whoever holds the only reference.
    func overwrite(_ source: UnsafeRawPointer) { bytes.copyMemory(from: source, byteCount: Self.size) }
}

/// A node of 32 places. At the bottom they hold pages, above it nodes.
private final class PageNode: @unchecked Sendable {
    var pages: InlineArray<32, SavedPage?>
    var nodes: InlineArray<32, PageNode?>

    init() {
        pages = .init(repeating: nil)
        nodes = .init(repeating: nil)
    }

    init(_ other: PageNode) {
        pages = other.pages
        nodes = other.nodes
    }
}

/// Which page lies at which number: a value whose copies share what they have in common. A copy costs one reference, a change the nodes on the way to its
/// page, and comparing two trees only what differs in them.
struct PageTree: Sendable {
    private var root: PageNode?
    /// Bits of a page number that the levels above the lowest take.
    private let shift: Int

    /// An empty tree for page numbers below `pages`.
    init(pages: Int) {
        var shift = 0
        while pages > 1 << (shift + 5) { shift += 5 }
        self.shift = shift
    }

    /// The page with a number, nil when there is none.
    subscript(number: Int) -> SavedPage? {
        var node = root
        var shift = shift
        while shift > 0, let inner = node {
            node = inner.nodes[number >> shift & 31]
            shift -= 5
        }
        return node?.pages[number & 31]
    }

    /// Puts a copy of 4096 bytes at a number. Where nobody else holds the page that is there, it is written over.
    mutating func set(_ number: Int, copying source: UnsafeRawPointer) { Self.set(&root, shift, number, source) }

    private static func set(_ node: inout PageNode?, _ shift: Int, _ number: Int, _ source: UnsafeRawPointer) {
        if node == nil {
            node = PageNode()
        } else if !isKnownUniquelyReferenced(&node) {
            node = node.map(PageNode.init)
        }
        guard let own = node else { return }
        let place = number >> shift & 31
        if shift > 0 { return set(&own.nodes[place], shift - 5, number, source) }
        if own.pages[place] != nil, isKnownUniquelyReferenced(&own.pages[place]) {
            own.pages[place]?.overwrite(source)
        } else {
            own.pages[place] = SavedPage(copying: source)
        }
    }

    /// Calls `body` with the number of each page that is not the same object in both trees, in order.
    static func differences(_ a: PageTree, _ b: PageTree, _ body: (Int) -> Void) { differences(a.root, b.root, a.shift, 0, body) }

    private static func differences(_ a: PageNode?, _ b: PageNode?, _ shift: Int, _ start: Int, _ body: (Int) -> Void) {
        guard a !== b else { return }
        for place in 0..<32 {
            let number = start | place << shift
            if shift > 0 {
                differences(a?.nodes[place], b?.nodes[place], shift - 5, number, body)
            } else if a?.pages[place] !== b?.pages[place] {
                body(number)
            }
        }
    }
}
