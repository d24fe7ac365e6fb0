// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// `step` and `next` on the host (spec/kdbg.md section 1.4): what KDBG does with the trap flag and temporary breakpoints, without either.
extension Runner {
    /// Makes as many steps of the plan at once as there are instructions that simply follow each other; what is behind them is for `step`.
    func stepFreely(_ limit: UInt64) -> RunResult? {
        if awaits(here), let result = arrive(at: here) { return result }
        // The call that begins here is to fail, which counts as a step.
        guard injection == nil else { return nil }
        guard let remaining = plan?.remaining else { return nil }
        let from = machine.instructionCount
        let (sum, overflow) = from.addingReportingOverflow(remaining)
        let reason = machine.runUndisturbed(until: min(limit, overflow ? .max : sum))
        let done = machine.instructionCount - from
        // The last one is counted by `countStep`.
        plan?.remaining = remaining - min(done, remaining - 1)
        guard let reason else { return step() }
        if let result = react(to: reason) { return result }
        guard done == remaining, plan?.mode == .stepping else { return nil }
        if awaits(here), let result = arrive(at: here) { return result }
        return countStep()
    }

    /// Makes one step of the plan, or begins one that takes a while.
    func step() -> RunResult? {
        let before = machine.registers
        let start = before.cs.base &+ before.eip
        if awaits(start), let result = arrive(at: start) { return result }
        guard injection == nil else { return nil }
        // An arrival can end the plan or change its mode only by a result, so the plan is still stepping here.
        let bytes = debugger.target.readPrefix(start, count: 4)
        if let length = lengthToPass(bytes) {
            setMode(.reaching(Plan.Place(address: start &+ length, stack: before.esp, isExact: false), countsAsStep: true))
            return nil
        }
        let reason = machine.step()
        let interrupted = isInterrupt(bytes) ? nil : interruptedPlace(before)
        if let interrupted, interrupted.address == start { interruptedArrivals.append(interrupted) }
        if let reason, let result = react(to: reason) { return result }
        if let interrupted {
            // With the trap flag an interrupt or fault would run to its end unseen, and the trap come when the code goes on.
            setMode(.reaching(interrupted, countsAsStep: interrupted.address != start))
            return nil
        }
        if awaits(here), let result = arrive(at: here) { return result }
        return countStep()
    }

    /// The length of the instruction when the step is to pass over what it calls: for `next` calls, repeated string instructions and, in a program without
    /// our kernel, interrupts such as those of a BIOS; for both, with our kernel, the interrupts below 32, which KDBG steps with the trap flag.
    private func lengthToPass(_ bytes: [UInt8]) -> UInt32? {
        let passesCalls = plan?.passesCalls == true
        if bytes.first == 0xCC, guest.hasKernel || passesCalls { return 1 }
        if bytes.first == 0xCD, bytes.count > 1, guest.hasKernel ? bytes[1] < 32 : passesCalls { return 2 }
        guard passesCalls else { return nil }
        // Sizes and segments; REP is looked at below.
        let opcode = bytes.drop { [0x66, 0x67, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65].contains($0) }
        let isPassed: Bool
        switch opcode.first {
        case 0xE8, 0x9A, 0xF2, 0xF3: isPassed = true
        // Calls through a register or memory, near or far.
        case 0xFF: isPassed = opcode.dropFirst().first.map { [2, 3].contains($0 >> 3 & 7) } ?? false
        default: isPassed = false
        }
        return isPassed ? debugger.instructionLength(at: here) : nil
    }

    /// `INT n` and `INTO`: the handler is where the step is meant to go.
    private func isInterrupt(_ bytes: [UInt8]) -> Bool {
        bytes.first == 0xCD || bytes.first == 0xCE
    }

    /// Where the code goes on that the machine's last step has left through the IDT; nil when it has not. After an interrupt the handler's first instruction
    /// has been executed too, so the frame is looked for where it was pushed: right below the old top of the stack or, when the privilege changed, below the
    /// top that the TSS names.
    func interruptedPlace(_ before: Registers) -> Plan.Place? {
        let after = machine.registers
        let base = before.cs.base
        guard (after.cs.base &+ after.eip) &- (base &+ before.eip) > 15 else { return nil }
        let isSameStack = before.ss.selector == after.ss.selector
        let pushed = (before.esp &- after.esp) & (before.ss.isBig ? .max : 0xFFFF)
        // The bound keeps other changes of the stack apart.
        if isSameStack, pushed < 6 || pushed >= 0x1000 { return nil }
        let frames = isSameStack ? [frame(12, before), frame(6, before)] : [innerFrame(before, after)]
        for case let frame? in frames where frame.cs == before.cs.selector {
            guard frame.eip == before.eip || frame.eip == before.eip &+ (debugger.instructionLength(at: base &+ before.eip) ?? 0) else {
                continue
            }
            return Plan.Place(address: base &+ frame.eip, stack: before.esp, isExact: true)
        }
        return nil
    }

    /// What lies `size` bytes below the top of the old stack, taken for the frame of an interrupt of dwords (12) or words (6).
    private func frame(_ size: UInt32, _ before: Registers) -> (eip: UInt32, cs: UInt16)? {
        let top = before.ss.base &+ ((before.esp &- size) & (before.ss.isBig ? .max : 0xFFFF))
        guard let first = machine.read32(linear: top) else { return nil }
        if size == 6 { return (first & 0xFFFF, UInt16(first >> 16)) }
        return machine.read16(linear: top &+ 4).map { (first, $0) }
    }

    /// The frame of an interrupt that went to a more privileged ring, which has a stack of its own in the 32-bit TSS.
    private func innerFrame(_ before: Registers, _ after: Registers) -> (eip: UInt32, cs: UInt16)? {
        let isVirtual8086 = before.eflags & 0x2_0000 != 0
        let ring = UInt32(after.cs.selector & 3)
        guard isVirtual8086 || ring < before.cs.selector & 3, after.tr.attributes & 8 != 0,
            let top = machine.read32(linear: after.tr.base &+ 4 &+ 8 * ring)
        else { return nil }
        let place = after.ss.base &+ top &- (isVirtual8086 ? 36 : 20)
        guard let eip = machine.read32(linear: place), let cs = machine.read16(linear: place &+ 4) else { return nil }
        return (eip, cs)
    }
}

extension Target {
    /// As many of `count` bytes as are mapped in one piece.
    package func readPrefix(_ address: UInt32, count: Int) -> [UInt8] {
        if let bytes = readBytes(address, count: count) { return bytes }
        var bytes: [UInt8] = []
        while bytes.count < count, let byte = read8(address &+ UInt32(bytes.count)) { bytes.append(byte) }
        return bytes
    }
}
