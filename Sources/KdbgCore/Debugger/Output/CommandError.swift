// SPDX-License-Identifier: GPL-3.0-or-later

/// What the user got wrong (design section 7): never a fault of the guest, never a broken invariant of ours.
package struct CommandError: Error, Equatable, Sendable {
    /// Where the culprit is.
    package enum Place: Equatable, Sendable {
        /// The message is about the command as a whole and stands at the line's beginning.
        case none
        /// Somewhere in an expression, but KDBG cannot say where: one blank precedes the message (spec/kdbg.md section 2.6).
        case unknown
        /// At this byte of the line: a caret stands under it.
        case byte(Int)
    }

    package var message: String
    package var place: Place
    /// One more line that tells what to do about it.
    package var hint: String?
    /// What stands behind the message: nothing, where KDBG forgets it and is to be followed in that.
    private var lineEnd = "\n"

    package init(_ message: String, place: Place = .none, hint: String? = nil, lineEnd: String = "\n") {
        self.message = message
        self.place = place
        self.hint = hint
        self.lineEnd = lineEnd
    }

    /// An expression's error, given that the expression begins at byte `start` of the line.
    package init(_ error: ExpressionError, expressionAt start: Int) {
        self.init(error.message, place: error.offset.map { .byte(start + $0) } ?? .unknown, hint: error.hint)
    }

    /// The text to show, line ends included.
    /// - Parameters:
    ///   - line: the line the places refer to.
    ///   - countsBlanks: whether blanks in front of the command move the caret; in KDBG they do not (section 2.6).
    package func rendered(for line: CommandLine, countsBlanks: Bool = true) -> String {
        var text: String
        switch place {
        case .none: text = message + lineEnd
        case .unknown: text = " " + message + "\n"
        case .byte(let offset):
            // The caret accounts for the prompt "kdb:> " in front of what was typed (section 2.6). A column is a scalar, not a byte.
            let start = countsBlanks ? 0 : min(line.words.first?.offset ?? 0, offset)
            let column = 6 + String(decoding: line.bytes[start..<min(offset, line.bytes.count)], as: UTF8.self).unicodeScalars.count
            text = String(repeating: " ", count: column) + "^ " + message + "\n"
        }
        if let hint { text += hint + "\n" }
        return text
    }
}
