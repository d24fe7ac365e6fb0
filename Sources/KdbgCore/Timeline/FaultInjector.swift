// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Brings about the faults that are a matter of calls, and knows of all faults whether they have come.
///
/// A routine that is to fail is stopped at, as by an observer, and made to return. That changes what the guest does; it is an input of the run, the same each
/// time, and no trace of debugging.
package final class FaultInjector {
    /// One time that a fault came.
    package struct Firing: Equatable, Sendable {
        /// Index of the fault.
        package var fault: Int
        package var mark: Mark
        /// What happened, in a sentence.
        package var detail: String
        /// The routine concerned; empty when there is none.
        package var routine: String
        /// What it returned.
        package var result: UInt32?
        package var thread: UInt32
        package var irql: UInt8
    }

    /// A call that is to return at once.
    struct Injection {
        let mark: UInt64
        let address: UInt32
        let value: UInt32
        /// Bytes of arguments that the routine takes off the stack.
        let arguments: UInt32
    }

    private struct Rule {
        let fault: Int
        var routine: FaultPlace
        let calls: RoutineCalls
        var caller: FaultPlace?
        let value: UInt32
        let arguments: UInt32
    }

    private let machine: Machine
    private var symbols: SymbolTable
    private let images: [Image]
    package let faults: [Fault]
    /// By the routines' addresses.
    private var rules: [UInt32: [Rule]] = [:]
    /// Rules for routines of images that are not loaded yet, or not any more.
    private var awaiting: [Rule] = []
    /// Images in which routines of faults are and which have never been loaded, by the fault.
    private var missed: [Int: String] = [:]
    /// Routines that make early calls.
    private var earlyCalls: [UInt32: (fault: Int, symbol: Symbol)] = [:]
    /// Calls that counted, for each fault.
    private var counts: [Int]
    private var calls: [Firing] = []
    private static let mostFirings = 1000

    /// - Throws: when a fault names what the kernel does not have.
    package init(_ guest: Guest, _ faults: [Fault]) throws(FaultError) {
        machine = guest.machine
        symbols = guest.symbols
        images = guest.images
        self.faults = faults
        counts = faults.map { _ in 0 }
        for (index, fault) in faults.enumerated() {
            switch fault.effect {
            case .returns(let calls, let value): try add(index, fault, calls, value)
            case .earlyCall(let name, let place, _): try add(index, fault, name, place)
            default: break
            }
        }
        for address in Set(rules.keys).union(earlyCalls.keys).sorted() { machine.insertCodeStop(at: address) }
    }

    private func add(_ index: Int, _ fault: Fault, _ calls: RoutineCalls, _ value: UInt32) throws(FaultError) {
        guard let routine = try place(calls.routine, fault) else { return missed[index] = missingImage(with: calls.routine) }
        guard let arguments = routine.argumentBytes else {
            throw FaultError(
                fault.text, column: calls.routine.column, "\(routine.name) does not return in the ordinary way, so it cannot be made to")
        }
        var caller: FaultPlace?
        if let name = calls.caller {
            caller = try place(name, fault)
            guard caller != nil else { return missed[index] = missingImage(with: name) }
        }
        let rule = Rule(fault: index, routine: routine, calls: calls, caller: caller, value: value, arguments: arguments)
        if let address = routine.address {
            rules[address, default: []].append(rule)
        } else {
            awaiting.append(rule)
            missed[index] = routine.module
        }
    }

    private func add(_ index: Int, _ fault: Fault, _ name: String, _ place: FaultEffect.Place?) throws(FaultError) {
        if let symbol = symbols.symbol(named: "KdpEarly" + name) {
            earlyCalls[symbol.address] = (index, symbol)
            return
        }
        // It is linked when it is called, and it is called unless the routine cannot do that.
        guard let place else {
            throw FaultError(fault.text, column: 1, "nothing calls it in this kernel")
        }
        let name = try self.place(place, fault)?.name ?? place.name
        throw FaultError(fault.text, column: place.column, "\(name) is not a routine of the kernel's that calls could be added to")
    }

    /// The routine of that name; it may be in an image that is not loaded. Nil: it is in an image that another
    /// fault keeps out.
    private func place(_ place: FaultEffect.Place, _ fault: Fault) throws(FaultError) -> FaultPlace? {
        for name in place.names {
            guard let found = FaultPlace(name, in: symbols, images: images) else { continue }
            guard found.kind == .code else { throw FaultError(fault.text, column: place.column, "\(name) is a variable") }
            return found
        }
        if missingImage(with: place) != nil { return nil }
        let routines = (symbols.symbols + symbols.absentSymbols).filter { $0.kind == .code }
        throw FaultError(
            fault.text, column: place.column, "no routine is called '\(place.name)'", word: place.name,
            candidates: routines.map { place.name.contains("!") ? "\($0.module)!\($0.name)" : $0.name },
            otherwise: "'ln PATTERN*' in a session lists the symbols.")
    }

    /// The driver that has a routine of that name and is not even linked, because its file is missing on purpose.
    private func missingImage(with place: FaultEffect.Place) -> String? {
        let there = Set(Laboratory(faults: faults).drivers(DriverImage.all).map(\.module.name))
        let missing = Set(DriverImage.all.map(\.module.name)).subtracting(there)
        guard !missing.isEmpty else { return nil }
        let images = SystemImages.link(drivers: DriverImage.all).images.map(\.image).filter { missing.contains($0.module.name) }
        for name in place.names {
            let parts = name.split(separator: "!", maxSplits: 1)
            for image in images where parts.count < 2 || image.module.stem.lowercased() == parts[0].lowercased() {
                if image.symbols.contains(where: { $0.kind == .code && $0.name == parts.last.map(String.init) }) {
                    return image.module.name
                }
            }
        }
        return nil
    }

    /// Images have moved, come or gone: so have the routines in them.
    package func follow(_ new: SymbolTable) {
        symbols = new
        let all = rules.sorted { $0.key < $1.key }.flatMap(\.value) + awaiting
        for address in rules.keys where earlyCalls[address] == nil { machine.removeCodeStop(at: address) }
        (rules, awaiting) = ([:], [])
        for var rule in all {
            rule.routine.follow(new)
            rule.caller?.follow(new)
            if let address = rule.routine.address {
                rules[address, default: []].append(rule)
                missed[rule.fault] = nil
            } else {
                awaiting.append(rule)
            }
        }
        for address in rules.keys where earlyCalls[address] == nil { machine.insertCodeStop(at: address) }
    }

    // MARK: Arrivals

    package func observes(_ address: UInt32) -> Bool {
        rules[address] != nil || earlyCalls[address] != nil
    }

    /// Takes note of a routine being entered; to be called once each time.
    /// - Returns: what is to be done about it.
    func arrived(at address: UInt32) -> Injection? {
        if let call = earlyCalls[address] { note(call.fault, call.symbol.name, nil, "The call is made.") }
        guard let rules = rules[address] else { return nil }
        let stack = machine.registers.esp
        let caller = machine.read32(linear: stack) ?? 0
        var injection: Injection?
        for rule in rules where isMeant(rule, caller, stack) {
            counts[rule.fault] += 1
            guard rule.calls.numbers.contains(counts[rule.fault]), injection == nil else { continue }
            let from = symbols.symbol(containing: caller).map { " from \($0.name)" } ?? ""
            note(
                rule.fault, rule.routine.name, rule.value,
                "Call \(counts[rule.fault])\(from) returns 0x\(rule.value.hex(8)) and does nothing.")
            injection = Injection(mark: machine.instructionCount, address: address, value: rule.value, arguments: rule.arguments)
        }
        return injection
    }

    private func isMeant(_ rule: Rule, _ caller: UInt32, _ stack: UInt32) -> Bool {
        if let from = rule.caller, !from.contains(caller) { return false }
        guard let tag = rule.calls.tag else { return true }
        return machine.read32(linear: stack &+ 12) == tag
    }

    private func note(_ fault: Int, _ routine: String, _ result: UInt32?, _ detail: String) {
        guard calls.count < Self.mostFirings else { return }
        let processor = ProcessorState(machine)
        calls.append(
            Firing(
                fault: fault, mark: Mark(instruction: machine.instructionCount), detail: detail, routine: routine, result: result,
                thread: processor.thread, irql: processor.irql))
    }

    /// Lets the routine return that was just entered.
    func carryOut(_ injection: Injection) {
        var registers = machine.registers
        guard let back = machine.read32(linear: registers.esp) else { return }
        registers.eip = back
        registers.esp &+= 4 &+ injection.arguments
        registers.eax = injection.value
        machine.registers = registers
    }

    // MARK: What has come of them

    /// Every time that a fault came, oldest first.
    package var firings: [Firing] {
        let disks = faults.indices.filter { if case .disk = faults[$0].effect { true } else { false } }
        let hits = disks.isEmpty ? [] : machine.disk.faults.hits
        let sectors = hits.map { hit in
            Firing(
                fault: disks[hit.fault], mark: Mark(instruction: hit.instruction),
                detail: "Sector \(hit.sector) could not be \(hit.isWrite ? "written" : "read").", routine: "", result: nil, thread: 0,
                irql: 0)
        }
        guard !sectors.isEmpty else { return calls }
        return (calls + sectors).enumerated().sorted { ($0.element.mark, $0.offset) < ($1.element.mark, $1.offset) }.map(\.element)
    }

    /// What is to be said of each fault now.
    package var reports: [FaultReport] {
        let firings = firings
        return faults.indices.map { index in
            let marks = firings.filter { $0.fault == index }
            let state: FaultReport.State =
                switch faults[index].effect {
                case .returns, .earlyCall, .disk: marks.isEmpty ? .waiting(calls: counts[index]) : .fired
                case .missing, .fullVolume, .noSerialPort, .bootDevice, .defect: .inForce
                }
            return FaultReport(fault: faults[index], state: state, firings: marks, missedImage: missed[index])
        }
    }
}

/// What has come of a fault.
package struct FaultReport: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        /// From the first instruction on.
        case inForce
        case fired
        /// Not yet; so many of the calls that count have been made.
        case waiting(calls: Int)
    }

    package var fault: Fault
    package var state: State
    /// When it came, oldest first.
    package var firings: [FaultInjector.Firing]
    /// The image that its routine is in, when that has not been loaded at any time.
    package var missedImage: String?

    /// What to say at the end of a run of a fault that has not come; nil of others.
    package var complaint: String? {
        guard case .waiting(let calls) = state else { return nil }
        guard case .returns(let meant, _) = fault.effect else { return "never reached" }
        if let missedImage { return "never reached: \(missedImage) was not loaded" }
        let what = meant.tag == nil ? "call" : "allocation"
        return "never reached: there \(calls == 1 ? "was 1 \(what)" : "were \(calls) \(what)s") of that kind"
    }
}
