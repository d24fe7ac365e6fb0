// SPDX-License-Identifier: GPL-3.0-or-later

/// The processor's tables and the PCR: the rest of the group "System info" (spec/kdbg.md section 1.6).
enum DescriptorCommands {
    static let rows: [Command] = [
        Command(
            "gdt", group: .system, usage: "gdt", summary: "Display the global descriptor table.",
            help: "From entry 1 on. Page-granular limits are shown in bytes.",
            example: "gdt", winDbg: "dg 8 58", gdb: nil,
            run: { (debugger, _, output) throws(CommandError) in try showSegments(debugger, isLocal: false, &output) }),
        Command(
            "ldt", group: .system, usage: "ldt", summary: "Display the local descriptor table.", help: "Empty while LDTR is 0.",
            example: "ldt", winDbg: "dg", gdb: nil,
            run: { (debugger, _, output) throws(CommandError) in try showSegments(debugger, isLocal: true, &output) }),
        Command(
            "idt", group: .system, usage: "idt", summary: "Display the interrupt descriptor table.", help: "One row per vector.",
            example: "idt", winDbg: "!idt -a", gdb: nil,
            run: showInterrupts),
        Command(
            "pcr", group: .system, usage: "pcr", summary: "Display the processor control region.",
            help: "The one FS points to in the kernel.", example: "pcr", winDbg: "!pcr", gdb: nil, needs: .kernel,
            run: showControlRegion),
        Command(
            "tss", group: .system, usage: "tss [selector|*descaddr]",
            summary: "Display the current task state segment, or the one specified.",
            help: "A selector must name a 32-bit TSS of the GDT; with a star the number is the TSS's address.", example: "tss 0x50",
            winDbg: ".tss", gdb: nil,
            run: showTask),
    ]

    // MARK: Segments

    private static func showSegments(
        _ debugger: KernelDebugger, isLocal: Bool, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        var table = isLocal ? debugger.target.system.ldt : debugger.target.system.gdt
        if isLocal, !debugger.mends(.localTable) {
            // KDBG's mistake (section 1.6).
            table.base = 0
            table.limit = UInt32(table.selector)
        }
        guard table.limit >= 7, !isLocal || table.selector != 0 else {
            throw CommandError("\(isLocal ? "Local" : "Global") descriptor table is empty.")
        }
        output.line("\(isLocal ? "LDT" : "GDT") Base: 0x\(table.base.hex(8))  Limit: 0x\(table.limit.hex(4))")
        output.line("  Idx  Sel.    Type         Base        Limit       DPL  Attribs")
        for offset in stride(from: isLocal ? 0 : 8, through: table.limit - 7, by: 8) {
            guard let descriptor = SegmentDescriptor(at: table.base &+ offset, in: debugger.target) else {
                throw CommandError("Couldn't access memory at 0x\((table.base &+ offset).pointer)!")
            }
            let selector = offset | descriptor.privilege | (isLocal ? 4 : 0)
            let head = "  \((offset / 8).decimal(3, with: "0"))  0x\(selector.hex(4))  \(descriptor.type.padded(right: 11))"
            let privilege = descriptor.privilege.decimal(2, with: "0")
            if descriptor.isPresent {
                let limit = descriptor.shownLimit(countsBytes: !debugger.mends(.segmentLimits))
                output.line(
                    "\(head)  0x\(descriptor.shownBase.hex(8))  0x\(limit.hex(8))  \(privilege)  \(descriptor.attributes)")
            } else {
                output.line("\(head)  [NP]        [NP]        \(privilege)   NP")
            }
        }
        return .stay
    }

    // MARK: Interrupts

    private static func showInterrupts(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let table = debugger.target.system.idt
        guard table.limit >= 7 else { throw CommandError("Interrupt descriptor table is empty.") }
        output.line("IDT Base: 0x\(table.base.hex(8))  Limit: 0x\(table.limit.hex(4))")
        output.line("  Idx  Type        Seg. Sel.  Offset      DPL")
        for offset in stride(from: 0, through: table.limit - 7, by: 8) {
            let address = table.base &+ offset
            guard let low = debugger.target.read32(address), let high = debugger.target.read32(address &+ 4) else {
                throw CommandError("Couldn't access memory at 0x\(address.pointer)!")
            }
            let head = "  \((offset / 8).decimal(3, with: "0"))  \(gateType(high >> 8 & 0x1F).padded(right: 10))"
            let selector = "0x\((low >> 16).hex(4))"
            let privilege = (high >> 13 & 3).decimal(2, with: "0")
            if high & 0x8000 == 0 {
                output.line("\(head)  [NP]       [NP]        \(privilege)")
            } else if high >> 8 & 0x1F == 5 {
                output.line("\(head)  \(selector)                 \(privilege)")
            } else {
                output.line("\(head)  \(selector)     0x\((high & 0xFFFF_0000 | low & 0xFFFF).hex(8))  \(privilege)")
            }
        }
        return .stay
    }

    private static func gateType(_ type: UInt32) -> String {
        switch type {
        case 5: "TASKGATE"
        case 6: "INTGATE16"
        case 7: "TRAPGATE16"
        case 14: "INTGATE32"
        case 15: "TRAPGATE32"
        default: "UNKNOWN"
        }
    }

