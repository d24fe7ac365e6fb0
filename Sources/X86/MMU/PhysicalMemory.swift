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
    /// Per page: 0 never written, otherwise `touched` and `dirty` bits.
    let pageState: UnsafeMutablePointer<UInt8>
    /// What of it is ROM.
    let rom: UnsafeMutablePointer<ROMWindow>
    /// Decoded records of a page, for 32-bit and for 16-bit code; nil while no code ran there.
    let code32: UnsafeMutablePointer<UnsafeMutablePointer<Instruction>?>
    let code16: UnsafeMutablePointer<UnsafeMutablePointer<Instruction>?>

    /// The page was written at least once since the machine was made.
    static var touched: UInt8 { 1 }
    /// The page was written since the last snapshot.
    static var dirty: UInt8 { 2 }

    init(size: Int) {
        self.size = (size + 4095) & ~4095
        // One page more than asked for: an access that starts in RAM never runs off the allocation.
        guard let memory = calloc(self.size / 4096 + 2, 4096) else { fatalError("out of memory for \(size) bytes of RAM") }
        let address = Int(bitPattern: memory)
        base = memory + ((4096 - address & 4095) & 4095)
        allocation = memory
        rom = .allocate(capacity: 1)
        rom.initialize(to: .none)
        let pages = self.size / 4096
        pageState = .allocate(capacity: pages)
        pageState.initialize(repeating: 0, count: pages)
        code32 = .allocate(capacity: pages)
        code32.initialize(repeating: nil, count: pages)
        code16 = .allocate(capacity: pages)
        code16.initialize(repeating: nil, count: pages)
    }

    private let allocation: UnsafeMutableRawPointer

    /// Frees everything. The handle and its copies are dead afterwards.
    func deallocate() {
        dropCode()
        free(allocation)
        pageState.deallocate()
        rom.deallocate()
        code32.deallocate()
        code16.deallocate()
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
            pageState[page] |= Self.touched | Self.dirty
            if code32[page] != nil || code16[page] != nil {
                let start = max(Int(address) - (page << 12), 0)
                let end = min(Int(address) + count - (page << 12), 4096)
                invalidate(page, start, end)
            }
            page += 1
        }
    }

    private func invalidate(_ page: Int, _ start: Int, _ end: Int) {
        let first = max(start - 14, 0)
        if let records = code32[page] { for offset in first..<end { records[offset].handler = nil } }
        if let records = code16[page] { for offset in first..<end { records[offset].handler = nil } }
    }

    /// Forgets every decoded instruction. Only between instructions: a handler may still look at its record.
    func dropCode() {
        for page in 0..<size / 4096 {
            code32[page]?.deallocate()
            code32[page] = nil
            code16[page]?.deallocate()
            code16[page] = nil
        }
    }
}
