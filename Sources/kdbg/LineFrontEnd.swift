// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import KdbgTUI

/// The front ends without a screen: batch mode and the line shell, for our kernel and for other programs. All let the machine talk on standard output and take lines when it stops.
final class LineFrontEnd {
    /// Which of them.
    enum Mode {
        /// Runs at once; ends with the boot.
        case batch(script: Script)
        /// Starts paused; ends with its input, or when told to.
        case shell
        /// Somebody else's program: runs at once; ends with the program.
        case program
    }

    /// Instructions between two looks at output and signals. Somebody else's program may send a sector with each (REP OUTS), and all of it waits in memory.
    private var slice: UInt64 { console == nil ? 1_000_000 : 100_000 }
    /// Instructions, ten simulated seconds of them, for which an idle kernel is waited for when nobody is there to stop it.
    private static let patience: UInt64 = 1_000_000_000
    /// The boot was complete before, so that the kernel has nothing to do but what it is made to.
    private var isIdle = false
    /// It was interrupted for that.
    var hasLostPatience = false

    let session: Session
    private let mode: Mode
    let signals: Signals
    var output: StandardOutput
    let commands: any CommandSource
    let isInteractive: Bool
    /// The outside ends of a bare machine; nil when our kernel runs.
    private let console: BareConsole?
    /// Lines of `--commands` files that are still to be executed.
    var fileLines: ArraySlice<CommandFile.Line>
    /// A `break` among them has handed over to the prompt, until it lets the machine run.
    var filesArePaused = false
    var prompt: LinePrompt
    var inputHasEnded = false
    var hasFailed = false
    /// A line of a `--commands` file was not accepted, which matters even when a person is there.
    var fileHasFailed = false
    private var reportedErrors = 0
    /// A line of a file that drivers' callbacks are being offered, and the failures before it.
    var offered: (place: String, failures: Int)?
    /// Nothing has come on the serial line yet.
    private var isSilent = true
    var loop = LoopDetector()

    /// - Parameter files: those of `--commands`, whose lines come before all others.
    init(_ session: Session, mode: Mode, files: [CommandFile], signals: Signals, console: BareConsole? = nil) {
        self.console = console
        self.session = session
        self.mode = mode
        self.signals = signals
        fileLines = files.flatMap(\.lines)[...]
        let output = StandardOutput(signals: signals)
        self.output = output
        let frontEnd: FrontEndWord.FrontEnd = if case .batch = mode { .batch } else { .lineShell }
        isInteractive = isatty(STDIN_FILENO) != 0
        // A pipe or file cannot be both the guest's input and the debugger's.
        inputHasEnded = console?.serial.takesInput == true && !isInteractive
        if isInteractive, output.isTerminal {
            commands = EditedCommands(session, frontEnd: frontEnd, signals: signals, output: output)
        } else {
            // Its type must be spelled out: the error type of a closure is not inferred.
            let prompt: (() throws(Abort) -> Void)? = isInteractive ? { () throws(Abort) in try output.write(Console.prompt) } : nil
            commands = PlainCommands(signals: signals, prompt: prompt)
        }
        prompt = LinePrompt(frontEnd, signals: signals, output: output, isEdited: isInteractive && output.isTerminal)
    }

    /// Runs to the end and returns the exit status.
    func run() throws(Abort) -> Int32 {
        if case .batch(let script) = mode, let problem = script.cutOff {
            sayOnStandardError(problem)
            hasFailed = true
        }
        var goal: RunGoal? = isBatch && fileLines.isEmpty ? .go : nil
        while true {
            if let next = goal {
                let stop = try run(next)
                if let offered, session.failedLines > offered.failures { reportFailure(offered.place, "unknown command") }
                offered = nil
                try announce(stop)
                if endsRun(stop), fileLines.isEmpty { break }
                session.restart()
            }
            goal = try nextGoal()
            if goal == nil { break }
        }
        if let line = fileLines.first { complain("\(line.place): not reached: the run ended before") }
        explainSilence()
        return status
    }

