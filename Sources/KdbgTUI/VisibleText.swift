// SPDX-License-Identifier: GPL-3.0-or-later

/// `text` with everything a terminal could obey made visible: the guest is hostile, and what it prints ends up on a person's terminal.
///
/// Control characters become caret notation (`^[`), C1 controls and invisible format characters (bidirectional overrides and the like) their
/// number in angle brackets, tabs blanks up to the next eighth column. Visible text comes back unchanged, so applying it twice does no harm.
package func visible(_ text: some StringProtocol) -> String {
    if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return String(text) }
    var result = ""
    var column = 0
    for character in text {
        let shown = visible(character, column: column)
        result += shown
        column += shown.reduce(0) { $0 + displayWidth($1) }
    }
    return result
}

private func visible(_ character: Character, column: Int) -> String {
    var result = ""
    for (position, scalar) in character.unicodeScalars.enumerated() {
        switch scalar.value {
        case 0x09: result += String(repeating: " ", count: 8 - column % 8)
        case 0x00..<0x20, 0x7F: result += "^" + String(Unicode.Scalar(UInt8(scalar.value) ^ 0x40))
        case 0x80..<0xA0: result += "<" + hexadecimal(scalar.value, digits: 2) + ">"
        default:
            switch scalar.properties.generalCategory {
            case .format, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate:
                result += "<U+" + hexadecimal(scalar.value, digits: 4).uppercased() + ">"
            case .nonspacingMark, .enclosingMark, .spacingMark:
                // A pile of accents on one letter overflows a cell: the first two are kept, and a mark never stands alone.
                if position == 0 { result += "\u{25CC}" }
                if position < 3 { result.unicodeScalars.append(scalar) }
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
    return result
}

/// How many cells a visible character takes: 2 for East Asian wide characters and pictographs, else 1.
package func displayWidth(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first, first.value >= 0x1100 else { return 1 }
    return wideRanges.contains { $0 ~= first.value } ? 2 : 1
}

/// How many cells a text takes once it is visible.
package func displayWidth(_ text: some StringProtocol) -> Int {
    visible(text).reduce(0) { $0 + displayWidth($1) }
}

/// Unicode Standard Annex #11, East_Asian_Width W and F, joined into the blocks that matter.
private let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653,
    0x26AA...0x26AB, 0x26BD...0x26BE, 0x26F2...0x26F3, 0x2705...0x2705, 0x270A...0x270B, 0x2753...0x2755, 0x2795...0x2797,
    0x2B1B...0x2B1C, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18AFF, 0x1B000...0x1B2FF, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
    0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
]

/// `value` in hexadecimal, lower case, with at least that many digits.
package func hexadecimal(_ value: UInt32, digits: Int = 8) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// `value` in decimal with a comma between thousands.
package func grouped(_ value: UInt64) -> String {
    var result = ""
    for (index, digit) in String(value).reversed().enumerated() {
        if index > 0, index % 3 == 0 { result.append(",") }
        result.append(digit)
    }
    return String(result.reversed())
}

/// `text` broken into lines of at most `width` cells at blanks; words longer than a line are cut.
package func wordWrapped(_ text: String, width: Int) -> [String] {
    guard width > 0 else { return [] }
    var lines: [String] = []
    var line = ""
    for word in visible(text).split(separator: " ") {
        var rest = word
        if !line.isEmpty {
            if line.count + 1 + word.count <= width {
                line += " " + word
                continue
            }
            lines.append(line)
        }
        while rest.count > width {
            lines.append(String(rest.prefix(width)))
            rest = rest.dropFirst(width)
        }
        line = String(rest)
    }
    if !line.isEmpty { lines.append(line) }
    return lines
}

/// Words side by side in columns of one width, row by row, in lines of at most `width` cells where the words allow it. Of more than `limit` rows
/// only the first ones, and how many words are left out.
package func columns(of words: [String], width: Int, limit: Int) -> [String] {
    let column = (words.map { displayWidth($0) }.max() ?? 0) + 2
    let perRow = max(1, (width + 2) / column)
    let shown = words.count > perRow * limit ? words.prefix(perRow * max(1, limit - 1)) : words[...]
    let rows = stride(from: 0, to: shown.count, by: perRow).map { start in
        let row = shown[start..<min(start + perRow, shown.count)]
        let padded = row.dropLast().map { $0 + String(repeating: " ", count: max(0, column - displayWidth($0))) }
        return (padded + row.suffix(1)).joined()
    }
    return shown.count < words.count ? rows + ["and \(words.count - shown.count) more"] : rows
}