    // MARK: PCR and TSS

    /// Labels, offsets and widths in bytes of what `pcr` shows (spec/boot.md section 5.10).
    private static let controlFields: [(label: String, offset: UInt32, width: Int)] = [
        ("Tib.ExceptionList", 0x00, 4), ("Tib.StackBase", 0x04, 4), ("Tib.StackLimit", 0x08, 4), ("Tib.SubSystemTib", 0x0C, 4),
        ("Tib.FiberData/Version", 0x10, 4), ("Tib.ArbitraryUserPointer", 0x14, 4), ("Tib.Self", 0x18, 4), ("SelfPcr", 0x1C, 4),
        ("PCRCB", 0x20, 4), ("Irql", 0x24, 1), ("IRR", 0x28, 4), ("IrrActive", 0x2C, 4), ("IDR", 0x30, 4), ("KdVersionBlock", 0x34, 4),
        ("IDT", 0x38, 4), ("GDT", 0x3C, 4), ("TSS", 0x40, 4), ("MajorVersion", 0x44, 2), ("MinorVersion", 0x46, 2), ("SetMember", 0x48, 4),
        ("StallScaleFactor", 0x4C, 4), ("Number", 0x51, 1), ("L2CacheAssociativity", 0x53, 1), ("VdmAlert", 0x54, 4),
        ("L2CacheSize", 0x90, 4), ("InterruptMode", 0xD4, 4),
    ]

    private static func showControlRegion(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let address = ProcessorState.pcr
        guard debugger.target.read32(address) != nil else {
            throw CommandError("There is no PCR at 0x\(address.pointer) yet.")
        }
        output.line("Current PCR is at 0x\(address.pointer).")
        for (label, offset, width) in controlFields {
            output.line("  " + "\(label):".padded(right: 27) + value(at: address &+ offset, width: width, debugger.target))
        }
        return .stay
    }

    /// Labels, offsets and widths in bytes of what `tss` shows (spec/boot.md section 5.17).
    private static let taskFields: [(label: String, offset: UInt32, width: Int)] = [
        ("CR3", 0x1C, 4), ("EFlags", 0x24, 4), ("Eax", 0x28, 4), ("Ebx", 0x34, 4), ("Ecx", 0x2C, 4), ("Edx", 0x30, 4), ("Esi", 0x40, 4),
        ("Edi", 0x44, 4), ("Eip", 0x20, 4), ("Esp", 0x38, 4), ("Ebp", 0x3C, 4), ("Cs", 0x4C, 2), ("Ss", 0x50, 2), ("Ds", 0x54, 2),
        ("Es", 0x48, 2), ("Fs", 0x58, 2), ("Gs", 0x5C, 2), ("LDT", 0x60, 2), ("Flags", 0x64, 2), ("IoMapBase", 0x66, 2),
    ]

    private static func showTask(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let named: (selector: UInt32, address: UInt32)?
        if let word = line.arguments.first { named = try task(word, debugger) } else { named = nil }
        let current = debugger.target.system.task
        let (selector, address) = named ?? (UInt32(current.selector), current.base)
        let isCurrent = address == current.base
        let target = debugger.target
        guard target.readBytes(address, count: 0x68) != nil else { throw CommandError("Couldn't access memory at 0x\(address.pointer)!") }
        output.line("\(isCurrent ? "Current" : "Specified") TSS 0x\(selector.hex(4)) is at 0x\(address.pointer).")
        output.line("  Backlink:  " + value(at: address, width: 2, target))
        output.line("  Ss0:Esp0:  " + value(at: address &+ 8, width: 2, target) + ":" + value(at: address &+ 4, width: 4, target))
        for (label, offset, width) in taskFields {
            output.line("  " + "\(label):".padded(right: 11) + value(at: address &+ offset, width: width, target))
        }
        return .stay
    }

    /// Selector and address of the TSS an argument names; the selector is 0 for an address.
    private static func task(_ word: CommandLine.Word, _ debugger: KernelDebugger) throws(CommandError) -> (UInt32, UInt32) {
        let isAddress = word.text.hasPrefix("*")
        guard let number = CNumber.leading(isAddress ? String(word.text.dropFirst()) : word.text) else {
            throw CommandError("Invalid TSS specification.")
        }
        let value = UInt32(truncatingIfNeeded: number)
        if isAddress {
            guard value != 0 else { throw CommandError("Invalid 32-bit TSS descriptor.") }
            return (0, value)
        }
        guard value >= 8, value % 8 == 0 else { throw CommandError("Invalid TSS selector.") }
        let table = debugger.target.system.gdt
        guard value < table.limit,
            let descriptor = SegmentDescriptor(at: table.base &+ value, in: debugger.target),
            descriptor.type.hasPrefix("TSS32")
        else { throw CommandError("Invalid TSS selector.") }
        return (value, descriptor.base)
    }

    /// A field as `0x` and hex digits of its width; question marks when it cannot be read.
    private static func value(at address: UInt32, width: Int, _ target: any Target) -> String {
        guard let bytes = target.readBytes(address, count: width) else { return String(repeating: "?", count: width * 2) }
        return "0x" + bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }.hex(width * 2)
    }
}
