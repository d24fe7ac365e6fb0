// SPDX-License-Identifier: GPL-3.0-or-later

/// What a command has to say: it appends here and never prints.
package struct CommandOutput: Sendable {
    package private(set) var text = ""
    /// Set when some part of the command was not accepted; the dispatcher sets it for thrown errors.
    package private(set) var failed = false

    package init() {}

    /// Appends text as it is.
    package mutating func write(_ text: String) {
        self.text += text
    }

    /// Appends a line.
    package mutating func line(_ text: String = "") {
        self.text += text
        self.text += "\n"
    }

    /// Appends a line about something that was not accepted, for commands that go on after an error.
    package mutating func failure(_ text: String) {
        line(text)
        failed = true
    }

    /// Marks the command as not accepted without a word more.
    package mutating func fail() {
        failed = true
    }
}
