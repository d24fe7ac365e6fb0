// SPDX-License-Identifier: GPL-3.0-or-later

import X86

@testable import KdbgCore

/// A booting system under test: runs to places, keeps what was printed, answers the guest's host calls, and calls guest routines.
final class KdHarness {
    let guest: Guest
    var machine: Machine { guest.machine }
    /// What the serial lines carried, all of them in order of arrival.
    private(set) var serial = ""
    /// Names of host calls in order.
    private(set) var hostCalls: [String] = []
    /// Codes of the exceptions that asked to enter the debugger.
    private(set) var exceptions: [UInt32] = []
    /// What `KdbpQueryEntry` answers.
    var entryAnswer: UInt32 = 0
    /// Lines that KDBinit executed.
    private(set) var scriptLines: [String] = []

    /// How a run ended.
    enum End: Equatable {
        case reached(String)
        case stopped(StopReason)
    }

    init(options: String = "DEBUG DEBUGPORT=COM1", script: [UInt8]? = nil) {
        guest = Guest.boot(options: options, script: script)
        modules = ModuleObserver(guest)
    }

    private let modules: ModuleObserver

    // MARK: Running

    /// Runs until the first instruction of one of the routines, or until the machine stops by itself.
    @discardableResult
    func run(to names: String..., limit: UInt64 = 400_000_000) -> End { run(to: names, limit: limit) }

    @discardableResult
    func run(to names: [String], limit: UInt64) -> End {
        let places = Dictionary(uniqueKeysWithValues: names.map { (address(of: $0), $0) })
        for place in places.keys { machine.insertCodeStop(at: place) }
        defer { for place in places.keys { machine.removeCodeStop(at: place) } }
        let reason = pump(limit) { places[$0] != nil }
        guard case .codeStop(let address) = reason else { return .stopped(reason) }
        return .reached(places[address]!)
    }

    /// Runs out of the routine that was just entered, and yields EAX.
    @discardableResult
    func finish(limit: UInt64 = 400_000_000) -> UInt32 {
        let back = dword(machine.registers.esp)
        let esp = machine.registers.esp
        machine.insertCodeStop(at: back)
        defer { machine.removeCodeStop(at: back) }
        let reason = pump(limit) { [machine] in $0 == back && machine.registers.esp > esp }
        guard case .codeStop = reason else { preconditionFailure("stopped by \(reason) at \(backtrace)") }
        return machine.registers.eax
    }

    /// Runs until a code stop that is wanted, serving the guest on the way.
    private func pump(_ limit: UInt64, _ isWanted: (UInt32) -> Bool) -> StopReason {
        let end = machine.instructionCount + limit
        while true {
            let reason = machine.run(until: end, passingStopAtStart: true)
            drain()
            switch reason {
            case .codeStop(let address):
                if modules.observes(address) { _ = modules.refresh() }
                if let replacement = replacements[address] {
                    replacement()
                } else if isWanted(address) {
                    return reason
                }
            case .vmcall: if let call = guest.serve() { answer(call) }
            default: return reason
            }
        }
    }

    // MARK: Replacing routines

    private var replacements: [UInt32: () -> Void] = [:]

    /// From now on, calls of a routine only do what `body` does with the arguments, and return what it yields.
    func replace(_ name: String, _ body: @escaping ([UInt32]) -> UInt32) {
        let place = address(of: name)
        let count = guest.symbols.symbol(named: name)!.parameters.count
        if replacements[place] == nil { machine.insertCodeStop(at: place) }
        replacements[place] = { [unowned self] in
            let esp = machine.registers.esp
            leave(body((0..<count).map { dword(esp + 4 + 4 * UInt32($0)) }), arguments: count)
        }
    }

    /// Returns from the routine that was just entered.
    func leave(_ result: UInt32, arguments: Int) {
        let esp = machine.registers.esp
        machine.registers.eip = dword(esp)
        machine.registers.esp = esp + 4 + 4 * UInt32(arguments)
        machine.registers.eax = result
    }

    /// The routine does what it always did.
    func restore(_ name: String) {
        if replacements.removeValue(forKey: address(of: name)) != nil { machine.removeCodeStop(at: address(of: name)) }
    }

    // MARK: Calling

