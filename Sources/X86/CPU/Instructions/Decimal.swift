// SPDX-License-Identifier: GPL-3.0-or-later

/// DAA, DAS, AAA, AAS, AAM, AAD (SDM vol. 2).
enum Decimal {
    static var rows: [Row] {
        let adjust = EFlags.of | EFlags.sf | EFlags.zf | EFlags.pf
        let multiply = EFlags.of | EFlags.af | EFlags.cf
        return [
            Row(0x27, .none, undefined: EFlags.of) { cpu, _ in cpu.cpu.decimalAdjust(subtract: false) },
            Row(0x2F, .none, undefined: EFlags.of) { cpu, _ in cpu.cpu.decimalAdjust(subtract: true) },
            Row(0x37, .none, undefined: adjust) { cpu, _ in cpu.cpu.asciiAdjust(0x106) },
            Row(0x3F, .none, undefined: adjust) { cpu, _ in cpu.cpu.asciiAdjust(UInt16(0) &- 0x106) },
            Row(0xD4, .Ib, undefined: multiply) { $0.cpu.asciiMultiply($1.op) },
            Row(0xD5, .Ib, undefined: multiply) { $0.cpu.asciiDivide($1.op) },
        ]
    }
}

extension CPU {
    private mutating func setFlags(_ result: UInt8, carry: Bool, adjust: Bool) {
        flags.setLogic(result)
        flags.set(bits: flags.bits & ~(EFlags.cf | EFlags.af) | (carry ? EFlags.cf : 0) | (adjust ? EFlags.af : 0))
    }

    /// DAA and DAS.
    mutating func decimalAdjust(subtract: Bool) {
        let old = register(0, UInt8.self)
        let oldCarry = flags.cf
        var al = old
        var carry = false
        let adjust = old & 0xF > 9 || flags.af
        if adjust {
            carry = oldCarry || (subtract ? old < 6 : old > 0xF9)
            al = subtract ? al &- 6 : al &+ 6
        }
        if old > 0x99 || oldCarry {
            al = subtract ? al &- 0x60 : al &+ 0x60
            carry = true
        }
        setRegister(0, al)
        setFlags(al, carry: carry, adjust: adjust)
    }

    /// AAA adds 106h to AX, AAS subtracts it.
    mutating func asciiAdjust(_ amount: UInt16) {
        let adjust = eax & 0xF > 9 || flags.af
        if adjust { setRegister(0, register(0, UInt16.self) &+ amount) }
        let al = register(0, UInt8.self) & 0xF
        setRegister(0, al)
        setFlags(al, carry: adjust, adjust: adjust)
    }

    /// AAM.
    mutating func asciiMultiply(_ i: Op) {
        let base = UInt8(truncatingIfNeeded: i.imm)
        guard base != 0 else { return raise(.divide) }
        let al = register(0, UInt8.self)
        setRegister(0, UInt16(al / base) << 8 | UInt16(al % base))
        flags.setLogic(al % base)
    }

    /// AAD.
    mutating func asciiDivide(_ i: Op) {
        let al = register(0, UInt8.self) &+ register(1, UInt8.self) &* UInt8(truncatingIfNeeded: i.imm)
        setRegister(0, UInt16(al))
        flags.setLogic(al)
    }
}
