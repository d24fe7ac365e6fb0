// SPDX-License-Identifier: GPL-3.0-or-later

/// A line of debug output as KD logged it, with the mark at which its first byte was logged.
package struct LogLine: Equatable, Sendable {
    package var mark: Mark
    /// The text without its line end; control characters are still in it, front ends make them harmless.
    package var text: String

    package init(mark: Mark, text: String) {
        self.mark = mark
        self.text = text
    }
}
