// SPDX-License-Identifier: GPL-3.0-or-later

/// Guest programs for measuring the interpreter. They run for ever; whoever measures sets the limit and owns the clock.
package enum Bench: String, CaseIterable, Sendable {
    /// Register arithmetic and a conditional jump.
    case arithmetic
    /// Loads, stores and read-modify-writes.
    case memory
    /// A call with frame, push, pop and return.
    case calls
    /// Stores all over 512 pages.
    case pages
    /// IN from a port, one of three instructions.
    case ports

    private var code: [UInt8] {
        switch self {
        case .arithmetic: [0xB9, 0xFF, 0xFF, 0xFF, 0x7F, 0x01, 0xD8, 0x43, 0x31, 0xC2, 0x49, 0x75, 0xF8, 0xEB, 0xF1]
        case .memory:
            [
                0xBE, 0, 0, 2, 0, 0x8B, 0x06, 0x03, 0x46, 4, 0x89, 0x46, 8, 0x83, 0x06, 1, 0x3D, 0, 0, 0, 0x10, 0x72, 0xEE, 0x31, 0xC0,
                0xEB, 0xEA,
            ]
        // l: imul ebx,ebx,19660Dh; add ebx,3C6EF35Fh; mov eax,ebx; shr eax,11; and eax,1FFFFCh; mov [200000h+eax],ebx; jmp l
        case .pages:
            [
                0x69, 0xDB, 0x0D, 0x66, 0x19, 0, 0x81, 0xC3, 0x5F, 0xF3, 0x6E, 0x3C, 0x89, 0xD8, 0xC1, 0xE8, 11, 0x25, 0xFC, 0xFF, 0x1F, 0,
                0x89, 0x98, 0, 0, 0x20, 0, 0xEB, 0xE2,
            ]
        // l: in al,80h; inc ecx; jmp l
        case .ports: [0xE4, 0x80, 0x41, 0xEB, 0xFB]
        case .calls: [0xE8, 5, 0, 0, 0, 0x40, 0xEB, 0xF8, 0x90, 0x90, 0x55, 0x89, 0xE5, 0x53, 0x8B, 0x5D, 4, 0x5B, 0x5D, 0xC3]
        }
    }

    /// A machine with paging on, about to execute the program; at least 4 MiB of RAM, of which it sees the first four.
    package func machine(memoryBytes: Int = 4 << 20) -> Machine {
        let machine = Machine(memoryBytes: memoryBytes)
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
