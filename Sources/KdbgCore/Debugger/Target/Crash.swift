// SPDX-License-Identifier: GPL-3.0-or-later

/// A bugcheck or an exception, read from guest memory and put into words (spec/boot.md sections 1.11 and 3).
struct Crash {
    /// The access that went wrong, as far as it is known.
    struct Fault {
        var instruction: UInt32
        /// Linear; nil when the exception was none of memory.
        var address: UInt32?
        var isWrite: Bool
    }

    private let target: any Target
    private let code: UInt32
    private let parameters: [UInt32]
    private let exception: Record<EXCEPTION_RECORD>?
    /// Frame pointer of the code at fault; nil when it is not known.
    private let frame: UInt32?
    private(set) var fault: Fault?

    /// The crash that has been recorded, otherwise the exception the guest waits with; nil when there is neither.
    init?(_ debugger: KernelDebugger) {
        let target = debugger.target
        self.target = target
        let data = target.symbols.symbol(named: "KiBugCheckData")?.address ?? 0
        let words = (0..<5).map { data == 0 ? 0 : target.read32(data &+ 4 * $0) ?? 0 }
        code = words[0]
        parameters = Array(words[1...])
        if code == 0 {
            guard let record = debugger.exceptionRecord else { return nil }
            exception = Record(target, at: record)
            frame = debugger.registers.ebp
        } else {
            // 0x7E has record and context as its last parameters, 0x1E and 0x50 a trap frame as the third (spec/boot.md section 3.1).
            exception = code == 0x7E ? Record(target, at: words[3]) : nil
            switch code {
            case 0x7E: frame = Record<CONTEXT>(target, at: words[4]).Ebp
            case 0x1E where words[3] != 0, 0x50 where words[3] != 0: frame = Record<KTRAP_FRAME>(target, at: words[3]).Ebp
            default: frame = Self.trapFrame(of: words[4], debugger)
            }
        }
        fault = readFault()
    }

    /// EBP of the code that a trap handler interrupted at `instruction`: the frame whose KTRAP_FRAME in the call chain has that EIP.
    private static func trapFrame(of instruction: UInt32, _ debugger: KernelDebugger) -> UInt32? {
        var frame = debugger.registers.ebp
        for _ in 0..<64 {
            guard frame != 0, let next = debugger.target.read32(frame) else { return nil }
            let trap = Record<KTRAP_FRAME>(debugger.target, at: frame)
            if trap.Eip == instruction, instruction != 0 { return trap.Ebp }
            guard next > frame else { return nil }
            frame = next
        }
        return nil
    }

    private func readFault() -> Fault? {
        if code == 0x0A || code == 0xD1 {
            guard parameters[3] != 0 else { return nil }
            return Fault(instruction: parameters[3], address: parameters[0], isWrite: parameters[2] & 2 != 0)
        }
        if code == 0x50 {
            guard let instruction = Record<KTRAP_FRAME>(target, at: parameters[2]).Eip else { return nil }
            return Fault(instruction: instruction, address: parameters[0], isWrite: parameters[1] & 2 != 0)
        }
        if let exception, let instruction = exception.ExceptionAddress {
            guard exception.ExceptionCode == Self.accessViolation else {
                return Fault(instruction: instruction, address: nil, isWrite: false)
            }
            let information = exception.ExceptionInformation
            return Fault(
                instruction: instruction, address: target.read32(information &+ 4), isWrite: target.read32(information) == 1)
        }
        guard code == 0x1E else { return nil }
        let address = parameters[0] == Self.accessViolation ? target.system.cr2 : nil
        return Fault(instruction: parameters[1], address: address, isWrite: false)
    }

    private static let accessViolation: UInt32 = 0xC000_0005

    var isNull: Bool { fault?.address.map { $0 < 0x1000 } ?? false }

    /// Return addresses above the faulting routine, at most 12.
    var frames: [UInt32] {
        var result: [UInt32] = []
        var seen: Set<UInt32> = []
        var frame = frame ?? 0
        while frame != 0, result.count < 12, seen.insert(frame).inserted, let caller = target.read32(frame &+ 4), caller != 0 {
            result.append(caller)
            frame = target.read32(frame) ?? 0
        }
        return result
    }

    /// What happened, line by line.
    var heading: [String] {
        guard code != 0 else {
            let status = exception?.ExceptionCode ?? 0
            return ["Exception 0x\(status.hex(8)) (\(StatusNames.name(of: status)))"]
        }
        let text = BugcheckText(code)
        var lines = ["Bugcheck 0x\(code.hex(8)) (\(text.name))", text.meaning]
        for (index, value) in parameters.enumerated() {
            let meaning = text.parameter(index)
            let name =
                meaning.hasPrefix("exception code") || (meaning.hasPrefix("status") && value != 0) ? " " + StatusNames.name(of: value) : ""
            let symbol = SymbolText.name(of: value, in: target).map { " (\($0))" } ?? ""
            lines.append("  P\(index + 1)  \(value.pointer)  \(meaning)\(name)\(symbol)")
        }
        return lines
    }

    // MARK: Calls that come too early

    /// The mistake of spec/boot.md section 3 that leaves such a crash; nil when it is none of them.
    var looksLike: String? {
        if code == 0xE2 { return "Somebody asked for it: 'bugcheck' was typed, or the crash keys were pressed." }
        guard let fault else { return nil }
        let routine = target.symbols.symbol(containing: fault.instruction)?.name ?? ""
        let callers = frames.compactMap { target.symbols.symbol(containing: $0)?.name }
        if fault.address == 0x64, !fault.isWrite, routine == "ObCreateObject" || callers.contains("ObCreateObject") {
            let caller = callers.first { $0.hasPrefix("Io") || $0.hasPrefix("Ps") } ?? "IoCreateDriver"
            return "It looks like \(caller) before its object type exists (IoInitSystem makes the I/O types at 1.9 #6): "
                + "ObCreateObject reads TypeInfo.InvalidAttributes, 0x64 bytes behind a NULL type. KD waits for HalInitPnpDriver because of that."
        }
        if fault.address == 0, fault.isWrite, routine.contains("InsertTailList") || routine.contains("InsertHeadList") {
            return "It looks like a reinitialization routine registered before IoInitSystem 1.9 #2 makes the list heads: "
                + "the tail insertion writes through a NULL Blink, with interrupts off, so it is no access violation but 0x0A."
        }
        if isNull, routine.hasPrefix("ObpLookup") || callers.contains(where: { $0.hasPrefix("ObpLookup") }) {
            return "It looks like a name looked up before Ob phase 1 makes the root directory: the directory pointer is still NULL."
        }
        if isNull, target.global("NonPagedPoolDescriptor") == nil || callers.contains(where: { $0.hasPrefix("ExAllocatePool") }) {
            return "It looks like an allocation before there are pools."
        }
        if isNull { return "It looks like a routine called before what it works on was made: a pointer is still NULL." }
        return nil
    }
}
