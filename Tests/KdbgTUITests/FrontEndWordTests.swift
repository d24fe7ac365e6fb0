// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTUI
import Testing

@Suite("Words of the front ends")
struct FrontEndWordTests {
    @Test(
        "lines that are not the debugger's",
        arguments: [
            ("next-step", FrontEndWord.nextStep), (" quit ", .quit), ("exit", .quit), ("history", .history(20)), ("history 5", .history(5)),
            ("pager", .pager(nil)), ("pager off", .pager(false)),
        ])
    func words(line: String, word: FrontEndWord) {
        #expect(FrontEndWord(line, in: .lineShell) == word)
    }

    @Test("a q alone and wrong arguments get an explanation", arguments: ["q", "pager maybe", "quit now", "history 0", "next-step 3"])
    func mistakes(line: String) {
        guard case .mistaken = FrontEndWord(line, in: .lineShell) else {
            Issue.record("\(line) is accepted")
            return
        }
    }

    @Test("everything else is the debugger's", arguments: ["", "next", "help", "quitter", "q 1"])
    func others(line: String) {
        #expect(FrontEndWord(line, in: .lineShell) == nil)
    }

    @Test("each front end has its own")
    func frontEnds() {
        #expect(FrontEndWord("pager off", in: .screen) == nil)
        #expect(FrontEndWord("quit", in: .batch) == nil)
        #expect(FrontEndWord.help(in: .lineShell).contains("pager [on|off]"))
        #expect(!FrontEndWord.help(in: .screen).contains("pager"))
        #expect(FrontEndWord.help(for: "help next-step", in: .screen)?.contains("boot step") == true)
        #expect(FrontEndWord.help(for: "help x", in: .screen) == nil)
    }

    @Test func completions() {
        #expect(FrontEndWord.completions(of: "q", at: 1, in: .lineShell) == ["quit"])
        #expect(FrontEndWord.completions(of: "help hi", at: 7, in: .lineShell) == ["history"])
        #expect(FrontEndWord.completions(of: "pager o", at: 7, in: .lineShell) == ["on", "off"])
        #expect(FrontEndWord.completions(of: "bpx q", at: 5, in: .lineShell) == [])
    }
}
