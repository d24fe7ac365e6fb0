// SPDX-License-Identifier: GPL-3.0-or-later

/// A typed line, cut into words at blanks and tabs, the only syntax there is: no quotes, no escapes, no separators (spec/kdbg.md section 1.1).
package struct CommandLine: Sendable {
    /// A word and where it stands.
    package struct Word: Equatable, Sendable {
        package var text: String
        /// Bytes from the beginning of the line.
        package var offset: Int
        /// The byte after the last one.
        package var end: Int
    }

    /// The line as typed.
    package let text: String
    /// The same in UTF-8; offsets count these.
    package let bytes: [UInt8]
    package let words: [Word]

    package init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
        var words: [Word] = []
        var start: Int?
        for index in 0...bytes.count {
            let isBlank = index == bytes.count || bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t")
            if isBlank, let first = start {
                words.append(Word(text: String(decoding: bytes[first..<index], as: UTF8.self), offset: first, end: index))
                start = nil
            } else if !isBlank, start == nil {
                start = index
            }
        }
        self.words = words
    }

    /// The words behind the command's name.
    package var arguments: ArraySlice<Word> { words.dropFirst() }

    /// Glues words together again, with the blanks that stood between them, so that an expression may contain blanks.
    /// - Parameter range: not empty.
    package func glued(_ words: ArraySlice<Word>) -> [UInt8] {
        guard let first = words.first, let last = words.last else { return [] }
        return bytes[first.offset..<last.end].map { $0 == UInt8(ascii: "\t") ? UInt8(ascii: " ") : $0 }
    }
}

/// Numbers that are not expressions: ids, counts, breakpoint numbers. C style with automatic base (spec/kdbg.md section 1.1).
package enum CNumber {
    /// Reads digits at the beginning of `bytes`: `0x` hex, leading `0` octal, else decimal; saturates at 2^64-1.
    /// - Returns: the value and how many bytes it took; 0 when there is no digit.
    package static func prefix(of bytes: some Collection<UInt8>) -> (value: UInt64, length: Int) {
        let digits = Array(bytes.prefix(4096))
        var radix: UInt64 = 10
        var index = 0
        if digits.first == UInt8(ascii: "0") {
            radix = 8
            if digits.count > 2, digits[1] | 0x20 == UInt8(ascii: "x"), value(of: digits[2]) < 16 {
                radix = 16
                index = 2
            }
        }
        var result: UInt64 = 0
        while index < digits.count, value(of: digits[index]) < radix {
            let (product, overflow) = result.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(value(of: digits[index]))
            result = overflow || carry ? .max : sum
            index += 1
        }
        return (result, index)
    }

    /// The whole word as a number, or nil.
    package static func whole(_ word: some StringProtocol) -> UInt64? {
        let bytes = Array(word.utf8)
        let (value, length) = prefix(of: bytes)
        return length > 0 && length == bytes.count ? value : nil
    }

    /// The digits a word begins with; what follows them is ignored. Nil when there are none.
    package static func leading(_ word: some StringProtocol) -> UInt64? {
        let (value, length) = prefix(of: Array(word.utf8))
        return length > 0 ? value : nil
    }

    private static func value(of byte: UInt8) -> UInt64 {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: .max
        }
    }
}
