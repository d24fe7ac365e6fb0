// SPDX-License-Identifier: GPL-3.0-or-later

/// A part of the screen in cells.
package struct Rectangle: Equatable, Sendable {
    package var row: Int
    package var column: Int
    package var size: Size

    package init(row: Int, column: Int, columns: Int, rows: Int) {
        self.row = row
        self.column = column
        size = Size(columns: columns, rows: rows)
    }
}

/// Where the panes go in a terminal of some size. The first row is the status line, the last one the hints; a pane's first row is its title.
package struct Layout: Equatable, Sendable {
    /// Smaller terminals get a message instead.
    package static let smallest = Size(columns: 60, rows: 16)
    /// From here on the log stands beside the timeline.
    package static let wideColumns = 100

    /// The places of the panes, titles included.
    package private(set) var places: [(name: Pane.Name, place: Rectangle)] = []

    package init(_ size: Size, panes: [Pane] = Pane.all, zoomed: Pane.Name? = nil) {
        guard Self.fits(size) else { return }
        let body = Rectangle(row: 1, column: 0, columns: size.columns, rows: size.rows - 2)
        if let zoomed {
            places = [(zoomed, body)]
        } else if size.columns >= Self.wideColumns {
            arrangeWide(body, panes)
        } else {
            arrangeNarrow(body, panes)
        }
    }

    /// Whether a terminal is large enough for panes.
    package static func fits(_ size: Size) -> Bool {
        size.columns >= smallest.columns && size.rows >= smallest.rows
    }

    /// The place of a pane, its title included; nil when it is hidden.
    package subscript(_ name: Pane.Name) -> Rectangle? {
        places.first { $0.name == name }?.place
    }

    package static func == (a: Layout, b: Layout) -> Bool {
        a.places.elementsEqual(b.places) { $0.name == $1.name && $0.place == $1.place }
    }

    /// The timeline left, everything else right of it, the console below.
    private mutating func arrangeWide(_ body: Rectangle, _ panes: [Pane]) {
        let bottom = max(8, body.size.rows * 2 / 5)
        let upper = body.size.rows - bottom
        let left = min(max(body.size.columns * 9 / 20, 52), 96)
        stack(panes, [.main], Rectangle(row: body.row, column: 0, columns: left, rows: upper))
        let right = Rectangle(row: body.row, column: left + 1, columns: body.size.columns - left - 1, rows: upper)
        stack(panes, [.side, .stream], right)
        stack(panes, [.bottom], Rectangle(row: body.row + upper, column: 0, columns: body.size.columns, rows: bottom))
    }

    /// The timeline and the side panes share the upper part; log and console lie below in bands of their own.
    private mutating func arrangeNarrow(_ body: Rectangle, _ panes: [Pane]) {
        let upper = max(5, body.size.rows / 2)
        let stream = max(3, body.size.rows * 2 / 11)
        let left = body.size.columns * 5 / 9
        stack(panes, [.main], Rectangle(row: body.row, column: 0, columns: left, rows: upper))
        stack(panes, [.side], Rectangle(row: body.row, column: left + 1, columns: body.size.columns - left - 1, rows: upper))
        stack(panes, [.stream], Rectangle(row: body.row + upper, column: 0, columns: body.size.columns, rows: stream))
        let rest = body.size.rows - upper - stream
        stack(panes, [.bottom], Rectangle(row: body.row + upper + stream, column: 0, columns: body.size.columns, rows: rest))
    }

    /// Puts the panes of some kinds one below the other: each gets what it wants, at most its share, and the last one the rest.
    private mutating func stack(_ panes: [Pane], _ kinds: Set<Pane.Place>, _ area: Rectangle) {
        let chosen = panes.filter { kinds.contains($0.place) }
        var rest = area
        for (index, pane) in chosen.enumerated() {
            let share = rest.size.rows / (chosen.count - index)
            let isLast = index == chosen.count - 1
            let rows = isLast ? rest.size.rows : min(pane.wantedRows.map { $0 + 1 } ?? share, max(share, rest.size.rows / 2))
            places.append((pane.name, Rectangle(row: rest.row, column: rest.column, columns: rest.size.columns, rows: rows)))
            rest = Rectangle(row: rest.row + rows, column: rest.column, columns: rest.size.columns, rows: rest.size.rows - rows)
        }
    }
}
