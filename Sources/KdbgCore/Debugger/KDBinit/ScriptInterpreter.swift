// SPDX-License-Identifier: GPL-3.0-or-later

/// Runs KDBinit line by line for the guest (spec/kdbg.md section 6.5). The place in the text is kept in guest memory; what is kept here is what KDBG does not
/// need: line numbers for error messages.
struct ScriptInterpreter {
    /// Lines that were not accepted.
    private(set) var errors: [ScriptError] = []
    /// A line that the debugger does not know and a driver may.
    private var offered: ScriptError?
    /// Whether the guest has asked for a line at all.
    private(set) var hasBegun = false
    /// The last line was `break`, and the guest is about to open the prompt for it.
    private var isBreak = false
    /// The last `step` or `next`, which takes effect when the whole file has been executed.
    private var step: RunGoal?
    /// A line was `reboot`, which does not wait for anything.
    private var isReset = false
    /// Where the last line ended and the number of the line that begins there, so that a long script is counted through only once.
    private var counted: (text: UInt32, position: UInt32, line: Int) = (0, 0, 1)

    /// Results of `KdbpCliInterpretLine`.
    private enum Result {
        static let endOfFile: UInt32 = 0
        static let executed: UInt32 = 1
        static let breakLine: UInt32 = 2
        static let callbacks: UInt32 = 3
    }

    /// Whether the prompt that opens now is for a `break` line.
    mutating func takeBreak() -> Bool {
        defer { isBreak = false }
        return isBreak
    }

    /// The step that the file asked for, once.
    mutating func takeStep() -> RunGoal? {
        defer { step = nil }
        return step
    }

    /// Whether the last line asked for a reset, once.
    mutating func takeReset() -> Bool {
        defer { isReset = false }
        return isReset
    }

    /// `KdbpCliInterpretLine(Text*, PositionPointer*, OutputBuffer*, OutputSize, OutputLengthPointer*, Context*)`: executes the next line that is neither blank nor a comment.
    /// - Returns: the guest's result: 0 end of file, 1 executed, 2 the line was `break`.
    mutating func interpret(_ arguments: [UInt32], _ debugger: KernelDebugger) -> UInt32 {
        hasBegun = true
        let target = debugger.target
        if let error = offered {
            offered = nil
            if target.global("KdbCliHandled") != 1 { errors.append(error) }
        }
        guard arguments.count >= 6, let start = target.read32(arguments[1]) else { return Result.endOfFile }
        _ = target.write32(arguments[4], 0)
        var reader = LineReader(target: target, text: arguments[0], position: start)
        var line = counted.text == arguments[0] && counted.position == start ? counted.line : 1 + reader.lineEnds(before: start)
        defer {
            _ = target.write32(arguments[1], reader.position)
            counted = (arguments[0], reader.position, line)
        }
        while let bytes = reader.next() {
            defer { line += reader.lineEndsSkipped }
            line += reader.blankLinesSkipped
            let text = bytes.drop { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
            if text.isEmpty || text.first == UInt8(ascii: "#") { continue }
            if Self.isBreak(text) {
                isBreak = true
                return Result.breakLine
            }
            // The registers are those of the breakpoint that brought the script in (section 6.4).
            debugger.context = RegisterView(context: arguments[5], in: target)
            debugger.contextAddress = debugger.context == nil ? nil : arguments[5]
            defer {
                debugger.context = nil
                debugger.contextAddress = nil
                debugger.attached = nil
                debugger.target.selectedProcessor = nil
            }
            // What a command says about staying or leaving is ignored (section 6.5), but a step is armed.
            let result = debugger.executeLine(String(decoding: bytes, as: UTF8.self), from: .kdbinit)
            switch result.resume {
            case .step, .next, .until, .finish: step = result.resume
            case .reset: isReset = true
            default: break
            }
            hand(result.output, to: arguments, target)
            if result.failed {
                let error = ScriptError(line: line, message: result.complaint)
                guard result.resume != .callbacks else {
                    offered = error
                    return Result.callbacks
                }
                errors.append(error)
            }
            return Result.executed
        }
        return Result.endOfFile
    }

    /// Exactly `break`, followed by the line's end or a blank.
    static func isBreak(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.starts(with: "break".utf8) else { return false }
        return text.dropFirst(5).first.map { $0 == UInt8(ascii: " ") || (9...13).contains($0) } ?? true
    }

    /// What went wrong, on one line of bearable length: the first line of the output without its caret. Behind a caret may come a hint, which often
    /// is what tells most.
    static func summary(_ output: String) -> String {
        let lines = output.split(separator: "\n", maxSplits: 2)
        guard let first = lines.first else { return "" }
        var text = String(first.drop { $0 == " " || $0 == "^" })
        if first.first == " ", lines.count > 1 { text += (text.hasSuffix(".") ? " " : ": ") + lines[1] }
        return text.count > longestSummary ? text.prefix(longestSummary) + "…" : text
    }

    private static let longestSummary = 200

    /// Copies the output into the guest's buffer, with a note when it does not fit.
    private func hand(_ output: String, to arguments: [UInt32], _ target: any Target) {
        var bytes = Array(output.utf8)
        let size = Int(arguments[3])
        if bytes.count > size {
            let note = Array("[\(bytes.count - size) bytes and more clipped]\n".utf8)
            bytes = Array((bytes.prefix(max(size - note.count, 0)) + note).prefix(size))
        }
        guard target.writeBytes(arguments[2], bytes) else { return }
        _ = target.write32(arguments[4], UInt32(bytes.count))
    }
}
