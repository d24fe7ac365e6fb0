// SPDX-License-Identifier: GPL-3.0-or-later

/// The part of the group "Flow control" that keeps breakpoints (spec/kdbg.md section 5.2).
enum BreakpointCommands {
    static let rows: [Command] = [
        Command(
            "bl", group: .flow, usage: "bl", summary: "List breakpoints.",
            help: "The breakpoint the machine stands at is marked with a star.", example: "bl", winDbg: "bl", gdb: "info breakpoints",
            run: list),
        Command(
            "be", group: .flow, usage: "be [breakpoint]", summary: "Enable breakpoint.",
            help: "The number is the one bl shows; several, 0-3 and * work too. Four bpm breakpoints can be enabled at a time.",
            example: "be 0", winDbg: "be",
            gdb: "enable",
            completion: .breakpoints, run: enable),
        Command(
            "bd", group: .flow, usage: "bd [breakpoint]", summary: "Disable breakpoint.",
            help: "It keeps its number and can be enabled again. Several numbers, 0-3 and * work too.",
            example: "bd 0", winDbg: "bd", gdb: "disable",
            completion: .breakpoints, run: disable),
        Command(
            "bc", group: .flow, usage: "bc [breakpoint]", summary: "Clear breakpoint.",
            help: "Its number becomes free. Several numbers, 0-3 and * work too.",
            example: "bc 0", winDbg: "bc", gdb: "delete",
            completion: .breakpoints, run: clear),
        Command(
            "bpx", group: .flow, usage: "bpx [address] [IF condition]", summary: "Set software execution breakpoint at address.",
            help: """
                IF is a word of its own, in capitals. The condition is evaluated at every hit; zero goes on without a stop.
                A breakpoint in a driver goes where the driver goes; in one that is not loaded it waits for it.
                """,
            example: "bpx IoCreateDriver IF [esp+8] == 0", winDbg: "bp", gdb: "break *ADDRESS if CONDITION",
            completion: .expression, run: insertSoftware),
        Command(
            "bpm", group: .flow, usage: "bpm [r|w|rw|x] [byte|word|dword] [address] [IF condition]",
            summary: "Set memory breakpoint at address.",
            help: "Stops behind an access (r and rw: any access) or, with x, in front of an instruction. At most four are enabled.",
            example: "bpm w dword HalDispatchTable+0x34", winDbg: "ba w4", gdb: "watch, rwatch, awatch",
            completion: .wordsThenExpression([["r", "w", "rw", "x"], ["byte", "word", "dword"]]), run: insertHardware),
    ]

    private static func list(_ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput) -> Command.Verdict {
        let all = debugger.breakpoints.all
        guard !all.isEmpty else {
            output.line("No breakpoints.")
            return .stay
        }
        output.line("Breakpoints:")
        for (number, breakpoint) in all {
            let isLast = debugger.breakpoints.last == number
            output.line((isLast ? " \u{1B}[1m*" : "  ") + row(number, breakpoint) + (isLast ? "\u{1B}[0m" : ""))
            for command in breakpoint.commands { output.line("         " + command.harmless()) }
        }
        return .stay
    }

    /// A row of `bl` behind the mark.
    private static func row(_ number: Int, _ breakpoint: Breakpoint) -> String {
        var text = number.decimal(3, with: "0")
        let place = breakpoint.awaited.map { "\($0.module)+0x\($0.offset.hex())" } ?? "0x\(breakpoint.address.hex(8))"
        switch breakpoint.kind {
        case .software:
            text += "  BPX  \(place)" + (breakpoint.isEnabled ? "" : "  disabled")
        case .hardware(let access, let size):
            text += "  BPM  \(place)  \(access.rawValue.padded(right: 5)) \(size.name.padded(right: 5))  "
            text += breakpoint.debugRegister.map { "DR\($0)" } ?? "disabled"
        }
        text += "  global"
        if breakpoint.awaited != nil { text += "  not loaded" }
        if breakpoint.isTemporary { text += "  once" }
        if let condition = breakpoint.condition { text += "  IF " + condition.text.harmless() }
        return text
    }

    private static func enable(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        for number in try BreakpointNumbers.read(line, debugger.breakpoints) { try enable(number, debugger, &output) }
        return .stay
    }

    private static func enable(_ number: UInt64, _ debugger: KernelDebugger, _ output: inout CommandOutput) throws(CommandError) {
        try debugger.breakpoints.enable(number, in: debugger.target)
        output.line("Breakpoint \(number) enabled.")
    }

    private static func disable(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        for number in try BreakpointNumbers.read(line, debugger.breakpoints) { try disable(number, debugger, &output) }
        return .stay
    }

    private static func disable(_ number: UInt64, _ debugger: KernelDebugger, _ output: inout CommandOutput) throws(CommandError) {
        try debugger.breakpoints.disable(number, in: debugger.target)
        output.line("Breakpoint \(number) disabled.")
    }

