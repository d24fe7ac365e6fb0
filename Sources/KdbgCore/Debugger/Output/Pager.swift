// SPDX-License-Identifier: GPL-3.0-or-later

/// Shows the output of one command page by page, as KDBG does (spec/kdbg.md section 3.3). It prints nothing and reads no keys: it says what to show, and
/// is told which key was pressed.
///
/// Rows are counted as KDBG counts them: a tab or an escape sequence is as many columns as it has characters.
package struct Pager: Sendable {
    /// What the output is, which decides what the keys do.
    package enum Kind: Sendable {
        /// Any command's.
        case output
        /// That of `dmesg`, in which one can go back.
        case messages
    }

    package enum Key: Equatable, Sendable {
        case character(Character)
        case end, home, up, pageUp
    }

    /// What comes next.
    package enum Step: Equatable, Sendable {
        /// Show this, then ask with the prompt, which has no line end, wait for a key and hand it to `answer`.
        case page(String, prompt: String)
        /// Show this; it is the last.
        case last(String)
    }

    private let kind: Kind
    private let rows: Int
    /// The lines with their ends, and how many rows each takes.
    private let lines: [(text: Substring, rows: Int)]
    private let prompt: String
    /// The first line of the page shown last, and the first one not shown yet.
    private var pageStart = 0
    private var next = 0
    /// Rows already used on the page to come: one by the answered prompt.
    private var used: Int
    private var isAborted = false

    /// - Parameters:
    ///   - text: all that the command printed.
    ///   - rows: those of the terminal; at least 3, or there would be no room between two prompts.
    ///   - columns: those of the terminal, at least 1.
    ///   - used: rows that were printed since the last prompt of the debugger.
    package init(_ text: String, kind: Kind = .output, rows: Int = 24, columns: Int = 80, used: Int = 0) {
        self.kind = kind
        self.rows = max(rows, 3)
        self.used = used
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") || text.isEmpty ? 1 : 0)
            .map { line in
                let isWhole = line.endIndex < text.endIndex
                let end = isWhole ? text.unicodeScalars.index(after: line.endIndex) : line.endIndex
                return (text[line.startIndex..<end], Self.rows(of: line.unicodeScalars.count, isWhole: isWhole, columns: max(columns, 1)))
            }
        switch kind {
        case .output: prompt = "--- Press q to abort, any other key to continue ---"
        case .messages: prompt = "--- Press q to abort, e/End,h/Home,u/PgUp, other key/PgDn ---"
        }
    }

    /// Rows that a line of `length` characters takes.
    static func rows(of length: Int, isWhole: Bool, columns: Int) -> Int {
        (length > 0 ? (length - 1) / columns : 0) + (isWhole ? 1 : 0)
    }

    /// The next page.
    package mutating func page() -> Step {
        guard !isAborted else { return .last("") }
        pageStart = next
        next = end(of: pageStart, used: used)
        used = 1
        let text = lines[pageStart..<next].map(\.text).joined()
        return next < lines.count ? .page(text, prompt: prompt) : .last(text)
    }

    /// What the key means for the next page. Only a small `q` aborts.
    package mutating func answer(_ key: Key) {
        switch (kind, key) {
        case (_, .character("q")): isAborted = true
        case (.output, _): break
        case (.messages, .end), (.messages, .character("e")): next = startOfLastPage
        case (.messages, .home), (.messages, .character("h")): next = 0
        case (.messages, .up), (.messages, .pageUp), (.messages, .character("u")): next = startOfPage(endingAt: pageStart)
        case (.messages, .character): break
        }
    }

    /// The line behind the page that begins at `start`: the rows that are left for it, but one line at least.
    private func end(of start: Int, used: Int) -> Int {
        var index = start
        var count = used
        while index < lines.count, count + lines[index].rows < rows || index == start {
            count += lines[index].rows
            index += 1
        }
        return index
    }

    private var startOfLastPage: Int { startOfPage(endingAt: lines.count) }

    /// The first line of the fullest page that ends in front of a line.
    private func startOfPage(endingAt end: Int) -> Int {
        var index = end
        var count = 1
        while index > 0, count + lines[index - 1].rows < rows || index == end {
            index -= 1
            count += lines[index].rows
        }
        return index
    }
}
