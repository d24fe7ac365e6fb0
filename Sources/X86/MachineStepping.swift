// SPDX-License-Identifier: GPL-3.0-or-later

/// What a debugger's single steps need of the machine, cheaply.
extension Machine {
    /// Runs like `run(until:passingStopAtStart: true)`, as long as each instruction simply follows from the one before, which is when a count of instructions is a count of
    /// steps. Answers nil in front of anything else, before it has any effect: an interrupt or trap to be delivered, an instruction that faults or goes through the IDT,
    /// a halted processor, single steps or breakpoints of the guest's own.
    package func runUndisturbed(until limit: UInt64) -> StopReason? {
        cpu.pointee.isPassingStop = true
        cpu.pointee.refusesInterrupts = true
        defer {
            cpu.pointee.isPassingStop = false
            cpu.pointee.refusesInterrupts = false
        }
        while true {
            if cpu.pointee.hasFault {
                // A fault of the new task cannot be taken back: the switch has happened. It is delivered when the machine goes on.
                if !cpu.pointee.isBetweenTasks { takeBackFault() }
                return nil
            }
            if cpu.pointee.pendingStop == .none, cpu.pointee.pendingDebug != 0 { return nil }
            if let reason = finishInstruction() { return reason }
            let now = cpu.pointee.count
            if now >= limit { return .instructionLimit }
            if breakRequest.isSet, breakRequest.take() { return .breakRequested }
            if devices.nextEvent <= now { devices.advance(to: now) }
            let inhibited = cpu.pointee.inhibitAt == now
            if now >= processors.turnEnd, !inhibited { return nil }
            if interruptIsDeliverable, !inhibited { return nil }
            let flags = cpu.pointee.systemFlags
            if cpu.pointee.isHalted || flags & (EFlags.tf | EFlags.rf) != 0 || cpu.pointee.hasGuestBreakpoints { return nil }
            setDeadline(limit, now, inhibited: inhibited)
            if cpu.pointee.isPassingStop {
                cpu.pointee.deadline = 0
                cpu.pointee.loop()
                cpu.pointee.isPassingStop = false
            } else {
                cpu.pointee.loop()
            }
        }
    }

    /// The faulting instruction has changed nothing but what a REP had done, which goes on from there when it is executed again.
    private func takeBackFault() {
        _ = cpu.pointee.takeFault()
        cpu.pointee.count &-= 1
        cpu.pointee.eip = cpu.pointee.currentEIP
        cpu.pointee.pendingDebug = 0
        // What a REP had already touched is reported now; nothing else has happened.
        if !cpu.pointee.hasProgress { cpu.pointee.pendingStop = .none }
        cpu.pointee.stepArmed = false
        cpu.pointee.rfArmed = false
        cpu.pointee.hasProgress = false
    }

    /// Whether an interrupt would be delivered before the next instruction.
    package var isAboutToInterrupt: Bool {
        if devices.nextEvent <= instructionCount { devices.advance(to: instructionCount) }
        return interruptIsDeliverable
    }

    /// Whether the host stops before the instruction at a linear address.
    package func stops(at linear: UInt32) -> Bool { hasCodeStop(linear) }

    /// Another number after every change of code stops.
    package var codeStopVersion: UInt32 { memory.code.pointee.stopEpoch }

    /// Linear address of the next instruction.
    package var linearEIP: UInt32 { cpu.pointee.csBase &+ cpu.pointee.eip }

    /// A general register by Intel's number, 0...7, without the others.
    package func general(_ number: Int) -> UInt32 { cpu.pointee.gpr(number) }
}

extension CPU {
    /// The guest has breakpoints of its own in force.
    var hasGuestBreakpoints: Bool {
        if hasCodeBreakpoints { return true }
        for i in 0..<watchCount where watches[i].id < 0 { return true }
        return false
    }
}
