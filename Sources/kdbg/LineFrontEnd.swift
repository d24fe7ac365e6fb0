// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import KdbgTUI

/// The front ends without a screen: batch mode and the line shell. Both let the machine talk on standard output and take lines when it stops.
final class LineFrontEnd {
    /// Which of the two.
    enum Mode {
        /// Runs at once; ends with the boot.
        case batch(script: Script)
        /// Starts paused; ends with its input, or when told to.
        case shell
    }

    /// Instructions between two looks at output and signals.
    private static let slice: UInt64 = 1_000_000

    private let session: Session
    private let mode: Mode
    private let signals: Signals
    private var output: StandardOutput
    private let commands: any CommandSource
    private let isInteractive: Bool
    private var repeated = RepeatedLine()
    private var inputHasEnded = false
    private var hasFailed = false
    private var reportedErrors = 0
    /// Nothing has come on the serial line yet.
    private var isSilent = true
    private var loop = LoopDetector()

    init(_ session: Session, mode: Mode, signals: Signals) {
        self.session = session
        self.mode = mode
        self.signals = signals
        let output = StandardOutput(signals: signals)
        self.output = output
        let isShell = if case .shell = mode { true } else { false }
        isInteractive = isatty(STDIN_FILENO) != 0
        if isInteractive, output.isTerminal {
            commands = EditedCommands(signals: signals, output: output, interruptAborts: !isShell) { line, position in
                session.completions(of: line, at: position) + (isShell ? ShellWord.completions(of: line, at: position) : [])
            }
        } else {
            // Its type must be spelled out: the error type of a closure is not inferred.
            let prompt: (() throws(Abort) -> Void)? = isInteractive ? { () throws(Abort) in try output.write(Console.prompt) } : nil
            commands = PlainCommands(signals: signals, prompt: prompt)
        }
    }

    /// Runs to the end and returns the exit status.
    func run() throws(Abort) -> Int32 {
        if case .batch(let script) = mode, let problem = script.cutOff {
            sayOnStandardError(problem)
            hasFailed = true
        }
        var goal: RunGoal? = if case .batch = mode { .go } else { nil }
        while true {
            if let next = goal {
                let stop = try run(next)
                try announce(stop)
                if endsRun(stop) { break }
            }
            goal = try nextGoal()
            if goal == nil { break }
        }
        explainSilence()
        return status
    }

    private var status: Int32 {
        switch session.stop {
        case _ where isInteractive && !isBatch: ExitStatus.success
        case .bugcheck, .dead: ExitStatus.bugcheck
        default:
            hasFailed || !session.scriptErrors.isEmpty
                ? ExitStatus.scriptFailed : loop.hasGivenUp ? ExitStatus.bugcheck : ExitStatus.success
        }
    }

    private var isBatch: Bool { if case .batch = mode { true } else { false } }

    /// A person at the shell may look around in a machine that has halted, and even in one that idles.
    private func endsRun(_ stop: Stop) -> Bool {
        isBatch && (stop.isFinal || stop == .bootComplete)
    }
}

// MARK: The machine

extension LineFrontEnd {
    private func run(_ goal: RunGoal) throws(Abort) -> Stop {
        while true {
            let result = session.run(goal, budget: Self.slice)
            let serial = session.drainSerial()
            if !serial.isEmpty { isSilent = false }
            try output.write(serial: serial)
            reportScriptErrors()
            if case .stopped(let stop, let banner) = result {
                try output.write(banner)
                return stop
            }
            guard let signal = signals.next() else { continue }
            if signal == SIGINT, !isBatch { session.interrupt() } else { throw .signal(signal) }
        }
    }

    private func reportScriptErrors() {
        guard case .batch(let script) = mode else { return }
        let errors = session.scriptErrors
        for error in errors.dropFirst(reportedErrors) {
            sayOnStandardError("\(script.name):\(error.line): \(visible(error.message))")
        }
        reportedErrors = errors.count
    }

    /// Boot options can leave a batch run without anything to see; that is no failure, but one wants to know why.
    private func explainSilence() {
        guard case .batch(let script) = mode, session.stop == .bootComplete else { return }
        if !session.hasBegunScript, !script.bytes.isEmpty {
            complain("\(script.name): the kernel has booted without executing it; do the boot options turn the debugger on (DEBUG)?")
        } else if isSilent {
            complain("the Serial provider sent nothing; do the boot options have DEBUGPORT=COM1 or COM2?")
        }
    }

    /// Says what the stop means where it has no banner.
    private func announce(_ stop: Stop) throws(Abort) {
        guard let text = stop.announcement else { return }
        if !isBatch {
            try output.write(text + "\n")
        } else if stop.isFinal {
            complain(text)
        }
    }
}

// MARK: Commands

extension LineFrontEnd {
    /// Takes lines until one lets the machine run; nil to leave.
    private func nextGoal() throws(Abort) -> RunGoal? {
        while !inputHasEnded {
            guard let typed = try commands.next() else {
                inputHasEnded = true
                break
            }
            let line = repeated.line(for: typed)
            if line.isEmpty { continue }
            if !isBatch, let word = ShellWord(line) {
                if word == .quit { return nil }
                if let goal = try resume(.nextBootStep) { return goal }
                continue
            }
            let result = session.execute(line)
            try output.write(result.output)
            if result.failed { hasFailed = true }
            if !isBatch, ["help", "h"].contains(line.filter { !$0.isWhitespace }) { try output.write(ShellWord.help) }
            if let goal = result.resume, let goal = try resume(goal) { return goal }
        }
        guard isBatch else { return nil }
        guard loop.mayContinue(from: session.stop, at: session.mark) else {
            complain("the kernel breaks into the debugger again and again at the same place, and nobody answers; giving up")
            return nil
        }
        return .go
    }

    private func resume(_ goal: RunGoal) throws(Abort) -> RunGoal? {
        guard session.stop.isFinal else { return goal }
        try output.write("The machine has halted for good and cannot go on.\n")
        return nil
    }
}

/// Notices when continuing leads nowhere: after a bugcheck KD breaks in for ever (spec/kdbg.md section 3.6), and no one is left to say `reboot`.
struct LoopDetector {
    /// Rounds of the same stop after which it counts as a loop, and the instructions that a round may have.
    private static let rounds = 16
    private static let roundLength: UInt64 = 100_000

    private(set) var hasGivenUp = false
    private var last: (stop: Stop, mark: Mark)?
    private var count = 0

    /// Whether to continue from a stop. User's breakpoints may be hit as often as they like as long as instructions retire.
    mutating func mayContinue(from stop: Stop, at mark: Mark) -> Bool {
        defer { last = (stop, mark) }
        guard let last, last.stop == stop, mark.instruction - last.mark.instruction < Self.roundLength else {
            count = 0
            return true
        }
        count += 1
        let isStuck = mark == last.mark || stop == .debugger && count >= Self.rounds
        if isStuck { hasGivenUp = true }
        return !isStuck
    }
}
