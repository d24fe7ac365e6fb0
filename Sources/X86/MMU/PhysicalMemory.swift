// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// RAM from physical address 0, with what is known about each 4 KiB page. A handle: copies share the memory, `Machine` frees it.
struct PhysicalMemory {
    let base: UnsafeMutableRawPointer
    /// Bytes, a multiple of 4096.
    let size: Int
    /// Per page: `touched`, `dirty` and `stale` bits.
    let pageState: UnsafeMutablePointer<UInt8>
    /// What of it is ROM.
    let rom: UnsafeMutablePointer<ROMWindow>
    /// Decoded code, which has to hear of writes.
    let code: UnsafeMutablePointer<CodeCache>
    /// What was written since the last snapshot, and since the last hash.
    let dirty: PageList
    let stale: PageList
    /// Per page the hash of its contents when it last was not stale, and the sum of all of them.
    let pageHash: UnsafeMutablePointer<UInt64>
    let hashSum: UnsafeMutablePointer<UInt64>

    /// The page was written at least once since the machine was made.
    static var touched: UInt8 { 1 }
    /// The page was written since the last snapshot and is in the list of such pages.
    static var isDirty: UInt8 { 2 }
    /// The page was written since the last hash and is in the list of such pages.
    static var isStale: UInt8 { 4 }
    private static var all: UInt8 { 7 }

    init(size: Int) {
        self.size = (size + 4095) & ~4095
        // One page more than asked for: an access that starts in RAM never runs off the allocation.
        guard let memory = calloc(self.size / 4096 + 2, 4096) else { fatalError("out of memory for \(size) bytes of RAM") }
        let address = Int(bitPattern: memory)
        base = memory + ((4096 - address & 4095) & 4095)
        allocation = memory
        rom = .allocate(capacity: 1)
        rom.initialize(to: .none)
        pageState = zeroed(self.size / 4096)
        code = .allocate(capacity: 1)
        code.initialize(to: CodeCache(pageCount: self.size / 4096))
        dirty = PageList(capacity: self.size / 4096)
        stale = PageList(capacity: self.size / 4096)
        pageHash = zeroed(self.size / 4096)
        hashSum = zeroed(1)
    }

    private let allocation: UnsafeMutableRawPointer

    /// Frees everything. The handle and its copies are dead afterwards.
    func deallocate() {
        free(allocation)
        rom.deallocate()
        free(pageState)
        code.pointee.deallocate()
        code.deallocate()
        dirty.deallocate()
        stale.deallocate()
        free(pageHash)
        free(hashSum)
    }

    /// The byte range lies in RAM.
    @inline(__always) func contains(_ address: UInt32, _ count: Int) -> Bool { Int(address) + count <= size }

    /// Reads at a physical address; all ones outside RAM.
    @inline(__always) func read<T: Width>(_ address: UInt32, _: T.Type) -> T {
        guard contains(address, T.bitWidth / 8) else { return T.max }
        return (base + Int(address)).loadUnaligned(as: T.self)
    }

    /// Writes at a physical address, dropping decoded code there; nothing outside RAM or in ROM.
    func write<T: Width>(_ address: UInt32, _ value: T) {
        guard contains(address, T.bitWidth / 8), !rom.pointee.contains(address) else { return }
        noteWrite(address, T.bitWidth / 8)
        (base + Int(address)).storeBytes(of: value, as: T.self)
    }

    /// Book-keeping for a write to RAM that is about to happen.
    func noteWrite(_ address: UInt32, _ count: Int) {
        guard count > 0 else { return }
        let last = (Int(address) + count - 1) >> 12
        var page = Int(address) >> 12
        while page <= last {
            if pageState[page] != Self.all { mark(page) }
            if code.pointee.pages[page].chunks != 0 {
                let start = max(Int(address) - (page << 12), 0)
                let end = min(Int(address) + count - (page << 12), 4096)
                code.pointee.invalidate(page: page, from: start, to: end)
            }
            page += 1
        }
    }

    /// A page is about to be written for the first time since a snapshot or a hash.
    ///
    /// Whoever caches that a page may be written without coming here (the write tags of the TLB) forgets it when the lists are emptied.
    @inline(never) private func mark(_ page: Int) {
        let state = pageState[page]
        if state & Self.isDirty == 0 { dirty.append(page) }
        if state & Self.isStale == 0 { stale.append(page) }
        pageState[page] = Self.all
    }

    /// Empties the list of pages written since the last snapshot, handing each to `body`.
    func takeDirty(_ body: (Int) -> Void) {
        dirty.empty { page in
            pageState[page] &= ~Self.isDirty
            body(page)
        }
    }

    /// A hash of the contents of RAM, in time proportional to what was written since the last.
    func contentsHash() -> UInt64 {
        stale.empty { page in
            pageState[page] &= ~Self.isStale
            let new = StableHasher.hash(page: base + page * 4096, number: page)
            hashSum.pointee = hashSum.pointee &- pageHash[page] &+ new
            pageHash[page] = new
        }
        return hashSum.pointee
    }
}
