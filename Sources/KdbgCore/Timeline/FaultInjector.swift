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
        var symbol: Symbol
        let calls: RoutineCalls
        var caller: Symbol?
        let value: UInt32
        let arguments: UInt32
    }

    private let machine: Machine
    private var symbols: SymbolTable
    package let faults: [Fault]
    private var rules: [UInt32: [Rule]] = [:]
    /// Rules for routines of images that are not loaded any more.
    private var awaiting: [(place: ImagePlace, rules: [Rule])] = []
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
        self.faults = faults
        counts = faults.map { _ in 0 }
        for (index, fault) in faults.enumerated() {
            switch fault.effect {
            case .returns(let calls, let value): try add(index, fault, calls, value)
            case .earlyCall(let name, let place): try add(index, fault, name, place)
            default: break
            }
        }
        for address in Set(rules.keys).union(earlyCalls.keys).sorted() { machine.insertCodeStop(at: address) }
    }

    private func add(_ index: Int, _ fault: Fault, _ calls: RoutineCalls, _ value: UInt32) throws(FaultError) {
        let symbol = try routine(calls.routine, fault)
        guard let arguments = argumentBytes(of: symbol) else {
            throw FaultError(
                fault.text, column: calls.routine.column, "\(symbol.name) does not return in the ordinary way, so it cannot be made to")
        }
        var caller: Symbol?
        if let place = calls.caller { caller = try routine(place, fault) }
        rules[symbol.address, default: []].append(
            Rule(fault: index, symbol: symbol, calls: calls, caller: caller, value: value, arguments: arguments))
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
        let symbol = try routine(place, fault)
        throw FaultError(fault.text, column: place.column, "\(symbol.name) is not a routine of the kernel's that calls could be added to")
    }

    /// The routine of that name, `Nt…` for `Zw…` where only that is there.
    private func routine(_ place: FaultEffect.Place, _ fault: Fault) throws(FaultError) -> Symbol {
        var names = [place.name]
        if place.name.hasPrefix("Zw") { names.append("Nt" + place.name.dropFirst(2)) }
        for name in names {
            guard let symbol = symbols.symbol(named: name) else { continue }
            guard symbol.kind == .code else { throw FaultError(fault.text, column: place.column, "\(name) is a variable") }
            return symbol
        }
        throw FaultError(
            fault.text, column: place.column, "no routine is called '\(place.name)'", word: place.name,
            candidates: symbols.symbols.filter { $0.kind == .code }.map(\.name), otherwise: "'x' in a session lists the symbols.")
    }

    /// How many bytes of arguments a routine takes off the stack when it returns, read from its last instruction; nil when that is no RET.
    private func argumentBytes(of symbol: Symbol) -> UInt32? {
        guard symbol.size >= 3, let end = machine.readBytes(linear: symbol.address &+ symbol.size &- 3, count: 3) else { return nil }
        let count = UInt32(end[1]) | UInt32(end[2]) << 8
        if end[0] == 0xC2, count % 4 == 0, count <= 0x80 { return count }
        return end[2] == 0xC3 ? 0 : nil
    }

    /// Images have moved, come or gone: so have the routines in them.
    package func follow(_ new: SymbolTable) {
        let old = symbols
        symbols = new
        func moved(_ symbol: Symbol) -> Symbol {
            var symbol = symbol
            if let address = old.place(of: symbol.address).flatMap(new.address) { symbol.address = address }
            return symbol
        }
        var result: [UInt32: [Rule]] = [:]
        var left = awaiting
        awaiting = []
        for (address, rules) in rules.sorted(by: { $0.key < $1.key }) {
            if let place = old.place(of: address) { left.append((place, rules)) } else { result[address] = rules }
            if old.place(of: address) != nil { machine.removeCodeStop(at: address) }
        }
        for (place, rules) in left {
            guard let address = new.address(of: place) else {
                awaiting.append((place, rules))
                continue
            }
            machine.insertCodeStop(at: address)
            result[address, default: []] += rules.map { rule in
                var rule = rule
                rule.symbol.address = address
                rule.caller = rule.caller.map(moved)
                return rule
            }
        }
        rules = result
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
                rule.fault, rule.symbol.name, rule.value,
                "Call \(counts[rule.fault])\(from) returns 0x\(rule.value.hex(8)) and does nothing.")
            injection = Injection(mark: machine.instructionCount, address: address, value: rule.value, arguments: rule.arguments)
        }
        return injection
    }

    private func isMeant(_ rule: Rule, _ caller: UInt32, _ stack: UInt32) -> Bool {
        if let symbol = rule.caller, caller &- symbol.address >= symbol.size { return false }
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
            return FaultReport(fault: faults[index], state: state, firings: marks)
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

    /// What to say at the end of a run of a fault that has not come; nil of others.
    package var complaint: String? {
        guard case .waiting(let calls) = state else { return nil }
        guard case .returns(let meant, _) = fault.effect else { return "never reached" }
        let what = meant.tag == nil ? "call" : "allocation"
        return "never reached: there \(calls == 1 ? "was 1 \(what)" : "were \(calls) \(what)s") of that kind"
    }
}
