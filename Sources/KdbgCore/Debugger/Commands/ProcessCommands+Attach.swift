// SPDX-License-Identifier: GPL-3.0-or-later

/// `thread attach` and `proc attach` (spec/kdbg.md section 1.5).
extension ProcessCommands {
    static func attachThread(
        _ word: String?, _ processes: ProcessList, _ debugger: KernelDebugger, _ output: inout CommandOutput
    ) throws(CommandError) {
        guard let word else { throw CommandError("thread attach: Thread id required.") }
        guard let id = CNumber.leading(word) else { throw CommandError("thread attach: '\(word.harmless())' is not a valid thread id!") }
        let all = processes.allThreads + [processes.running].compactMap { $0 }
        guard let thread = all.first(where: { $0.id == UInt32(truncatingIfNeeded: id) }) else {
            throw CommandError("thread attach: Invalid thread id: 0x\(UInt32(truncatingIfNeeded: id).hex(8))")
        }
        attach(thread, processes, debugger)
        output.line("Attached to thread 0x\(thread.id.hex(8)).")
    }

    static func attachProcess(
        _ word: String?, _ processes: ProcessList, _ debugger: KernelDebugger, _ output: inout CommandOutput
    ) throws(CommandError) {
        guard let word else { throw CommandError("process attach: Process id required.") }
        guard let id = CNumber.leading(word) else { throw CommandError("process attach: '\(word.harmless())' is not a valid process id!") }
        guard let process = processes.processes.first(where: { $0.id == UInt32(truncatingIfNeeded: id) }),
            let thread = processes.threads(of: process).first
        else { throw CommandError("process attach: Invalid process id: 0x\(UInt32(truncatingIfNeeded: id).hex(8))") }
        attach(thread, processes, debugger)
        output.line("Attached to process 0x\(process.id.pointer), thread 0x\(thread.id.pointer).")
    }

    /// Attaching back to the thread that entered the debugger restores the full view.
    private static func attach(_ thread: ThreadRecord, _ processes: ProcessList, _ debugger: KernelDebugger) {
        debugger.attached =
            thread.address == processes.running?.address ? nil : AttachedThread(thread: thread.address, in: debugger.target)
    }
}
