// SPDX-License-Identifier: GPL-3.0-or-later

/// A line of text as cells, already visible and of known width.
package struct StyledLine: Equatable, Sendable {
    package private(set) var cells: [Cell] = []

    /// The characters without their styles.
    package var text: String { String(cells.compactMap(\.character)) }

    package init() {
    }

    /// A line in one style.
    package init(_ text: some StringProtocol, style: Style = .normal) {
        append(text, style: style)
    }

    /// Appends text, made visible. A tab goes to the next eighth column of the line.
    package mutating func append(_ text: some StringProtocol, style: Style) {
        let padding = text.utf8.contains(0x09) ? cells.count % 8 : 0
        for character in visible(String(repeating: ".", count: padding) + text).dropFirst(padding) {
            cells.append(Cell(character: character, style: style))
            if displayWidth(character) == 2 { cells.append(Cell(character: nil, style: style)) }
        }
    }

    /// The line cut into rows of a terminal that is `width` cells wide; an empty line is one empty row.
    package func rows(width: Int) -> [ArraySlice<Cell>] {
        guard cells.count > width, width > 1 else { return [cells.prefix(max(0, width))] }
        var rows: [ArraySlice<Cell>] = []
        var start = 0
        while start < cells.count {
            var end = min(start + width, cells.count)
            if end < cells.count, cells[end].character == nil { end -= 1 }
            rows.append(cells[start..<end])
            start = end
        }
        return rows
    }
}

/// Turns the debugger's output into lines. Of all escape sequences it obeys the three that spec/kdbg.md knows (`ESC[7m`, `ESC[1m`, `ESC[0m`).
package struct StyledTextParser: Sendable {
    private var style = Style.normal
    /// The line that has not seen its line end yet.
    package private(set) var open = StyledLine()
    private var isOpen = false

    package init() {
    }

    /// Takes text and returns the lines it completes.
    package mutating func parse(_ text: String) -> [StyledLine] {
        var lines: [StyledLine] = []
        for (index, piece) in text.replacingLineEnds().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if index > 0 { lines.append(closeLine()) }
            if !piece.isEmpty { append(piece) }
        }
        return lines
    }

    /// Ends an unfinished line: the next output starts on a line of its own.
    package mutating func finish() -> StyledLine? {
        isOpen ? closeLine() : nil
    }

    private mutating func closeLine() -> StyledLine {
        defer {
            open = StyledLine()
            isOpen = false
        }
        return open
    }

    private mutating func append(_ piece: Substring) {
        isOpen = true
        var rest = piece
        while !rest.isEmpty {
            if let (length, attributes) = Self.escape(rest) {
                style = attributes.map { style.adding($0) } ?? .normal
                rest = rest.dropFirst(length)
                continue
            }
            let next = rest.dropFirst().firstIndex(of: "\u{1B}") ?? rest.endIndex
            open.append(rest[..<next], style: style)
            rest = rest[next...]
        }
    }

    /// The sequence `text` begins with, its length, and what it switches on; nil attributes switch all off.
    private static func escape(_ text: Substring) -> (Int, Style.Attributes?)? {
        guard text.hasPrefix("\u{1B}[") else { return nil }
        switch text.dropFirst(2).prefix(2) {
        case "7m": return (4, .reverse)
        case "1m": return (4, .bold)
        case "0m": return (4, Optional<Style.Attributes>.none)
        default: return nil
        }
    }
}

extension String {
    /// CR LF and lone CR before LF count as LF: the serial line's line ends are not for a screen.
    fileprivate func replacingLineEnds() -> String {
        guard utf8.contains(0x0D) else { return self }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        for byte in utf8 {
            if byte == 0x0A {
                while bytes.last == 0x0D { bytes.removeLast() }
            }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
