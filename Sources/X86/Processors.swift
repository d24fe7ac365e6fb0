// SPDX-License-Identifier: GPL-3.0-or-later

/// What a processor does when it is not its turn.
package enum ProcessorActivity: UInt8, Sendable {
    case running
    /// After RESET or INIT: only a start-up message wakes it (SDM vol. 3, 9.4.1).
    case waitingForStartUp
    /// After a triple fault; a chipset would reset the machine, here only the processor is gone.
    case shutDown
}

/// The processors of a machine and whose turn it is. One executes at a time, on the one `CPU`; the others are kept here. Turns end after a number of instructions, at a
/// PAUSE, and with HLT, so that the order in which the processors' instructions follow each other depends on nothing but the guest.
struct Processors: Sendable {
    /// The one that executes.
    var current = 0
    /// By number; the entry of `current` is stale.
    var parked: [SavedProcessor]
    var activity: [ProcessorActivity]
    var apics: [LocalAPIC]
    /// Instruction count at which the turn ends; never while nobody else can run.
    var turnEnd = UInt64.max
    /// Whose turn the host waits for, see `Machine.passTurns`, and whether it has begun.
    var home: Int?
    var hasComeHome = false
    /// Bit by number: the stop before the instruction it executes next has been reported and is not reported again.
    var passing: UInt32 = 0
    /// What is known of a machine in which everybody waits, see `Rotation`; nil while that is not being looked at.
    var rotation: Rotation?
    /// Instruction count before which it is not worth to look again.
    var nextRotation: UInt64 = 0

    /// Instructions of a turn: short enough that the processors seem to run together, long enough that changing costs little.
    static var turn: UInt64 { 1000 }

    init(count: Int) {
        activity = [.running] + Array(repeating: .waitingForStartUp, count: count - 1)
        apics = Array(repeating: LocalAPIC(), count: count)
        parked = Array(repeating: SavedProcessor(startUp: 0), count: count)
    }

    var count: Int { activity.count }

    /// The next one after the current that can execute something; the current itself when there is no other. `isInterrupted`: an interrupt would wake the first.
    func next(isInterrupted: Bool) -> Int {
        for step in 1..<max(count, 2) {
            let number = (current + step) % count
            guard number != current, activity[number] == .running else { continue }
            let wakes = number == 0 && isInterrupted && parked[0].acceptsInterrupts
            if !parked[number].isHalted || wakes { return number }
        }
        return current
    }

    /// Everything about those that do not execute, and about turns.
    func hash(into hasher: inout StableHasher, at count: UInt64) {
        hasher.add(current)
        hasher.add(turnEnd)
        for number in activity.indices {
            hasher.add(activity[number].rawValue)
            apics[number].hash(into: &hasher)
            if number != current { parked[number].hash(into: &hasher, at: count) }
        }
    }
}

/// A processor's registers and what it is about to do, between two instructions.
struct SavedProcessor: Sendable {
    fileprivate(set) var registers: Registers
    private let msr: ModelSpecific
    private let fpu: FPUState
    let isHalted: Bool
    private let inhibitAt: UInt64
    private let inhibitsTraps: Bool
    private let pendingDebug: UInt32

    init(_ cpu: UnsafeMutablePointer<CPU>) {
        registers = cpu.pointee.machine.registers
        (msr, fpu) = (cpu.pointee.msr, cpu.pointee.fpu)
        (isHalted, pendingDebug) = (cpu.pointee.isHalted, cpu.pointee.pendingDebug)
        (inhibitAt, inhibitsTraps) = (cpu.pointee.inhibitAt, cpu.pointee.inhibitsTraps)
    }

    /// After INIT, started at a physical page below 1 MiB (SDM vol. 3, 9.4.4.2).
    init(startUp vector: UInt8) {
        registers = .reset
        registers.cs = Segment(selector: UInt16(vector) << 8, base: UInt32(vector) << 12, limit: 0xFFFF, attributes: 0x9B)
        registers.eip = 0
        (msr, fpu) = (ModelSpecific(), FPUState())
        (isHalted, pendingDebug, inhibitAt, inhibitsTraps) = (false, 0, .max, false)
    }

    /// IF is set.
    var acceptsInterrupts: Bool { registers.eflags & EFlags.intr != 0 }

