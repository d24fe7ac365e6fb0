// SPDX-License-Identifier: GPL-3.0-or-later

/// `!analyze`: what a crash or an exception means (extension).
enum AnalyzeCommands {
    static let rows: [Command] = [
        Command(
            "!analyze", group: .extensions, usage: "!analyze", summary: "Explain the crash or exception the system stands at.",
            help: """
                After a bugcheck: what its code and parameters mean, the instruction at fault, the calls that
                led there, and which call that came too early it looks like. At an exception the same.
                """,
            example: "!analyze", winDbg: "!analyze -v", gdb: "bt", needs: .kernel,
            run: run)
    ]

    private static func run(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let crash = Crash(debugger) else {
            throw CommandError("!analyze: There is no crash and no exception.", hint: "After a bugcheck it tells what went wrong.")
        }
        for text in crash.heading { output.line(text) }
        let target = debugger.target
        if let fault = crash.fault {
            output.line()
            let tagger = AddressTagger(target)
            output.line("Faulting instruction:")
            let text = debugger.decode(at: fault.instruction, tagger: tagger)?.text ?? "<INVALID>"
            output.line("  \(tagger.tagOrPointer(fault.instruction)): \(text)")
            if let address = fault.address {
                let access = fault.isWrite ? "a write to" : "a read of"
                output.line("  It was \(access) 0x\(address.pointer)\(crash.isNull ? ", a field behind a NULL pointer" : "").")
            }
            let frames = crash.frames
            if !frames.isEmpty {
                output.line("Called from:")
                for frame in frames { output.line("  " + SymbolText.address(frame, in: target)) }
            }
        }
        output.line()
        output.line(crash.looksLike ?? "It looks like none of the calls that come too early.")
        let fired = debugger.faultReports().filter { $0.state != .waiting(calls: 0) && $0.complaint == nil }
        if !fired.isEmpty {
            output.line("Faults that were asked for and are there: \(fired.map(\.fault.text).joined(separator: ", ")).")
        }
        return .stay
    }
}
