// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds what a mistyped word was meant to be.
enum Suggestion {
    /// The candidate nearest to the word, if one is near enough: one slip for short words, two for longer ones; upper and lower case are the same.
    static func nearest(to word: String, in candidates: [String]) -> String? {
        guard word.utf8.count <= 24, word.utf8.count >= 2 else { return nil }
        let letters = word.utf8.map(folded)
        let most = letters.count > 4 ? 2 : 1
        var best: (candidate: String, distance: Int)?
        let wanted = kinds(letters)
        for candidate in candidates where abs(candidate.utf8.count - letters.count) <= most {
            // Most candidates lack, or have too many, kinds of letters: each costs a slip, and counting them costs nothing.
            let offered = kinds(candidate.utf8)
            guard (wanted & ~offered).nonzeroBitCount <= most, (offered & ~wanted).nonzeroBitCount <= most else { continue }
            let distance = distance(letters, candidate.utf8.map(folded))
            if distance <= most, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// A bit for each kind of letter, with some kinds sharing one.
    private static func kinds(_ text: some Sequence<UInt8>) -> UInt64 {
        text.reduce(0) { $0 | 1 << UInt64(folded($1) & 63) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    /// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        let width = b.count + 1
        // Three rows of the table, used in turn.
        var cells = Array(0..<3 * width)
        for i in a.indices {
            let row = (i + 1) % 3 * width
            let above = i % 3 * width
            let higher = (i + 2) % 3 * width
            cells[row] = i + 1
            for j in b.indices {
                var cost = min(cells[above + j + 1] + 1, cells[row + j] + 1, cells[above + j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, cells[higher + j - 1] + 1) }
                cells[row + j + 1] = cost
            }
        }
        return cells[a.count % 3 * width + b.count]
    }
}
