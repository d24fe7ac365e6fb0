// SPDX-License-Identifier: GPL-3.0-or-later

/// CLC, STC, CMC, CLD, STD, CLI, STI, LAHF, SAHF, SALC.
enum FlagFamily {
    static var rows: [Row] {
        [
            Row(0xF5, .none) { cpu, _ in cpu.cpu.flags.setCarry(!cpu.cpu.flags.cf) },
            Row(0xF8, .none) { cpu, _ in cpu.cpu.flags.setCarry(false) },
            Row(0xF9, .none) { cpu, _ in cpu.cpu.flags.setCarry(true) },
            Row(0xFC, .none) { cpu, _ in cpu.cpu.systemFlags &= ~EFlags.df },
            Row(0xFD, .none) { cpu, _ in cpu.cpu.systemFlags |= EFlags.df },
            Row(0xFA, .none) { cpu, _ in cpu.cpu.clearInterrupts() },
            Row(0xFB, .none) { cpu, _ in cpu.cpu.setInterrupts() },
            Row(0x9F, .none) { cpu, _ in cpu.cpu.setRegister(1, UInt8(truncatingIfNeeded: cpu.cpu.eflags)) },
            Row(0x9E, .none) { cpu, _ in cpu.cpu.loadFlagsFromAH() },
            Row(0xD6, .none) { cpu, _ in cpu.cpu.setRegister(0, cpu.cpu.flags.cf ? UInt8.max : 0) },
        ]
    }
}

extension CPU {
    /// SAHF.
    mutating func loadFlagsFromAH() {
        let ah = UInt32(register(1, UInt8.self))
        flags.set(bits: flags.bits & EFlags.of | ah)
    }

    /// CLI.
    mutating func clearInterrupts() {
        guard cpl <= iopl || !isProtected else { return raise(.protection(0)) }
        systemFlags &= ~EFlags.intr
    }

    /// STI: interrupts stay off for one more instruction when IF was clear (SDM vol. 2, STI).
    mutating func setInterrupts() {
        guard cpl <= iopl || !isProtected else { return raise(.protection(0)) }
        if systemFlags & EFlags.intr == 0 { inhibitInterrupts(traps: false) }
        systemFlags |= EFlags.intr
    }
}
