// SPDX-License-Identifier: GPL-3.0-or-later

/// What one comes here to see: KD's providers, the reinitialization queues, and the hook. Extensions.
enum KernelStateCommands {
    static let rows: [Command] = [
        Command(
            "!providers", group: .extensions, usage: "!providers", summary: "Show the KD providers.",
            help: """
                For each entry of DispatchTable: whether it is linked into KdProviders, the last BootPhase
                it was called with, whether its init routine is armed for another one, and its status.
                """,
            example: "!providers", winDbg: nil, gdb: nil, needs: .kernel,
            run: showProviders),
        Command(
            "!reinit", group: .extensions, usage: "!reinit", summary: "Show the driver reinitialization queues.",
            help: """
                Both queues, with routine, context and the Count its driver's next call will get.
                """,
            example: "!reinit", winDbg: nil, gdb: nil, needs: .kernel,
            run: showQueues),
        Command(
            "!hook", group: .extensions, usage: "!hook", summary: "Show the HalInitPnpDriver cell that KD hooks, and who wrote it.",
            help: """
                The cell is HalDispatchTable+0x34. Every write since power-on is listed with its time,
                the instruction that made it, and what the cell held afterwards.
                """,
            example: "!hook", winDbg: "ba w4 nt!HalDispatchTable+34", gdb: "watch", needs: .kernel,
            run: showHook),
        Command(
            "!process", group: .extensions, usage: "!process [pid|address]", summary: "Show a process and its threads.",
            help: """
                The current process unless told. A number below 0x10000 is a pid.
                """,
            example: "!process 4", winDbg: "!process", gdb: "info threads", needs: .kernel,
            completion: .expression, run: showProcess),
    ]

    private static func showProviders(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let rows = ProviderReader.rows(in: debugger.target, records: debugger.providerRecords())
        guard !rows.isEmpty else { throw CommandError("!providers: This kernel has no DispatchTable.") }
        output.line("Provider  Address   Listed  Phase  Armed  Status")
        for row in rows {
            let phase = row.phase.map(String.init) ?? "-"
            let status = row.status == nil ? "-" : row.statusName
            output.line(
                "\(row.name.padded(right: 8))  \(row.address.pointer)  \((row.isRegistered ? "yes" : "no").padded(right: 6))  "
                    + "\(phase.padded(right: 5))  \((row.isArmed ? "yes" : "no").padded(right: 5))  \(status)")
            if let ring = row.ring { output.line("          ring: \(ring.used) of \(ring.size) bytes, \(row.bytesPrinted) printed") }
        }
        return .stay
    }

    private static func showQueues(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        for name in ["DriverBootReinitListHead", "DriverReinitListHead"] {
            guard let head = target.symbols.symbol(named: name)?.address else {
                throw CommandError("!reinit: This kernel has no \(name).")
            }
            output.line("\(name) (\(head.pointer)):")
            let list = GuestList(target, head: head)
            for entry in list.entries {
                let item = Record<DRIVER_REINIT_ITEM>(target, at: entry)
                let routine = item.ReinitRoutine.map { SymbolText.address($0, in: target) } ?? "?"
                output.line(
                    "  \(entry.pointer)  \(item.DriverObject?.DriverName.text ?? "?")  Routine \(routine)  "
                        + "Context \(item.Context?.hex() ?? "?")  Count \(ObjectCommands.shown(item.DriverObject?.DriverExtension?.Count))")
            }
            if let defect = list.defect {
                // Before IoInitSystem #2 both heads are zero (spec/boot.md section 3.1 #8).
                if target.read32(head) == 0 { output.line("  " + defect) } else { output.failure("  " + defect) }
            } else if list.entries.isEmpty {
                output.line("  empty")
            }
        }
        return .stay
    }

    private static func showHook(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        guard let table = target.symbols.symbol(named: "HalDispatchTable")?.address else {
            throw CommandError("!hook: This kernel has no HalDispatchTable.")
        }
        let cell = table &+ HAL_DISPATCH.layout.HalInitPnpDriver.offset
        guard let value = target.read32(cell) else { throw CommandError("Couldn't access memory at 0x\(cell.pointer)") }
        output.line("HalDispatchTable+0x34 (HalInitPnpDriver) at 0x\(cell.pointer): \(SymbolText.address(value, in: target))")
        let hook = target.symbols.symbol(named: "KdpInitDriver")?.address
        let saved = target.global("orgHalInitPnpDriver") ?? 0
        if value == hook {
            output.line("KD's hook is in place; it will call \(SymbolText.address(saved, in: target)).")
        } else if hook == nil {
            output.line("The KD of this kernel does not hook it.")
        } else if saved == 0 {
            output.line("KD has not hooked it yet.")
        } else {
            output.line("KD's hook has been and gone; \(SymbolText.address(saved, in: target)) is back.")
        }
        let writes = debugger.hookWrites()
        if writes.isEmpty { output.line("Nobody has written to it yet.") } else { output.line("Written:") }
        for write in writes {
            let line = target.symbols.line(containing: write.eip).map { " (\($0.file):\($0.line))" } ?? ""
            output.line(
                "  at \(write.mark.instruction): \(SymbolText.address(write.value, in: target)) by \(SymbolText.address(write.eip, in: target))\(line), "
                    + "thread \(write.thread.pointer), IRQL \(write.irql)")
        }
        return .stay
    }

    private static func showProcess(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        let list = ProcessList(target, attached: debugger.attached?.thread)
        var process: ProcessRecord?
        if line.arguments.isEmpty {
            process = list.current
        } else {
            let value = try debugger.address(line.arguments, of: line, command: "!process", output: &output)
            process = value < 0x10000 ? list.processes.first { $0.id == value } : list.process(at: value)
            guard process != nil else { throw CommandError("!process: There is no process 0x\(value.hex()).") }
        }
        guard let process else { throw CommandError("!process: There is no current process yet.") }
        let record = Record<EPROCESS>(target, at: process.address)
        guard record.isReadable, GuestObject(target: target, body: process.address).typeName == "Process" || record.Pcb.Header.Type == 3
        else {
            throw CommandError("!process: There is no process at 0x\(process.address.pointer).")
        }
        let handles = record.ObjectTable?.HandleCount
        output.line(
            "PROCESS \(process.address.pointer)  Cid: \(process.id.hex(4))  DirBase: \((target.read32(process.address &+ 0x18) ?? 0).hex(8))"
        )
        output.line(
            "    ObjectTable: \((record.ObjectTable?.address ?? 0).pointer)  HandleCount: \(ObjectCommands.shown(handles))  Image: \(process.imageName)"
        )
        let threads = list.threads(of: process)
        for thread in threads {
            let entry = Record<ETHREAD>(target, at: thread.address)
            let isCurrent = thread.address == list.currentThread?.address
            output.line(
                "    \(isCurrent ? "*" : " ")THREAD \(thread.address.pointer)  Cid \(process.id.hex(4)).\(thread.id.hex(4))  \(thread.stateName.padded(right: 11)) "
                    + "Pri \(thread.priority)  Start \(entry.StartAddress.map { SymbolText.address($0, in: target) } ?? "?")")
        }
        if threads.isEmpty { output.line("    No threads.") }
        return .stay
    }
}
