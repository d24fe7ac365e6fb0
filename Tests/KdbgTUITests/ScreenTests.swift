// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import KdbgTUI
import KdbgTestSupport
import Testing

@Suite("Screens as they are drawn")
struct ScreenTests {
    @Test("the whole screen", arguments: [(80, 24), (120, 40), (200, 60), (60, 16)])
    func whole(columns: Int, rows: Int) {
        expectGolden(Samples.screen(columns, rows).draw().text, at: "Screens/whole-\(columns)x\(rows).txt")
    }

    @Test func tooSmall() {
        expectGolden(Samples.screen(50, 10).draw().text, at: "Screens/too-small-50x10.txt")
    }

    @Test func beforeTheFirstInstruction() {
        expectGolden(Screen(size: Size(columns: 80, rows: 24)).draw().text, at: "Screens/empty-80x24.txt")
    }

    @Test func help() {
        var screen = Samples.screen(80, 40)
        _ = screen.perform(.help)
        expectGolden(screen.draw().text, at: "Screens/help-80x40.txt")
    }

    @Test func searchInTheConsole() {
        var screen = Samples.screen(80, 24, focus: "Console")
        _ = screen.perform(.nextPane)
        _ = screen.perform(.previousPane)
        screen.console.prompt = "(reverse-i-search)`bp': "
        screen.console.line = "bpx KdpInitDriver"
        screen.console.cursor = 1
        let surface = screen.draw()
        expectGolden(surface.text, at: "Screens/search-80x24.txt")
        #expect(surface.cursor?.column == 25)
    }

    @Test("the selected step and the title of the pane with the keys stand out without colours")
    func emphasis() {
        let surface = Samples.screen(80, 24).draw()
        let reversed = (1..<13).filter { surface[row: $0].prefix(10).contains { $0.style.attributes.contains(.reverse) } }
        #expect(reversed.map { String(surface[row: $0].prefix(16).compactMap(\.character)) } == ["── Boot timeline", "▶ 1.9 #11      H"])
    }

    @Test("no size of terminal breaks the screen")
    func everySize() {
        for columns in [0, 1, 2, 59, 60, 61, 79, 99, 100, 101, 300] {
            for rows in [0, 1, 2, 15, 16, 17, 23, 50, 120] {
                for pane in Pane.all where pane.place != .overlay {
                    var screen = Samples.screen(columns, rows, focus: pane.name)
                    _ = screen.draw()
                    _ = screen.perform(.pageUp)
                    _ = screen.perform(.zoom)
                    #expect(screen.draw().size == Size(columns: columns, rows: rows))
                }
            }
        }
    }

    @Test("panes fill the screen without overlapping", arguments: [(60, 16), (80, 24), (99, 30), (100, 30), (120, 40), (200, 60)])
    func layout(columns: Int, rows: Int) {
        let layout = Layout(Size(columns: columns, rows: rows))
        #expect(layout.places.map(\.name) == Pane.all.filter { $0.place != .overlay }.map(\.name))
        var covered = Set<[Int]>()
        for (name, place) in layout.places {
            #expect(place.size.rows >= 3, "\(name.text)")
            for row in place.row..<place.row + place.size.rows {
                for column in place.column..<place.column + place.size.columns {
                    #expect(covered.insert([row, column]).inserted, "\(name.text) overlaps at \(row), \(column)")
                    #expect(1..<rows - 1 ~= row && column < columns)
                }
            }
        }
    }
}

@Suite("The golden harness")
struct GoldenTests {
    @Test("a wrong golden fails")
    func mismatchIsReported() {
        withKnownIssue("this is what a wrong screen looks like") {
            expectGolden(Samples.screen(81, 24).draw().text, at: "Screens/whole-80x24.txt", recording: false)
        }
        withKnownIssue("a golden that nobody has recorded") {
            expectGolden("anything", at: "Screens/no-such-golden.txt", recording: false)
        }
    }

    @Test func differenceNamesTheLine() {
        #expect(Golden.difference(expected: "a\nb\n", actual: "a\nb\n") == nil)
        #expect(Golden.difference(expected: "a\nb\n", actual: "a\nc\n")?.contains("line 2") == true)
        #expect(Golden.difference(expected: "a\n", actual: "a")?.contains("no such line") == true)
    }
}
