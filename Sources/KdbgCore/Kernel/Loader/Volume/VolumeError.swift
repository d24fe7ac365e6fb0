// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a disk image is not used: where in it something is wrong, and what.
package struct VolumeError: Error, Equatable {
    /// Such as `sector 63` or `\ReactOS\debug.log`; empty when the whole is meant.
    package var place: String
    package var reason: String

    init(_ place: String, _ reason: String) {
        self.place = place
        self.reason = reason
    }

    /// What a person is told.
    package var message: String { place.isEmpty ? reason : "\(place): \(reason)" }
}

/// Little-endian numbers in bytes.
extension [UInt8] {
    func word(at offset: Int) -> Int { Int(self[offset]) | Int(self[offset + 1]) << 8 }
    func dword(at offset: Int) -> Int { word(at: offset) | word(at: offset + 2) << 16 }

    mutating func setWord(_ value: Int, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value)
        self[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
    }

    mutating func setDword(_ value: Int, at offset: Int) {
        setWord(value, at: offset)
        setWord(value >> 16, at: offset + 2)
    }
}
