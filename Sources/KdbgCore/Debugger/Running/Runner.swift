// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Lets the machine run and decides where it stops: it owns the observers, obeys the breakpoints, carries out steps, and answers the guest's calls to KDBG.
///
/// All stops are the host's; the guest's memory and debug registers stay as they are (design rule 4).
final class Runner {
    let guest: Guest
    let machine: Machine
    let debugger: KernelDebugger
    let timeline: TimelineObserver
    let log: LogObserver
    let providers: ProviderObserver
    let hook: HookObserver
    let faults: FaultInjector
    /// Looks on when mechanisms are compared.
    var mechanisms: MechanismObserver?
    /// A call that the machine stands in front of and that is to fail.
    var injection: FaultInjector.Injection?
    let modules: ModuleObserver
    var stop = Stop.start
    /// The guest's call to the main loop that is still to be answered, while the prompt stands for it.
    var entry: DebuggerEntry?
    /// The guest's question that the next line typed will answer.
    var reading: HostCall?
    var interpreter = ScriptInterpreter()
    var plan: Plan?
    /// Lines that were offered to the drivers' callbacks and that none of them took.
    var unclaimedLines = 0
    /// Retired instructions at which the run ends.
    var instructionLimit = UInt64.max
    /// The banner after a step shows the instruction that comes next.
    var showsSteps = true
    /// What is known about the code stop that was reached last.
    var quickStop = QuickStop()

    /// Where the first thread ends up when the boot is complete and nobody else has anything to do, and whether it has been seen there.
    private let zeroPageThread: UInt32?
    private var isBootComplete = false
    /// The processor that was executing at the last stop.
    private var lastProcessor = 0
    /// The last arrival that was dealt with; the same place at another time is another arrival.
    var lastArrival: (count: UInt64, address: UInt32)?
    /// Places the machine was interrupted at between an arrival and the instruction: coming back there is not another arrival.
    var interruptedArrivals: [Plan.Place] = []

    /// - Parameter faults: checked ones.
    init(_ guest: Guest, keepsQuirks: Bool = false, faults: [Fault] = []) {
        self.guest = guest
        machine = guest.machine
        debugger = KernelDebugger(target: MachineTarget(guest), keepsQuirks: keepsQuirks)
        timeline = TimelineObserver(guest)
        log = LogObserver(guest)
        providers = ProviderObserver(guest)
        hook = HookObserver(guest)
        do throws(FaultError) {
            self.faults = try FaultInjector(guest, faults)
        } catch {
            preconditionFailure("unchecked fault: \(error)")
        }
        modules = ModuleObserver(guest)
        zeroPageThread = guest.kernelSymbol("MiZeroFreePages")?.address
        if let zeroPageThread { machine.insertCodeStop(at: zeroPageThread) }
        debugger.now = { [machine] in machine.instructionCount }
        debugger.providerRecords = { [providers] in providers.records }
        debugger.hookWrites = { [hook] in hook.writes }
        debugger.faultReports = { [faults = self.faults] in faults.reports }
    }

    /// See `Session.run`.
    func run(_ goal: RunGoal, budget: UInt64) -> RunResult {
        guard !stop.isFinal else { return .stopped(stop, banner: "") }
        if goal == .reset { return reset() }
        if plan?.goal != goal { begin(goal) }
        let (sum, overflow) = machine.instructionCount.addingReportingOverflow(budget)
        let limit = min(overflow ? .max : sum, instructionLimit)
        while machine.instructionCount < limit {
            if let result = advance(limit) { return result }
        }
        return machine.instructionCount >= instructionLimit ? stopped(.dead(.instructionLimit)) : .running
    }

    /// Ends the plan; every stop goes through here.
    func stopped(_ stop: Stop, banner: String = "") -> RunResult {
        setMode(.running)
        plan = nil
        self.stop = stop
        var banner = banner
        if machine.currentProcessor != lastProcessor {
            lastProcessor = machine.currentProcessor
            banner += "This is processor \(lastProcessor).\n"
        }
        if case .breakpoint(let number) = stop { debugger.breakpoints.last = number } else { debugger.breakpoints.last = nil }
        return .stopped(stop, banner: banner)
    }

