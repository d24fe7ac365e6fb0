// SPDX-License-Identifier: GPL-3.0-or-later

/// The memory that a dump is about: an address, an address and a count (`esp L 4`), or two addresses (`esp..ebp`, an extension; the second is the first byte
/// that does not belong to it).
struct MemoryRange {
    var start: UInt32
    /// As typed with `L`; nil when it was not.
    var count: Int?
    /// The first address behind it; nil without `..`.
    var end: UInt32?
    /// Byte of the line with the two dots.
    var dots = 0

    /// How many units of `size` bytes to show.
    /// - Throws: when they are too many.
    func units(of size: UInt32, otherwise standard: Int) throws(CommandError) -> Int {
        guard let end else { return count ?? standard }
        return try CountSuffix.bounded((UInt64(end - start) + UInt64(size) - 1) / UInt64(size), at: dots)
    }
}

extension KernelDebugger {
    /// Reads the arguments of a dump.
    /// - Returns: nil when there is no address.
    func memoryRange(of line: CommandLine, output: inout CommandOutput) throws(CommandError) -> MemoryRange? {
        let suffix = try CountSuffix(line.arguments)
        guard let first = suffix.words.first else { return nil }
        let command = line.words[0].text
        let bytes = line.glued(suffix.words)
        guard let dots = bytes.indices.dropLast().first(where: { bytes[$0] == UInt8(ascii: ".") && bytes[$0 + 1] == UInt8(ascii: ".") })
        else {
            return MemoryRange(start: try address(suffix.words, of: line, command: command, output: &output), count: suffix.count)
        }
        guard suffix.count == nil else { throw CommandError("A range has no count.", place: .byte(first.offset + dots)) }
        let start = try address(bytes[..<dots], at: first.offset, command, &output)
        let end = try address(bytes[(dots + 2)...], at: first.offset + dots + 2, command, &output)
        guard start <= end else { throw CommandError("The range ends before it begins.", place: .byte(first.offset + dots)) }
        return MemoryRange(start: start, end: end, dots: first.offset + dots)
    }

    private func address(
        _ text: ArraySlice<UInt8>, at offset: Int, _ command: String, _ output: inout CommandOutput
    ) throws(CommandError) -> UInt32 {
        guard text.contains(where: { $0 != 0x20 }) else { throw CommandError("Expression expected", place: .byte(offset)) }
        do {
            return cut(try compile(Array(text)).evaluate(registers: registers, target: target), command, &output)
        } catch {
            throw CommandError(error, expressionAt: offset)
        }
    }

    /// An address that does not fit a pointer is cut with a warning (spec/kdbg.md section 1.3).
    func cut(_ value: UInt64, _ command: String, _ output: inout CommandOutput) -> UInt32 {
        if value > UInt64(UInt32.max) { output.line("\(command): Warning: Address 0x\(value.hex()) is too wide and is truncated.") }
        return UInt32(truncatingIfNeeded: value)
    }
}
