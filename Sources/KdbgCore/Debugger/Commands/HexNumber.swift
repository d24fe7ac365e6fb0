// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers of KDBG's extension commands: always hexadecimal, with or without 0x, and nothing behind them (spec/kdbg.md section 1.9).
enum HexNumber {
    /// Nil when the word is no such number. One that does not fit is cut off at the largest, as C does.
    static func value(_ word: String) -> UInt32? {
        let bytes = Array(word.utf8)
        let digits =
            bytes.count > 2 && bytes[0] == UInt8(ascii: "0") && bytes[1] | 0x20 == UInt8(ascii: "x") ? bytes.dropFirst(2) : bytes[...]
        guard !digits.isEmpty, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        guard significant.count <= 8 else { return .max }
        return significant.isEmpty ? 0 : UInt32(String(decoding: significant, as: UTF8.self), radix: 16)
    }

    /// - Throws: KDBG's complaint.
    static func required(_ word: CommandLine.Word, _ command: String) throws(CommandError) -> UInt32 {
        guard let value = value(word.text) else { throw CommandError("\(command): Invalid parameter: '\(word.text.harmless())'") }
        return value
    }

    /// An address; what is no hexadecimal number may be an expression, which KDBG does not take (design rule 6).
    static func address(
        _ word: CommandLine.Word, _ debugger: KernelDebugger, _ line: CommandLine, _ command: String
    ) throws(CommandError) -> UInt32 {
        if let value = value(word.text) { return value }
        guard let index = line.words.firstIndex(of: word), let value = try? debugger.evaluate(line.words[index...index], of: line) else {
            throw CommandError("\(command): Invalid parameter: '\(word.text.harmless())'")
        }
        return UInt32(truncatingIfNeeded: value)
    }
}
