// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import KdbgTUI

/// Lets a bare machine talk on standard output, and takes debugger commands when it stops: from a script first, then from standard input.
final class BareFrontEnd {
    /// Instructions between two looks at output and signals.
    private static let slice: UInt64 = 1_000_000

    private let session: Session
    private let script: Script?
    private let isVerbose: Bool
    private let stopsAtStart: Bool
    private let signals: Signals
    private var output: StandardOutput
    private let commands: any CommandSource
    private let isInteractive: Bool
    private var prompt: LinePrompt
    private var inputHasEnded = false
    private var hasFailed = false
    private var loop = LoopDetector()

    /// - Parameters:
    ///   - script: debugger commands that come first.
    ///   - stopsAtStart: commands from standard input are wanted before the first instruction; their end is the end of the run.
    init(_ session: Session, script: Script?, isVerbose: Bool, stopsAtStart: Bool, signals: Signals) {
        self.session = session
        self.script = script
        self.isVerbose = isVerbose
        self.stopsAtStart = stopsAtStart
        self.signals = signals
        let output = StandardOutput(signals: signals)
        self.output = output
        isInteractive = isatty(STDIN_FILENO) != 0
        if isInteractive, output.isTerminal {
            commands = EditedCommands(session, frontEnd: .bare, signals: signals, output: output)
        } else {
            // Its type must be spelled out: the error type of a closure is not inferred.
            let prompt: (() throws(Abort) -> Void)? = isInteractive ? { () throws(Abort) in try output.write(Console.prompt) } : nil
            commands = PlainCommands(signals: signals, prompt: prompt)
        }
        prompt = LinePrompt(.bare, signals: signals, output: output, isEdited: isInteractive && output.isTerminal)
    }

    /// Runs to the end and returns the exit status.
    func run() throws(Abort) -> Int32 {
        defer { if isVerbose { explainEnd() } }
        try runScript()
        var goal: RunGoal? = stopsAtStart ? try nextGoal() : .go
        while let next = goal {
            try run(next)
            guard !session.stop.isFinal || isInteractive && stopsAtStart else { break }
            goal = try nextGoal()
        }
        return status
    }

    private var status: Int32 {
        guard case .dead(let ending) = session.stop else {
            return hasFailed || loop.hasGivenUp ? ExitStatus.scriptFailed : ExitStatus.success
        }
        let status = ExitStatus.bare(ending)
        return status == ExitStatus.success && hasFailed ? ExitStatus.scriptFailed : status
    }

    private func explainEnd() {
        if case .dead(let ending) = session.stop { complain("the machine has stopped: \(ending.reason)") }
        for line in session.finalState.split(separator: "\n") { sayOnStandardError(visible(line)) }
    }
}

// MARK: The machine

extension BareFrontEnd {
    private func run(_ goal: RunGoal) throws(Abort) {
        while true {
            let result = session.run(goal, budget: Self.slice)
            for run in session.drainOutput() { try output.write(serial: run.bytes) }
            try output.write(session.takeOutput())
            let codes = session.drainPostCodes()
            if isVerbose { for code in codes { sayOnStandardError("POST \(code.hex(2))") } }
            if case .stopped(let stop, let banner) = result {
                try output.write(banner)
                if !stop.isFinal || isInteractive, let text = stop.announcement { try output.write(text + "\n") }
                return
            }
            guard let signal = signals.next() else { continue }
            if signal == SIGINT, isInteractive { session.interrupt() } else { throw .signal(signal) }
        }
    }
}

// MARK: Commands

extension BareFrontEnd {
    /// Executes the script; what lets the machine run in it lets it run until it stops.
    private func runScript() throws(Abort) {
        guard let script else { return }
        for (index, line) in script.lines.enumerated() where !session.stop.isFinal {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let result = session.execute(line)
            try output.write(result.output)
            if result.failed {
                hasFailed = true
                sayOnStandardError("\(script.name):\(index + 1): this line was not accepted: \(visible(line.prefix(200)))")
            }
            if let goal = result.resume { try run(goal) }
        }
    }

    /// Takes lines until one lets the machine run; nil to leave.
    private func nextGoal() throws(Abort) -> RunGoal? {
        while !inputHasEnded {
            guard let typed = try commands.next() else {
                inputHasEnded = true
                break
            }
            let line = prompt.repeated.line(for: typed)
            if line.isEmpty || isComment(line) { continue }
            if let outcome = try prompt.execute(line) {
                if case .leave = outcome { return nil }
                if case .mistaken = outcome { hasFailed = true }
                continue
            }
            var result = session.execute(line, from: isInteractive ? .typed : .scripted)
            if line.filter({ !$0.isWhitespace }) == "help" { result.output += FrontEndWord.help(in: .bare) }
            try prompt.show(result)
            if result.failed { hasFailed = true }
            guard let goal = result.resume else { continue }
            if !session.stop.isFinal { return goal }
            try output.write("The machine has halted for good and cannot go on.\n")
        }
        guard !stopsAtStart else { return nil }
        guard loop.mayContinue(from: session.stop, at: session.mark) else { return nil }
        return .go
    }
}
