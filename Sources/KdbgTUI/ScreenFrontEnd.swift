// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore

/// The ncurses front end: joins session, screen, terminal and prompt, and turns around between them until the user leaves.
package final class ScreenFrontEnd {
    /// Instructions between two looks at the keyboard: some ten milliseconds.
    private static let slice: UInt64 = 2_000_000
    /// Milliseconds between two frames while the machine runs.
    private static let frameTime: Int64 = 33

    /// Rows of words among which to choose.
    private static let longestChoice = 40

    private let session: Session
    private let signals: Signals
    private let terminal: Curses
    private var screen: Screen
    private var editor: LineEditor!
    private var history: History!
    private var repeated = RepeatedLine()
    /// Where the machine runs to; nil while it stands still.
    private var goal: RunGoal?
    /// Lines that are executed as soon as the machine stands still.
    private var lines: ArraySlice<Line> = []
    /// A `break` among them has handed over to the prompt, until it lets the machine run.
    private var linesArePaused = false
    /// Keys for the prompt that came while the machine ran.
    private var typeAhead: [Key] = []
    /// When to draw again although the machine runs.
    private var nextFrame: Int64 = 0
    private var exitStatus: Int32?
    /// Where a program's COM1 leads when not to the screen.
    private let serialLine: (([UInt8]) -> Void)?

    /// A line to execute before any that is typed, and where it comes from.
    package struct Line: Sendable {
        let place: String
        let text: String

        package init(place: String, text: String) {
            self.place = place
            self.text = text
        }
    }

    /// Takes the terminal over; nil when ncurses cannot drive it.
    /// - Parameters:
    ///   - lines: executed before any that is typed.
    ///   - serialLine: takes what a program sends by COM1; nil to show it.
    package init?(_ session: Session, lines: [Line] = [], signals: Signals, serialLine: (([UInt8]) -> Void)? = nil) {
        guard let terminal = Curses() else { return nil }
        self.session = session
        self.signals = signals
        self.serialLine = serialLine
        self.lines = lines[...]
        self.terminal = terminal
        screen = Screen(size: terminal.size, focus: session.hasKernel ? Pane.timeline.name : Pane.console.name)
        screen.snapshot.hasKernel = session.hasKernel
        restoreTerminalOnCrash()
        StandardErrorCapture.start()
        editor = LineEditor(
            prompt: Console.prompt, inPane: true,
            hooks: .init(
                entered: { [unowned self] in entered($0) },
                completions: { line, position in
                    session.completions(of: line, at: position) + FrontEndWord.completions(of: line, at: position, in: .screen)
                },
                completesFileName: { session.completesFileName(in: $0, at: $1) },
                isCommand: { session.isCommand($0) },
                show: { [unowned self] in show(words: $0) }))
        history = History { screen.console.appendLine("kdbg: \($0)", style: .dim) }
        let step = session.hasKernel ? "Space runs to the next boot step" : "F11 executes an instruction"
        screen.console.appendLine("The machine is paused. \(step), F5 runs, F1 helps.", style: .dim)
        editor.install()
    }

    /// Shows the screen until the user leaves or a signal ends it, and returns the exit status.
    package func run() -> Int32 {
        defer {
            editor.remove()
            terminal.close()
            StandardErrorCapture.replay()
        }
        while exitStatus == nil {
            executeLines()
            if exitStatus != nil { break }
            if goal == nil || now() >= nextFrame {
                refresh()
                nextFrame = now() + Self.frameTime
            }
            readKeys()
            if exitStatus == nil, goal != nil { runSlice() }
        }
        return exitStatus ?? 0
    }

    private func refresh() {
        screen.snapshot = Snapshot(of: session, isRunning: goal != nil)
        let shown = editor.shown
        screen.console.prompt = shown.prompt
        screen.console.line = shown.line
        screen.console.cursor = shown.cursor
        terminal.show(screen.draw())
    }

    private func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

// MARK: The machine

extension ScreenFrontEnd {
    private func start(_ goal: RunGoal) {
        self.goal = goal
        linesArePaused = false
        screen.follow(.timeline)
        screen.snapshot.isRunning = true
        // Most runs are over before a frame is due; then the screen does not flicker.
        nextFrame = now() + Self.frameTime
        screen.console.finishLine()
    }

    /// Takes what the machine has sent.
    private func takeOutput() {
        // Our kernel's serial line has no pane: KD's text is in the log. Nobody else empties its buffer.
        guard !session.hasKernel else { return _ = session.drainSerial() }
        _ = session.drainPostCodes()
        for run in session.drainOutput() {
            if !run.isConsole, let serialLine { serialLine(run.bytes) } else { screen.guestText.append(run.bytes) }
        }
    }

    private func runSlice() {
        guard let goal else { return }
        let result = session.run(goal, budget: Self.slice)
        takeOutput()
        screen.console.append(session.takeOutput())
        if let news = session.takeDiskNews() { screen.console.appendLine(news, style: .bad) }
        guard case .stopped(let stop, let banner) = result else { return }
        self.goal = nil
        screen.console.append(banner)
        if let text = stop.announcement { screen.console.appendLine(text, style: stop.isFinal ? .bad : .good) }
        session.restart()
        screen.snapshot = Snapshot(of: session, isRunning: false)
        replayTypeAhead()
    }
}

// MARK: Keys

extension ScreenFrontEnd {
    /// Takes every key that is there; waits for one while the machine stands still.
    private func readKeys() {
        // A key that starts the machine is the last one for now: the next ones are for the machine as it will have stopped.
        let wasRunning = goal != nil
        if let key = terminal.nextKey() {
            handle(key)
        } else {
            switch signals.wait(for: STDIN_FILENO, milliseconds: goal == nil ? -1 : 0) {
            case .signal(let signal): exitStatus = 128 + signal
            case .hungUp: exitStatus = 128 + SIGHUP
            case .ready, .nothing: break
            }
        }
        while exitStatus == nil, wasRunning || goal == nil, let key = terminal.nextKey() { handle(key) }
    }

    private func handle(_ key: Key) {
        if key == .resize {
            screen.size = terminal.size
            return
        }
        if screen.isSearching { return screen.type(key) }
        // What readline has not drawn yet decides whether Tab completes.
        screen.console.line = editor.shown.line
        if let request = Keymap.request(for: key, in: screen.situation) {
            if let effect = screen.perform(request) { perform(effect) }
        } else if screen.isInConsole {
            if goal != nil {
                typeAhead.append(key)
            } else {
                screen.notice = nil
                screen.follow(.console)
                editor.feed(key.bytes)
            }
        }
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .run(let goal): start(goal)
        case .breakIn:
            typeAhead = []
            lines = []
            if goal != nil { session.interrupt() } else { editor.clearLine() }
        case .redraw: terminal.redraw()
        case .quit: exitStatus = 0
        }
    }

    /// Hands the prompt what was typed while the machine ran, up to the line that makes it run again.
    private func replayTypeAhead() {
        while goal == nil, exitStatus == nil, !typeAhead.isEmpty {
            editor.feed(typeAhead.removeFirst().bytes)
        }
    }
}

