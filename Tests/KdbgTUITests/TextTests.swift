// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTUI
import Testing

@Suite("Text from a hostile guest")
struct TextTests {
    @Test(
        "control characters become visible",
        arguments: [
            ("\u{1B}[2J", "^[[2J"), ("a\u{0}b", "a^@b"), ("\u{7F}", "^?"), ("\u{9B}2J", "<9b>2J"), ("a\tb", "a       b"),
            ("\u{202E}x", "<U+202E>x"),
            ("plain", "plain"), ("h\u{E9}", "h\u{E9}"), ("\u{2028}", "<U+2028>"), ("\u{301}", "\u{25CC}\u{301}"),
        ])
    func visibility(text: String, shown: String) {
        #expect(visible(text) == shown)
        #expect(visible(shown) == shown)
    }

    @Test("nothing that a pane puts on a surface is a control character")
    func surfaceIsSafe() {
        let all = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
        var surface = Surface(Size(columns: 2000, rows: 1))
        surface.put(all, row: 0)
        let isSafe = surface.text.dropLast().unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0 ~= $0.value) }
        #expect(isSafe)
    }

    @Test func wideCharacters() {
        var surface = Surface(Size(columns: 5, rows: 1))
        surface.put("世界世", row: 0)
        #expect(surface.text == "世界…\n")
        surface.put(StyledLine("a世界").cells[...].dropFirst(0), row: 0, column: 1)
        #expect(surface.text == "世a世\n" || surface.text.count <= 6)
        #expect(StyledLine("a世界b").rows(width: 4).map { String($0.compactMap(\.character)) } == ["a世", "界b"])
    }

    @Test("only KDBG's own styles are obeyed")
    func styles() {
        var parser = StyledTextParser()
        let lines = parser.parse("a\u{1B}[7mb\u{1B}[0mc\u{1B}[31md\r\nopen")
        #expect(lines.map(\.text) == ["abc^[[31md"])
        #expect(lines[0].cells.map(\.style.attributes).prefix(3) == [[], .reverse, []])
        #expect(parser.finish()?.text == "open")
        #expect(parser.finish() == nil)
    }

    @Test func figures() {
        #expect(grouped(0) == "0")
        #expect(grouped(1_234_567) == "1,234,567")
        #expect(hexadecimal(0xC000_003A) == "c000003a")
        #expect(wordWrapped("to be or not to be", width: 8) == ["to be or", "not to", "be"])
        #expect(wordWrapped("abcdefghij", width: 4) == ["abcd", "efgh", "ij"])
    }

    @Test("the console forgets its oldest lines")
    func scrollback() {
        var console = Console()
        for line in 0..<25_000 { console.append("line \(line)\n") }
        #expect(console.lines.count <= Console.keptLines * 11 / 10)
        #expect(console.lines.last?.text == "line 24999")
    }
}
