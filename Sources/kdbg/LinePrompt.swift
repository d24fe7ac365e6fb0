// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import KdbgTUI

/// What the front ends without a screen have in common at their prompt: the pager, the repeated line, and the words that are not the debugger's.
struct LinePrompt {
    let frontEnd: FrontEndWord.FrontEnd
    let signals: Signals
    let output: StandardOutput
    /// Whether lines are edited on a terminal, so that a person is there to answer the pager.
    let isEdited: Bool
    /// Whether long output stops at every page then.
    var isPaging = true
    var repeated = RepeatedLine()

    init(_ frontEnd: FrontEndWord.FrontEnd, signals: Signals, output: StandardOutput, isEdited: Bool) {
        self.frontEnd = frontEnd
        self.signals = signals
        self.output = output
        self.isEdited = isEdited
    }

    /// What a line makes the front end do.
    enum Outcome {
        case stay, leave
        case run(RunGoal)
        /// Nothing, because the line is wrong.
        case mistaken
    }

    /// Does what a line says that is not the debugger's; nil when it is.
    mutating func execute(_ line: String) throws(Abort) -> Outcome? {
        if let help = FrontEndWord.help(for: line, in: frontEnd) {
            try output.write(help)
            return .stay
        }
        guard let word = FrontEndWord(line, in: frontEnd) else { return nil }
        switch word {
        case .quit: return .leave
        case .nextStep: return .run(.nextBootStep)
        case .history(let count): try output.write(History.list(last: count).map { $0 + "\n" }.joined())
        case .pager(nil): try output.write("The pager is \(isPaging ? "on" : "off").\n")
        case .pager(let isOn?): isPaging = isOn
        case .mistaken(let reason):
            try output.write(reason + "\n")
            return .mistaken
        }
        return .stay
    }

    /// Writes what a command said, page by page when a person has typed it and it is long (spec/kdbg.md section 3.3).
    mutating func show(_ result: CommandResult, isTyped: Bool = true) throws(Abort) {
        guard isPaging, isTyped, isEdited, terminalIsCapable(), let size = terminalSize() else { return try output.write(result.output) }
        var pager = Pager(result.output, kind: result.paging, rows: size.rows, columns: size.columns)
        while true {
            switch pager.page() {
            case .last(let text): return try output.write(text)
            case .page(let text, let prompt):
                try output.write(text + prompt)
                repeated.forget()
                let event = SingleKey.read(signals)
                try output.write("\n")
                switch event {
                case .key(let key): pager.answer(key)
                case .signal(SIGINT) where frontEnd != .batch: return
                case .signal(let number): throw .signal(number)
                case .hungUp: throw .signal(SIGHUP)
                }
            }
        }
    }
}
