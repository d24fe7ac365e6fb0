// SPDX-License-Identifier: GPL-3.0-or-later

/// Which exclamation marks are history's. In this debugger they also begin names of commands (`!pool`), stand between module and symbol
/// (`ntoskrnl!IoInitSystem`) and in a comparison (`!=`); those are left alone.
package enum HistoryWord {
    /// Whether the mark at byte `index` of a line is not history's: when it goes on with a name, or when its word names a command. GNU History
    /// itself leaves those alone that a blank, `=` or nothing follows.
    package static func isPlain(_ line: [UInt8], at index: Int, isCommand: (String) -> Bool) -> Bool {
        guard line.indices.contains(index) else { return false }
        if index > 0, isPartOfName(line[index - 1]) { return true }
        let word = line[index...].prefix { $0 != 0x20 && $0 != 0x09 }
        return isCommand(String(decoding: word, as: UTF8.self))
    }

    /// Whether a line that has no expansion looks like a command's misspelt name, of which the debugger has more to say than history.
    package static func isCommandLike(_ line: String) -> Bool {
        let mark = line.drop { $0 == " " || $0 == "\t" }
        return mark.first == "!" && mark.dropFirst().first?.isLetter == true
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"), UInt8(ascii: "."), 0x80...:
            true
        default: false
        }
    }
}
