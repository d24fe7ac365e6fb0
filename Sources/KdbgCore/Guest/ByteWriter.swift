// SPDX-License-Identifier: GPL-3.0-or-later

/// Little-endian bytes, one value after the other.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func word(_ value: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func dword(_ value: UInt32) {
        word(UInt16(truncatingIfNeeded: value))
        word(UInt16(truncatingIfNeeded: value >> 16))
    }

    mutating func qword(_ value: UInt64) {
        dword(UInt32(truncatingIfNeeded: value))
        dword(UInt32(truncatingIfNeeded: value >> 32))
    }

    /// The string's UTF-8 and a zero.
    mutating func string(_ text: String) {
        bytes += text.utf8
        bytes.append(0)
    }

    mutating func zeros(_ count: Int) { bytes += [UInt8](repeating: 0, count: count) }

    /// Zeros up to a multiple of `alignment`.
    mutating func align(_ alignment: Int) {
        zeros((alignment - bytes.count % alignment) % alignment)
    }
}