    func restore(to machine: Machine) {
        let cpu = machine.cpu
        machine.registers = registers
        (cpu.pointee.msr, cpu.pointee.fpu) = (msr, fpu)
        (cpu.pointee.isHalted, cpu.pointee.pendingDebug) = (isHalted, pendingDebug)
        (cpu.pointee.inhibitAt, cpu.pointee.inhibitsTraps) = (inhibitAt, inhibitsTraps)
        (cpu.pointee.pendingStop, cpu.pointee.hasFault) = (.none, false)
        (cpu.pointee.stepArmed, cpu.pointee.rfArmed, cpu.pointee.hasProgress) = (false, false, false)
    }

    /// `count`: the machine's time, on which it depends whether interrupts are held off.
    func hash(into hasher: inout StableHasher, at count: UInt64) {
        hasher.add([isHalted, inhibitAt == count, inhibitAt == count && inhibitsTraps])
        hasher.add(pendingDebug)
        registers.hash(into: &hasher)
        msr.hash(into: &hasher)
        fpu.hash(into: &hasher)
    }
}

extension Machine {
    /// How many processors there are.
    package var processorCount: Int { processors.count }
    /// The one whose registers `registers` are, from 0.
    package var currentProcessor: Int { processors.current }

    /// What a processor does.
    package func activity(of processor: Int) -> ProcessorActivity { processors.activity[processor] }

    /// Whether a processor has executed HLT and sleeps.
    package func isHalted(processor: Int) -> Bool {
        processor == processors.current ? cpu.pointee.isHalted : processors.parked[processor].isHalted
    }

    /// The registers of a processor, whether it is its turn or not.
    package func registers(of processor: Int) -> Registers {
        processor == processors.current ? registers : processors.parked[processor].registers
    }

    /// Changes the registers of a processor, which then goes on with them when it is its turn; one that does not run stays as it is.
    package func setRegisters(of processor: Int, to registers: Registers) {
        if processor == processors.current {
            self.registers = registers
        } else {
            processors.parked[processor].registers = registers
        }
        processors.passing &= ~(1 << UInt32(processor))
    }

    /// The interrupt controller asks, whoever is executing.
    var isInterruptPending: Bool { devices.isRequestingInterrupt }

    /// The turn is over: hands the `CPU` to the next processor that can execute, and sets when its turn ends. Answers whether it is another one.
    @discardableResult func beginTurn() -> Bool {
        let next = processors.next(isInterrupted: isInterruptPending)
        let changes = next != processors.current
        if changes { give(to: next) }
        rotate()
        let isAlone =
            next == 0
            && !processors.activity.indices.dropFirst().contains {
                processors.activity[$0] == .running && !processors.parked[$0].isHalted
            }
        processors.turnEnd = isAlone ? .max : cpu.pointee.count + Processors.turn
        return changes
    }

    /// Parks the current processor and takes another.
    private func give(to number: Int) {
        processors.parked[processors.current] = SavedProcessor(cpu)
        processors.current = number
        processors.parked[number].restore(to: self)
        if number == processors.home { processors.hasComeHome = true }
    }

    /// PAUSE: whoever waits lets the others go first.
    func endTurn() {
        guard processors.turnEnd != .max else { return }
        processors.turnEnd = cpu.pointee.count
        cpu.pointee.deadline = 0
    }

    /// The current processor sleeps: gives the turn to one that does not, or to the first, which interrupts can wake. False when there is nobody to take it.
    func yieldHalted() -> Bool {
        guard processors.count > 1 else { return false }
        let next = processors.next(isInterrupted: isInterruptPending)
        guard next != processors.current || next != 0 else { return false }
        if next == processors.current { give(to: 0) } else { beginTurn() }
        return true
    }

    /// A triple fault of a processor other than the first: it does nothing any more.
    func shutDownProcessor() {
        processors.activity[processors.current] = .shutDown
        processors.parked[processors.current] = SavedProcessor(cpu)
        give(to: 0)
        beginTurn()
    }

    /// Lets the others have their turns when that of the current processor is over. Answers what stopped one of them; then it is that one's turn.
    func passTurns() -> StopReason? {
        guard processors.count > 1, cpu.pointee.count >= processors.turnEnd, cpu.pointee.inhibitAt != cpu.pointee.count else { return nil }
        guard processors.next(isInterrupted: isInterruptPending) != processors.current else {
            beginTurn()
            return nil
        }
        processors.home = processors.current
        defer { (processors.home, processors.hasComeHome) = (nil, false) }
        let reason = run(until: .max, passingStopAtStart: false)
        return reason == .instructionLimit ? nil : reason
    }
}
