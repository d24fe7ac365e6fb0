// SPDX-License-Identifier: GPL-3.0-or-later

/// `dmesg` and `help` (spec/kdbg.md sections 1.2 and 7.7).
enum MiscellaneousCommands {
    static let rows: [Command] = [
        Command(
            "dmesg", "kmsg", group: .others, usage: "dmesg", summary: "Display debug messages on screen, with navigation on pages.",
            help: "Everything KD has printed since phase 1, as far as the 128 KiB ring still holds it.", example: "dmesg",
            winDbg: "!dbgprint", gdb: nil, needs: .kernel, paging: .messages,
            run: showMessages),
        Command(
            "help", group: .others, usage: "help", summary: "Display help screen.",
            help: "With a command's name: that command's syntax and explanation.", example: "help bpx", winDbg: ".hh", gdb: "help",
            completion: .commands, run: help),
    ]

    private static func showMessages(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let ring = DmesgRing(debugger.target), ring.buffer != 0 else {
            throw CommandError("The message buffer is not allocated yet; KDBG allocates it in BootPhase 1.")
        }
        output.line("*** Dmesg *** TotalWritten=\(ring.total), BufferSize=\(DmesgRing.size), CurrentPosition=\(ring.position)")
        guard let (older, newer) = ring.contents(in: debugger.target, showsFull: debugger.mends(.fullRing)) else {
            throw CommandError("Couldn't access memory at 0x\(ring.buffer.pointer)")
        }
        output.write(DmesgRing.text(older))
        if ring.total > DmesgRing.size { output.line("*** Dmesg: buffer rollup ***") }
        output.write(DmesgRing.text(newer))
        output.line("*** Dmesg: end of output ***")
        return .stay
    }

    private static func help(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        if let name = line.arguments.first?.text {
            guard let command = CommandTable.command(named: name) else {
                let near = Suggestion.nearest(to: name, in: CommandTable.commands.flatMap(\.names)).map { "Did you mean '\($0)'?" }
                let elsewhere = Elsewhere.hint(for: CommandLine(line.arguments.map(\.text).joined(separator: " ")))
                throw CommandError(
                    "help: There is no command '\(name.prefix(64).description.harmless())'.",
                    hint: debugger.whereDriversAnswer(name) ?? elsewhere ?? near)
            }
            output.line(command.usage(of: name))
            output.line()
            output.line(command.summary)
            if !command.help.isEmpty { output.line(command.help) }
            output.line("Example:  \(command.example)")
            output.line(command.elsewhere)
            return .stay
        }
        output.line("Kernel debugger commands:")
        for group in Command.Group.allCases {
            let commands = CommandTable.commands.filter { $0.group == group && $0.isOfUse(for: debugger.target) }
            guard !commands.isEmpty else { continue }
            if group != Command.Group.allCases.first { output.line() }
            output.line("\u{1B}[7m* \(group.rawValue):\u{1B}[0m")
            for command in commands {
                for name in command.names {
                    output.line("  \(command.usage(of: name).padded(right: 20)) - \(command.summary)")
                }
            }
        }
        return .stay
    }
}
