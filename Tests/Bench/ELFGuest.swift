// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A guest of Tests/Guests in the memory of a new machine, as a multiboot loader leaves it, without command line. Knows only ELF files that our own linker script made.
struct ELFGuest {
    /// The bytes of the file.
    let file: [UInt8]

    private func word(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(file[offset + $1]) << (8 * UInt32($1)) } }
    private func half(_ offset: Int) -> Int { Int(file[offset]) | Int(file[offset + 1]) << 8 }

    /// A machine with `memoryBytes` of RAM about to execute the entry point, in flat protected mode without paging, EAX 0.
    func machine(memoryBytes: Int = 32 << 20) -> Machine {
        let machine = Machine(memoryBytes: memoryBytes)
        for index in 0..<half(44) {
            let header = Int(word(28)) + index * half(42)
            guard word(header) == 1 else { continue }
            let (offset, bytes) = (Int(word(header + 4)), Int(word(header + 16)))
            machine.writePhysical(word(header + 12), file[offset..<offset + bytes])
        }
        var r = Registers.reset
        let data = Segment(selector: 0x10, base: 0, limit: ~0, attributes: 0xC093)
        r.cs = Segment(selector: 8, base: 0, limit: ~0, attributes: 0xC09B)
        (r.ds, r.es, r.ss, r.fs, r.gs) = (data, data, data, data, data)
        (r.cr0, r.eip) = (0x11, word(24))
        machine.registers = r
        return machine
    }
}
