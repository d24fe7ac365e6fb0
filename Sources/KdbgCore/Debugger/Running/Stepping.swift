// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// `step` and `next` on the host (spec/kdbg.md section 1.4): what KDBG does with the trap flag and temporary breakpoints, without either.
extension Runner {
    /// Makes as many steps of the plan at once as there are instructions that simply follow each other; what is behind them is for `step`.
    func stepFreely(_ limit: UInt64) -> RunResult? {
        if awaits(here), let result = arrive(at: here) { return result }
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
        if awaits(before.eip), let result = arrive(at: before.eip) { return result }
        // An arrival can end the plan or change its mode only by a result, so the plan is still stepping here.
        let bytes = debugger.target.readPrefix(before.eip, count: 4)
        if let length = lengthToPass(bytes) {
            setMode(.reaching(Plan.Place(address: before.eip &+ length, stack: before.esp, isExact: false), countsAsStep: true))
            return nil
        }
        let reason = machine.step()
        let interrupted = isInterrupt(bytes) ? nil : interruptedPlace(before)
        if let interrupted, interrupted.address == before.eip { interruptedArrivals.append(interrupted) }
        if let reason, let result = react(to: reason) { return result }
        if let interrupted {
            // With the trap flag an interrupt or fault would run to its end unseen, and the trap come when the code goes on.
            setMode(.reaching(interrupted, countsAsStep: interrupted.address != before.eip))
            return nil
        }
        if awaits(machine.registers.eip), let result = arrive(at: machine.registers.eip) { return result }
        return countStep()
    }

    /// The length of the instruction when the step is to pass over what it calls: for `next` calls and repeated string instructions, for both
    /// the interrupts below 32, which KDBG steps with the trap flag.
    private func lengthToPass(_ bytes: [UInt8]) -> UInt32? {
        if bytes.first == 0xCC { return 1 }
        if bytes.first == 0xCD, bytes.count > 1, bytes[1] < 32 { return 2 }
        guard plan?.passesCalls == true else { return nil }
        let opcode = bytes.drop { $0 == 0x66 || $0 == 0x67 }
        let isPassed: Bool
        switch opcode.first {
        case 0xE8, 0x9A, 0xF2, 0xF3: isPassed = true
        case 0xFF: isPassed = opcode.dropFirst().first.map { $0 >> 3 & 7 == 2 } ?? false
        default: isPassed = false
        }
        return isPassed ? debugger.instructionLength(at: machine.registers.eip) : nil
    }

    /// `INT n` and `INTO`: the handler is where the step is meant to go.
    private func isInterrupt(_ bytes: [UInt8]) -> Bool {
        bytes.first == 0xCD || bytes.first == 0xCE
    }

    /// Where the code goes on that the machine's last step has left through the IDT; nil when it has not. After an interrupt the handler's first instruction
    /// has been executed too, so the frame is looked for where it was pushed: EIP, CS and EFLAGS right below the old top of the stack.
    func interruptedPlace(_ before: Registers) -> Plan.Place? {
        let after = machine.registers
        guard after.eip &- before.eip > 15, before.esp &- after.esp >= 12, before.esp &- after.esp < 0x1000,
            let eip = machine.read32(linear: before.esp &- 12), let cs = machine.read32(linear: before.esp &- 8),
            cs & 0xFFFF == before.cs.selector,
            eip == before.eip || eip == before.eip &+ (debugger.instructionLength(at: before.eip) ?? 0)
        else { return nil }
        return Plan.Place(address: eip, stack: before.esp, isExact: true)
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
