// SPDX-License-Identifier: GPL-3.0-or-later

/// A 64-bit hash that is the same in every process, unlike the standard library's.
struct StableHasher {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Mixes in one word.
    @inline(__always) mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
    }

    /// Mixes in a length and that many bytes.
    mutating func add(bytes: [UInt8]) {
        add(UInt64(bytes.count))
        for byte in bytes { add(UInt64(byte)) }
    }

    /// Hashes whole 8-byte words of memory.
    mutating func add(_ memory: UnsafeMutableRawPointer, count: Int) {
        for offset in stride(from: 0, to: count, by: 8) { add(memory.load(fromByteOffset: offset, as: UInt64.self)) }
    }
}
