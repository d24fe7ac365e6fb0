// SPDX-License-Identifier: GPL-3.0-or-later

/// The breakpoints that `be`, `bd` and `bc` are told: one number as in KDBG, and, where KDBG would complain or not look, several of them, ranges (`0-3`)
/// and `*` for all (design rule 6).
enum BreakpointNumbers {
    /// - Returns: numbers in the order they were written. Those of a range or of `*` exist; one that was written out may not.
    static func read(_ line: CommandLine, _ table: BreakpointTable) throws(CommandError) -> [UInt64] {
        let required = CommandError("\(line.words[0].text): Breakpoint number required")
        guard !line.arguments.isEmpty else { throw required }
        let existing = table.all.map { UInt64($0.number) }
        var numbers: [UInt64] = []
        for word in line.arguments {
            if word.text == "*" {
                numbers += existing
            } else if let number = CNumber.whole(word.text) {
                numbers.append(number)
            } else if let dash = word.text.firstIndex(of: "-"), let first = CNumber.whole(word.text[..<dash]),
                let last = CNumber.whole(word.text[word.text.index(after: dash)...]), first <= last
            {
                let inside = existing.filter { $0 >= first && $0 <= last }
                guard !inside.isEmpty else { throw CommandError("\(line.words[0].text): No breakpoint is in \(word.text).") }
                numbers += inside
            } else {
                throw required
            }
        }
        return numbers
    }
}
