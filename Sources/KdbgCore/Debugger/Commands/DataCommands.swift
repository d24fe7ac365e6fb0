// SPDX-License-Identifier: GPL-3.0-or-later

/// The group "Data" (spec/kdbg.md section 1.3).
enum DataCommands {
    static let rows: [Command] = [
        Command(
            "?", group: .data, usage: "? expression", summary: "Evaluate expression.",
            help: """
                Operators: * / %  + -  == != < <= > >=, unsigned 64 bit. Operands: numbers (0x hex, 0
                octal), registers, symbols (name or module!name), ( ), and [ ] for memory, with byte,
                word, dword or qword in front.
                """,
            example: "? [esp+4] == 0", winDbg: "?", gdb: "print",
            completion: .expression, run: evaluate),
        Command(
            "disasm", group: .data, usage: "disasm [address] [L count]", summary: "Disassemble count instructions at address.",
            help: "Without address: at the program counter. Without count: ten. FROM..TO is a range. 'set syntax' selects the flavour.",
            example: "disasm KdpInitDriver L 5", winDbg: "u", gdb: "x/10i",
            completion: .expression, run: disassemble),
        Command(
            "x", group: .data, usage: "x [address] [L count]", summary: "Display count dwords, starting at address.",
            help: "Without count: sixteen. Memory that is not mapped shows as ????????. A range, FROM..TO, ends in front of TO.",
            example: "x HalDispatchTable+0x34 L 1", winDbg: "dd", gdb: "x/16xw",
            completion: .expression, run: examine),
        Command(
            "regs", group: .data, usage: "regs", summary: "Display general purpose registers.",
            help: "The flag words behind EFLAGS name the bits that are set.", example: "regs", winDbg: "r", gdb: "info registers",
            run: showRegisters),
        Command(
            "sregs", group: .data, usage: "sregs", summary: "Display segment registers.",
            help: "Selector, index into the descriptor table, which table, and the requested privilege level.", example: "sregs",
            winDbg: "r cs, ds, es, fs, gs, ss", gdb: "info registers cs ds es fs gs ss",
            run: showSegments),
        Command(
            "dregs", group: .data, usage: "dregs", summary: "Display debug registers.",
            help: "The guest's own; breakpoints of this debugger do not use them.", example: "dregs",
            winDbg: "r dr0, dr1, dr2, dr3, dr6, dr7", gdb: nil,
            run: showDebugRegisters),
        Command(
            "cregs", group: .data, usage: "cregs", summary: "Display control, descriptor table and task segment registers.",
            help: "CR0 and CR4 with the names of the bits that are set.", example: "cregs",
            winDbg: "r cr0, cr2, cr3, cr4, gdtr, idtr, ldtr, tr", gdb: "info registers cr0 cr2 cr3 cr4",
            run: showControlRegisters),
        Command(
            "bt", group: .data, usage: "bt [*frameaddr|thread id]", summary: "Print current backtrace or from given frame address.",
            help: "With *EXPRESSION the walk begins at that frame pointer. A trailing L COUNT limits the frames.",
            example: "bt L 5", winDbg: "k", gdb: "backtrace",
            completion: .expression, run: Backtrace.run),
    ]

    /// How many frames, dwords or instructions a row of output has at most: `x` shows four dwords.
    private static let dwordsPerRow = 4

    private static func evaluate(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard !line.arguments.isEmpty else { throw CommandError("?: Argument required") }
        output.line(describe(try debugger.evaluate(line.arguments, of: line)))
        return .stay
    }

    /// A number the way `?` shows it: hex, unsigned, and signed when it would be negative in the narrowest type that holds it.
    static func describe(_ value: UInt64) -> String {
        if value > UInt64(UInt32.max) {
            let decimal = value >> 63 == 0 ? value.decimal(20) : Int64(bitPattern: value).decimal(20)
            return "0x\(value.hex(16))  \(decimal)"
        }
        let unsigned = "0x\(value.hex(8))  \(value.decimal(10))"
        let signed: Int64
        switch value {
        case 0x80...0xFF: signed = Int64(Int8(truncatingIfNeeded: value))
        case 0x8000...0xFFFF: signed = Int64(Int16(truncatingIfNeeded: value))
        default: signed = Int64(Int32(truncatingIfNeeded: value))
        }
        return signed < 0 ? "\(unsigned)  \(signed.decimal(10))" : unsigned
    }

