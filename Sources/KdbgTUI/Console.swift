// SPDX-License-Identifier: GPL-3.0-or-later

/// What the console pane shows: everything said so far, and the line being typed.
package struct Console: Sendable {
    /// Older lines are forgotten.
    package static let keptLines = 10_000

    package private(set) var lines: [StyledLine] = []
    /// The prompt as readline wants it shown; while it searches the history, this is where it says so.
    package var prompt = Console.prompt
    /// The line being typed.
    package var line = ""
    /// Characters of `line` left of the cursor.
    package var cursor = 0

    /// KDBG's prompt, spec/kdbg.md section 3.1.
    package static let prompt = "kdb:> "

    private var parser = StyledTextParser()

    package init() {
    }

    /// Adds output as the debugger made it.
    package mutating func append(_ text: String) {
        add(parser.parse(text))
    }

    /// Adds a line of the front end's own; unfinished output before it gets a line end.
    package mutating func appendLine(_ text: String, style: Style = .normal) {
        finishLine()
        add([StyledLine(text, style: style)])
    }

    /// Ends unfinished output, so that what follows begins on a new line.
    package mutating func finishLine() {
        if let rest = parser.finish() { add([rest]) }
    }

    private mutating func add(_ more: [StyledLine]) {
        lines += more
        // Dropping a tenth at once keeps the cost of a line constant.
        if lines.count > Self.keptLines + Self.keptLines / 10 { lines.removeFirst(lines.count - Self.keptLines) }
    }
}