// MARK: The prompt

extension ScreenFrontEnd {
    private func entered(_ typed: String?) {
        guard let typed else {
            exitStatus = 0
            return
        }
        // What the guest asks for is neither a command nor worth remembering.
        guard !session.isAsking else {
            execute(typed)
            return
        }
        switch editor.expand(typed) {
        case .line(let line, _):
            history.add(line)
            let repeated = repeated.line(for: line)
            if typed.isEmpty, repeated.isEmpty { return screen.console.appendLine(Console.prompt) }
            execute(repeated.isEmpty ? line : repeated)
        case .shown(let line):
            history.add(line)
            screen.console.appendLine(Console.prompt + typed, style: .bold)
            screen.console.appendLine(line)
        case .failed(let reason):
            screen.console.appendLine(Console.prompt + typed, style: .bold)
            screen.console.appendLine(reason)
        }
    }

    /// Whether a line is `break` in a file, where that opens the prompt as in KDBinit.
    private func isPaused(by line: String, from origin: LineOrigin) -> Bool {
        guard origin == .scripted, line.split(whereSeparator: \.isWhitespace).first == "break" else { return false }
        linesArePaused = true
        return true
    }

    /// Executes the lines of the command line's files up to the one that makes the machine run.
    private func executeLines() {
        while goal == nil, exitStatus == nil, !linesArePaused, let line = lines.popFirst() {
            if !execute(line.text, from: .scripted) { screen.console.appendLine("\(line.place): this line was not accepted", style: .bad) }
        }
    }

    /// - Returns: whether the line was accepted.
    @discardableResult
    private func execute(_ line: String, from origin: LineOrigin = .typed) -> Bool {
        screen.console.appendLine(session.prompt + line, style: .bold)
        defer { editor.prompt = session.prompt }
        if !session.isAsking {
            if isPaused(by: line, from: origin) { return true }
            if line.allSatisfy(\.isWhitespace) { return true }
            if let word = FrontEndWord(line, in: .screen) { return execute(word) }
            if let help = FrontEndWord.help(for: line, in: .screen) {
                screen.console.append(help)
                return true
            }
        }
        let result = session.execute(line, from: origin)
        screen.console.append(result.output)
        screen.console.finishLine()
        if line.filter({ !$0.isWhitespace }) == "help" { screen.console.append(FrontEndWord.help(in: .screen)) }
        if let goal = result.resume { resume(goal) }
        return !result.failed
    }

    private func execute(_ word: FrontEndWord) -> Bool {
        switch word {
        case .quit: exitStatus = 0
        case .nextStep:
            if let effect = screen.perform(.nextBootStep) { perform(effect) }
        case .history(let count): for line in History.list(last: count) { screen.console.appendLine(line) }
        case .pager: break
        case .mistaken(let reason):
            screen.console.appendLine(reason)
            return false
        }
        return true
    }

    private func resume(_ goal: RunGoal) {
        if linesArePaused {
            linesArePaused = false
        } else if session.stop.isFinal {
            screen.console.appendLine("The machine has halted for good and cannot go on.", style: .dim)
        } else {
            start(goal)
        }
    }

    /// The words completion could go on with, in columns.
    private func show(words: [String]) {
        screen.console.appendLine(Console.prompt + editor.shown.line, style: .dim)
        for row in columns(of: words, width: screen.size.columns, limit: Self.longestChoice) { screen.console.appendLine(row) }
    }
}