    private static func disassemble(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let suffix = try CountSuffix(line.arguments)
        let range = try debugger.memoryRange(of: line, output: &output)
        var address = range?.start ?? debugger.registers.programCounter
        let tagger = AddressTagger(debugger.target)
        let count = try range?.units(of: 1, otherwise: 10) ?? suffix.count ?? 10
        for _ in 0..<count {
            if let end = range?.end, address >= end { break }
            output.write("\(tagger.tagOrHex(address)): ")
            guard let instruction = debugger.decode(at: address, tagger: tagger) else {
                output.failure("<INVALID>")
                break
            }
            output.line(instruction.text)
            address &+= UInt32(instruction.bytes.count)
        }
        return .stay
    }

    private static func examine(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let range = try debugger.memoryRange(of: line, output: &output) else { throw CommandError("x: Address argument required.") }
        var address = range.start
        let tagger = AddressTagger(debugger.target)
        var window = MemoryWindow(debugger.target)
        var left = try range.units(of: 4, otherwise: 16)
        var isReadable = left == 0
        while left > 0 {
            if let tag = tagger.tag(address) {
                output.write(tag)
            } else {
                output.write(byte: UInt8(ascii: "<"))
                output.pointer(address)
                output.write(byte: UInt8(ascii: ">"))
            }
            output.write(byte: UInt8(ascii: ":"))
            for _ in 0..<min(left, dwordsPerRow) {
                output.write(byte: 0x20)
                if let value = window.read32(address) {
                    isReadable = true
                    output.hex(UInt64(value), digits: 8)
                } else {
                    output.write("????????")
                }
                address &+= 4
            }
            output.line()
            left -= dwordsPerRow
        }
        if !isReadable { output.fail() }
        return .stay
    }

    static func showRegisters(_ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput) -> Command.Verdict {
        let r = debugger.registers
        output.write(
            """
            CS:EIP  0x\(r[.cs].hex(4)):0x\(r.eip.hex(8))
            SS:ESP  0x\(r.ss.hex(4)):0x\(r.esp.hex(8))
               EAX  0x\(r.eax.hex(8))   EBX  0x\(r.ebx.hex(8))
               ECX  0x\(r.ecx.hex(8))   EDX  0x\(r.edx.hex(8))
               ESI  0x\(r.esi.hex(8))   EDI  0x\(r.edi.hex(8))
               EBP  0x\(r.ebp.hex(8))
            EFLAGS  0x\(r.eflags.hex(8)) \(RegisterBits.flags(r.eflags))

            """)
        return .stay
    }

    private static func showSegments(_ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput) -> Command.Verdict {
        let r = debugger.registers
        for (name, value) in [("CS", r.cs), ("DS", r.ds), ("ES", r.es), ("FS", r.fs), ("GS", r.gs), ("SS", r.ss)] {
            let selector = value & 0xFFFF
            let table = selector & 4 == 0 ? "GDT" : "LDT"
            output.line("\(name)  0x\(selector.hex(4))  Index 0x\((selector >> 3).hex(4))  \(table) RPL\(selector & 3)")
        }
        return .stay
    }

    private static func showDebugRegisters(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) -> Command.Verdict {
        let r = debugger.registers
        for (name, value) in [("DR0", r.dr0), ("DR1", r.dr1), ("DR2", r.dr2), ("DR3", r.dr3), ("DR6", r.dr6), ("DR7", r.dr7)] {
            output.line("\(name)  0x\(value.hex(8))")
        }
        return .stay
    }

    private static func showControlRegisters(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) -> Command.Verdict {
        let s = debugger.target.system
        output.line("CR0  0x\(s.cr0.hex(8))\(RegisterBits.control0(s.cr0))")
        output.line("CR2  0x\(s.cr2.hex(8))")
        let caching = (s.cr3 & 8 != 0 ? " PWT" : "") + (s.cr3 & 16 != 0 ? " PCD" : "")
        output.line("CR3  0x\(s.cr3.hex(8))  Pagedir-Base 0x\((s.cr3 & 0xFFFF_F000).hex(8))\(caching)")
        output.line("CR4  0x\(s.cr4.hex(8))\(RegisterBits.control4(s.cr4))")
        output.line("GDTR Base 0x\(s.gdt.base.hex(8))  Size 0x\(s.gdt.limit.hex(4))")
        output.line("LDTR 0x\(s.ldt.selector.hex(4))")
        output.line("IDTR Base 0x\(s.idt.base.hex(8))  Size 0x\(s.idt.limit.hex(4))")
        output.line("TR   0x\(s.task.selector.hex(4))")
        return .stay
    }
}
