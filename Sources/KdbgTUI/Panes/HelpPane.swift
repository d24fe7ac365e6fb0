// SPDX-License-Identifier: GPL-3.0-or-later

extension Pane {
    /// What the keys do; made from the key table.
    package static let help: Pane = .init(
        name: "Help", place: .overlay,
        scrolling: .lines { _, index in helpLines[index] },
        count: { _ in helpLines.count },
        note: { _ in "q or Esc closes it" },
        draw: { screen, surface in
            screen.drawLines(of: .help, rows: surface.size.rows, on: &surface)
        })
}

private let helpLines: [StyledLine] = {
    var lines: [StyledLine] = []
    for (scope, title) in sections {
        let rows = Keymap.rows.filter { $0.scope == scope }
        if rows.isEmpty { continue }
        if !lines.isEmpty { lines.append(StyledLine()) }
        lines.append(StyledLine(title, style: .bold))
        for row in rows {
            let keys = row.keys.map(\.description).joined(separator: ", ")
            var line = StyledLine("  \(keys)" + String(repeating: " ", count: max(1, 14 - keys.count)), style: .bold)
            line.append(row.summary, style: .normal)
            lines.append(line)
        }
    }
    lines.append(StyledLine())
    lines += prose.map { StyledLine($0) }
    return lines
}()

private let sections: [(KeyBinding.Scope, String)] = [
    (.everywhere, "Everywhere"), (.timeline, "In the timeline"), (.outsideConsole, "Outside the console"),
    (.unlessTyping, "Unless a line is being typed"), (.enlarged, "In the help and in zoomed panes"),
]

private let prose = [
    "In the console all other keys are readline's: Ctrl-R searches",
    "the history, Tab completes, Up and Down walk through earlier",
    "lines, !! and !$ repeat them. An empty line repeats the last",
    "command, as in KDBG. Your ~/.inputrc counts.",
    "Type `help` there for the debugger's commands.",
    "",
    "Marks in the timeline: ✓ done, ▶ running, · still to come,",
    "✗ done and failed.",
    "Columns of the providers: reg = linked into KdProviders,",
    "ph = last BootPhase, arm = asks to be called in the next one.",
]
