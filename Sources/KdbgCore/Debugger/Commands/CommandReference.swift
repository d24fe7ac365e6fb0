// SPDX-License-Identifier: GPL-3.0-or-later

/// The text of docs/commands.md, made from the command rows.
package enum CommandReference {
    package static var markdown: String {
        var text = introduction
        for group in Command.Group.allCases {
            let commands = CommandTable.commands.filter { $0.group == group }
            guard !commands.isEmpty else { continue }
            text += "\n## \(group.rawValue)\n"
            for command in commands { text += section(command) }
        }
        return text
    }

    private static func section(_ command: Command) -> String {
        let title = command.names.map { "`\($0)`" }.joined(separator: ", ")
        let usage = command.names.map { "    \(command.usage(of: $0))\n" }.joined()
        let help = command.help.isEmpty ? "" : "\n\(escaped(command.help))\n"
        let example = "\nExample: `\(command.example)`\\\n\(escaped(command.elsewhere))\n"
        return "\n### \(title)\n\n\(usage)\n\(escaped(command.summary))\n\(help)\(example)"
    }

    /// Keeps Markdown from taking what a command's text says for its own signs.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if "*_<`|[".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }

    private static let introduction = """
        # Commands

        This page is made from the command rows in `Sources/KdbgCore/Debugger/Commands`; do not edit it. A test says when it is out of date, and
        `KDBG_RECORD=1 swift test --filter DocumentationTests` rewrites it.

        A line is split at blanks. The first word is the command; upper and lower case differ. In a KDBinit file a line that begins with `#` is a comment,
        and the line `break` opens the prompt.

        An *address* or *expression* is made of numbers (decimal, `0x` hexadecimal, leading `0` octal), registers (`eip`, `eax`, …), symbols
        (`KdpInitDriver`, `ntoskrnl!IoInitSystem`), `+ - * / %`, comparisons (`== != < <= > >=`), parentheses, and memory: `[address]` is the dword there,
        `byte[address]`, `word[…]`, `dword[…]`, `qword[…]` say the size. All arithmetic is unsigned, 64 bits wide. A *count* is `L 4` or `L4`.

        """
}
