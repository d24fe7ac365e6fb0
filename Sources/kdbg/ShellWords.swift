// SPDX-License-Identifier: GPL-3.0-or-later

/// What the line shell understands beyond KDBG's commands: the little that is a key on the screen and has no command.
enum ShellWord: CaseIterable {
    case nextStep, quit

    /// The words a user may type.
    var names: [String] {
        switch self {
        case .nextStep: ["next-step"]
        case .quit: ["quit", "q", "exit"]
        }
    }

    private var summary: String {
        switch self {
        case .nextStep: "Run to the next boot step."
        case .quit: "Leave kdbg."
        }
    }

    /// The shell's word that a line consists of; nil when the line is the debugger's.
    init?(_ line: String) {
        let word = line.split(whereSeparator: \.isWhitespace)
        guard word.count == 1, let match = Self.allCases.first(where: { $0.names.contains(String(word[0])) }) else { return nil }
        self = match
    }

    /// What the shell adds to the output of `help`.
    static var help: String {
        var text = "\nThis shell adds:\n"
        for word in allCases {
            let names = word.names.joined(separator: ", ")
            text += "  \(names)" + String(repeating: " ", count: max(1, 16 - names.count)) + word.summary + "\n"
        }
        return text + "Ctrl-C stops the machine while it runs.\n"
    }

    /// Shell words that begin as `line` does up to `position`.
    static func completions(of line: String, at position: Int) -> [String] {
        let typed = line.prefix(position)
        return allCases.flatMap(\.names).filter { $0.hasPrefix(typed) && $0.count > 1 }
    }
}
