// SPDX-License-Identifier: GPL-3.0-or-later

/// Names in directories: 8.3, and the long ones before them (FAT specification, sections 6 and 7).
enum VolumeName {
    private static let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'()-@^_`{}~".utf8)

    /// Eleven bytes, padded with blanks; nil when the name is not of the form 8.3. Case does not matter.
    static func short(_ name: String) -> [UInt8]? {
        let parts = name.uppercased().split(separator: ".", omittingEmptySubsequences: false).map { Array($0.utf8) }
        guard 1...2 ~= parts.count else { return nil }
        let stem = parts[0]
        let suffix = parts.count > 1 ? parts[1] : []
        guard 1...8 ~= stem.count, suffix.count <= 3, parts.count == 1 || !suffix.isEmpty, (stem + suffix).allSatisfy(allowed.contains)
        else { return nil }
        return padded(stem, suffix)
    }

    /// The name of an entry that has no suffix.
    static func padded(_ name: String) -> [UInt8] { padded(Array(name.utf8), []) }

    private static func padded(_ stem: [UInt8], _ suffix: [UInt8]) -> [UInt8] {
        stem + [UInt8](repeating: 0x20, count: 8 - stem.count) + suffix + [UInt8](repeating: 0x20, count: 3 - suffix.count)
    }

    /// The bits at 0Ch that say "all lower case" for stem (08h) and suffix (10h); nil when they cannot say how an 8.3 name is written, so that it needs a long one.
    static func caseBits(_ name: String) -> UInt8? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        var bits: UInt8 = 0
        for (part, bit) in zip(parts, [0x08, 0x10] as [UInt8]) where part != part.uppercased() {
            guard part == part.lowercased() else { return nil }
            bits |= bit
        }
        return bits
    }

    /// An 8.3 name for a long one, with ~1, ~2, … behind what is left of it.
    static func short(for name: String, not taken: (_ name: [UInt8]) -> Bool) -> [UInt8] {
        let trimmed = name.drop { $0 == "." }
        let dot = trimmed.lastIndex(of: ".")
        func clean(_ text: Substring) -> [UInt8] {
            text.uppercased().utf8.filter { $0 != 0x20 && $0 != 0x2E }.map { allowed.contains($0) ? $0 : 0x5F }
        }
        let stem = clean(dot.map { trimmed[..<$0] } ?? trimmed)
        let suffix = clean(dot.map { trimmed[trimmed.index(after: $0)...] } ?? "")
        for number in 1... {
            let tail = Array("~\(number)".utf8)
            let candidate = padded(Array(stem.prefix(8 - tail.count)) + tail, Array(suffix.prefix(3)))
            if !taken(candidate) { return candidate }
        }
        preconditionFailure("there are more numbers than entries in a directory")
    }

    /// The checksum that ties long entries to their short one.
    static func checksum(_ short: some Sequence<UInt8>) -> UInt8 { short.reduce(0) { ($0 >> 1 | $0 << 7) &+ $1 } }

    private static let places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]

    /// The entries that stand before the short one, last part first.
    static func longEntries(_ name: String, short: [UInt8]) -> [UInt8] {
        let units = Array(name.utf16)
        let count = (units.count + 12) / 13
        let sum = checksum(short)
        return (1...count).reversed().flatMap { number -> [UInt8] in
            var entry = [UInt8](repeating: 0, count: 32)
            entry[0] = UInt8(number) | (number == count ? 0x40 : 0)
            entry[11] = 0x0F
            entry[13] = sum
            for (index, place) in places.enumerated() {
                let position = (number - 1) * 13 + index
                let unit = position < units.count ? Int(units[position]) : position == units.count ? 0 : 0xFFFF
                entry.setWord(unit, at: place)
            }
            return entry
        }
    }

    /// The characters of one long entry, which end before a zero.
    static func units(_ entry: [UInt8]) -> [UInt16] {
        Array(places.map { UInt16(entry.word(at: $0)) }.prefix { $0 != 0 && $0 != 0xFFFF })
    }

    /// How a short entry is written.
    static func text(_ entry: [UInt8]) -> String {
        func part(_ range: Range<Int>, _ bit: UInt8) -> String {
            var bytes = Array(entry[range])
            if range.lowerBound == 0, bytes[0] == 0x05 { bytes[0] = 0xE5 }
            while bytes.last == 0x20 { bytes.removeLast() }
            let text = String(decoding: bytes, as: UTF8.self)
            return entry[12] & bit != 0 ? text.lowercased() : text
        }
        let suffix = part(8..<11, 0x10)
        return part(0..<8, 0x08) + (suffix.isEmpty ? "" : "." + suffix)
    }
}
