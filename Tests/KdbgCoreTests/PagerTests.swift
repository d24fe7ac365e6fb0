// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Paging (spec/kdbg.md section 3.3).
@Suite struct PagerTests {
    private let prompt = "--- Press q to abort, any other key to continue ---"

    private func lines(_ range: Range<Int>) -> String { range.map { "line \($0)\n" }.joined() }

    /// The pages one gets when every prompt is answered with the same key, at most `limit`.
    private func pages(_ pager: Pager, key: Pager.Key = .character(" "), limit: Int = 50) -> [String] {
        var pager = pager
        var pages: [String] = []
        while pages.count < limit {
            switch pager.page() {
            case .page(let text, _):
                pages.append(text)
                pager.answer(key)
            case .last(let text): return pages + [text]
            }
        }
        return pages
    }

    @Test("the first page has one row less than the terminal, each further one two")
    func pageSizes() {
        let pages = pages(Pager(lines(0..<100)))
        #expect(pages.map { $0.count { $0 == "\n" } } == [23, 22, 22, 22, 11])
        #expect(pages.joined() == lines(0..<100))
    }

    @Test("what fits needs no prompt", arguments: [0, 1, 23])
    func fits(count: Int) {
        var pager = Pager(lines(0..<count))
        #expect(pager.page() == .last(lines(0..<count)))
    }

    @Test("a prompt has no line end and stands behind 23 rows")
    func asks() {
        var pager = Pager(lines(0..<24))
        #expect(pager.page() == .page(lines(0..<23), prompt: prompt))
        pager.answer(.character("\r"))
        #expect(pager.page() == .last(lines(23..<24)))
    }

    @Test(
        "rows of a line",
        arguments: [
            (0, true, 1), (1, true, 1), (80, true, 1), (81, true, 2), (160, true, 2), (161, true, 3), (80, false, 0), (81, false, 1),
        ])
    func countsRows(length: Int, isWhole: Bool, rows: Int) {
        #expect(Pager.rows(of: length, isWhole: isWhole, columns: 80) == rows)
    }

    @Test("long lines take the rows they take, and one that is longer than a page comes alone")
    func longLines() {
        let long = String(repeating: "x", count: 161) + "\n"
        #expect(pages(Pager(String(repeating: long, count: 9))).map { $0.count { $0 == "\n" } } == [7, 2])
        let huge = String(repeating: "y", count: 80 * 50) + "\n"
        #expect(pages(Pager("a\n" + huge + huge + "b\n")) == ["a\n", huge, huge, "b\n"])
    }

    @Test("only a small q aborts")
    func aborts() {
        #expect(pages(Pager(lines(0..<100)), key: .character("q")) == [lines(0..<23), ""])
        #expect(pages(Pager(lines(0..<100)), key: .character("Q")).count == 5)
        #expect(pages(Pager(lines(0..<100)), key: .end).count == 5)
    }

    @Test("rows that were printed before count")
    func usedRows() {
        #expect(pages(Pager(lines(0..<30), used: 3)) == [lines(0..<20), lines(20..<30)])
    }

    @Test("sizes of terminals that cannot be")
    func tinyTerminals() {
        #expect(pages(Pager(lines(0..<4), rows: 0, columns: 0)).joined() == lines(0..<4))
        #expect(pages(Pager(lines(0..<3), rows: 3)) == [lines(0..<2), lines(2..<3)])
    }

    @Test("a last line without end is shown")
    func openEnd() {
        #expect(pages(Pager("a\nb")) == ["a\nb"])
        #expect(pages(Pager("\n\nb")) == ["\n\nb"])
    }

    @Test("dmesg goes forwards and backwards")
    func messages() {
        let keys = "--- Press q to abort, e/End,h/Home,u/PgUp, other key/PgDn ---"
        var pager = Pager(lines(0..<100), kind: .messages)
        #expect(pager.page() == .page(lines(0..<23), prompt: keys))
        pager.answer(.character("e"))
        #expect(pager.page() == .last(lines(78..<100)))

        pager = Pager(lines(0..<100), kind: .messages)
        _ = pager.page()
        pager.answer(.character(" "))
        #expect(pager.page() == .page(lines(23..<45), prompt: keys))
        pager.answer(.pageUp)
        #expect(pager.page() == .page(lines(1..<23), prompt: keys))
        pager.answer(.character("u"))
        #expect(pager.page() == .page(lines(0..<22), prompt: keys))
        pager.answer(.character("u"))
        #expect(pager.page() == .page(lines(0..<22), prompt: keys))
        pager.answer(.end)
        #expect(pager.page() == .last(lines(78..<100)))
        pager.answer(.home)
        #expect(pager.page() == .page(lines(0..<22), prompt: keys))
        pager.answer(.character("q"))
        #expect(pager.page() == .last(""))
    }
}