    /// Changes the plan's mode and keeps its code stop in the machine in step with it.
    func setMode(_ mode: Plan.Mode) {
        guard let old = plan?.mode else { return }
        if case .reaching(let place, _) = mode { machine.insertCodeStop(at: place.address) }
        if case .reaching(let place, _) = old { machine.removeCodeStop(at: place.address) }
        plan?.mode = mode
    }

    private func begin(_ goal: RunGoal) {
        setMode(.running)
        plan = Plan(goal)
        debugger.breakpoints.last = nil
        // Going on without an answer is an empty one.
        _ = answer(line: "")
        // Leaving the debugger detaches (spec/kdbg.md section 1.5).
        debugger.attached = nil
        debugger.target.selectedProcessor = nil
        defer {
            if let place = Plan.destination(of: goal) {
                // Where the machine stands already it is to come again.
                if place.address == here { lastArrival = (machine.instructionCount, here) }
                setMode(.reaching(place, countsAsStep: true))
            }
        }
        guard let entry else { return }
        self.entry = nil
        debugger.context = nil
        debugger.contextAddress = nil
        debugger.exceptionRecord = nil
        if goal == .callbacks { return entry.invokeCallbacks() }
        let resumed = entry.finish(machine)
        // A step from a prompt of the guest's begins where the interrupted code goes on, not in the kernel's own debugger code.
        if plan?.mode == .stepping, let resumed { setMode(.reaching(resumed, countsAsStep: false)) }
    }

    private func advance(_ limit: UInt64) -> RunResult? {
        if carriesOutInjection() { return plan?.mode == .stepping ? countStep() : nil }
        if plan?.mode == .stepping { return plan?.passesCalls == true ? step() : stepFreely(limit) }
        guard let lastArrival, lastArrival == (machine.instructionCount, here) else {
            return react(to: runPastFalseConditions(limit))
        }
        let before = machine.registers
        let reason = machine.step()
        if let place = interruptedPlace(before), place.address == before.eip { interruptedArrivals.append(place) }
        return reason.flatMap { react(to: $0) }
    }

    /// Linear address of the next instruction.
    var here: UInt32 { machine.linearEIP }

    /// Deals with what ended a run or a step of the machine. Nil: go on.
    func react(to reason: StopReason) -> RunResult? {
        switch reason {
        case .instructionLimit: return nil
        case .codeStop(let address): return arrive(at: address)
        case .dataStop(let hit):
            mechanisms?.noticed(hit)
            // The machine names one stop of those an access touched, so somebody's may hide behind the observer's.
            return breakpoint(hook.noticed(hit) ? debugger.breakpoints.watch(touchedAt: hit.address) : debugger.breakpoints.data(hit.id))
        case .vmcall: return guest.serve().flatMap { answer($0) }
        case .halted: return halted()
        case .shutdown: return stopped(.dead(.shutdown))
        case .debugExit(let code): return stopped(.dead(.debugExit(code)))
        case .breakRequested: return stopped(.interrupted, banner: Banner.interrupted(debugger.registers))
        }
    }

    private func halted() -> RunResult {
        // KeBugCheckWithTf stores code and parameters before it halts.
        if let data = guest.kernelSymbol("KiBugCheckData"), let code = machine.read32(linear: data.address), code != 0 {
            let parameters = (1...4).map { machine.read32(linear: data.address &+ 4 * UInt32($0)) ?? 0 }
            return stopped(.bugcheck(code: code, parameters: parameters))
        }
        let canBeWoken = machine.registers.eflags & 0x200 != 0
        return stopped(.dead(canBeWoken ? .asleep : .halted))
    }
}

// MARK: Arrivals

extension Runner {
    /// Whether something wants to know that the machine stands in front of the instruction there.
    func awaits(_ address: UInt32) -> Bool {
        // Whoever waits has a code stop there.
        guard machine.stops(at: address) else { return false }
        return isObserved(address) || debugger.breakpoints.hasCode(at: address)
    }

    /// Whether an observer of the session waits for the address.
    func isObserved(_ address: UInt32) -> Bool {
        timeline.observes(address) || log.observes(address) || providers.observes(address) || faults.observes(address)
            || modules.observes(address) || address == zeroPageThread || mechanisms?.observes(address) == true
    }

