// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds what a mistyped word was meant to be.
enum Suggestion {
    /// The candidate nearest to the word, if one is near enough: one slip for short words, two for longer ones; upper and lower case are the same.
    static func nearest(to word: String, in candidates: [String]) -> String? {
        guard word.utf8.count <= 24, word.utf8.count >= 2 else { return nil }
        let letters = Array(word.lowercased().utf8)
        let most = letters.count > 4 ? 2 : 1
        var best: (candidate: String, distance: Int)?
        for candidate in candidates where abs(candidate.utf8.count - letters.count) <= most {
            let distance = distance(letters, Array(candidate.lowercased().utf8))
            if distance <= most, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

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
