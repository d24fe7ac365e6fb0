// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import KdbgTUI
import Testing

@Suite("What requests do")
struct InteractionTests {
    @Test func runningRequests() {
        var screen = Samples.screen(80, 24)
        #expect(screen.perform(.nextBootStep) == .run(.nextBootStep))
        #expect(screen.perform(.run) == .run(.go))
        #expect(screen.perform(.stepOver) == .run(.next(1)))
        #expect(screen.perform(.stepInto) == .run(.step(1)))
        #expect(screen.perform(.breakIn) == .breakIn)
    }

    @Test("leaving a machine that has run takes two keys in a row")
    func leaving() {
        var screen = Samples.screen(80, 24)
        #expect(screen.perform(.quit) == nil)
        #expect(screen.notice?.contains("q again") == true)
        #expect(screen.perform(.lineDown) == nil)
        #expect(screen.perform(.quit) == nil)
        #expect(screen.perform(.quit) == .quit)
        screen.snapshot.mark = Mark(instruction: 0)
        #expect(screen.perform(.quit) == .quit)
    }

    @Test("a machine that runs, or has halted for good, is not started")
    func refusals() {
        var screen = Samples.screen(80, 24)
        screen.snapshot.isRunning = true
        #expect(screen.perform(.run) == nil)
        #expect(screen.notice?.contains("Ctrl-C") == true)
        screen.snapshot.isRunning = false
        screen.snapshot.stop = .bugcheck(code: 0x7E, parameters: [0xC000_0005, 0, 0, 0])
        #expect(screen.perform(.nextBootStep) == nil)
        #expect(screen.draw().text.contains("bugcheck 0x0000007e"))
    }

    @Test("after the boot nothing runs towards a step")
    func noStepsLeft() {
        var screen = Samples.screen(80, 24)
        screen.snapshot.stop = .bootComplete
        #expect(screen.perform(.nextBootStep) == nil)
        #expect(screen.notice?.contains("no steps left") == true)
        #expect(screen.perform(.run) == .run(.go))
    }

    @Test("the timeline follows the machine until one scrolls, and again when it runs")
    func following() {
        var screen = Samples.screen(80, 24)
        #expect(screen.selection(in: .timeline) == 6)
        _ = screen.perform(.lineDown)
        #expect(screen.selection(in: .timeline) == 7)
        screen.snapshot.timeline[7].entered = Mark(instruction: 2_000_000)
        screen.snapshot.timeline[8].entered = Mark(instruction: 2_100_000)
        #expect(screen.selection(in: .timeline) == 7)
        #expect(screen.perform(.runToSelected) == nil)
        #expect(screen.notice?.contains("bpx IopStep12") == true)
        _ = screen.perform(.lineDown)
        _ = screen.perform(.lineDown)
        #expect(screen.perform(.runToSelected) == .run(.bootStep(StepNumber([1, 9], row: 14))))
        #expect(screen.selection(in: .timeline) == 8)
        _ = screen.perform(.top)
        #expect(screen.selection(in: .timeline) == 0)
        _ = screen.perform(.bottom)
        #expect(screen.selection(in: .timeline) == Samples.timeline.count - 1)
    }

    @Test("Tab visits every pane and comes back")
    func focus() {
        var screen = Samples.screen(80, 24)
        var visited: [String] = []
        repeat {
            visited.append(screen.focus.text)
            _ = screen.perform(.nextPane)
        } while screen.focus != Pane.timeline.name
        #expect(visited == ["Boot timeline", "KD providers", "Log", "Console"])
        _ = screen.perform(.previousPane)
        #expect(screen.isInConsole)
    }

