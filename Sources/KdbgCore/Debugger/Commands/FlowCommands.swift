// SPDX-License-Identifier: GPL-3.0-or-later

/// The part of the group "Flow control" that lets the machine run (spec/kdbg.md section 1.4). The session does the running.
enum FlowCommands {
    static let rows: [Command] = [
        Command(
            "cont", group: .flow, usage: "cont", summary: "Continue execution (leave debugger).",
            help: "Breakpoints, steps and assertions are consumed; any other exception goes on to the kernel's handlers.",
            example: "cont", winDbg: "g", gdb: "continue",
            run: { _, _, _ in .leave(.go) }),
        Command(
            "step", group: .flow, usage: "step [count]", summary: "Execute single instructions, stepping into interrupts.",
            help: "Only the last of count instructions is shown. Breakpoints on the way end the walk.",
            example: "step 10", winDbg: "t", gdb: "stepi",
            run: { (_, line, _) throws(CommandError) in .leave(.step(try count(line))) }),
        Command(
            "next", group: .flow, usage: "next [count]", summary: "Execute single instructions, skipping calls and reps.",
            help: "Like step, but a call or a repeated string instruction counts as one instruction.",
            example: "next", winDbg: "p", gdb: "nexti",
            run: { (_, line, _) throws(CommandError) in .leave(.next(try count(line))) }),
    ]

    private static func count(_ line: CommandLine) throws(CommandError) -> UInt64 {
        guard let word = line.arguments.first else { return 1 }
        guard let count = CNumber.leading(word.text), count > 0 else {
            throw CommandError("\(line.words[0].text): Integer argument required")
        }
        return count
    }
}
