// SPDX-License-Identifier: GPL-3.0-or-later

/// An i386 PC: processor, RAM and devices. Its behaviour is a function of what it was given; it knows no clock.
///
/// Not safe for use from several threads, except `breakRequest`.
package final class Machine {
    let cpu: UnsafeMutablePointer<CPU>
    let memory: PhysicalMemory
    var devices: Devices
    /// Linear addresses of code stops and how often each was inserted.
    var codeStops: [UInt32: Int] = [:]
    /// The same by linear page.
    var codeStopPages: [UInt32: [UInt32]] = [:]
    /// By linear page: when its code stops last changed (`CodeCache.stopEpoch`).
    var codeStopChanges: [UInt32: UInt32] = [:]
    var nextDataStop = 1
    /// What pages held at the last snapshot.
    var saved: SavedPages
    /// All processors but the one that executes, which is in `cpu`.
    var processors: Processors
    /// Raise it from anywhere to make `run` return `breakRequested`.
    package let breakRequest = BreakRequest()

    /// A machine after RESET with `memoryBytes` of zeroed RAM from physical 0, at most 4 GiB. RAM is committed as it is touched. With more than one of
    /// `processorCount` (at most 8) each has a local APIC, and RAM must end below these; all but the first wait to be started through them.
    package init(memoryBytes: Int, processorCount: Int = 1) {
        precondition(memoryBytes > 0 && memoryBytes <= 1 << 32, "RAM must be 1 byte to 4 GiB")
        precondition(1...8 ~= processorCount && (processorCount == 1 || memoryBytes <= Int(LocalAPIC.base)), "too many processors, or RAM")
        processors = Processors(count: processorCount)
        memory = PhysicalMemory(size: memoryBytes)
        devices = Devices(memoryBytes: memoryBytes)
        saved = SavedPages(memory: memory)
        let block = UnsafeMutableRawPointer.allocate(byteCount: CPU.registerBytes + MemoryLayout<CPU>.size, alignment: CPU.registerBytes)
        cpu = (block + CPU.registerBytes).bindMemory(to: CPU.self, capacity: 1)
        cpu.initialize(to: CPU(memory: memory, registers: block))
        memory.code.pointee.context = withUnsafeMutablePointer(to: &cpu.pointee.codeContext) { $0 }
        cpu.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        registers = .reset
    }

    deinit {
        let block = cpu.pointee.regs
        cpu.deinitialize(count: 1)
        block.deallocate()
        memory.deallocate()
        devices.deallocate()
    }

    /// Instructions so far: the machine's time. An instruction that ends in an exception counts too; REP counts once.
    package var instructionCount: UInt64 { cpu.pointee.count }

    /// Asks `run` to return soon. Safe from other threads and signal handlers.
    package func requestBreak() { breakRequest.set() }

    /// Whether VMCALL (0F 01 C1) calls the host, with which kernel services are reached; when not it is #UD. A property of the hardware, so no snapshot
    /// holds it.
    package var answersVMCALL: Bool {
        get { cpu.pointee.answersVMCALL }
        set { cpu.pointee.answersVMCALL = newValue }
    }

    // MARK: Running

    /// Runs until `instructionCount` reaches `limit` (absolute), or something stops it. `passingStopAtStart`: a code stop at the very first instruction of the current
    /// processor is not reported, even if it is another's turn before.
    package func run(until limit: UInt64, passingStopAtStart: Bool) -> StopReason {
        defer {
            cpu.pointee.isPassingStop = false
            processors.rotation = nil
        }
        let starter: UInt32 = 1 << UInt32(processors.current)
        processors.passing = passingStopAtStart ? processors.passing | starter : processors.passing & ~starter
        while true {
            if let reason = attend(limit) { return reason }
            let current: UInt32 = 1 << UInt32(processors.current)
            if processors.passing & current != 0 {
                processors.passing &= ~current
                cpu.pointee.isPassingStop = true
                cpu.pointee.deadline = 0
                cpu.pointee.loop()
                cpu.pointee.isPassingStop = false
            } else {
                cpu.pointee.loop()
            }
        }
    }

    /// Executes one instruction, or delivers one interrupt and executes its handler's first instruction. A code stop there is not reported. A halted CPU is
    /// taken to the event that wakes it. When the processor's turn is over, the others have theirs first. Nil when nothing special happened.
    package func step() -> StopReason? {
        if let reason = passTurns() { return reason }
        if cpu.pointee.isHalted {
            while cpu.pointee.isHalted, !interruptIsDeliverable {
                if processors.count > 1, processors.next(isInterrupted: isInterruptPending) != processors.current {
                    processors.turnEnd = cpu.pointee.count
                    if let reason = passTurns() { return reason }
                    continue
                }
                guard devices.nextEvent != .max, cpu.pointee.systemFlags & EFlags.intr != 0 else { return .halted }
                cpu.pointee.count = max(cpu.pointee.count, devices.nextEvent)
                devices.advance(to: cpu.pointee.count)
            }
        }
        let reason = run(until: cpu.pointee.count + 1, passingStopAtStart: true)
        return reason == .instructionLimit ? nil : reason
    }

    /// The controller asks and IF is set. Only the first processor hears it.
    var interruptIsDeliverable: Bool {
        cpu.pointee.systemFlags & EFlags.intr != 0 && devices.isRequestingInterrupt && processors.current == 0
    }

    /// Everything between instructions that the loop does not look at: exceptions, stops, debug traps, device events, interrupts, HLT. Answers why to
    /// return, or nil after setting the next deadline.
    func attend(_ limit: UInt64) -> StopReason? {
        while true {
            if let reason = finishInstruction() { return reason }
            if processors.hasComeHome { return .instructionLimit }
            let now = cpu.pointee.count
            if now >= limit { return .instructionLimit }
            if breakRequest.isSet, breakRequest.take() { return .breakRequested }
            if devices.nextEvent <= now { devices.advance(to: now) }
            let inhibited = cpu.pointee.inhibitAt == now
            if now >= processors.turnEnd, !inhibited, beginTurn() { continue }
            if interruptIsDeliverable, !inhibited {
                let vector = devices.pic.acknowledge()
                cpu.pointee.currentEIP = cpu.pointee.eip
                cpu.pointee.deliver(external: vector)
                continue
            }
            if cpu.pointee.isHalted {
                if yieldHalted() { continue }
                guard cpu.pointee.systemFlags & EFlags.intr != 0, devices.nextEvent != .max else { return .halted }
                cpu.pointee.count = min(max(devices.nextEvent, now), limit)
                continue
            }
            let hits = cpu.pointee.codeBreakpointHits()
            if hits != 0, !inhibited || !cpu.pointee.inhibitsTraps {
                cpu.pointee.dr6 = cpu.pointee.dr6 & ~0xF | hits
                cpu.pointee.currentEIP = cpu.pointee.eip
                // EIP is right already, and RF stays clear in the pushed image, unlike that of other faults (SDM vol. 3, 18.3.1.1).
                cpu.pointee.deliver(.debug, isTrap: true)
                continue
            }
            if processors.rotation != nil, skipRotations(limit) { continue }
            setDeadline(limit, now, inhibited: inhibited)
            return nil
        }
    }

    /// What the last instruction left behind. A stop is reported before a debug trap is delivered, so that a native service finds the registers of its
    /// VMCALL; the trap follows when the machine runs on.
    func finishInstruction() -> StopReason? {
        if cpu.pointee.pendingStop == .code {
            cpu.pointee.pendingStop = .none
            cpu.pointee.stepArmed = false
            if cpu.pointee.rfArmed { cpu.pointee.systemFlags |= EFlags.rf }
            cpu.pointee.rfArmed = false
            return .codeStop(address: cpu.pointee.csBase &+ cpu.pointee.eip)
        }
        if cpu.pointee.hasFault {
            let fault = cpu.pointee.takeFault()
            // Nothing happened, except what a REP had already done.
            if cpu.pointee.pendingStop == .data, !cpu.pointee.hasProgress { cpu.pointee.pendingStop = .none }
            cpu.pointee.pendingDebug = 0
            cpu.pointee.stepArmed = false
            cpu.pointee.isBetweenTasks = false
            cpu.pointee.deliver(fault)
        } else {
            // A load of SS takes no single-step trap (SDM vol. 3, 6.8.3).
            if cpu.pointee.stepArmed, cpu.pointee.inhibitAt != cpu.pointee.count || !cpu.pointee.inhibitsTraps {
                cpu.pointee.pendingDebug |= 0x4000
            }
            cpu.pointee.stepArmed = false
        }
        cpu.pointee.rfArmed = false
        cpu.pointee.hasProgress = false
        if devices.wantsReset { cpu.pointee.pendingStop = .shutdown }
        if let reason = takeStop() { return reason }
        if cpu.pointee.pendingDebug != 0, cpu.pointee.inhibitAt != cpu.pointee.count || !cpu.pointee.inhibitsTraps {
            let hits = cpu.pointee.pendingDebug
            cpu.pointee.dr6 = hits & 0xF == 0 ? cpu.pointee.dr6 | hits : cpu.pointee.dr6 & ~0xF | hits
            cpu.pointee.pendingDebug = 0
            cpu.pointee.deliver(.debug, isTrap: true)
            return takeStop()
        }
        return nil
    }

    /// The stop an instruction asked for.
    private func takeStop() -> StopReason? {
        let stop = cpu.pointee.pendingStop
        cpu.pointee.pendingStop = .none
        switch stop {
        case .none, .code: return nil
        case .vmcall: return .vmcall
        case .data: return .dataStop(cpu.pointee.dataHit)
        case .debugExit:
            defer { devices.exitCode = nil }
            return .debugExit(code: devices.exitCode ?? 0)
        case .shutdown:
            if processors.current > 0, !devices.wantsReset {
                shutDownProcessor()
                return nil
            }
            return .shutdown
        }
    }

    /// How many instructions may pass at most before the loop looks up, so that break requests are seen.
    private static var slice: UInt64 { 100_000 }

    /// Lets the loop run up to the limit, the next event or its slice, or for one instruction.
    func setDeadline(_ limit: UInt64, _ now: UInt64, inhibited: Bool) {
        var deadline = min(limit, now + Self.slice, devices.nextEvent, processors.turnEnd)
        let flags = cpu.pointee.systemFlags
        if flags & EFlags.tf != 0 {
            cpu.pointee.stepArmed = true
            deadline = 0
        }
        if flags & EFlags.rf != 0 {
            // It has served its purpose when breakpoints have been looked for (SDM vol. 3, 18.3.1.1).
            cpu.pointee.systemFlags &= ~EFlags.rf
            cpu.pointee.rfArmed = true
            deadline = 0
        }
        if inhibited || cpu.pointee.hasCodeBreakpoints || processors.rotation != nil { deadline = 0 }
        cpu.pointee.deadline = deadline
    }

    // MARK: Ports

    /// IN from the interpreter.
    func portIn(_ port: UInt16, size: Int) -> UInt32 {
        let value = devices.read(port, size: size, at: cpu.pointee.count)
        cpu.pointee.deadline = 0
        return value
    }

    /// Block form of IN from the disk's data port: copies up to `count` bytes, as far as the sector buffer goes. Answers how many.
    func readDiskBlock(_ target: UnsafeMutableRawPointer, count: Int) -> Int {
        cpu.pointee.deadline = 0
        return devices.readDiskBlock(target, count: count, at: cpu.pointee.count)
    }

    /// OUT from the interpreter.
    func portOut(_ port: UInt16, size: Int, _ value: UInt32) {
        devices.write(port, size: size, value, at: cpu.pointee.count)
        if devices.exitCode != nil { cpu.pointee.pendingStop = .debugExit }
        cpu.pointee.setA20(open: isA20Enabled)
        cpu.pointee.deadline = 0
    }
}
