// SPDX-License-Identifier: GPL-3.0-or-later

/// The count that `disasm`, `x` and `bt` take at the end of the line: `L 4` or `L4` (spec/kdbg.md section 1.3).
struct CountSuffix {
    /// The count; nil when there is none.
    var count: Int?
    /// The words in front of it.
    var words: ArraySlice<CommandLine.Word>

    /// More than anybody reads; what is asked for beyond is not shown.
    static let limit = 0x40000

    /// Splits the suffix off. Zero or unparsable numbers leave the words in the expression, where they will be reported.
    init(_ words: ArraySlice<CommandLine.Word>) {
        self.words = words
        guard let last = words.last else { return }
        let before = words.dropLast()
        if before.last?.text == "L", let count = Self.count(last.text) {
            self.count = count
            self.words = before.dropLast()
        } else if last.text.hasPrefix("L"), let count = Self.count(last.text.dropFirst()) {
            self.count = count
            self.words = before
        }
    }

    private static func count(_ text: some StringProtocol) -> Int? {
        guard let value = CNumber.whole(text), value > 0 else { return nil }
        return Int(min(value, UInt64(limit)))
    }
}

extension KernelDebugger {
    /// Evaluates an address; one that does not fit a pointer is cut with a warning (section 1.3).
    /// - Parameter command: the name in front of the warning.
    func address(
        _ words: ArraySlice<CommandLine.Word>, of line: CommandLine, command: String, output: inout CommandOutput
    ) throws(CommandError) -> UInt32 {
        cut(try evaluate(words, of: line), command, &output)
    }
}