    private var status: Int32 {
        if console != nil, case .dead(let ending) = session.stop {
            let status = ExitStatus.bare(ending)
            return status == ExitStatus.success && hasFailed ? ExitStatus.scriptFailed : status
        }
        return switch session.stop {
        case _ where isInteractive && !isBatch: fileHasFailed ? ExitStatus.scriptFailed : ExitStatus.success
        case .bugcheck, .dead: ExitStatus.bugcheck
        default:
            hasFailed || session.failedLines > 0 || !session.scriptErrors.isEmpty
                ? ExitStatus.scriptFailed : loop.hasGivenUp ? ExitStatus.bugcheck : ExitStatus.success
        }
    }

    /// Whether it runs at once and ends with the machine.
    var isBatch: Bool { if case .shell = mode { false } else { true } }

    /// Whether Ctrl-C leads to the prompt, and the end of the input to the shell one came from.
    var hasPrompt: Bool {
        switch mode {
        case .batch: false
        case .shell: true
        case .program: isInteractive
        }
    }

    /// A person at the shell may look around in a machine that has halted, and even in one that idles.
    func endsRun(_ stop: Stop) -> Bool {
        isBatch && (stop.isFinal || stop == .bootComplete || stop == .reset)
    }
}

// MARK: The machine

extension LineFrontEnd {
    private func run(_ goal: RunGoal) throws(Abort) -> Stop {
        // After the boot only a breakpoint ends a run, and there may be none, or one that is never hit.
        if session.stop == .bootComplete { isIdle = true }
        var end = !isInteractive && isIdle ? session.mark.instruction + Self.patience : .max
        console?.serial.beginInput()
        defer { console?.serial.endInput() }
        while true {
            let result = session.run(goal, budget: slice)
            try showOutput()
            if case .stopped(let stop, let banner) = result {
                if stop == .dead(.asleep), try wake() { continue }
                try output.write(banner)
                return stop
            }
            if session.mark.instruction >= end {
                complain("nothing has stopped the idle kernel for ten simulated seconds; it is interrupted")
                end = .max
                hasLostPatience = true
                session.interrupt()
            }
            try takeInput()
            guard let signal = signals.next() else { continue }
            if signal == SIGINT, hasPrompt { session.interrupt() } else { throw .signal(signal) }
        }
    }

    /// What the guest has sent, and what lines have printed that were executed on the way.
    private func showOutput() throws(Abort) {
        if let console {
            try console.show(session, on: &output)
        } else {
            let serial = session.drainSerial()
            if !serial.isEmpty { isSilent = false }
            try output.write(serial: serial)
        }
        try output.write(session.takeOutput())
        if let news = session.takeDiskNews() { complain(news) }
        reportScriptErrors()
    }

    /// Waits for a byte that wakes a machine which nothing else can wake.
    /// - Returns: false when none will come.
    private func wake() throws(Abort) -> Bool {
        guard let console, console.serial.isOpen else { return false }
        if try takeInput(waits: true) { session.receive(serial: []) }
        return true
    }

    /// Hands what has come in to the machine.
    /// - Returns: whether Ctrl-C came instead, which leads to the prompt.
    @discardableResult private func takeInput(waits: Bool = false) throws(Abort) -> Bool {
        do throws(Abort) {
            try console?.takeInput(for: session, waits: waits)
            return false
        } catch .signal(SIGINT) where hasPrompt {
            session.interrupt()
            return true
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
            let isMissing = session.faultReports.contains { $0.fault.kind == "no-uart" }
            complain(
                isMissing
                    ? "the Serial provider sent nothing: --fault no-uart"
                    : "the Serial provider sent nothing; do the boot options have DEBUGPORT=COM1 or COM2?")
        }
    }

    /// Says what the stop means where it has no banner.
    private func announce(_ stop: Stop) throws(Abort) {
        guard let text = stop.announcement else { return }
        if !isBatch {
            try output.write(text + "\n")
        } else if stop.isFinal, console == nil {
            complain(text)
        }
    }
}
