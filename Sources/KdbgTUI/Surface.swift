// SPDX-License-Identifier: GPL-3.0-or-later

/// Columns and rows of a terminal, a pane, a surface.
package struct Size: Equatable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// One place on the screen.
package struct Cell: Equatable, Sendable {
    /// What is shown; nil in the right half of a wide character.
    package var character: Character?
    package var style: Style

    package static let blank = Cell(character: " ", style: .normal)
}

/// A grid of cells. Panes draw on it, the terminal shows it, and tests read it, so that no test needs a terminal.
package struct Surface: Equatable, Sendable {
    package let size: Size
    private var cells: [Cell]
    /// Where the terminal's cursor shall stand; hidden when nil.
    package var cursor: (row: Int, column: Int)? {
        get { cursorIndex.map { ($0 / size.columns, $0 % size.columns) } }
        set {
            cursorIndex = newValue.flatMap { place in
                (0..<size.rows ~= place.row && 0..<size.columns ~= place.column) ? place.row * size.columns + place.column : nil
            }
        }
    }
    private var cursorIndex: Int?

    package init(_ size: Size) {
        self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
        cells = Array(repeating: .blank, count: self.size.columns * self.size.rows)
    }

    /// The cells of one row.
    package subscript(row row: Int) -> ArraySlice<Cell> {
        cells[row * size.columns..<(row + 1) * size.columns]
    }

    /// Writes `text`, made visible, from a place to the right, and returns the column behind it. What does not fit before `limit` (the right
    /// edge when nil) is cut, and the cut is shown as `…`.
    @discardableResult
    package mutating func put(_ text: String, row: Int, column: Int = 0, style: Style = .normal, limit: Int? = nil) -> Int {
        let end = min(limit ?? size.columns, size.columns)
        guard 0..<size.rows ~= row, column >= 0, column < end else { return column }
        let line = StyledLine(text, style: style)
        if line.cells.count <= end - column { return put(line.cells[...], row: row, column: column) }
        let behind = put(line.cells.prefix(end - column - 1), row: row, column: column)
        return put([Cell(character: "…", style: style)], row: row, column: behind)
    }

    /// Writes cells from a place to the right, as many as fit, and returns the column behind them.
    @discardableResult
    package mutating func put(_ line: ArraySlice<Cell>, row: Int, column: Int = 0) -> Int {
        guard 0..<size.rows ~= row, 0..<size.columns ~= column else { return column }
        var at = column
        for cell in line.prefix(size.columns - column) {
            cells[row * size.columns + at] = cell
            at += 1
        }
        // Half a wide character is no character.
        if at > column, line.count > at - column, line[line.startIndex + at - column].character == nil {
            cells[row * size.columns + at - 1] = Cell(character: " ", style: line[line.startIndex + at - column - 1].style)
        }
        return at
    }

    /// Copies another surface to a place of this one; its cursor comes along.
    package mutating func place(_ other: Surface, row: Int, column: Int) {
        for line in 0..<other.size.rows {
            put(other[row: line], row: row + line, column: column)
        }
        if let place = other.cursor { cursor = (row + place.row, column + place.column) }
    }

    /// Gives a row's cells further attributes, such as reverse for a selected row.
    package mutating func add(_ attributes: Style.Attributes, row: Int) {
        guard 0..<size.rows ~= row else { return }
        for index in row * size.columns..<(row + 1) * size.columns {
            cells[index].style = cells[index].style.adding(attributes)
        }
    }

    /// The characters, a line for each row, without blanks at line ends: what goldens hold.
    package var text: String {
        var result = ""
        for row in 0..<size.rows {
            var line = String(self[row: row].compactMap(\.character))
            while line.last == " " { line.removeLast() }
            result += line + "\n"
        }
        return result
    }
}
