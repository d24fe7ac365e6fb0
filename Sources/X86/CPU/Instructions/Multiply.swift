// SPDX-License-Identifier: GPL-3.0-or-later

/// MUL, IMUL, DIV, IDIV.
enum Multiply {
    private static var afterMultiply: UInt32 { EFlags.sf | EFlags.zf | EFlags.af | EFlags.pf }

    static var rows: [Row] {
        let m = afterMultiply
        let d = EFlags.arithmetic
        return [
            Row(0xF6, digit: 4, .Eb, undefined: m) { $0.cpu.multiply8($1.op, signed: false) },
            Row(0xF6, digit: 5, .Eb, undefined: m) { $0.cpu.multiply8($1.op, signed: true) },
            Row(0xF6, digit: 6, .Eb, undefined: d) { $0.cpu.divide8($1.op) },
            Row(0xF6, digit: 7, .Eb, undefined: d) { $0.cpu.divideSigned8($1.op) },
            Row(
                0xF7, digit: 4, .Ev, undefined: m, { $0.cpu.multiply(UInt32.self, $1.op, signed: false) },
                word: { $0.cpu.multiply(UInt16.self, $1.op, signed: false) }),
            Row(
                0xF7, digit: 5, .Ev, undefined: m, { $0.cpu.multiply(UInt32.self, $1.op, signed: true) },
                word: { $0.cpu.multiply(UInt16.self, $1.op, signed: true) }),
            Row(0xF7, digit: 6, .Ev, undefined: d, { $0.cpu.divide(UInt32.self, $1.op) }, word: { $0.cpu.divide(UInt16.self, $1.op) }),
            Row(
                0xF7, digit: 7, .Ev, undefined: d, { $0.cpu.divideSigned(UInt32.self, $1.op) },
                word: { $0.cpu.divideSigned(UInt16.self, $1.op) }),
            Row(0x1AF, .GvEv, undefined: m, { $0.cpu.multiplyTwo(UInt32.self, $1.op) }, word: { $0.cpu.multiplyTwo(UInt16.self, $1.op) }),
            Row(
                0x69, .GvEvIz, undefined: m, { $0.cpu.multiplyThree(UInt32.self, $1.op) },
                word: { $0.cpu.multiplyThree(UInt16.self, $1.op) }),
            Row(
                0x6B, .GvEvIb, undefined: m, { $0.cpu.multiplyThree(UInt32.self, $1.op) },
                word: { $0.cpu.multiplyThree(UInt16.self, $1.op) }),
        ]
    }
}

extension CPU {
    /// A product as 64 bits, its low part and whether the high part carries information.
    @inline(__always) private func product<T: Width>(_ a: T, _ b: T, signed: Bool) -> (UInt64, Bool) {
        if signed {
            let full = Int64(Int32(bitPattern: a.signExtended)) &* Int64(Int32(bitPattern: b.signExtended))
            let low = T(truncatingIfNeeded: full)
            return (UInt64(bitPattern: full), full != Int64(Int32(bitPattern: low.signExtended)))
        }
        let full = UInt64(a) &* UInt64(b)
        return (full, full >> UInt64(T.bitWidth) != 0)
    }

    /// MUL r/m8 and IMUL r/m8: AX gets the product.
    mutating func multiply8(_ i: Op, signed: Bool) {
        guard let b = readRM(i, UInt8.self) else { return }
        let (full, high) = product(register(0, UInt8.self), b, signed: signed)
        setRegister(0, UInt16(truncatingIfNeeded: full))
        flags.setShift(UInt8(truncatingIfNeeded: full), cf: high, of: high)
    }

    /// MUL and IMUL of the accumulator.
    mutating func multiply<T: Width>(_: T.Type, _ i: Op, signed: Bool) {
        guard let b = readRM(i, T.self) else { return }
        let (full, high) = product(register(0, T.self), b, signed: signed)
        setRegister(0, T(truncatingIfNeeded: full))
        setRegister(8, T(truncatingIfNeeded: full >> UInt64(T.bitWidth)))
        flags.setShift(T(truncatingIfNeeded: full), cf: high, of: high)
    }

    /// IMUL r, r/m.
    mutating func multiplyTwo<T: Width>(_: T.Type, _ i: Op) {
        let b: T
        if i.isMemory {
            guard let value = readMemory(i, T.self) else { return }
            b = value
        } else {
            b = register(i.b, T.self)
        }
        finish(i, product(register(i.a, T.self), b, signed: true), T.self)
    }

    /// IMUL r, r/m, imm.
    mutating func multiplyThree<T: Width>(_: T.Type, _ i: Op) {
        let b: T
        if i.isMemory {
            guard let value = readMemory(i, T.self) else { return }
            b = value
        } else {
            b = register(i.b, T.self)
        }
        finish(i, product(T(truncatingIfNeeded: i.imm), b, signed: true), T.self)
    }

    private mutating func finish<T: Width>(_ i: Op, _ result: (UInt64, Bool), _: T.Type) {
        let low = T(truncatingIfNeeded: result.0)
        setRegister(i.a, low)
        flags.setShift(low, cf: result.1, of: result.1)
    }

    /// DIV r/m8.
    mutating func divide8(_ i: Op) {
        guard let b = readRM(i, UInt8.self) else { return }
        let a = register(0, UInt16.self)
        guard b != 0, a / UInt16(b) <= 0xFF else { return raise(.divide) }
        setRegister(0, (a % UInt16(b)) << 8 | a / UInt16(b))
    }

    /// IDIV r/m8.
    mutating func divideSigned8(_ i: Op) {
        guard let raw = readRM(i, UInt8.self) else { return }
        let a = Int32(Int16(bitPattern: register(0, UInt16.self)))
        let b = Int32(Int8(bitPattern: raw))
        guard b != 0, let quotient = Int8(exactly: a / b) else { return raise(.divide) }
        setRegister(0, UInt16(UInt8(truncatingIfNeeded: a % b)) << 8 | UInt16(UInt8(bitPattern: quotient)))
    }

    /// DIV.
    mutating func divide<T: Width>(_: T.Type, _ i: Op) {
        guard let raw = readRM(i, T.self) else { return }
        let a = UInt64(register(8, T.self)) << UInt64(T.bitWidth) | UInt64(register(0, T.self))
        let b = UInt64(raw)
        guard b != 0, a / b <= UInt64(T.max) else { return raise(.divide) }
        setRegister(0, T(truncatingIfNeeded: a / b))
        setRegister(8, T(truncatingIfNeeded: a % b))
    }

    /// IDIV.
    mutating func divideSigned<T: Width>(_: T.Type, _ i: Op) {
        guard let raw = readRM(i, T.self) else { return }
        let bits = UInt64(register(8, T.self)) << UInt64(T.bitWidth) | UInt64(register(0, T.self))
        let a = T.bitWidth == 32 ? Int64(bitPattern: bits) : Int64(Int32(truncatingIfNeeded: bits))
        let b = Int64(Int32(bitPattern: raw.signExtended))
        guard b != 0 else { return raise(.divide) }
        let (quotient, overflow) = a.dividedReportingOverflow(by: b)
        let low = T(truncatingIfNeeded: quotient)
        guard !overflow, Int64(Int32(bitPattern: low.signExtended)) == quotient else { return raise(.divide) }
        setRegister(0, low)
        setRegister(8, T(truncatingIfNeeded: a % b))
    }
}
