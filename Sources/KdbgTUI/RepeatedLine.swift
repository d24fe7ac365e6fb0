// SPDX-License-Identifier: GPL-3.0-or-later

/// KDBG's rule for empty lines (spec/kdbg.md section 3.4): Enter alone executes the last non-empty line again.
package struct RepeatedLine: Sendable {
    private var last = ""

    package init() {
    }

    /// The line to execute for what was typed; empty when there is nothing to repeat.
    package mutating func line(for typed: String) -> String {
        if !typed.allSatisfy(\.isWhitespace) { last = typed }
        return last
    }
}
