// SPDX-License-Identifier: GPL-3.0-or-later

/// How a cell looks. Colours only ever repeat what an attribute or the text says already, so that the screen is legible without them.
package struct Style: Hashable, Sendable {
    /// What terminals without colours can show too.
    package struct Attributes: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let bold = Attributes(rawValue: 1)
        package static let reverse = Attributes(rawValue: 2)
        package static let dim = Attributes(rawValue: 4)
    }

    /// The eight colours of every colour terminal, less the two that vanish on a dark or light background.
    package enum Colour: UInt8, CaseIterable, Sendable {
        case normal, red, green, yellow, blue, magenta, cyan
    }

    package var attributes: Attributes = []
    package var colour: Colour = .normal

    package static let normal = Style()
    package static let bold = Style(attributes: .bold)
    package static let dim = Style(attributes: .dim)
    package static let reverse = Style(attributes: .reverse)
    package static let good = Style(colour: .green)
    package static let bad = Style(attributes: .bold, colour: .red)
    package static let current = Style(attributes: .bold, colour: .cyan)
    package static let warning = Style(attributes: .bold, colour: .yellow)

    /// This style with further attributes.
    package func adding(_ more: Attributes) -> Style {
        Style(attributes: attributes.union(more), colour: colour)
    }
}
