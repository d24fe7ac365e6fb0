// SPDX-License-Identifier: GPL-3.0-or-later

/// What a front end understands beyond the debugger's commands: the little that is about the front end and not about the machine.
package enum FrontEndWord: Equatable, Sendable {
    case nextStep
    /// So many of the lines typed last.
    case history(Int)
    /// Turn paging on or off; nil asks which.
    case pager(Bool?)
    case quit
    /// Begins like one of these, but is none; the text says why.
    case mistaken(String)

    /// Who understands a word.
    package enum FrontEnd: Sendable {
        case lineShell, screen, batch, bare
    }

    private struct Row {
        let names: [String]
        let usage: String
        let summary: String
        let frontEnds: [FrontEnd]
        /// Makes the word from its argument, if it has one; nil when the argument is none.
        let make: @Sendable (Substring?) -> FrontEndWord?
    }

    private static let rows: [Row] = [
        Row(names: ["next-step"], usage: "next-step", summary: "Run to the next boot step.", frontEnds: [.lineShell, .screen]) {
            $0 == nil ? .nextStep : nil
        },
        Row(
            names: ["history"], usage: "history [count]", summary: "List the lines typed before; !N executes one again.",
            frontEnds: [.lineShell, .screen, .batch, .bare]
        ) { argument in
            guard let argument else { return .history(20) }
            return Int(argument).flatMap { $0 > 0 ? .history($0) : nil }
        },
        Row(
            names: ["pager"], usage: "pager [on|off]", summary: "Whether long output stops at every page.",
            frontEnds: [.lineShell, .batch, .bare]
        ) { argument in
            switch argument {
            case nil: .pager(nil)
            case "on": .pager(true)
            case "off": .pager(false)
            default: nil
            }
        },
        Row(names: ["quit", "exit"], usage: "quit", summary: "Leave kdbg.", frontEnds: [.lineShell, .screen, .bare]) {
            $0 == nil ? .quit : nil
        },
    ]

    /// The word that a line consists of; nil when the line is the debugger's.
    package init?(_ line: String, in frontEnd: FrontEnd) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard let first = words.first else { return nil }
        // People's fingers know it from gdb, and from the pager, where it is no reason to lose a machine.
        if words.count == 1, first == "q", frontEnd != .batch {
            self = .mistaken("'q' alone does nothing; 'quit' leaves, and so does Ctrl-D.")
            return
        }
        guard let row = Self.rows(in: frontEnd).first(where: { $0.names.contains(String(first)) }) else { return nil }
        let word = words.count > 2 ? nil : row.make(words.dropFirst().first)
        self = word ?? .mistaken("\(first): the syntax is '\(row.usage)'.")
    }

    /// What a front end adds to the output of `help`.
    package static func help(in frontEnd: FrontEnd) -> String {
        var text = "\nHere also:\n"
        for row in rows(in: frontEnd) {
            let usage = ([row.usage] + row.names.dropFirst()).joined(separator: ", ")
            text += "  \(usage)" + String(repeating: " ", count: max(1, 20 - usage.count)) + " - " + row.summary + "\n"
        }
        return text + "Tab completes, Up recalls, !! and !$ repeat. Ctrl-C stops the machine while it runs.\n"
    }

    /// What `help WORD` says; nil when the word is none of these.
    package static func help(for line: String, in frontEnd: FrontEnd) -> String? {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 2, words[0] == "help", let row = rows(in: frontEnd).first(where: { $0.names.contains(words[1]) }) else {
            return nil
        }
        return "\(row.usage)\n\(row.summary)\n"
    }

    /// Words that begin as `line` does up to `position`.
    package static func completions(of line: String, at position: Int, in frontEnd: FrontEnd) -> [String] {
        let words = line.prefix(max(0, position)).split(separator: " ", omittingEmptySubsequences: false)
        guard let last = words.last else { return [] }
        let isName = words.count == 1 || words.count == 2 && words[0] == "help"
        let candidates = isName ? rows(in: frontEnd).flatMap(\.names) : words.count == 2 && words[0] == "pager" ? ["on", "off"] : []
        return candidates.filter { $0.hasPrefix(last) }
    }

    /// Everything a line can begin with that is not the debugger's.
    package static func names(in frontEnd: FrontEnd) -> Set<String> { Set(rows(in: frontEnd).flatMap(\.names)) }

    private static func rows(in frontEnd: FrontEnd) -> [Row] {
        rows.filter { $0.frontEnds.contains(frontEnd) }
    }
}
