// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers of pages to which something has happened, each at most once. A handle: copies share the list.
struct PageList {
    private let pages: UnsafeMutablePointer<UInt32>
    private let size: UnsafeMutablePointer<Int>

    /// Room for every page there is.
    init(capacity: Int) {
        pages = .allocate(capacity: capacity)
        size = .allocate(capacity: 1)
        size.initialize(to: 0)
    }

    /// Frees the list.
    func deallocate() {
        pages.deallocate()
        size.deallocate()
    }

    /// How many there are.
    var count: Int { size.pointee }

    /// Adds a page that is not in the list.
    func append(_ page: Int) {
        pages[size.pointee] = UInt32(page)
        size.pointee += 1
    }

    /// Hands out every page and forgets it. `body` must not add to the list.
    func empty(_ body: (Int) -> Void) {
        for n in 0..<size.pointee { body(Int(pages[n])) }
        size.pointee = 0
    }
}