    private static func clear(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        for number in try BreakpointNumbers.read(line, debugger.breakpoints) {
            if try debugger.breakpoints.breakpoint(number).isEnabled { try disable(number, debugger, &output) }
            try debugger.breakpoints.delete(number)
            output.line("Breakpoint \(number) deleted.")
        }
        return .stay
    }
}

// MARK: bpx and bpm

extension BreakpointCommands {
    private static func insertSoftware(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard !line.arguments.isEmpty else { throw CommandError("bpx: Address argument required.") }
        try insert(.software, at: line.arguments, debugger, line, &output)
        return .stay
    }

    /// `tbp`.
    static func insertTemporary(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard !line.arguments.isEmpty else { throw CommandError("tbp: Address argument required.") }
        try insert(.software, at: line.arguments, isTemporary: true, debugger, line, &output)
        return .stay
    }

    private static func insertHardware(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        var words = line.arguments
        guard let accessWord = words.popFirst() else { throw CommandError("bpm: Access type argument required.") }
        guard let access = access(named: accessWord.text) else {
            throw CommandError("bpm: Unknown access type '\(accessWord.text.harmless())'.")
        }
        guard let sizeWord = words.first else {
            throw CommandError("bpm: \(access == .exec ? "Address" : "Memory size") argument required.")
        }
        var size = Breakpoint.Size.byte
        if let named = self.size(named: sizeWord.text) {
            size = named
            words.removeFirst()
        } else if access != .exec {
            throw CommandError("bpm: Unknown memory size '\(sizeWord.text.harmless())'.")
        }
        guard !words.isEmpty else { throw CommandError("bpm: Address argument required.") }
        try insert(.hardware(access, size), at: words, debugger, line, &output)
        return .stay
    }

    private static func access(named word: String) -> Breakpoint.Access? {
        switch word.lowercased() {
        case "r": .read
        case "w": .write
        case "rw": .rdwr
        case "x": .exec
        default: nil
        }
    }

    private static func size(named word: String) -> Breakpoint.Size? {
        switch word.lowercased() {
        case "byte": .byte
        case "word": .word
        case "dword": .dword
        default: nil
        }
    }

    /// Reads `address [IF condition]`, makes the breakpoint and enables it; when that fails it stays, disabled.
    private static func insert(
        _ kind: Breakpoint.Kind, at words: ArraySlice<CommandLine.Word>, isTemporary: Bool = false, _ debugger: KernelDebugger,
        _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) {
        // IF as the first word would be part of the address (section 5.2).
        let separator = words.dropFirst().firstIndex { $0.text == "IF" } ?? words.endIndex
        let conditionWords = words[separator...].dropFirst()
        if separator != words.endIndex, conditionWords.isEmpty {
            throw CommandError("\(line.words[0].text): IF requires condition expression.")
        }
        let name = line.words[0].text
        let awaited = awaitedPlace(words[..<separator], debugger)
        let address: UInt32
        do {
            address = try awaited == nil ? debugger.address(words[..<separator], of: line, command: name, output: &output) : 0
        } catch {
            guard words.dropFirst().contains(where: { $0.text.lowercased() == "if" && $0.text != "IF" }) else { throw error }
            throw CommandError(error.message, place: error.place, hint: "IF has to be written in capitals.")
        }
        var condition: Expression?
        if !conditionWords.isEmpty { condition = try self.condition(conditionWords, debugger, line) }
        if debugger.breakpoints.isFull, !debugger.mends(.tooManyBreakpoints) { return }
        var breakpoint = Breakpoint(kind: kind, address: address, condition: condition)
        breakpoint.isTemporary = isTemporary
        breakpoint.awaited = awaited
        let number = try debugger.breakpoints.insert(breakpoint)
        output.line("Breakpoint \(number) inserted.")
        try enable(UInt64(number), debugger, &output)
        if let awaited { output.line("It waits until \(awaited.module) is loaded.") }
    }

    /// The place that a single name stands for when its image is not loaded; nil for everything else.
    private static func awaitedPlace(_ words: ArraySlice<CommandLine.Word>, _ debugger: KernelDebugger) -> ImagePlace? {
        guard let word = words.first, words.count == 1, debugger.target.symbols.symbol(named: word.text) == nil else { return nil }
        return debugger.target.symbols.absentPlace(named: word.text)
    }

    private static func condition(
        _ words: ArraySlice<CommandLine.Word>, _ debugger: KernelDebugger, _ line: CommandLine
    ) throws(CommandError) -> Expression {
        do {
            return try debugger.compile(line.glued(words))
        } catch {
            let place = error.offset.map { " at character \($0)" } ?? ""
            if error.offset == nil, !debugger.mends(.conditionLineEnd) {
                throw CommandError("Couldn't parse condition expression: \(error.message)", lineEnd: "")
            }
            throw CommandError("Couldn't parse condition expression: \(error.message)\(place)", hint: error.hint)
        }
    }
}
