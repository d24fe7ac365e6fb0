// SPDX-License-Identifier: GPL-3.0-or-later

/// Ways to run that KDBG lacks: to an address, out of a routine, to a breakpoint that goes by itself. Extensions.
enum GoalCommands {
    static let rows: [Command] = [
        Command(
            "finish", group: .extensions, usage: "finish", summary: "Run until the current routine has returned.",
            help: "It shows what the routine left in EAX. Breakpoints on the way stop as usual.",
            example: "finish", winDbg: "gu", gdb: "finish", run: finish),
        Command(
            "until", group: .extensions, usage: "until address", summary: "Run until the instruction at address comes next.",
            help: "In whatever thread or activation that is. Breakpoints on the way stop as usual.",
            example: "until KdpDriverReinit", winDbg: "g ADDRESS", gdb: "until, advance", completion: .expression, run: until),
        Command(
            "tbp", group: .extensions, usage: "tbp [address] [IF condition]",
            summary: "Set a breakpoint that goes when it has stopped once.",
            help: "Like bpx otherwise.", example: "tbp IoCreateDriver", winDbg: "bp /1", gdb: "tbreak", completion: .expression,
            run: BreakpointCommands.insertTemporary),
    ]

    private static func until(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard !line.arguments.isEmpty else { throw CommandError("until: Address argument required.") }
        let address = try debugger.address(line.arguments, of: line, command: "until", output: &output)
        guard debugger.target.read8(address) != nil else { throw CommandError("Couldn't access memory at 0x\(address.pointer)") }
        return .leave(.until(address))
    }

    private static func finish(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard debugger.attached == nil else {
            throw CommandError("finish: The attached thread does not run.", hint: "Attach back to the current thread first.")
        }
        return .leave(.finish(try activation(debugger)))
    }

    /// The routine that EIP is in, and where it returns to: the return address is behind the saved EBP, or at ESP while the frame is not made yet.
    private static func activation(_ debugger: KernelDebugger) throws(CommandError) -> Activation {
        let registers = debugger.registers
        let symbol = debugger.target.symbols.symbol(containing: registers.eip)
        var place = registers.ebp &+ 4
        if let symbol, symbol.kind == .code {
            // push ebp; mov ebp, esp
            if registers.eip == symbol.address { place = registers.esp }
            if registers.eip == symbol.address &+ 1, debugger.target.read8(symbol.address) == 0x55 { place = registers.esp &+ 4 }
        }
        guard debugger.target.read8(registers.eip) != 0xC3, debugger.target.read8(registers.eip) != 0xC2 else {
            return try activation(at: registers.esp, symbol, debugger)
        }
        return try activation(at: place, symbol, debugger)
    }

    private static func activation(at place: UInt32, _ symbol: Symbol?, _ debugger: KernelDebugger) throws(CommandError) -> Activation {
        guard let address = debugger.target.read32(place) else {
            throw CommandError("finish: Couldn't access memory at 0x\(place.pointer), where the return address should be.")
        }
        guard debugger.target.read8(address) != nil else {
            throw CommandError("finish: This routine does not return: there is no code at 0x\(address.pointer).")
        }
        return Activation(routine: symbol?.name ?? "", returnAddress: address, stack: place &+ 4)
    }
}

/// `bugcheck` and `reboot` (spec/kdbg.md section 1.7).
enum EndCommands {
    static let rows: [Command] = [
        Command(
            "bugcheck", group: .others, usage: "bugcheck", summary: "Bugchecks the system.",
            help: "Code 0xE2, when the debugger is left. Typed at a keyboard it asks first.",
            example: "bugcheck", winDbg: ".crash", gdb: nil, needs: .kernel, run: crash),
        Command(
            "reboot", group: .others, usage: "reboot", summary: "Reboots the system.",
            help: """
                The machine is reset at once, nothing is written to disk, and boots again from the same
                inputs; breakpoints and aliases stay. A batch run ends. Typed at a keyboard it asks first.
                """,
            example: "reboot", winDbg: ".reboot", gdb: "monitor system_reset",
            run: { (debugger, line, output) in
                guard !asks(debugger, line, "The machine will be reset, and what it has not written to disk is lost.", &output) else {
                    return .stay
                }
                return .leave(.reset)
            }),
    ]

    /// Asks a person who has typed the line whether it is meant.
    /// - Returns: whether the answer has to be waited for.
    private static func asks(_ debugger: KernelDebugger, _ line: CommandLine, _ warning: String, _ output: inout CommandOutput) -> Bool {
        guard debugger.origin == .typed else { return false }
        debugger.confirming = line.text
        output.line("\(warning) Type 'yes' to do it.")
        return true
    }

    /// Where KD has been entered the guest crashes as it leaves. Where the host has stopped it, it is made to call `KeBugCheck`.
    private static func crash(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard !asks(debugger, line, "The system will crash with bugcheck 0xE2.", &output) else { return .stay }
        let target = debugger.target
        if debugger.contextAddress != nil {
            guard let flag = target.symbols.symbol(named: "KdbBugCheckRequested")?.address, target.write32(flag, 1) else {
                throw CommandError("bugcheck: This kernel has no KdbBugCheckRequested.")
            }
            debugger.note(.memory(address: flag, bytes: [1, 0, 0, 0]))
            return .leave(.go)
        }
        guard let routine = target.symbols.symbol(named: "KeBugCheck")?.address else {
            throw CommandError("bugcheck: This kernel has no KeBugCheck.")
        }
        let registers = target.registers
        let stack = registers.esp &- 8
        let frame = [registers.eip, 0xE2].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        guard target.writeBytes(stack, frame) else { throw CommandError("Couldn't access memory at 0x\(stack.pointer)") }
        debugger.note(.memory(address: stack, bytes: frame))
        for (register, value) in [(Register.esp, stack), (.eip, routine)] {
            target.setRegister(register, value)
            debugger.note(.register(register, value))
        }
        return .leave(.go)
    }
}
