// SPDX-License-Identifier: GPL-3.0-or-later

/// Looking at the processors of a machine that has several.
enum ProcessorCommands {
    static let rows: [Command] = [
        Command(
            "cpu", "~", group: .extensions, usage: "cpu [number]", summary: "List the processors, or look at one of them.",
            help: """
                Without a number: all processors, what each does, and where; * is the one whose registers commands
                show. With a number that is this processor, until the machine runs on. r changes its registers.

                Processors take turns of up to 1000 instructions, so that a run is always the same. Breakpoints stop
                whichever gets there. All but the first wait in KiAcquireFreezeLock (kdbg --cpus).
                """,
            example: "cpu 0", winDbg: "~, ~1s", gdb: "info threads, thread 2", run: processor)
    ]

    private static func processor(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let processors = debugger.target.processors
        guard let word = line.arguments.first else {
            list(processors, debugger, &output)
            return .stay
        }
        guard let number = Int(word.text), processors.indices.contains(number) else {
            let last = processors.count - 1
            throw CommandError(
                "cpu: There is no processor '\(word.text.harmless())'.", place: .byte(word.offset),
                hint: last == 0 ? "The only one is 0; kdbg --cpus N boots a machine with N." : "They are 0 to \(last).")
        }
        debugger.attached = nil
        debugger.target.selectedProcessor = processors[number].activity == .executing ? nil : number
        output.line("Processor \(number): \(debugger.currentInstruction)")
        return .stay
    }

    private static func list(_ processors: [ProcessorRow], _ debugger: KernelDebugger, _ output: inout CommandOutput) {
        let executing = processors.firstIndex { $0.activity == .executing } ?? 0
        let shown = debugger.target.selectedProcessor ?? executing
        let tagger = AddressTagger(debugger.target)
        for (number, processor) in processors.enumerated() {
            var text = "\(number == shown ? "*" : " ") \(number)  \(processor.activity.text.padded(right: 20))"
            switch processor.activity {
            case .waitingForStartUp: break
            default: text += "  " + tagger.tagOrPointer(processor.programCounter)
            }
            output.line(text)
        }
    }
}

extension ProcessorRow.Activity {
    /// A few words for a list.
    fileprivate var text: String {
        switch self {
        case .executing: "executing"
        case .waitingForItsTurn: "waiting for its turn"
        case .halted: "halted"
        case .waitingForStartUp: "not started"
        case .shutDown: "shut down"
        }
    }
}
