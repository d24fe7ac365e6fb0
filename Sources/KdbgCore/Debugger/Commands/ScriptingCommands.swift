// SPDX-License-Identifier: GPL-3.0-or-later

/// Lines that execute lines, and where output goes besides the screen. Extensions.
enum ScriptingCommands {
    static let rows: [Command] = [
        Command(
            "commands", group: .extensions, usage: "commands [breakpoint]",
            summary: "Attach commands to a breakpoint: the lines that follow, up to a line 'end'.",
            help: """
                They are executed whenever the breakpoint stops the machine. The first one may be 'silent':
                then there is no banner. One that lets the machine run (cont, step, ...) ends them. Without
                number: the breakpoint with the highest one. Two lines, 'commands 0' and 'end', take them away.
                """,
            example: "commands 0", winDbg: "bp ADDRESS \"COMMANDS\"", gdb: "commands", completion: .breakpoints, run: attach),
        Command(
            "alias", group: .extensions, usage: "alias [name [line]]", summary: "List aliases, show one, or make a word stand for a line.",
            help: """
                $1 to $9 in the line are the words behind the alias, $* is all of them; without any, the
                words are added at the end. Names of commands cannot be taken.
                """,
            example: "alias devs !object \\\\Device", winDbg: "as", gdb: "define, alias", completion: .commands, run: alias),
        Command(
            "unalias", group: .extensions, usage: "unalias name", summary: "Forget an alias.",
            help: "The word is free again.", example: "unalias devs", winDbg: "ad", gdb: nil, completion: .aliases, run: unalias),
        Command(
            "source", group: .extensions, usage: "source file", summary: "Execute the lines of a file.",
            help: """
                The rules are KDBinit's: # begins a comment, 'break' opens the prompt, errors do not stop it
                and are named FILE:LINE. A line that lets the machine run is waited for: the next one is
                executed where the machine has stopped. Not in KDBinit.
                """,
            example: "source hook.kdb", winDbg: "$$<", gdb: "source", completion: .files, run: source),
        Command(
            "log", group: .extensions, usage: "log [file|off]", summary: "Copy what is typed and shown to a file.",
            help: "The file is made or emptied. Without argument: where the log goes. Not in KDBinit.",
            example: "log session.txt", winDbg: ".logopen, .logclose", gdb: "set logging", completion: .files, run: log),
    ]

    private static func attach(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        var number: Int
        if let word = line.arguments.first {
            guard let value = CNumber.whole(word.text) else { throw CommandError("commands: Breakpoint number required") }
            _ = try debugger.breakpoints.breakpoint(value)
            number = Int(value)
        } else {
            guard let last = debugger.breakpoints.all.last?.number else { throw CommandError("commands: There is no breakpoint.") }
            number = last
        }
        debugger.collecting = (number, [])
        if debugger.origin == .typed {
            output.line("Type the commands for breakpoint \(number), one a line, and 'end' behind them.")
        }
        return .stay
    }

    private static func alias(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let name = line.arguments.first?.text else {
            let all = debugger.aliases.all
            if all.isEmpty { output.line("No aliases.") }
            for (name, text) in all { output.line("  \(name.harmless().padded(right: 14)) \(text.harmless())") }
            return .stay
        }
        guard line.arguments.count > 1 else {
            guard let text = debugger.aliases[name] else { throw CommandError("alias: There is no alias '\(name.harmless())'.") }
            output.line("  \(name.harmless().padded(right: 14)) \(text.harmless())")
            return .stay
        }
        guard CommandTable.command(named: name) == nil, name != "break", name != "end" else {
            throw CommandError("alias: '\(name)' is a command already.")
        }
        guard name.utf8.count <= 64 else { throw CommandError("alias: The name is longer than 64 bytes.") }
        try debugger.aliases.define(name, as: String(decoding: line.glued(line.arguments.dropFirst()), as: UTF8.self))
        return .stay
    }

    private static func unalias(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let name = line.arguments.first?.text else { throw CommandError("unalias: Name required.") }
        guard debugger.aliases.remove(name) else { throw CommandError("unalias: There is no alias '\(name.harmless())'.") }
        return .stay
    }

    /// The rest of the line, which may hold blanks; and the host's files, where the line may use them.
    private static func hostFile(_ debugger: KernelDebugger, _ line: CommandLine) throws(CommandError) -> (String, any HostFiles) {
        let command = line.words[0].text
        let name = String(decoding: line.glued(line.arguments), as: UTF8.self)
        guard !name.isEmpty else { throw CommandError("\(command): File name required.") }
        guard debugger.origin != .kdbinit else {
            throw CommandError("\(command): Not in KDBinit: what the guest does depends on nothing outside its machine.")
        }
        guard let files = debugger.files else { throw CommandError("\(command): There are no files here.") }
        return (name, files)
    }

    private static func source(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let (name, files) = try hostFile(debugger, line)
        let text: ScriptText
        do {
            text = ScriptText(try files.read(name))
        } catch {
            throw CommandError("source: \(name.harmless()): \(error.reason)")
        }
        if text.isUTF16 {
            throw CommandError("source: \(name.harmless()): the file is UTF-16, and KDBG reads ASCII and UTF-8.")
        }
        try debugger.queue.push(file: name, text: text)
        return .stay
    }

    private static func log(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard !line.arguments.isEmpty else {
            output.line(debugger.logName.map { "The log goes to \($0.harmless())." } ?? "There is no log.")
            return .stay
        }
        let (name, files) = try hostFile(debugger, line)
        do {
            if name == "off" {
                guard debugger.logName != nil else { throw CommandError("log: There is no log.") }
                debugger.logName = nil
                try files.closeLog()
            } else {
                try files.openLog(name)
                debugger.logName = name
            }
        } catch let error as HostFileError {
            throw CommandError("log: \(name.harmless()): \(error.reason)")
        } catch let error as CommandError {
            throw error
        } catch {
            preconditionFailure("no other errors are thrown here")
        }
        return .stay
    }
}

extension KernelDebugger {
    /// Takes a line between `commands` and `end`.
    func collect(_ text: String) -> CommandResult {
        guard let number = collecting?.breakpoint, var lines = collecting?.lines else { return CommandResult() }
        let line = CommandLine(text)
        if line.words.map(\.text) == ["end"] {
            collecting = nil
            breakpoints.attach(lines, to: number)
            return CommandResult()
        }
        guard lines.count < Self.mostCommands else {
            collecting = nil
            return CommandResult(output: "commands: More than \(Self.mostCommands) lines; none are attached.\n", failed: true)
        }
        if !line.words.isEmpty { lines.append(text) }
        collecting = (number, lines)
        return CommandResult()
    }

    private static let mostCommands = 1000

    /// Copies text to the log, if there is one.
    /// - Returns: what to tell the user when that has failed; the log is off then.
    func log(_ text: String) -> String {
        guard let name = logName, !text.isEmpty else { return "" }
        do {
            try files?.writeLog(text)
            return ""
        } catch {
            logName = nil
            try? files?.closeLog()
            return "log: \(name.harmless()): \(error.reason); the log is closed.\n"
        }
    }
}
