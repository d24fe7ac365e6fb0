// SPDX-License-Identifier: GPL-3.0-or-later

/// Executes lines without a machine, to find out which of them cannot be accepted whatever the machine is like.
///
/// Each line runs in two debuggers whose targets differ in every register. What both complain about, and without having looked at memory, is a fault
/// of the line: an unknown word, a missing argument, a bad expression, a division by a constant zero. So every command is checked by its own function,
/// with its own words, and there is no second description of its arguments. Breakpoints and settings are kept from line to line.
struct Rehearsal {
    private let debuggers: [(debugger: KernelDebugger, target: DryTarget)]
    /// Who lets `source` and `log` have any file, and keeps none.
    private let files = NoFiles()

    /// - Parameter origin: where the lines come from, which some commands mind.
    init(symbols: SymbolTable, origin: LineOrigin = .kdbinit) {
        let files = files
        debuggers = ([0, 0x8010_0000] as [UInt32]).map { seed in
            let target = DryTarget(symbols: symbols, seed: seed)
            let debugger = KernelDebugger(target: target)
            debugger.origin = origin
            debugger.files = files
            return (debugger, target)
        }
    }

    private final class NoFiles: HostFiles {
        func read(_ name: String) -> [UInt8] { [] }
        func openLog(_ name: String) {}
        func writeLog(_ text: String) {}
        func closeLog() {}
    }

    /// The line that an alias stands for which an earlier line has made; nil when it is none, or one that stands for nothing.
    /// - Throws: when it leads nowhere, such as back to itself.
    func expanded(_ line: CommandLine) throws(CommandError) -> CommandLine? {
        guard let expanded = try debuggers[0].debugger.aliases.expanded(line), !expanded.words.isEmpty else { return nil }
        return expanded
    }

    /// What came of a line.
    enum Outcome: Equatable {
        /// Nothing speaks against it.
        case accepted
        /// Accepted with these lines of warning.
        case warned([String])
        /// Not accepted.
        case refused(CommandError)
    }

    func run(_ command: Command, _ line: CommandLine) -> Outcome {
        let outcomes = debuggers.map { run(command, line, in: $0.debugger, $0.target) }
        return outcomes[0] == outcomes[1] ? outcomes[0] : .accepted
    }

    private func run(_ command: Command, _ line: CommandLine, in debugger: KernelDebugger, _ target: DryTarget) -> Outcome {
        target.isTouched = false
        defer { debugger.queue.clear() }
        var output = CommandOutput()
        do {
            _ = try command.run(debugger, line, &output)
        } catch {
            return target.isTouched ? .accepted : .refused(error)
        }
        if output.failed, !target.isTouched { return .refused(CommandError(Self.firstLine(output.reason ?? output.text))) }
        let warnings = output.text.split(separator: "\n").filter { $0.contains("Warning: ") }.map(String.init)
        return warnings.isEmpty ? .accepted : .warned(warnings)
    }

    private static func firstLine(_ text: String) -> String {
        String(text.split(separator: "\n", maxSplits: 1).first ?? "")
    }
}
