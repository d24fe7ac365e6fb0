// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import KdbgTUI

/// Lines typed at a terminal, with readline's editing, history and completion.
final class EditedCommands: CommandSource {
    private let session: Session
    private let signals: Signals
    private let output: StandardOutput
    private let interruptAborts: Bool
    private let history: History
    private var editor: LineEditor!
    private var answer: Answer?

    private enum Answer {
        case line(String)
        case end
    }

    /// Ctrl-C at the prompt ends kdbg in batch mode, else it empties the line.
    init(_ session: Session, frontEnd: FrontEndWord.FrontEnd, signals: Signals, output: StandardOutput) {
        self.session = session
        self.signals = signals
        self.output = output
        interruptAborts = frontEnd == .batch
        history = History(complaint: complain)
        editor = LineEditor(
            prompt: Console.prompt, inPane: false,
            hooks: .init(
                entered: { [unowned self] line in
                    answer = line.map { .line($0) } ?? .end
                    editor.remove()
                },
                completions: { line, position in
                    session.completions(of: line, at: position) + FrontEndWord.completions(of: line, at: position, in: frontEnd)
                },
                completesFileName: { session.completesFileName(in: $0, at: $1) },
                isCommand: { session.isCommand($0) },
                show: { [unowned self] words in
                    let size = terminalSize() ?? (24, 80)
                    let rows = columns(of: words, width: size.columns, limit: max(2, size.rows - 3))
                    try? self.output.write("\n" + rows.joined(separator: "\n") + "\n")
                    editor.showAgain()
                }))
    }

    func next() throws(Abort) -> String? {
        while true {
            guard let typed = try read() else { return nil }
            // What the guest asks for is neither a command nor worth remembering.
            if session.isAsking { return typed }
            switch editor.expand(typed) {
            case .line(let line, let isChanged):
                if isChanged { try output.write(line + "\n") }
                history.add(line)
                return line
            case .shown(let line):
                try output.write(line + "\n")
                history.add(line)
            case .failed(let reason):
                try output.write(reason + "\n")
            }
        }
    }

    /// The next line as typed; nil at its end.
    private func read() throws(Abort) -> String? {
        answer = nil
        // A question of the guest's stands there already.
        editor.prompt = session.guestIsAsking ? "" : session.prompt
        editor.install()
        // While the machine runs the terminal is in its usual mode, so that Ctrl-C becomes a signal.
        defer { editor.remove() }
        while true {
            switch signals.wait(for: STDIN_FILENO) {
            case .ready: editor.readTerminal()
            case .hungUp: throw .signal(SIGHUP)
            case .nothing: if signals.takeContinued() { editor.resume() }
            case .signal(SIGINT) where !interruptAborts:
                editor.clearLine()
                try output.write("^C\n")
                editor.showAgain()
            case .signal(let number): throw .signal(number)
            }
            switch answer {
            case .line(let line): return line
            case .end:
                try output.write("\n")
                return nil
            case nil: continue
            }
        }
    }
}
