// SPDX-License-Identifier: GPL-3.0-or-later

/// A 64-bit hash that is the same in every process, unlike the standard library's.
struct StableHasher {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    private static var prime: UInt64 { 0x9E37_79B9_7F4A_7C15 }

    /// Mixes in one number.
    @inline(__always) mutating func add(_ number: some FixedWidthInteger) {
        value = (value ^ UInt64(truncatingIfNeeded: number)) &* Self.prime
        value ^= value >> 29
    }

    /// Mixes in up to 64 flags.
    mutating func add(_ flags: [Bool]) { add(flags.reduce(UInt64(1)) { $0 << 1 | ($1 ? 1 : 0) }) }

    /// Mixes in a length and that many bytes.
    mutating func add(bytes: [UInt8]) {
        add(bytes.count)
        bytes.withUnsafeBytes { buffer in
            let words = buffer.count / 8
            for n in 0..<words { add(buffer.loadUnaligned(fromByteOffset: n * 8, as: UInt64.self)) }
            for n in words * 8..<buffer.count { add(buffer[n]) }
        }
    }

    /// The hash of a page with its number: 0 when it holds only zeros, so that pages nobody wrote need not be looked at. Sums of such hashes are hashes of
    /// memories, and change with a page by what the page's changes.
    static func hash(page start: UnsafeRawPointer, number: Int) -> UInt64 {
        // Four lanes, since each step waits for the multiplication before it.
        var lanes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var any: UInt64 = 0
        for offset in stride(from: 0, to: SavedPage.size, by: 32) {
            let (a, b) = (start.load(fromByteOffset: offset, as: UInt64.self), start.load(fromByteOffset: offset + 8, as: UInt64.self))
            let (c, d) = (
                start.load(fromByteOffset: offset + 16, as: UInt64.self), start.load(fromByteOffset: offset + 24, as: UInt64.self)
            )
            any |= a | b | c | d
            lanes.0 = step(lanes.0, a)
            lanes.1 = step(lanes.1, b)
            lanes.2 = step(lanes.2, c)
            lanes.3 = step(lanes.3, d)
        }
        guard any != 0 else { return 0 }
        var hasher = StableHasher()
        hasher.add(number)
        hasher.add(lanes.0)
        hasher.add(lanes.1)
        hasher.add(lanes.2)
        hasher.add(lanes.3)
        hasher.add(0)
        return hasher.value
    }

    @inline(__always) private static func step(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        let mixed = (lane ^ word) &* prime
        return mixed ^ mixed >> 29
    }
}
