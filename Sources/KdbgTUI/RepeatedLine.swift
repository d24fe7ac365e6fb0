// SPDX-License-Identifier: GPL-3.0-or-later

/// KDBG's rule for empty lines (spec/kdbg.md section 3.4): Enter alone executes the last line again, unless its output had to be paged.
package struct RepeatedLine: Sendable {
    private var last = ""

    package init() {
    }

    /// The line to execute for what was typed; empty when there is nothing to repeat. A line of blanks does nothing.
    package mutating func line(for typed: String) -> String {
        guard !typed.isEmpty else { return last }
        guard !typed.allSatisfy(\.isWhitespace) else { return "" }
        last = typed
        return last
    }

    /// Nothing is repeated until the next line: a key meant for the pager must not do anything else.
    package mutating func forget() {
        last = ""
    }
}
