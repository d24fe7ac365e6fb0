// SPDX-License-Identifier: GPL-3.0-or-later

/// A part of the screen: a small record of operations. A new one is a file in Panes/ and a line in `all`.
package struct Pane: Sendable {
    /// Which pane it is; also its title.
    package struct Name: Hashable, Sendable, ExpressibleByStringLiteral {
        package var text: String

        package init(stringLiteral text: String) {
            self.text = text
        }
    }

    /// Where the layout puts it.
    package enum Place: Sendable {
        /// The large area at the left.
        case main
        /// Beside it, no higher than its content.
        case side
        /// Lines that want to be long: beside it in a wide terminal, else a band of its own.
        case stream
        /// Over the whole width at the bottom.
        case bottom
        /// Over everything else, when asked for.
        case overlay
    }

    /// How scrolling works in it.
    package enum Scrolling: Sendable {
        /// One of its rows is selected.
        case selection
        /// Lines are only looked at. Gives a line by its number, because long ones take more than one row.
        case lines(@Sendable (Screen, Int) -> StyledLine)
    }

    package var name: Name
    package var place: Place
    package var scrolling: Scrolling
    /// How many rows or lines it has.
    package var count: @Sendable (Screen) -> Int
    /// The row it shows as long as the user has not scrolled; nil for the last one.
    package var followed: @Sendable (Screen) -> Int?
    /// How many rows of a body of some size do not scroll.
    package var fixedRows: @Sendable (Size) -> Int
    /// Rows it would like to have, its title not counted; nil for as many as there are.
    package var wantedRows: Int?
    /// More for its title line, such as a count.
    package var note: @Sendable (Screen) -> String
    /// Draws it on a surface of its own.
    package var draw: @Sendable (Screen, inout Surface) -> Void

    package init(
        name: Name, place: Place, scrolling: Scrolling, count: @escaping @Sendable (Screen) -> Int,
        followed: @escaping @Sendable (Screen) -> Int? = { _ in nil },
        fixedRows: @escaping @Sendable (Size) -> Int = { _ in 0 }, wantedRows: Int? = nil,
        note: @escaping @Sendable (Screen) -> String = { _ in "" }, draw: @escaping @Sendable (Screen, inout Surface) -> Void
    ) {
        self.name = name
        self.place = place
        self.scrolling = scrolling
        self.count = count
        self.followed = followed
        self.fixedRows = fixedRows
        self.wantedRows = wantedRows
        self.note = note
        self.draw = draw
    }

    /// The panes of our kernel, in the order in which Tab visits them.
    package static let all: [Pane] = [.timeline, .providers, .log, .console, .help]
    /// The panes of somebody else's program.
    package static let program: [Pane] = [.machineScreen, .processor, .output, .console, .help]

    /// The pane of that name.
    package static func named(_ name: Name) -> Pane {
        (all + program).first { $0.name == name }!
    }
}

/// What a user has scrolled a pane to.
package struct Viewport: Equatable, Sendable {
    /// Show what is newest, until the user scrolls away.
    package var follows = true
    /// The selected row, or the first line shown; meaningless while following.
    package var position = 0

    package init(follows: Bool = true, position: Int = 0) {
        self.follows = follows
        self.position = position
    }
}