    @Test("the log stays where one scrolled to while lines are added")
    func logScrolling() {
        var screen = Samples.screen(80, 24, focus: "Log")
        _ = screen.perform(.zoom)
        #expect(screen.draw().text.contains("line 30 of"))
        _ = screen.perform(.top)
        screen.snapshot.log.append(LogLine(mark: Mark(instruction: 9), text: "newest"))
        #expect(screen.draw().text.contains("line 1 of") && !screen.draw().text.contains("newest"))
        _ = screen.perform(.pageDown)
        _ = screen.perform(.pageDown)
        #expect(screen.draw().text.contains("newest"))
        screen.snapshot.log.append(LogLine(mark: Mark(instruction: 9), text: "newer still"))
        #expect(screen.draw().text.contains("newer still"))
    }

    @Test("of a line too long for the log one sees the end, and the beginning when one scrolls up")
    func longLines() {
        var screen = Samples.screen(80, 24, focus: "Log")
        screen.snapshot.log.append(LogLine(mark: Mark(instruction: 9), text: "begin " + String(repeating: ". ", count: 500) + "end"))
        #expect(screen.draw().text.contains("end") && !screen.draw().text.contains("begin"))
        _ = screen.perform(.lineUp)
        _ = screen.perform(.lineDown)
        #expect(screen.draw().text.contains("end"))
        _ = screen.perform(.top)
        #expect(screen.draw().text.contains("line 1 of"))
    }

    @Test("a search goes from place to place and round, in panes of lines and in the timeline")
    func searching() {
        var screen = Samples.screen(80, 24, focus: "Log")
        screen.snapshot.log = (0..<100).map { LogLine(mark: Mark(instruction: 9), text: $0 % 40 == 7 ? "Needle \($0)" : "hay \($0)") }
        func type(_ text: String) {
            #expect(screen.perform(.search) == nil)
            for scalar in text.unicodeScalars { screen.type(.character(scalar)) }
            #expect(screen.draw().text.contains("Search in Log:" + (text.isEmpty ? "" : " " + text)))
            screen.type(.enter)
        }
        type("needle")
        #expect(!screen.isSearching && screen.viewport(.log).position == 7)
        #expect(screen.draw().text.contains("Needle 7"))
        _ = screen.perform(.searchOn)
        #expect(screen.viewport(.log).position == 47)
        type("")
        #expect(screen.viewport(.log).position == 87)
        _ = screen.perform(.searchOn)
        #expect(screen.viewport(.log).position == 7)
        _ = screen.perform(.searchBack)
        #expect(screen.viewport(.log).position == 87)
        type("nowhere")
        #expect(screen.viewport(.log).position == 87 && screen.notice?.contains("not in Log") == true)
        _ = screen.perform(.search)
        screen.type(.escape)
        #expect(!screen.isSearching)

        screen = Samples.screen(80, 24)
        _ = screen.perform(.searchOn)
        #expect(screen.notice?.contains("Nothing to look for") == true)
        _ = screen.perform(.search)
        for scalar in "kdpinitdriver".unicodeScalars { screen.type(.character(scalar)) }
        screen.type(.enter)
        #expect(screen.snapshot.timeline[screen.selection(in: .timeline)].step.routine == "KdpInitDriver")
    }

    @Test("q closes the help before it leaves")
    func quitInHelp() {
        var screen = Samples.screen(80, 24)
        _ = screen.perform(.help)
        #expect(screen.perform(.quit) == nil)
        #expect(screen.perform(.quit) == nil)
        #expect(screen.perform(.quit) == .quit)
    }

    @Test("q leaves a terminal that is too small, wherever the focus was")
    func quitWhenTooSmall() {
        let screen = Samples.screen(40, 10, focus: "Console")
        #expect(Keymap.request(for: .character("q"), in: screen.situation) == .quit)
    }

    @Test("an empty line repeats the last command")
    func repetition() {
        var repeated = RepeatedLine()
        #expect(repeated.line(for: "") == "")
        #expect(repeated.line(for: "bt") == "bt")
        #expect(repeated.line(for: "") == "bt")
        #expect(repeated.line(for: "  ") == "")
        #expect(repeated.line(for: "") == "bt")
        repeated.forget()
        #expect(repeated.line(for: "") == "")
        #expect(repeated.line(for: "x esp L 4") == "x esp L 4")
    }
}
