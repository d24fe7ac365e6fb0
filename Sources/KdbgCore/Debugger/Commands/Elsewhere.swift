// SPDX-License-Identifier: GPL-3.0-or-later

/// Words of other debuggers, which people's fingers know: what a command is called there stands in its row.
enum Elsewhere {
    /// What to say of an unknown line that WinDbg or gdb would understand; nil when neither would.
    static func hint(for line: CommandLine) -> String? {
        let words = line.words.map(\.text)
        var hints: [String] = []
        if let row = winDbg.first(where: { words.starts(with: $0.name) }) { hints.append(hint("WinDbg", row)) }
        if let row = gdb.first(where: { words.starts(with: $0.name) }) { hints.append(hint("gdb", row)) }
        return hints.isEmpty ? nil : hints.joined(separator: ", ") + "."
    }

    private static func hint(_ debugger: String, _ row: (name: [String], command: String)) -> String {
        let name: String = row.name.joined(separator: " ")
        return "\(debugger)'s '\(name)' is '\(row.command)' here"
    }

    private static let winDbg = names(\.winDbg)
    private static let gdb = names(\.gdb)
    /// gdb's commands whose second word says what they are about.
    private static let prefixes: Set<String> = ["info", "set", "monitor"]

    /// The words that stand for one of our commands, in the order of the table.
    private static func names(_ path: KeyPath<Command, String?>) -> [(name: [String], command: String)] {
        var names: [(name: [String], command: String)] = []
        for command in CommandTable.commands {
            let forms: String = command[keyPath: path] ?? ""
            for form in forms.split(separator: ",") {
                let words: [String] = form.split(separator: " ").map(String.init)
                guard let first = words.first else { continue }
                let count = prefixes.contains(first) ? 2 : 1
                names.append((name: Array(words.prefix(count)), command: command.names[0]))
            }
        }
        return names
    }
}
