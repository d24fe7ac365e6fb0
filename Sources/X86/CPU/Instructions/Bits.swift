// SPDX-License-Identifier: GPL-3.0-or-later

/// BT, BTS, BTR, BTC, BSF, BSR.
enum BitFamily {
    static var rows: [Row] {
        let u = EFlags.of | EFlags.sf | EFlags.af | EFlags.pf
        let handlers: [(Handler, Handler)] = [
            ({ $0.cpu.bitTest(UInt32.self, $1.op) { a, _ in a } }, { $0.cpu.bitTest(UInt16.self, $1.op) { a, _ in a } }),
            ({ $0.cpu.bitChange(UInt32.self, $1.op) { $0 | $1 } }, { $0.cpu.bitChange(UInt16.self, $1.op) { $0 | $1 } }),
            ({ $0.cpu.bitChange(UInt32.self, $1.op) { $0 & ~$1 } }, { $0.cpu.bitChange(UInt16.self, $1.op) { $0 & ~$1 } }),
            ({ $0.cpu.bitChange(UInt32.self, $1.op) { $0 ^ $1 } }, { $0.cpu.bitChange(UInt16.self, $1.op) { $0 ^ $1 } }),
        ]
        return handlers.enumerated().flatMap { n, h in
            [
                Row(0x1A3 + n * 8, .EvGv, lockable: n > 0, undefined: u, h.0, word: h.1),
                Row(0x1BA, digit: 4 + n, .EvIb, lockable: n > 0, undefined: u, h.0, word: h.1),
            ]
        } + [
            Row(
                0x1BC, .GvEv, undefined: u | EFlags.cf, { $0.cpu.scan(UInt32.self, $1.op) { UInt32($0.trailingZeroBitCount) } },
                word: { $0.cpu.scan(UInt16.self, $1.op) { UInt16($0.trailingZeroBitCount) } }),
            Row(
                0x1BD, .GvEv, undefined: u | EFlags.cf, { $0.cpu.scan(UInt32.self, $1.op) { 31 - UInt32($0.leadingZeroBitCount) } },
                word: { $0.cpu.scan(UInt16.self, $1.op) { 15 - UInt16($0.leadingZeroBitCount) } }),
        ]
    }
}

extension CPU {
    /// The bit number, and the address of the operand that holds it: a register bit number reaches beyond the memory operand (SDM vol. 2, BT).
    @inline(__always) private func bitOperand<T: Width>(_ i: Op, _: T.Type) -> (mask: T, offset: UInt32) {
        if i.opcode == 0x1BA { return (1 &<< T(truncatingIfNeeded: i.imm), ea(i)) }
        let number = register(i.isMemory ? i.a : i.b, T.self)
        let units = Int32(bitPattern: number.signExtended) >> (T.bitWidth == 32 ? 5 : 4)
        let displacement = UInt32(bitPattern: units &* Int32(MemoryLayout<T>.size))
        return (1 &<< number, (ea(i) &+ displacement) & i.pointee.mask)
    }

    /// BT.
    @inline(__always) mutating func bitTest<T: Width>(_: T.Type, _ i: Op, _ change: (T, T) -> T) {
        let (mask, offset) = bitOperand(i, T.self)
        if i.isMemory {
            guard let value = read(i.segment, offset, T.self) else { return }
            flags.setCarry(value & mask != 0)
        } else {
            flags.setCarry(register(i.a, T.self) & mask != 0)
        }
    }

    /// BTS, BTR, BTC: `change` gets the operand and the bit's mask.
    @inline(__always) mutating func bitChange<T: Width>(_: T.Type, _ i: Op, _ change: (T, T) -> T) {
        let (mask, offset) = bitOperand(i, T.self)
        if i.isMemory {
            modify(i, offset: offset, T.self) {
                $0.flags.setCarry($1 & mask != 0)
                return change($1, mask)
            }
        } else {
            let value = register(i.a, T.self)
            flags.setCarry(value & mask != 0)
            setRegister(i.a, change(value, mask))
        }
    }

    /// BSF and BSR: a zero source leaves the destination alone.
    @inline(__always) mutating func scan<T: Width>(_: T.Type, _ i: Op, _ find: (T) -> T) {
        let value: T
        if i.isMemory {
            guard let read = readMemory(i, T.self) else { return }
            value = read
        } else {
            value = register(i.b, T.self)
        }
        flags.setLogic(value)
        if value != 0 { setRegister(i.a, find(value)) }
    }
}
