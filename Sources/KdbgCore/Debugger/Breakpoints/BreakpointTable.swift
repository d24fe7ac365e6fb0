// SPDX-License-Identifier: GPL-3.0-or-later

/// The 256 slots that hold breakpoints; a slot's number is the breakpoint's (spec/kdbg.md section 5.1).
package struct BreakpointTable: Sendable {
    package internal(set) var slots: [Breakpoint?] = [] {
        didSet { version &+= 1 }
    }
    /// Another number after every change of a slot.
    package private(set) var version: UInt64 = 1
    /// The breakpoint the machine stands at, marked in `bl`.
    package var last: Int?

    package static let capacity = 256
    package static let debugRegisters = 4

    package init() {}

    /// Numbers and breakpoints in slot order.
    package var all: [(number: Int, breakpoint: Breakpoint)] {
        slots.enumerated().compactMap { number, slot in slot.map { (number, $0) } }
    }

    /// - Throws: when the number is out of range or its slot free.
    package func breakpoint(_ number: UInt64) throws(CommandError) -> Breakpoint {
        guard number < UInt64(slots.count), let breakpoint = slots[Int(number)] else {
            throw CommandError("Invalid breakpoint: \(number)")
        }
        return breakpoint
    }

    /// Puts a breakpoint, disabled, into the lowest free slot.
    /// - Throws: when all slots are in use (KDBG says nothing then, mended) or the address does not fit the size.
    package mutating func insert(_ breakpoint: Breakpoint) throws(CommandError) -> Int {
        if case .hardware(let access, let size) = breakpoint.kind {
            guard breakpoint.address % UInt32(size.rawValue) == 0 else {
                throw CommandError("Address (0x\(breakpoint.address.pointer)) must be aligned to a multiple of \(size.rawValue).")
            }
            guard access != .exec || size == .byte else { throw CommandError("Size must be 1 for execution breakpoints.") }
        }
        if let free = slots.firstIndex(where: { $0 == nil }) {
            slots[free] = breakpoint
            return free
        }
        guard slots.count < Self.capacity else {
            throw CommandError("Maximum number of breakpoints (\(Self.capacity)) used.", hint: "Delete one with 'bc' first.")
        }
        slots.append(breakpoint)
        return slots.count - 1
    }

    /// Puts the breakpoint into the machine.
    /// - Throws: when it is enabled already, its memory is not mapped, or the four debug registers are taken.
    package mutating func enable(_ number: UInt64, in target: any Target) throws(CommandError) {
        var breakpoint = try breakpoint(number)
        guard !breakpoint.isEnabled else { throw CommandError("Breakpoint \(number) is already enabled.") }
        switch breakpoint.kind {
        case .software where breakpoint.awaited != nil: break
        case .software:
            guard target.read8(breakpoint.address) != nil else {
                throw CommandError("Couldn't access memory at 0x\(breakpoint.address.pointer)")
            }
        case .hardware:
            breakpoint.debugRegister = try freeDebugRegister()
        }
        breakpoint.armed = breakpoint.awaited == nil ? Self.arm(breakpoint, in: target) : .waiting
        slots[Int(number)] = breakpoint
    }

    /// Takes the breakpoint out of the machine.
    /// - Throws: when it is not enabled.
    package mutating func disable(_ number: UInt64, in target: any Target) throws(CommandError) {
        var breakpoint = try breakpoint(number)
        guard let armed = breakpoint.armed else { throw CommandError("Breakpoint \(number) is not enabled.") }
        switch armed {
        case .codeStop: target.removeCodeStop(at: breakpoint.address)
        case .dataStop(let id): target.removeDataStop(id)
        case .waiting: break
        }
        breakpoint.armed = nil
        breakpoint.debugRegister = nil
        slots[Int(number)] = breakpoint
        if last == Int(number) { last = nil }
    }

    /// Frees a slot; the breakpoint must be disabled.
    package mutating func delete(_ number: UInt64) throws(CommandError) {
        guard try !breakpoint(number).isEnabled else { preconditionFailure("an enabled breakpoint must leave the machine first") }
        slots[Int(number)] = nil
    }

    /// Takes a breakpoint out of the machine and frees its slot.
    mutating func remove(_ number: Int, in target: any Target) {
        if slots[number]?.isEnabled == true { try? disable(UInt64(number), in: target) }
        slots[number] = nil
    }

    /// Attaches commands to a breakpoint; the number is known to be good.
    mutating func attach(_ commands: [String], to number: Int) {
        slots[number]?.commands = commands
    }

    /// Whether no slot is free.
    package var isFull: Bool { slots.count == Self.capacity && !slots.contains { $0 == nil } }

    /// Whether an enabled breakpoint stops before the instruction at the address.
    package func hasCode(at address: UInt32) -> Bool {
        firstCode(at: address) { _ in true } != nil
    }

    /// The first enabled breakpoint, in slot order, that stops before the instruction at the address and satisfies `isHit`. Allocates nothing.
    package func firstCode(at address: UInt32, where isHit: (Int) -> Bool) -> Int? {
        for number in slots.indices {
            guard let breakpoint = slots[number], breakpoint.address == address, breakpoint.armed == .codeStop else { continue }
            if isHit(number) { return number }
        }
        return nil
    }

    /// The enabled breakpoint behind a data stop.
    package func data(_ id: Int) -> Int? {
        slots.firstIndex { $0?.armed == .dataStop(id) }
    }

    private func freeDebugRegister() throws(CommandError) -> Int {
        let used = slots.compactMap { $0?.debugRegister }
        guard let free = (0..<Self.debugRegisters).first(where: { !used.contains($0) }) else {
            throw CommandError(
                "Maximum number of hardware breakpoints (\(Self.debugRegisters)) already used.",
                hint: "Disable another breakpoint in order to enable this one.")
        }
        return free
    }

    static func arm(_ breakpoint: Breakpoint, in target: any Target) -> Breakpoint.Armed {
        guard case .hardware(let access, let size) = breakpoint.kind, access != .exec else {
            target.insertCodeStop(at: breakpoint.address)
            return .codeStop
        }
        // The processor cannot watch reads alone: `r` behaves as read/write (section 5.2).
        return .dataStop(
            target.insertDataStop(at: breakpoint.address, length: size.rawValue, onRead: access != .write, onWrite: true))
    }
}
