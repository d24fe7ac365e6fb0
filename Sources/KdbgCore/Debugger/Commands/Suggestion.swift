// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds what a mistyped word was meant to be.
enum Suggestion {
    /// The candidate nearest to the word, if one is near enough: one slip for short words, two for longer ones; upper and lower case are the same.
    static func nearest(to word: String, in candidates: [String]) -> String? {
        guard word.utf8.count <= 24, word.utf8.count >= 2 else { return nil }
        let letters = Array(word.lowercased().utf8)
        let best = candidates.map { ($0, distance(letters, Array($0.lowercased().utf8))) }.min { $0.1 < $1.1 }
        guard let (candidate, distance) = best, distance <= (letters.count > 4 ? 2 : 1) else { return nil }
        return candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
