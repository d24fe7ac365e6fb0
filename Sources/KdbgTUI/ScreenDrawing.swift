// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

extension Screen {
    /// Draws everything.
    package func draw() -> Surface {
        var surface = Surface(size)
        guard Layout.fits(size) else {
            drawTooSmall(on: &surface)
            return surface
        }
        let layout = layout
        for (name, place) in layout.places {
            draw(.named(name), at: place, on: &surface)
        }
        drawSeparators(layout, on: &surface)
        drawStatus(on: &surface)
        drawHints(on: &surface)
        return surface
    }

    private func drawTooSmall(on surface: inout Surface) {
        let needed = Layout.smallest
        let lines = [
            "The terminal is too small.", "kdbg needs \(needed.columns)x\(needed.rows), this is \(size.columns)x\(size.rows).",
            "Enlarge it, or leave with q.",
        ]
        let first = max(0, (size.rows - lines.count) / 2)
        for (index, line) in lines.enumerated() {
            surface.put(line, row: first + index, column: max(0, (size.columns - line.count) / 2), style: index == 0 ? .bold : .normal)
        }
    }

    private func draw(_ pane: Pane, at place: Rectangle, on surface: inout Surface) {
        let isActive = pane.name == activePane.name
        let note = pane.note(self)
        let title = " \(pane.name.text)\(note.isEmpty ? "" : " (\(note))") "
        let rule = String(repeating: "─", count: max(0, place.size.columns - 2 - displayWidth(title)))
        var line = StyledLine("──", style: .dim)
        line.append(title, style: isActive ? Style(attributes: [.bold, .reverse]) : .bold)
        line.append(rule, style: .dim)
        surface.put(line.cells.prefix(place.size.columns), row: place.row, column: place.column)

        var body = Surface(Size(columns: place.size.columns, rows: place.size.rows - 1))
        pane.draw(self, &body)
        if !isActive { body.cursor = nil }
        surface.place(body, row: place.row + 1, column: place.column)
    }

    /// A line left of every pane that does not begin at the left edge.
    private func drawSeparators(_ layout: Layout, on surface: inout Surface) {
        for (_, place) in layout.places where place.column > 0 {
            for row in place.row..<place.row + place.size.rows {
                surface.put("│", row: row, column: place.column - 1, style: .dim)
            }
        }
    }

    private func drawStatus(on surface: inout Surface) {
        let state = snapshot.state
        var parts = ["\(grouped(snapshot.mark.instruction)) instructions"]
        if let row = snapshot.currentRow {
            let step = snapshot.timeline[row]
            parts.append("IRQL \(step.irql)")
            parts.append("\(step.step.number) \(step.step.title)")
        }
        var line = StyledLine(" kdbg ", style: Style(attributes: [.bold, .reverse]))
        line.append(" \(state.text) ", style: state.style.adding(.reverse))
        for part in parts {
            line.append("│ \(part) ", style: .reverse)
        }
        surface.put(line.cells.prefix(size.columns), row: 0)
        surface.add(.reverse, row: 0)
    }

    private func drawHints(on surface: inout Surface) {
        let row = size.rows - 1
        if isSearching {
            let column = surface.put(" \(searchLine)", row: row, style: .bold)
            surface.cursor = (row, min(column, size.columns - 1))
            return
        }
        if let notice {
            surface.put(" \(notice)", row: row, style: .warning)
            return
        }
        var column = 1
        for binding in Keymap.rows where situation.allows(binding.scope) && isOfUse(binding.request) {
            guard let hint = binding.hint, let key = binding.keys.first else { continue }
            let width = displayWidth("\(key) \(hint)")
            guard column + width <= size.columns else { break }
            column = surface.put("\(key)", row: row, column: column, style: .bold)
            column = surface.put(" \(hint)", row: row, column: column) + 2
        }
    }
}

extension Screen {
    /// Whether a request is worth a hint now.
    private func isOfUse(_ request: Request) -> Bool {
        if request.startsMachine { return !snapshot.isRunning && !snapshot.stop.isFinal && !showsHelp }
        return request != .breakIn || snapshot.isRunning
    }
}

// MARK: What panes share

extension Screen {
    /// Draws the lines of a pane that only scrolls them, in the first `rows` rows; returns the row behind the last one drawn.
    @discardableResult
    package func drawLines(of pane: Pane, rows: Int, on surface: inout Surface) -> Int {
        guard case .lines(let line) = pane.scrolling else { return 0 }
        let count = pane.count(self)
        let view = viewport(pane)
        let size = Size(columns: surface.size.columns, rows: max(0, rows))
        let parts = view.follows ? newest(of: count, size: size, line) : oldest(from: view.position, of: count, size: size, line)
        for (row, part) in parts.enumerated() { surface.put(part, row: row) }
        return parts.count
    }

    /// The rows of the last lines; of the first of these perhaps only its end.
    private func newest(of count: Int, size: Size, _ line: (Screen, Int) -> StyledLine) -> [ArraySlice<Cell>] {
        var parts: [ArraySlice<Cell>] = []
        var index = count
        while index > 0, parts.count < size.rows {
            index -= 1
            parts = line(self, index).rows(width: size.columns) + parts
        }
        return parts.suffix(size.rows)
    }

    /// The rows from a line on, or from an earlier one when there are not enough of them.
    private func oldest(from position: Int, of count: Int, size: Size, _ line: (Screen, Int) -> StyledLine) -> [ArraySlice<Cell>] {
        var parts: [ArraySlice<Cell>] = []
        var index = min(position, Self.top(of: count, size: size) { line(self, $0) })
        while index < count, parts.count < size.rows {
            parts += line(self, index).rows(width: size.columns)
            index += 1
        }
        return Array(parts.prefix(size.rows))
    }

    /// The rows of a pane with a selection that fit in `rows`, such that the selected one is among them with some context around it.
    package func visibleRows(of pane: Pane, rows: Int) -> Range<Int> {
        let count = pane.count(self)
        guard count > rows else { return 0..<count }
        let top = min(max(0, selection(in: pane) - rows * 2 / 3), count - max(0, rows))
        return top..<top + max(0, rows)
    }
}
