// SPDX-License-Identifier: GPL-3.0-or-later

/// `filter` and `set` (spec/kdbg.md section 1.8).
enum SettingCommands {
    static let rows: [Command] = [
        Command(
            "filter", group: .others, usage: #"filter [error|warning|trace|info|level]+|-[componentname|default]"#,
            summary: "Enable/disable debug channels.",
            help: """
                A word is a level, a sign and a component: error+SMSS lets through, info-NTFS holds back. A
                number instead of a level is a bit mask. Without level: all bits. Without word: the list.
                """,
            example: "filter info+FASTFAT", winDbg: "ed nt!Kd_FASTFAT_Mask 8", gdb: nil, needs: .kernel,
            completion: .components, run: DebugFilter.run),
        Command(
            "set", group: .others, usage: "set [var] [value]", summary: "Sets var to value or displays value of var.",
            help: "Without arguments the variables and their values are listed.",
            example: "set condition GPF first always", winDbg: ".asm, sxe", gdb: "set disassembly-flavor",
            completion: .choices([
                ("syntax", [Disassembler.Syntax.allCases.map(\.rawValue)]),
                (
                    "condition",
                    [
                        ["*"] + ExceptionConditions().rows.map(\.name), ["first", "last"],
                        ExceptionConditions.Condition.allCases.map(\.rawValue),
                    ]
                ),
                ("break_on_module_load", [["true", "false"]]),
            ]), run: set),
    ]

    private static func set(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let words = Array(line.arguments.map(\.text))
        switch words.first {
        case nil:
            output.line("Available settings:")
            output.line("  syntax [intel|at&t]")
            output.line("  condition [exception|*] [first|last] [never|always|kmode|umode]")
            output.line("  break_on_module_load [true|false]")
        case "syntax": try setSyntax(debugger, words, &output)
        case "condition": try setCondition(debugger, words, &output)
        case "break_on_module_load": try setBreakOnModuleLoad(debugger, words, &output)
        case let name?:
            let near = Suggestion.nearest(to: name, in: ["syntax", "condition", "break_on_module_load"])
            throw CommandError("Unknown setting '\(name.harmless())'.", hint: near.map { "Did you mean '\($0)'?" })
        }
        return .stay
    }

    private static func setSyntax(_ debugger: KernelDebugger, _ words: [String], _ output: inout CommandOutput) throws(CommandError) {
        guard words.count > 1 else { return output.line("syntax = \(debugger.syntax.rawValue)") }
        guard let syntax = Disassembler.Syntax(rawValue: words[1].lowercased()) else {
            throw CommandError("Unknown syntax '\(words[1].harmless())'.")
        }
        debugger.syntax = syntax
    }

    private static func setBreakOnModuleLoad(
        _ debugger: KernelDebugger, _ words: [String], _ output: inout CommandOutput
    ) throws(CommandError) {
        guard words.count > 1 else {
            return output.line("break_on_module_load = \(debugger.breaksOnModuleLoad ? "enabled" : "disabled")")
        }
        switch words[1].lowercased() {
        case "enable", "enabled", "true": debugger.breaksOnModuleLoad = true
        case "disable", "disabled", "false": debugger.breaksOnModuleLoad = false
        default: throw CommandError("Unknown setting '\(words[1].harmless())'.")
        }
    }

    private static func setCondition(_ debugger: KernelDebugger, _ words: [String], _ output: inout CommandOutput) throws(CommandError) {
        guard words.count > 1 else {
            return listConditions(debugger.conditions, isMended: debugger.mends(.othersCondition), &output)
        }
        let number = debugger.conditions.number(named: words[1])
        guard number != nil || (words[1] == "*" && words.count > 3) else {
            throw CommandError("Unknown exception '\(words[1].harmless())'.")
        }
        guard words.count > 3 else {
            return output.line(describe(number ?? 0, debugger.conditions))
        }
        guard let firstChance = ["first": true, "last": false][words[2].lowercased()] else {
            throw CommandError("set condition: second argument must be 'first' or 'last'")
        }
        guard let condition = ExceptionConditions.Condition(rawValue: words[3].lowercased()) else {
            throw CommandError("set condition: third argument must be 'never', 'always', 'umode' or 'kmode'")
        }
        guard let number else { return debugger.conditions.setAll(firstChance: firstChance, to: condition) }
        guard debugger.conditions.set(number, firstChance: firstChance, to: condition) else {
            throw CommandError("Couldn't change condition for exception #\(number.decimal(2, with: "0"))")
        }
    }

    private static func listConditions(_ conditions: ExceptionConditions, isMended: Bool, _ output: inout CommandOutput) {
        output.line("Conditions:                 (First)  (Last)")
        var rows = conditions.rows
        if !isMended {
            // KDBG shows twenty rows, and then OTHERS with what it had in hand for the last of them (section 1.8).
            rows = Array(rows[..<ExceptionConditions.assertion])
            rows.append(conditions.rows[ExceptionConditions.assertion].with(rows[rows.count - 1]))
        }
        for (number, row) in rows.enumerated() {
            let label = row.name == "OTHERS" ? "   " : "#" + number.decimal(2, with: "0")
            let columns = [row.name.padded(right: 20), row.first.rawValue.padded(right: 8), row.last.rawValue.padded(right: 8)]
            output.line("  \(label)  \(columns.joined(separator: " "))")
        }
    }

    private static func describe(_ number: Int, _ conditions: ExceptionConditions) -> String {
        let row = conditions.rows[number]
        let name =
            row.name == "OTHERS" ? "all other exceptions" : "exception #\(number.decimal(2, with: "0")) (\(row.name))"
        return "Condition for \(name): FirstChance \(row.first.rawValue)  LastChance \(row.last.rawValue)"
    }
}
