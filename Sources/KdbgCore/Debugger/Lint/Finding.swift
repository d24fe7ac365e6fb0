// SPDX-License-Identifier: GPL-3.0-or-later

/// Something that `kdbg check` has to say about a place in a KDBinit file.
package struct Finding: Equatable, Sendable {
    package enum Severity: String, Sendable {
        /// KDBG will not accept the line, or not read it.
        case error
        /// It will, but hardly does what was meant.
        case warning
    }

    package var severity: Severity
    /// From 1; a CR LF pair is one line end.
    package var line: Int
    /// From 1, in characters (Unicode scalars, as the caret of KDBG's own messages).
    package var column: Int
    package var message: String

    package init(_ severity: Severity, line: Int, column: Int, _ message: String) {
        self.severity = severity
        self.line = line
        self.column = column
        self.message = message
    }

    /// `FILE:LINE:COLUMN: error|warning: text`, as compilers and editors know it, without line end.
    package func text(file: String) -> String {
        "\(file.harmless()):\(line):\(column): \(severity.rawValue): \(message)"
    }

    /// One JSON object, without line end.
    package func json(file: String) -> String {
        #"{"file": \#(JSONValue.quoted(file)), "line": \#(line), "column": \#(column), "severity": "\#(severity.rawValue)", "#
            + #""message": \#(JSONValue.quoted(message))}"#
    }
}
