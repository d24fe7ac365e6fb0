// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import KdbgTUI

// Taking lines, and showing what comes of them.

extension LineFrontEnd {
    /// Takes lines until one lets the machine run; nil to leave.
    func nextGoal() throws(Abort) -> RunGoal? {
        while !fileLines.isEmpty || !inputHasEnded {
            if !filesArePaused, let line = fileLines.popFirst() {
                // As in KDBinit: the prompt opens, and what lets the machine run there also goes on with the file.
                if !session.isAsking, line.text.split(whereSeparator: \.isWhitespace).first == "break" {
                    filesArePaused = true
                    continue
                }
                switch try execute(line.text, place: line.place) {
                case .stay, .mistaken: continue
                case .run(let goal): return goal
                case .leave: return nil
                }
            }
            // With the last line of its files a batch run goes on: standard input is for the places where it stops.
            if isBatch, !filesArePaused, session.stop == .start { return .go }
            if endsRun(session.stop), !filesArePaused { return nil }
            guard !inputHasEnded, let typed = try commands.next() else {
                inputHasEnded = true
                guard filesArePaused else { break }
                filesArePaused = false
                continue
            }
            switch try execute(session.isAsking ? typed : prompt.repeated.line(for: typed)) {
            case .stay, .mistaken: continue
            case .run(let goal): return goal
            case .leave: return nil
            }
        }
        guard isBatch, !hasPrompt, !hasLostPatience else { return nil }
        guard loop.mayContinue(from: session.stop, at: session.mark) else {
            complain("the kernel breaks into the debugger again and again at the same place, and nobody answers; giving up")
            return nil
        }
        return .go
    }

    /// - Parameter place: where in a file the line stands; nil when it was typed or came through a pipe.
    private func execute(_ line: String, place: String? = nil) throws(Abort) -> LinePrompt.Outcome {
        if !session.isAsking {
            if line.allSatisfy(\.isWhitespace) || isComment(line) { return .stay }
            if let outcome = try prompt.execute(line) {
                if case .run(let goal) = outcome { return try resume(goal) }
                if case .mistaken = outcome { reportFailure(place, "see above") }
                return outcome
            }
        }
        let failures = session.failedLines
        var result = session.execute(line, from: isInteractive && place == nil ? .typed : .scripted)
        if line.filter({ !$0.isWhitespace }) == "help" { result.output += FrontEndWord.help(in: prompt.frontEnd) }
        if result.failed { reportFailure(place, result.complaint) }
        if result.resume == .callbacks { offered = place.map { ($0, failures) } }
        try prompt.show(result, isTyped: place == nil)
        return try result.resume.map { goal throws(Abort) in try resume(goal) } ?? .stay
    }

    func reportFailure(_ place: String?, _ reason: String) {
        hasFailed = true
        guard let place else { return }
        fileHasFailed = true
        sayOnStandardError("\(place): \(visible(reason))")
    }

    private func resume(_ goal: RunGoal) throws(Abort) -> LinePrompt.Outcome {
        if goal == .nextBootStep, !session.hasKernel {
            try output.write("next-step: There are no boot steps; that needs the NT kernel.\n")
            return .stay
        }
        guard !filesArePaused else {
            filesArePaused = false
            return .stay
        }
        guard session.stop.isFinal else { return .run(goal) }
        try output.write("The machine has halted for good and cannot go on.\n")
        return .stay
    }
}
