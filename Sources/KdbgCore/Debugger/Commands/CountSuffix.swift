// SPDX-License-Identifier: GPL-3.0-or-later

/// The count that `disasm`, `x` and `bt` take at the end of the line: `L 4` or `L4` (spec/kdbg.md section 1.3).
struct CountSuffix {
    /// The count; nil when there is none.
    var count: Int?
    /// The words in front of it.
    var words: ArraySlice<CommandLine.Word>

    /// The most units of memory, instructions or frames that one command shows: as many dwords are 4 MiB. The output of a command is in memory until it
    /// is shown, so there has to be an end, and a number that slipped in must not be it.
    static let limit = 0x10_0000

    /// Splits the suffix off. Zero or unparsable numbers leave the words in the expression, where they will be reported.
    /// - Throws: when the count is beyond the limit.
    init(_ words: ArraySlice<CommandLine.Word>) throws(CommandError) {
        let split = Self.split(words)
        self.words = split.words
        guard let count = split.count, let last = words.last else { return }
        self.count = try Self.bounded(count, at: last.offset + (last.text.hasPrefix("L") ? 1 : 0))
    }

    /// The same for counts of any size.
    static func split(_ words: ArraySlice<CommandLine.Word>) -> (count: UInt64?, words: ArraySlice<CommandLine.Word>) {
        guard let last = words.last else { return (nil, words) }
        let before = words.dropLast()
        if before.last?.text == "L", let count = CNumber.whole(last.text), count > 0 { return (count, before.dropLast()) }
        if last.text.hasPrefix("L"), let count = CNumber.whole(last.text.dropFirst()), count > 0 { return (count, before) }
        return (nil, words)
    }

    /// - Parameter place: byte of the line that the complaint points at.
    static func bounded(_ count: UInt64, at place: Int) throws(CommandError) -> Int {
        guard count <= UInt64(limit) else {
            throw CommandError("At most \(limit) (0x\(UInt64(limit).hex())) at once", place: .byte(place))
        }
        return Int(count)
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
