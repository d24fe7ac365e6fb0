// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTUI
import Testing

@Suite("Keys and what they ask for")
struct KeymapTests {
    private let timeline = Keymap.Situation(isInConsole: false, isInTimeline: true)
    private let typing = Keymap.Situation(isInConsole: true, isTyping: true)
    private let prompt = Keymap.Situation(isInConsole: true)

    @Test("every request has a key")
    func keysForEveryRequest() {
        for request in Request.allCases {
            #expect(Keymap.rows.contains { $0.request == request && !$0.keys.isEmpty }, "\(request) has no row in the key table")
        }
    }

    @Test("help lists every row of the key table")
    func helpIsComplete() {
        var screen = Screen(size: Size(columns: 120, rows: 80))
        _ = screen.perform(.help)
        let text = screen.draw().text
        for row in Keymap.rows {
            #expect(text.contains(row.summary), "\(row.request)")
            for key in row.keys { #expect(text.contains(key.description)) }
        }
    }

    @Test("no key means two things at once")
    func noConflicts() {
        for (index, row) in Keymap.rows.enumerated() {
            for other in Keymap.rows[(index + 1)...] where other.scope == row.scope {
                #expect(Set(row.keys).isDisjoint(with: other.keys), "\(row.request) and \(other.request)")
            }
        }
    }

    @Test("letters and editing keys in the console belong to the prompt")
    func consoleKeys() {
        for key: Key in [.character("q"), .character(" "), .character("z"), .enter, .right, .up, .home, .escape, .control("R"), .tab] {
            #expect(Keymap.request(for: key, in: typing) == nil, "\(key)")
        }
        #expect(Keymap.request(for: .tab, in: prompt) == .nextPane)
        #expect(Keymap.request(for: .function(5), in: typing) == .run)
        #expect(Keymap.request(for: .control("C"), in: typing) == .breakIn)
    }

    @Test func timelineKeys() {
        #expect(Keymap.request(for: .character(" "), in: timeline) == .nextBootStep)
        #expect(Keymap.request(for: .right, in: timeline) == .nextBootStep)
        #expect(Keymap.request(for: .enter, in: timeline) == .runToSelected)
        #expect(Keymap.request(for: .enter, in: Keymap.Situation(isInConsole: false)) == nil)
    }

    @Test func bytesForReadline() {
        #expect(Key.character("é").bytes == [0xC3, 0xA9])
        #expect(Key.control("R").bytes == [0x12])
        #expect(Key.up.bytes == [0x1B, 0x5B, 0x41])
    }
}
