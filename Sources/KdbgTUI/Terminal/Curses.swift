// SPDX-License-Identifier: GPL-3.0-or-later

import CNcurses
import Glibc

/// The terminal under ncurses, from `init` to `close`. There is one terminal, so there should be one of these at a time.
final class Curses {
    private let screen: OpaquePointer
    private let isUTF8: Bool
    private let hasColours: Bool
    private var isOpen = true

    /// Takes the terminal over; nil when ncurses does not know how to drive it.
    init?() {
        isUTF8 = kdbg_use_utf8() != 0
        guard let screen = kdbg_open_screen() else { return nil }
        self.screen = screen
        let wantsColours = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
        hasColours = wantsColours && has_colors()
        if hasColours {
            start_color()
            use_default_colors()
            for colour in Style.Colour.allCases where colour != .normal {
                init_pair(Int16(colour.rawValue), Self.number(of: colour), -1)
            }
        }
    }

    /// Gives the terminal back as it was.
    func close() {
        guard isOpen else { return }
        isOpen = false
        endwin()
    }

    /// The terminal's size as of the last resize key.
    var size: Size { Size(columns: Int(kdbg_columns()), rows: Int(kdbg_lines())) }

    /// Makes the next `show` send everything, whatever the terminal shows now.
    func redraw() {
        kdbg_redraw()
    }

    /// Shows a surface. ncurses finds out what differs from what the terminal shows already.
    func show(_ surface: Surface) {
        kdbg_erase()
        for row in 0..<surface.size.rows {
            show(surface[row: row], row: row)
        }
        if let cursor = surface.cursor {
            kdbg_move(Int32(cursor.row), Int32(cursor.column))
            curs_set(1)
        } else {
            curs_set(0)
        }
        kdbg_refresh()
    }

    /// The next key that has arrived; nil when there is none.
    func nextKey() -> Key? {
        var code: UInt32 = 0
        while true {
            switch kdbg_next_key(&code) {
            case 1: if let key = Self.key(character: code) { return key }
            case 2: if let key = Self.functionKeys[Int32(bitPattern: code)] { return key }
            default: return nil
            }
        }
    }

    /// Cells of one style go out together; a character beyond ASCII begins anew, should ncurses and we differ about the width of one before it.
    private func show(_ cells: ArraySlice<Cell>, row: Int) {
        var text: [UInt8] = []
        var start = cells.startIndex
        func flush(_ end: Int) {
            guard !text.isEmpty else { return }
            let style = cells[start].style
            kdbg_set_attributes(
                style.attributes.contains(.bold) ? 1 : 0, style.attributes.contains(.reverse) ? 1 : 0,
                style.attributes.contains(.dim) ? 1 : 0,
                hasColours ? Int32(style.colour.rawValue) : 0)
            text.withUnsafeBytes { bytes in
                kdbg_put(
                    Int32(row), Int32(start - cells.startIndex), bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
            }
            text.removeAll(keepingCapacity: true)
        }
        for index in cells.indices {
            guard let character = cells[index].character else { continue }
            if character.asciiValue == nil || cells[index].style != cells[start].style || text.isEmpty || text[text.count - 1] >= 0x80 {
                flush(index)
                start = index
            }
            text += isUTF8 || character.isASCII ? Array(character.utf8) : [Self.substitute(for: character)]
        }
        flush(cells.endIndex)
    }

    /// What stands for the screen's few characters beyond ASCII in a locale without them.
    private static func substitute(for character: Character) -> UInt8 {
        let table: [Character: Character] = [
            "─": "-", "│": "|", "✓": "+", "✗": "x", "▶": ">", "·": ".", "…": "~", "█": "#", "░": ".",
        ]
        return (table[character] ?? "?").asciiValue ?? 0x3F
    }

    private static func number(of colour: Style.Colour) -> Int16 {
        switch colour {
        case .normal: -1
        case .red: Int16(COLOR_RED)
        case .green: Int16(COLOR_GREEN)
        case .yellow: Int16(COLOR_YELLOW)
        case .blue: Int16(COLOR_BLUE)
        case .magenta: Int16(COLOR_MAGENTA)
        case .cyan: Int16(COLOR_CYAN)
        }
    }

    private static func key(character code: UInt32) -> Key? {
        switch code {
        case 0x0D, 0x0A: .enter
        case 0x09: .tab
        case 0x1B: .escape
        case 0x08, 0x7F: .backspace
        case 0x01...0x1F: .control(Unicode.Scalar(UInt8(code) | 0x40))
        case 0: nil
        default: Unicode.Scalar(code).map { .character($0) }
        }
    }

    private static let functionKeys: [Int32: Key] = {
        var keys: [Int32: Key] = [
            KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown, KEY_HOME: .home,
            KEY_END: .end, KEY_BTAB: .backTab, KEY_BACKSPACE: .backspace, KEY_DC: .delete, KEY_ENTER: .enter, KEY_RESIZE: .resize,
        ]
        for number in 1...12 {
            keys[Int32(bitPattern: kdbg_function_key(Int32(number)))] = .function(number)
        }
        return keys
    }()
}
