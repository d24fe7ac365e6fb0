// SPDX-License-Identifier: GPL-3.0-or-later

/// The group "Process/Thread" (spec/kdbg.md section 1.5), as far as it shows things; attaching comes later.
enum ProcessCommands {
    static let rows: [Command] = [
        Command(
            "thread", group: .process, usage: "thread [list[ pid]|[attach ]tid]",
            summary: "List threads in current or specified process, display thread with given id or attach to thread.",
            help: """
                Ids are numbers, not expressions. Attached to a thread, regs, bt and expressions show what its
                stack has kept; leaving the debugger detaches.
                """,
            example: "thread attach 8", winDbg: "~, .thread", gdb: "info threads, thread N", needs: .kernel,
            completion: .words([["list", "attach"]]), run: thread),
        Command(
            "proc", group: .process, usage: "proc [list|[attach ]pid]",
            summary: "List processes, display process with given id or attach to process.",
            help: """
                Ids are numbers, not expressions. To attach to a process is to attach to its first thread.
                """,
            example: "proc list", winDbg: "!process 0 0, .process", gdb: "info inferiors, inferior N", needs: .kernel,
            completion: .words([["list", "attach"]]), run: process),
    ]

    private static func thread(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let words = line.arguments.map(\.text)
        let processes = ProcessList(debugger.target, attached: debugger.attached?.thread)
        switch words.first?.lowercased() {
        case nil:
            guard let current = processes.currentThread else { throw CommandError("thread: There is no current thread yet.") }
            output.line("Current Thread:")
            describe(current, debugger.target, &output)
        case "list":
            try listThreads(words.dropFirst().first, processes, debugger.target, &output)
        case "attach":
            try attachThread(words.dropFirst().first, processes, debugger, &output)
        case let word?:
            guard let id = CNumber.leading(word) else { throw CommandError("thread: '\(word.harmless())' is not a valid thread id!") }
            let all = processes.allThreads
            guard let thread = all.first(where: { $0.id == UInt32(truncatingIfNeeded: id) }) else {
                throw CommandError("thread: Invalid thread id!")
            }
            describe(thread, debugger.target, &output)
        }
        return .stay
    }

    private static func listThreads(
        _ word: String?, _ processes: ProcessList, _ target: any Target, _ output: inout CommandOutput
    ) throws(CommandError) {
        var process: ProcessRecord?
        if let word {
            guard let id = CNumber.leading(word) else { throw CommandError("thread: '\(word.harmless())' is not a valid process id!") }
            process = processes.processes.first { $0.id == UInt32(truncatingIfNeeded: id) }
            guard process != nil else { throw CommandError("thread: Invalid process id!") }
        } else {
            process = processes.current
        }
        guard let process else { throw CommandError("thread: There is no current process yet.") }
        let threads = processes.threads(of: process)
        guard !threads.isEmpty else {
            throw CommandError(
                word == nil ? "thread: No threads in the current process!" : "thread: No threads in process 0x\(process.id.hex(8))!")
        }
        output.line("  TID         State        Prior.  Affinity    EBP         EIP")
        for thread in threads {
            let isCurrent = thread.address == processes.currentThread?.address
            let (ebp, eip) = thread.place(in: target)
            let row =
                "0x\(thread.id.hex(8))  \(thread.stateName.padded(right: 11))  \(thread.priority.decimal(3))     0x\(thread.affinity.hex(8))  "
                + "0x\(ebp.hex(8))  0x\(eip.hex(8))"
            output.line(isCurrent ? " \u{1B}[1m*\(row)\u{1B}[0m" : "  \(row)")
        }
    }

    private static func describe(_ thread: ThreadRecord, _ target: any Target, _ output: inout CommandOutput) {
        func row(_ label: String, _ value: String) { output.line("  " + label.padded(right: 16) + value) }
        row("TID:", "0x\(thread.id.hex(8))")
        row("State:", "\(thread.stateName) (0x\(UInt32(thread.state).hex()))")
        row("Priority:", String(thread.priority))
        row("Affinity:", "0x\(thread.affinity.hex(8))")
        for (label, offset) in [
            ("Initial Stack:", 0x18), ("Stack Limit:", 0x1C), ("Stack Base:", 0x158), ("Kernel Stack:", 0x20), ("Trap Frame:", 0x110),
        ]
            as [(String, UInt32)]
        {
            row(label, "0x\((target.read32(thread.address &+ offset) ?? 0).hex(8))")
        }
        let coprocessor = target.read8(thread.address &+ 0x4D) ?? 0
        row("NPX State:", "\(coprocessor == 0 ? "Loaded" : coprocessor == 0xA ? "Not loaded" : "Unknown") (0x\(UInt32(coprocessor).hex()))")
    }

    private static func process(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let processes = ProcessList(debugger.target, attached: debugger.attached?.thread)
        switch line.arguments.first?.text.lowercased() {
        case nil:
            guard let current = processes.current else { throw CommandError("proc: There is no current process yet.") }
            output.line("Current process:")
            describe(current, &output)
        case "list":
            guard !processes.processes.isEmpty else { throw CommandError("proc: No processes in the system!") }
            output.line("  PID         State       Filename")
            for process in processes.processes {
                let row = "0x\(process.id.hex(8))  \(process.stateName.padded(right: 10))  \(process.imageName)"
                output.line(process.address == processes.current?.address ? " \u{1B}[1m*\(row)\u{1B}[0m" : "  \(row)")
            }
        case "attach":
            try attachProcess(line.arguments.dropFirst().first?.text, processes, debugger, &output)
        case let word?:
            guard let id = CNumber.leading(word) else { throw CommandError("proc: '\(word.harmless())' is not a valid process id!") }
            guard let process = processes.processes.first(where: { $0.id == UInt32(truncatingIfNeeded: id) }) else {
                throw CommandError("proc: Invalid process id!")
            }
            describe(process, &output)
        }
        return .stay
    }

    private static func describe(_ process: ProcessRecord, _ output: inout CommandOutput) {
        output.line("  " + "PID:".padded(right: 17) + "0x\(process.id.hex(8))")
        output.line("  " + "State:".padded(right: 17) + "\(process.stateName) (0x\(UInt32(process.state).hex()))")
        output.line("  " + "Image Filename:".padded(right: 17) + process.imageName)
    }
}
