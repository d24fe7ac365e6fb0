// SPDX-License-Identifier: GPL-3.0-or-later

extension Pane {
    /// The `kdb:>` prompt and what was said there.
    package static let console: Pane = .init(
        name: "Console", place: .bottom,
        scrolling: .lines { screen, index in screen.console.lines[index] },
        count: { $0.console.lines.count },
        fixedRows: { _ in 1 },
        note: { $0.viewport(.console).follows ? "" : "scrolled back" },
        draw: drawConsole)
}

@Sendable private func drawConsole(_ screen: Screen, on surface: inout Surface) {
    let row = screen.drawLines(of: .console, rows: surface.size.rows - 1, on: &surface)
    if screen.snapshot.isRunning {
        surface.put("running; Ctrl-C breaks in", row: row, style: .dim)
        return
    }
    let console = screen.console
    let before = StyledLine(console.prompt + console.line.prefix(console.cursor))
    let whole = StyledLine(console.prompt + console.line)
    // The line scrolls sideways by half a pane at a time, so that it stands still while one types.
    let width = surface.size.columns
    let jump = max(1, width / 2)
    let start = before.cells.count < width ? 0 : (before.cells.count - width) / jump * jump + jump
    surface.put(whole.cells.dropFirst(start), row: row)
    if start > 0 { surface.put("…", row: row, style: .dim) }
    surface.cursor = (row, before.cells.count - start)
}
