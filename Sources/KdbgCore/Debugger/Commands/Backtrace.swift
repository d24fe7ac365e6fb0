// SPDX-License-Identifier: GPL-3.0-or-later

/// `bt`: the chain of EBP frames (spec/kdbg.md section 1.3).
enum Backtrace {
    /// Frames shown when the user gives no limit. A chain that leads back into itself ends here at the latest; KDBG would go on for ever (mended).
    private static let limit = 1000

    static func run(_ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput) throws(CommandError) -> Command.Verdict
    {
        let suffix = try CountSuffix(line.arguments)
        var frame = debugger.registers.frame
        let limit = debugger.mends(.backtraceCount) ? suffix.count ?? limit : limit
        // The argument first: what is wrong with it does not depend on the machine.
        if let first = suffix.words.first {
            guard first.text.hasPrefix("*") else {
                throw CommandError(
                    "bt: Backtrace of another thread is not supported yet.", hint: "A frame address is written with a star: bt *ebp")
            }
            frame = try startingFrame(debugger, line, suffix.words, &output)
        }
        let tagger = AddressTagger(debugger.target)
        var task = ActiveTask(debugger.target)
        if task.parent != nil {
            output.line("[Active TSS 0x\(task.selector.hex(4)) @ 0x\(task.address.pointer)]")
        }
        if suffix.words.isEmpty {
            output.line("Eip:")
            output.line(tagger.tagOrPointer(debugger.registers.programCounter))
        }
        output.line("Frames:")
        walk(from: frame, limit: limit, debugger, tagger, &output)
        // Tasks that interrupted each other: a double fault has a task of its own.
        for _ in 0..<ActiveTask.limit {
            guard let parent = task.parent else { break }
            output.line("[Parent TSS 0x\(parent.selector.hex(4)) @ 0x\(parent.address.pointer)]")
            guard let eip = parent.eip, let ebp = parent.ebp else {
                output.failure("Couldn't access memory at 0x\(parent.address.pointer)!")
                break
            }
            output.line(tagger.tagOrPointer(eip))
            walk(from: ebp, limit: limit, debugger, tagger, &output)
            task = parent
        }
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
        let registers = debugger.registers
        let size: UInt32 = registers.is16Bit ? 2 : 4
        func word(_ address: UInt32) -> UInt32? {
            size == 2 ? debugger.target.read16(address).map(UInt32.init) : debugger.target.read32(address)
        }
        var frame = start
        var seen: Set<UInt32> = []
        while frame != registers.stackBase, seen.count < limit {
            guard seen.insert(frame).inserted else {
                output.line("The frame at 0x\(frame.pointer) was shown already; the chain is a loop.")
                return
            }
            guard let caller = word(frame &+ size), let next = word(frame) else {
                output.failure("Couldn't access memory at 0x\(frame.pointer)!")
                return
            }
            guard caller != 0 else { return }
            // The call that pushed the return address is taken to be five bytes long, in 16-bit code three.
            let call = registers.codeBase &+ caller &- size &- 1
            output.line(tagger.tag(call) ?? "<\((registers.codeBase &+ caller).hex(8))>")
            frame = registers.stackBase &+ next
        }
    }
}

/// A task state segment, and the one whose task it has interrupted (spec/kdbg.md section 1.3).
private struct ActiveTask {
    /// More tasks than this in one chain are a loop.
    static let limit = 8

    let target: any Target
    let selector: UInt32
    /// Virtual address of the KTSS.
    let address: UInt32

    init(_ target: any Target) {
        self.init(target, selector: UInt32(target.system.task.selector), address: target.system.task.base)
    }

    private init(_ target: any Target, selector: UInt32, address: UInt32) {
        self.target = target
        self.selector = selector
        self.address = address
    }

    /// The task that the backlink names; nil when that is no busy 32-bit TSS of the GDT.
    var parent: ActiveTask? {
        guard let link = Record<KTSS>(target, at: address).Backlink.map({ $0 & 0xFFFF }), link >= 8, link != selector, link % 8 == 0,
            link < target.system.gdt.limit,
            let descriptor = SegmentDescriptor(at: target.system.gdt.base &+ link, in: target), descriptor.isPresent,
            descriptor.type == "TSS32(Busy)"
        else { return nil }
        return ActiveTask(target, selector: link, address: descriptor.base)
    }

    var eip: UInt32? { Record<KTSS>(target, at: address).Eip }
    var ebp: UInt32? { Record<KTSS>(target, at: address).Ebp }
}
