// SPDX-License-Identifier: GPL-3.0-or-later

extension Pane {
    /// What a program on the bare machine shows on its display: 25 lines of 80 characters.
    package static let machineScreen: Pane = .init(
        name: "Display", place: .main,
        scrolling: .lines { screen, index in StyledLine(screen.snapshot.display[index]) },
        count: { $0.snapshot.display.count },
        note: { screen in
            let view = screen.viewport(.machineScreen)
            return view.follows ? "" : "scrolled"
        },
        draw: drawMachineScreen)
}

/// The lines around the cursor, or from the first one on when all fit; long ones are cut, not wrapped, so that columns stay columns.
@Sendable private func drawMachineScreen(_ screen: Screen, on surface: inout Surface) {
    let lines = screen.snapshot.display
    let rows = surface.size.rows
    let view = screen.viewport(.machineScreen)
    let cursor = screen.snapshot.displayCursor
    let lastUsed = max(lines.lastIndex { !$0.isEmpty } ?? 0, cursor?.row ?? 0)
    let top = view.follows ? max(0, lastUsed + 1 - rows) : view.position
    for (row, line) in lines.dropFirst(top).prefix(rows).enumerated() {
        surface.put(line, row: row)
    }
    guard let cursor, cursor.row >= top, cursor.row < top + rows, cursor.column < surface.size.columns else { return }
    let line = lines.indices.contains(cursor.row) ? Array(lines[cursor.row]) : []
    let character = cursor.column < line.count ? String(line[cursor.column]) : " "
    surface.put(character, row: cursor.row - top, column: cursor.column, style: .reverse)
}
