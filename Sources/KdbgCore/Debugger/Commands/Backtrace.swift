// SPDX-License-Identifier: GPL-3.0-or-later

/// `bt`: the chain of EBP frames (spec/kdbg.md section 1.3).
enum Backtrace {
    /// Frames shown when the user gives no limit. A chain that leads back into itself ends here at the latest; KDBG would go on for ever (mended).
    private static let limit = 1000

    static func run(_ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput) throws(CommandError) -> Command.Verdict
    {
        let suffix = CountSuffix(line.arguments)
        let tagger = AddressTagger(debugger.target)
        var frame = debugger.registers.ebp
        if let first = suffix.words.first {
            guard first.text.hasPrefix("*") else {
                throw CommandError(
                    "bt: Backtrace of another thread is not supported yet.", hint: "A frame address is written with a star: bt *ebp")
            }
            frame = try startingFrame(debugger, line, suffix.words, &output)
        } else {
            output.line("Eip:")
            output.line(tagger.tagOrPointer(debugger.registers.eip))
        }
        output.line("Frames:")
        walk(from: frame, limit: suffix.count ?? limit, debugger, tagger, &output)
        return .stay
    }

    private static func startingFrame(
        _ debugger: KernelDebugger, _ line: CommandLine, _ words: ArraySlice<CommandLine.Word>, _ output: inout CommandOutput
    ) throws(CommandError) -> UInt32 {
        var words = words
        words[words.startIndex].offset += 1
        words[words.startIndex].text.removeFirst()
        return try debugger.address(words, of: line, command: "bt", output: &output)
    }

    private static func walk(
        from start: UInt32, limit: Int, _ debugger: KernelDebugger, _ tagger: AddressTagger, _ output: inout CommandOutput
    ) {
        var frame = start
        var seen: Set<UInt32> = []
        while frame != 0, seen.count < limit {
            guard seen.insert(frame).inserted else {
                output.line("The frame at 0x\(frame.pointer) was shown already; the chain is a loop.")
                return
            }
            guard let caller = debugger.target.read32(frame &+ 4), let next = debugger.target.read32(frame) else {
                output.failure("Couldn't access memory at 0x\(frame.pointer)!")
                return
            }
            guard caller != 0 else { return }
            // The call that pushed the return address is taken to be five bytes long.
            output.line(tagger.tag(caller &- 5) ?? "<\(caller.hex(8))>")
            frame = next
        }
    }
}
