// SPDX-License-Identifier: GPL-3.0-or-later

/// A key as the terminal reports it.
package enum Key: Hashable, Sendable {
    case character(Unicode.Scalar)
    /// Ctrl and a letter, given in upper case.
    case control(Unicode.Scalar)
    case enter, tab, backTab, escape, backspace, delete
    case up, down, left, right, pageUp, pageDown, home, end
    case function(Int)
    /// The window has a new size.
    case resize

    /// What readline would read for this key from a terminal of its own.
    package var bytes: [UInt8] {
        switch self {
        case .character(let scalar): Array(String(scalar).utf8)
        case .control(let letter): [UInt8(truncatingIfNeeded: letter.value) & 0x1F]
        case .enter: [0x0D]
        case .tab: [0x09]
        case .escape: [0x1B]
        case .backspace: [0x7F]
        case .delete: Array("\u{1B}[3~".utf8)
        case .up: Array("\u{1B}[A".utf8)
        case .down: Array("\u{1B}[B".utf8)
        case .right: Array("\u{1B}[C".utf8)
        case .left: Array("\u{1B}[D".utf8)
        case .home: Array("\u{1B}[H".utf8)
        case .end: Array("\u{1B}[F".utf8)
        case .backTab, .pageUp, .pageDown, .function, .resize: []
        }
    }
}

extension Key: CustomStringConvertible {
    /// The key's name in help.
    package var description: String {
        switch self {
        case .character(" "): "Space"
        case .character(let scalar): String(scalar)
        case .control(let letter): "Ctrl-\(letter)"
        case .enter: "Enter"
        case .tab: "Tab"
        case .backTab: "Shift-Tab"
        case .escape: "Esc"
        case .backspace: "Backspace"
        case .delete: "Del"
        case .up: "Up"
        case .down: "Down"
        case .left: "Left"
        case .right: "Right"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .home: "Home"
        case .end: "End"
        case .function(let number): "F\(number)"
        case .resize: "Resize"
        }
    }
}
