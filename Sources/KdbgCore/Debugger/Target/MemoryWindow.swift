// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads guest memory from low to high addresses for dumps: a page at a time instead of a walk through the page tables for every dword. The machine stands
/// still meanwhile.
struct MemoryWindow {
    private let target: any Target
    /// Virtual address of the page that was read last, and its bytes; empty when it is not mapped.
    private var page: UInt32?
    private var bytes: [UInt8] = []

    init(_ target: any Target) { self.target = target }

    /// A little-endian number of 1 to 8 bytes; nil when any byte is not mapped.
    mutating func read(_ address: UInt32, size: UInt32) -> UInt64? {
        let start = Int(address & 0xFFF)
        guard start + Int(size) <= 0x1000 else {
            var value: UInt64 = 0
            for index in 0..<size {
                guard let byte = target.read8(address &+ index) else { return nil }
                value |= UInt64(byte) << UInt64(8 * index)
            }
            return value
        }
        if page != address & ~0xFFF {
            page = address & ~0xFFF
            bytes = target.readBytes(address & ~0xFFF, count: 0x1000) ?? []
        }
        guard !bytes.isEmpty else { return nil }
        var value: UInt64 = 0
        for index in (0..<Int(size)).reversed() { value = value << 8 | UInt64(bytes[start + index]) }
        return value
    }

    mutating func read32(_ address: UInt32) -> UInt32? { read(address, size: 4).map(UInt32.init(truncatingIfNeeded:)) }
}
