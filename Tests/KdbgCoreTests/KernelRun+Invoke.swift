// SPDX-License-Identifier: GPL-3.0-or-later

import X86

@testable import KdbgCore

/// Calling guest routines from a test, in the thread that has just been stopped.
extension KernelRun {
    /// Calls a stdcall routine in between, at the first instruction of the routine that is about to run; yields EAX, nil when the call does not come back.
    /// Other threads run when the call waits.
    @discardableResult
    func invoke(_ name: String, _ arguments: UInt32..., limit: UInt64 = 30_000_000) -> UInt32? {
        invoke(address: address(name), arguments, limit: limit)
    }

    /// The same for the code at an address.
    func invoke(address: UInt32, _ arguments: [UInt32], limit: UInt64 = 30_000_000) -> UInt32? {
        let saved = machine.registers
        var registers = saved
        // The routine about to run has its return address and arguments on the stack.
        registers.esp = (saved.esp - 0x80 - 4 * UInt32(arguments.count + 1)) & ~3
        for (index, value) in ([saved.eip] + arguments).enumerated() {
            _ = machine.write32(linear: registers.esp + 4 * UInt32(index), value)
        }
        let back = registers.esp + 4 * UInt32(arguments.count + 1)
        registers.eip = address
        machine.registers = registers
        machine.insertCodeStop(at: saved.eip)
        defer { machine.removeCodeStop(at: saved.eip) }
        let end = machine.instructionCount + limit
        var passing = true
        while machine.instructionCount < end {
            let reason = machine.run(until: end, passingStopAtStart: passing)
            passing = false
            switch reason {
            case .vmcall: guest.serve()?.finish(0)
            case .codeStop:
                guard machine.registers.eip == saved.eip, machine.registers.esp == back else {
                    passing = true
                    continue
                }
                let result = machine.registers.eax
                machine.registers = saved
                return result
            default: return nil
            }
        }
        return nil
    }

    /// Scratch memory of the guest for what a test passes by address: nonpaged pool, zeroed, never freed.
    func scratch(_ size: UInt32) -> UInt32 {
        let address = invoke("ExAllocatePoolWithTag", 0, size, poolTag("Test")) ?? 0
        for offset in stride(from: 0, to: size, by: 4) { write(address + offset, 0) }
        return address
    }

    func write(_ address: UInt32, _ value: UInt32) { _ = machine.write32(linear: address, value) }

    /// A UNICODE_STRING in scratch memory.
    func unicode(_ text: String) -> UInt32 {
        let units = Array(text.utf16)
        let string = scratch(12 + UInt32(2 * units.count) + 4)
        write(string, UInt32(2 * units.count) | UInt32(2 * units.count + 2) << 16)
        write(string + 4, string + 8)
        for (index, unit) in units.enumerated() { _ = machine.write16(linear: string + 8 + 2 * UInt32(index), unit) }
        return string
    }

    /// OBJECT_ATTRIBUTES in scratch memory: case-insensitive, a kernel handle.
    func attributes(_ name: String) -> UInt32 {
        let block = scratch(24)
        for (index, value) in [24, 0, unicode(name), 0x240, 0, 0].enumerated() { write(block + 4 * UInt32(index), value) }
        return block
    }

    /// Allocations and frees of a pool tag, and the bytes in use, in nonpaged and paged pool together.
    func poolUse(_ tag: StaticString) -> (allocations: UInt32, frees: UInt32, bytes: UInt32) {
        var entry = variable("PoolTrackTable")
        for _ in 0..<variable("PoolTrackTableSize") {
            if read(entry) == poolTag(tag) {
                return (read(entry + 4) + read(entry + 16), read(entry + 8) + read(entry + 20), read(entry + 12) + read(entry + 24))
            }
            entry += 28
        }
        return (0, 0, 0)
    }
}
