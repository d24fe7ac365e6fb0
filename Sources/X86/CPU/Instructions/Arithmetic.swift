// SPDX-License-Identifier: GPL-3.0-or-later

/// ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT.
enum Arithmetic {
    /// The fifteen handlers of one operation: operand shape (register or memory destination; register, memory or immediate source) and width.
    struct Handlers {
        var rr8, rm8, mr8, ri8, mi8: Handler
        var rr16, rm16, mr16, ri16, mi16: Handler
        var rr32, rm32, mr32, ri32, mi32: Handler
    }

    static var rows: [Row] {
        binary(0x00, digit: 0, lockable: true, undefined: 0, add)
            + binary(0x08, digit: 1, lockable: true, undefined: EFlags.af, or)
            + binary(0x10, digit: 2, lockable: true, undefined: 0, addCarry)
            + binary(0x18, digit: 3, lockable: true, undefined: 0, subtractBorrow)
            + binary(0x20, digit: 4, lockable: true, undefined: EFlags.af, and)
            + binary(0x28, digit: 5, lockable: true, undefined: 0, subtract)
            + binary(0x30, digit: 6, lockable: true, undefined: EFlags.af, xor)
            + binary(0x38, digit: 7, lockable: false, undefined: 0, compare)
            + unary + test
    }

    /// The nine opcodes of an operation: six of its own and three in group 1 (SDM vol. 2, table A-6).
    private static func binary(_ base: Int, digit: Int, lockable: Bool, undefined: UInt32, _ h: Handlers) -> [Row] {
        [
            Row(base, .EbGb, lockable: lockable, undefined: undefined, byte: h.rr8, memory: h.mr8),
            Row(base + 1, .EvGv, lockable: lockable, undefined: undefined, h.rr32, memory: h.mr32, word: h.rr16, wordMemory: h.mr16),
            Row(base + 2, .GbEb, undefined: undefined, byte: h.rr8, memory: h.rm8),
            Row(base + 3, .GvEv, undefined: undefined, h.rr32, memory: h.rm32, word: h.rr16, wordMemory: h.rm16),
            Row(base + 4, .ALIb, undefined: undefined, h.ri8),
            Row(base + 5, .eAXIz, undefined: undefined, h.ri32, word: h.ri16),
            Row(0x80, digit: digit, .EbIb, lockable: lockable, undefined: undefined, byte: h.ri8, memory: h.mi8),
            Row(0x82, digit: digit, .EbIb, lockable: lockable, undefined: undefined, byte: h.ri8, memory: h.mi8),
            Row(
                0x81, digit: digit, .EvIz, lockable: lockable, undefined: undefined, h.ri32, memory: h.mi32, word: h.ri16,
                wordMemory: h.mi16),
            Row(
                0x83, digit: digit, .EvIb, lockable: lockable, undefined: undefined, h.ri32, memory: h.mi32, word: h.ri16,
                wordMemory: h.mi16),
        ]
    }

    private static var unary: [Row] {
        [
            Row(
                0x40, count: 8, .Zv, { $0.cpu.incrementRegister(UInt32.self, $1.op) },
                word: { $0.cpu.incrementRegister(UInt16.self, $1.op) }),
            Row(
                0x48, count: 8, .Zv, { $0.cpu.decrementRegister(UInt32.self, $1.op) },
                word: { $0.cpu.decrementRegister(UInt16.self, $1.op) }),
            Row(0xFE, digit: 0, .Eb, lockable: true) { $0.cpu.modifyRM($1.op, UInt8.self) { $0.increment($1) } },
            Row(0xFE, digit: 1, .Eb, lockable: true) { $0.cpu.modifyRM($1.op, UInt8.self) { $0.decrement($1) } },
            Row(
                0xFF, digit: 0, .Ev, lockable: true, { $0.cpu.modifyRM($1.op, UInt32.self) { $0.increment($1) } },
                word: { $0.cpu.modifyRM($1.op, UInt16.self) { $0.increment($1) } }),
            Row(
                0xFF, digit: 1, .Ev, lockable: true, { $0.cpu.modifyRM($1.op, UInt32.self) { $0.decrement($1) } },
                word: { $0.cpu.modifyRM($1.op, UInt16.self) { $0.decrement($1) } }),
            Row(0xF6, digit: 2, .Eb, lockable: true) { $0.cpu.modifyRM($1.op, UInt8.self) { ~$1 } },
            Row(0xF6, digit: 3, .Eb, lockable: true) { $0.cpu.modifyRM($1.op, UInt8.self) { $0.negate($1) } },
            Row(
                0xF7, digit: 2, .Ev, lockable: true, { $0.cpu.modifyRM($1.op, UInt32.self) { ~$1 } },
                word: { $0.cpu.modifyRM($1.op, UInt16.self) { ~$1 } }),
            Row(
                0xF7, digit: 3, .Ev, lockable: true, { $0.cpu.modifyRM($1.op, UInt32.self) { $0.negate($1) } },
                word: { $0.cpu.modifyRM($1.op, UInt16.self) { $0.negate($1) } }),
        ]
    }

    private static var test: [Row] {
        let u = EFlags.af
        return [
            Row(
                0x84, .EbGb, undefined: u, byte: { $0.cpu.rr(Test.self, UInt8.self, $1.op) },
                memory: { $0.cpu.mr(Test.self, UInt8.self, $1.op) }),
            Row(
                0x85, .EvGv, undefined: u, { $0.cpu.rr(Test.self, UInt32.self, $1.op) },
                memory: { $0.cpu.mr(Test.self, UInt32.self, $1.op) },
                word: { $0.cpu.rr(Test.self, UInt16.self, $1.op) }, wordMemory: { $0.cpu.mr(Test.self, UInt16.self, $1.op) }),
            Row(0xA8, .ALIb, undefined: u) { $0.cpu.ri(Test.self, UInt8.self, $1.op) },
            Row(
                0xA9, .eAXIz, undefined: u, { $0.cpu.ri(Test.self, UInt32.self, $1.op) }, word: { $0.cpu.ri(Test.self, UInt16.self, $1.op) }
            ),
        ]
            + (0...1).flatMap { digit in
                [
                    Row(
                        0xF6, digit: digit, .EbIb, undefined: u, byte: { $0.cpu.ri(Test.self, UInt8.self, $1.op) },
                        memory: { $0.cpu.mi(Test.self, UInt8.self, $1.op) }),
                    Row(
                        0xF7, digit: digit, .EvIz, undefined: u, { $0.cpu.ri(Test.self, UInt32.self, $1.op) },
                        memory: { $0.cpu.mi(Test.self, UInt32.self, $1.op) }, word: { $0.cpu.ri(Test.self, UInt16.self, $1.op) },
                        wordMemory: { $0.cpu.mi(Test.self, UInt16.self, $1.op) }),
                ]
            }
    }
}

extension CPU {
    /// INC r.
    @inline(__always) mutating func incrementRegister<T: Width>(_: T.Type, _ i: Op) { setRegister(i.a, increment(register(i.a, T.self))) }
    /// DEC r.
    @inline(__always) mutating func decrementRegister<T: Width>(_: T.Type, _ i: Op) { setRegister(i.a, decrement(register(i.a, T.self))) }
}
