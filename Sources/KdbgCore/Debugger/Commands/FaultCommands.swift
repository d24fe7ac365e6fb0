// SPDX-License-Identifier: GPL-3.0-or-later

/// `faults`: what was asked to go wrong, and what has come of it (extension).
enum FaultCommands {
    static let rows: [Command] = [
        Command(
            "faults", group: .extensions, usage: "faults", summary: "Show the faults of this run and whether they have come.",
            help: """
                Faults are asked for with 'kdbg --fault', before the machine starts. A fault that is a
                matter of calls or sectors has come or not; others are in force all the time.
                A mechanism other than the hook (kdbg --mechanism) is named too.
                """,
            example: "faults", winDbg: nil, gdb: nil, needs: .kernel,
            run: run)
    ]

    /// Times of a fault that are shown.
    private static let most = 4

    private static func run(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        if debugger.mechanism != .hook {
            output.line("Mechanism \(debugger.mechanism.name): \(debugger.mechanism.summary)")
        }
        let reports = debugger.faultReports()
        guard !reports.isEmpty else {
            output.line("No faults were asked for; 'kdbg faults' lists what there is.")
            return .stay
        }
        for (index, report) in reports.enumerated() {
            output.line("\(index + 1)  \(report.fault.text): \(state(of: report))")
            for firing in report.firings.prefix(most) {
                output.line("   at \(firing.mark.instruction)\(firing.routine.isEmpty ? "" : " \(firing.routine)"): \(firing.detail)")
            }
            if report.firings.count > most { output.line("   and \(report.firings.count - most) more times") }
        }
        return .stay
    }

    private static func state(of report: FaultReport) -> String {
        switch report.state {
        case .inForce: "in force"
        case .fired: report.firings.count == 1 ? "has come" : "has come \(report.firings.count) times"
        case .waiting where report.missedImage != nil: "waits for \(report.missedImage ?? "") to be loaded"
        case .waiting(let calls): calls == 0 ? "not reached yet" : "not reached yet, \(calls) so far"
        }
    }
}