    /// Lets the call fail that the machine stands in front of, unless it has been taken elsewhere.
    /// - Returns: false when there is none.
    private func carriesOutInjection() -> Bool {
        guard let injection else { return false }
        self.injection = nil
        guard injection.mark == machine.instructionCount, injection.address == here else { return false }
        faults.carryOut(injection)
        return true
    }

    /// Reads where the images are, and lets everything that depends on it go along.
    private func followModules() {
        let old = guest.symbols
        guard modules.refresh() else { return }
        timeline.follow(guest)
        debugger.follow(from: old)
        faults.follow(guest.symbols)
        if case .reaching(var place, let countsAsStep) = plan?.mode, let there = old.place(of: place.address),
            let address = guest.symbols.address(of: there), address != place.address
        {
            place.address = address
            setMode(.reaching(place, countsAsStep: countsAsStep))
        }
    }

    /// Deals with the machine standing in front of an instruction that somebody waits for: once per arrival, observers first.
    func arrive(at address: UInt32) -> RunResult? {
        if let lastArrival, lastArrival == (machine.instructionCount, address) { return nil }
        lastArrival = (machine.instructionCount, address)
        let stack = machine.registers.esp
        if modules.observes(address) { followModules() }
        var begun: BootStep?
        if let index = interruptedArrivals.firstIndex(where: { $0.isReached(eip: address, esp: stack) }) {
            interruptedArrivals.remove(at: index)
        } else {
            begun = timeline.arrived(at: address)
            if log.observes(address) { log.arrived(at: address) }
            if providers.observes(address) { providers.arrived(at: address) }
            if let mechanisms, mechanisms.observes(address) { mechanisms.arrived(at: address) }
            if faults.observes(address) { injection = faults.arrived(at: address) }
            if let result = breakpoint(debugger.breakpoints.firstCode(at: address, where: debugger.conditionHolds)) { return result }
        }
        if case .reaching(let place, let countsAsStep) = plan?.mode,
            place.isReached(eip: address, esp: stack)
        {
            setMode(.stepping)
            if countsAsStep, let result = countStep() { return result }
        }
        if let begun, isGoal(begun.number) { return stopped(.bootStep(begun.number), banner: Banner.bootStep(begun)) }
        if address == zeroPageThread, !isBootComplete {
            isBootComplete = true
            return stopped(.bootComplete)
        }
        return nil
    }

    /// One step of the plan is done.
    func countStep() -> RunResult? {
        plan?.remaining -= 1
        guard plan?.remaining == 0 else { return nil }
        guard showsSteps else { return stopped(.stepped) }
        var banner = debugger.currentInstruction + "\n"
        if case .finish(let activation) = plan?.goal {
            let eax = machine.registers.eax
            banner = "\(activation.routine.isEmpty ? "The routine" : activation.routine) returned 0x\(eax.hex(8)).\n" + banner
        }
        return stopped(.stepped, banner: banner)
    }

    /// The machine is reset: nothing more happens in it.
    func reset() -> RunResult {
        stopped(.reset, banner: "\nThe machine is reset.\n")
    }

    private func isGoal(_ number: StepNumber) -> Bool {
        switch plan?.goal {
        case .nextBootStep: true
        case .bootStep(let wanted): wanted == number
        default: false
        }
    }

    /// Stops at a breakpoint whose number is not nil.
    private func breakpoint(_ number: Int?) -> RunResult? {
        guard let number, let breakpoint = debugger.breakpoints.slots[number] else { return nil }
        // Data stops have not asked for the condition yet; asking twice does no harm.
        guard debugger.conditionHolds(number) else { return nil }
        let result = stopped(.breakpoint(number), banner: Banner.breakpoint(number, breakpoint, registers: debugger.registers))
        if breakpoint.isTemporary {
            debugger.breakpoints.remove(number, in: debugger.target)
            if !breakpoint.commands.isEmpty { debugger.queue.push(commands: breakpoint.commands) }
        }
        return result
    }
}

// MARK: Input

extension Runner {
    /// See `Session.receive(serial:)`.
    func receive(serial bytes: [UInt8]) {
        if !bytes.isEmpty {
            machine.receiveSerial(port: 0, bytes)
            debugger.note(.serial(bytes))
        }
        if stop == .dead(.asleep) { stop = .interrupted }
    }
}