    /// Calls a guest routine as if the instruction that would run next were a call, and puts the registers back.
    @discardableResult
    func call(_ name: String, _ arguments: UInt32...) -> UInt32 { call(address: address(of: name), arguments) }

    @discardableResult
    func call(address: UInt32, _ arguments: [UInt32]) -> UInt32 {
        let saved = machine.registers
        begin(address, arguments)
        let result = finish()
        machine.registers = saved
        return result
    }

    /// Stands at the first instruction of a routine that returns to where the guest stood.
    func begin(_ address: UInt32, _ arguments: [UInt32]) {
        var registers = machine.registers
        registers.esp -= 0x200
        for value in arguments.reversed() + [registers.eip] {
            registers.esp -= 4
            _ = machine.write32(linear: registers.esp, value)
        }
        registers.eip = address
        machine.registers = registers
    }

    private func drain() {
        for port in machine.serial.indices { serial += String(decoding: machine.drainSerial(port: port), as: UTF8.self) }
    }

    private func answer(_ call: HostCall) {
        hostCalls.append(call.name)
        switch call.name {
        case "KdbpQueryEntry":
            exceptions.append(dword(call.arguments[0]))
            call.finish(entryAnswer)
        case "KdbpCliInterpretLine": call.finish(interpret(call.arguments))
        case "KdbpCliMainLoop": call.finish(1)
        default: call.finish(0)
        }
    }

    /// Executes a line by printing it back; `break` is a break line.
    private func interpret(_ arguments: [UInt32]) -> UInt32 {
        var position = dword(arguments[1])
        var line: [UInt8] = []
        while let byte = machine.read8(linear: arguments[0] + position), byte != 0 {
            position += 1
            if byte == 10 { break }
            line.append(byte)
        }
        _ = machine.write32(linear: arguments[1], position)
        guard !line.isEmpty else { return 0 }
        scriptLines.append(String(decoding: line, as: UTF8.self))
        if scriptLines.last == "break" { return 2 }
        let output = Array("<".utf8) + line + Array(">\n".utf8)
        _ = machine.writeBytes(linear: arguments[2], Array(output.prefix(Int(arguments[3]))))
        _ = machine.write32(linear: arguments[4], UInt32(min(output.count, Int(arguments[3]))))
        return 1
    }

    // MARK: Looking

    func address(of name: String) -> UInt32 {
        guard let symbol = guest.symbols.symbol(named: name) else { preconditionFailure("no symbol \(name)") }
        return symbol.address
    }

    func name(of address: UInt32) -> String { guest.symbols.symbol(containing: address)?.name ?? "?" }
    func dword(_ address: UInt32) -> UInt32 { machine.read32(linear: address) ?? 0xDEAD_DEAD }
    /// A 32-bit variable of the guest.
    func global(_ name: String) -> UInt32 { dword(address(of: name)) }
    func set(_ name: String, _ value: UInt32) { _ = machine.write32(linear: address(of: name), value) }
    /// The node of a provider, by its place in the provider table.
    func node(_ index: UInt32) -> UInt32 { address(of: "DispatchTable") + index * KD_DISPATCH_TABLE.size }

    /// Names of the linked providers, in list order.
    var linkedProviders: [String] {
        let head = address(of: "KdProviders")
        var names: [String] = []
        var entry = dword(head)
        while entry != head, names.count < 16 {
            names.append(Kd.providers[Int((entry - node(0)) / KD_DISPATCH_TABLE.size)].name)
            entry = dword(entry)
        }
        return names
    }

    /// Writes a zero-terminated string where the guest can read it: into the message buffer, which nobody uses between calls.
    func text(_ string: String, offset: UInt32 = 0) -> UInt32 {
        let place = address(of: "KdpMessageBuffer") + offset
        _ = machine.writeBytes(linear: place, Array(string.utf8) + [0])
        return place
    }

    /// Callers from the innermost frame outwards.
    var backtrace: [String] {
        var names = [name(of: machine.registers.eip)]
        var frame = machine.registers.ebp
        while frame > 0x8000_0000, names.count < 24, let next = machine.read32(linear: frame), let eip = machine.read32(linear: frame + 4) {
            names.append(name(of: eip))
            frame = next
        }
        return names
    }
}
