// SPDX-License-Identifier: GPL-3.0-or-later

/// Guest programs for measuring the interpreter. They run for ever; whoever measures sets the limit and owns the clock.
package enum Bench: String, CaseIterable, Sendable {
    /// Register arithmetic and a conditional jump.
    case arithmetic
    /// Loads, stores and read-modify-writes.
    case memory
    /// A call with frame, push, pop and return.
    case calls

    private var code: [UInt8] {
        switch self {
        case .arithmetic: [0xB9, 0xFF, 0xFF, 0xFF, 0x7F, 0x01, 0xD8, 0x43, 0x31, 0xC2, 0x49, 0x75, 0xF8, 0xEB, 0xF1]
        case .memory:
            [
                0xBE, 0, 0, 2, 0, 0x8B, 0x06, 0x03, 0x46, 4, 0x89, 0x46, 8, 0x83, 0x06, 1, 0x3D, 0, 0, 0, 0x10, 0x72, 0xEE, 0x31, 0xC0,
                0xEB, 0xEA,
            ]
        case .calls: [0xE8, 5, 0, 0, 0, 0x40, 0xEB, 0xF8, 0x90, 0x90, 0x55, 0x89, 0xE5, 0x53, 0x8B, 0x5D, 4, 0x5B, 0x5D, 0xC3]
        }
    }

    /// A machine with paging on, about to execute the program.
    package func machine() -> Machine {
        let machine = Machine(memoryBytes: 4 << 20)
        var r = Registers.reset
        let data = Segment(selector: 0x10, base: 0, limit: ~0, attributes: 0xC093)
        r.cs = Segment(selector: 8, base: 0, limit: ~0, attributes: 0xC09B)
        (r.ds, r.es, r.ss, r.fs, r.gs) = (data, data, data, data, data)
        (r.cr0, r.cr3, r.eip, r.esp) = (0x8001_0011, 0x10000, 0x1000, 0x8000)
        machine.writePhysical32(0x10000, 0x11003)
        for page in 0..<1024 as Range<UInt32> { machine.writePhysical32(0x11000 + page * 4, page << 12 | 3) }
        machine.writePhysical(0x1000, code)
        machine.registers = r
        return machine
    }
}
