// SPDX-License-Identifier: GPL-3.0-or-later

/// ROL, ROR, RCL, RCR, SHL, SHR, SAR by 1, imm8 or CL, and SHLD, SHRD (SDM vol. 2, RCL/RCR/ROL/ROR and SAL/SAR/SHL/SHR).
enum Shift {
    static var rows: [Row] {
        // AF is undefined for the shifts, OF for counts other than 1, CF beyond the operand width.
        let handlers: [(Handler, Handler, Handler)] = [
            (
                { $0.cpu.shift(RotateLeft.self, UInt8.self, $1.op) }, { $0.cpu.shift(RotateLeft.self, UInt16.self, $1.op) },
                { $0.cpu.shift(RotateLeft.self, UInt32.self, $1.op) }
            ),
            (
                { $0.cpu.shift(RotateRight.self, UInt8.self, $1.op) }, { $0.cpu.shift(RotateRight.self, UInt16.self, $1.op) },
                { $0.cpu.shift(RotateRight.self, UInt32.self, $1.op) }
            ),
            (
                { $0.cpu.shift(RotateCarryLeft.self, UInt8.self, $1.op) }, { $0.cpu.shift(RotateCarryLeft.self, UInt16.self, $1.op) },
                { $0.cpu.shift(RotateCarryLeft.self, UInt32.self, $1.op) }
            ),
            (
                { $0.cpu.shift(RotateCarryRight.self, UInt8.self, $1.op) }, { $0.cpu.shift(RotateCarryRight.self, UInt16.self, $1.op) },
                { $0.cpu.shift(RotateCarryRight.self, UInt32.self, $1.op) }
            ),
            (
                { $0.cpu.shift(ShiftLeft.self, UInt8.self, $1.op) }, { $0.cpu.shift(ShiftLeft.self, UInt16.self, $1.op) },
                { $0.cpu.shift(ShiftLeft.self, UInt32.self, $1.op) }
            ),
            (
                { $0.cpu.shift(ShiftRight.self, UInt8.self, $1.op) }, { $0.cpu.shift(ShiftRight.self, UInt16.self, $1.op) },
                { $0.cpu.shift(ShiftRight.self, UInt32.self, $1.op) }
            ),
            (
                { $0.cpu.shift(ShiftLeft.self, UInt8.self, $1.op) }, { $0.cpu.shift(ShiftLeft.self, UInt16.self, $1.op) },
                { $0.cpu.shift(ShiftLeft.self, UInt32.self, $1.op) }
            ),
            (
                { $0.cpu.shift(ShiftArithmetic.self, UInt8.self, $1.op) }, { $0.cpu.shift(ShiftArithmetic.self, UInt16.self, $1.op) },
                { $0.cpu.shift(ShiftArithmetic.self, UInt32.self, $1.op) }
            ),
        ]
        let rotates = EFlags.of
        let shifts = EFlags.af | EFlags.of
        return handlers.enumerated().flatMap { digit, h in
            let u = digit < 4 ? rotates : shifts
            return [
                Row(0xC0, digit: digit, .EbIb, undefined: u, h.0), Row(0xC1, digit: digit, .EvIb, undefined: u, h.2, word: h.1),
                Row(0xD0, digit: digit, .Eb, undefined: u & ~EFlags.of, h.0),
                Row(0xD1, digit: digit, .Ev, undefined: u & ~EFlags.of, h.2, word: h.1),
                Row(0xD2, digit: digit, .Eb, undefined: u, h.0), Row(0xD3, digit: digit, .Ev, undefined: u, h.2, word: h.1),
            ]
        } + [
            Row(
                0x1A4, .EvGvIb, undefined: shifts, { $0.cpu.doubleShiftLeft(UInt32.self, $1.op) },
                word: { $0.cpu.doubleShiftLeft(UInt16.self, $1.op) }),
            Row(
                0x1A5, .EvGv, undefined: shifts, { $0.cpu.doubleShiftLeft(UInt32.self, $1.op) },
                word: { $0.cpu.doubleShiftLeft(UInt16.self, $1.op) }),
            Row(
                0x1AC, .EvGvIb, undefined: shifts, { $0.cpu.doubleShiftRight(UInt32.self, $1.op) },
                word: { $0.cpu.doubleShiftRight(UInt16.self, $1.op) }),
            Row(
                0x1AD, .EvGv, undefined: shifts, { $0.cpu.doubleShiftRight(UInt32.self, $1.op) },
                word: { $0.cpu.doubleShiftRight(UInt16.self, $1.op) }),
        ]
    }
}

/// A shift or rotation by a count of 1...31.
protocol ShiftOperation {
    /// The result; sets the flags.
    static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ count: Int) -> T
}

extension FixedWidthInteger {
    @inline(__always) fileprivate var top: Bool { self >> Self(Self.bitWidth - 1) != 0 }
}

enum RotateLeft: ShiftOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ count: Int) -> T {
        let n = T(count & (T.bitWidth - 1))
        let r = n == 0 ? a : a &<< n | a &>> (T(T.bitWidth) &- n)
        flags.setCarry(r & 1 != 0, overflow: (r & 1 != 0) != r.top)
        return r
    }
}

enum RotateRight: ShiftOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ count: Int) -> T {
        let n = T(count & (T.bitWidth - 1))
        let r = n == 0 ? a : a &>> n | a &<< (T(T.bitWidth) &- n)
        flags.setCarry(r.top, overflow: r.top != (r << 1).top)
        return r
    }
}

enum RotateCarryLeft: ShiftOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ count: Int) -> T {
        let n = UInt64(count % (T.bitWidth + 1))
        guard n != 0 else { return a }
        let wide = UInt64(flags.carry) << UInt64(T.bitWidth) | UInt64(a)
        let rotated = wide << n | wide >> (UInt64(T.bitWidth) + 1 - n)
        let r = T(truncatingIfNeeded: rotated)
        let c = rotated >> UInt64(T.bitWidth) & 1 != 0
        flags.setCarry(c, overflow: c != r.top)
        return r
    }
}

enum RotateCarryRight: ShiftOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ count: Int) -> T {
        let n = UInt64(count % (T.bitWidth + 1))
        guard n != 0 else { return a }
        let wide = UInt64(flags.carry) << UInt64(T.bitWidth) | UInt64(a)
        let rotated = wide >> n | wide << (UInt64(T.bitWidth) + 1 - n)
        let r = T(truncatingIfNeeded: rotated)
        flags.setCarry(rotated >> UInt64(T.bitWidth) & 1 != 0, overflow: r.top != (r << 1).top)
        return r
    }
}

enum ShiftLeft: ShiftOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ count: Int) -> T {
        let wide = UInt64(a) << UInt64(count)
        let r = T(truncatingIfNeeded: wide)
        let c = wide >> UInt64(T.bitWidth) & 1 != 0
        flags.setShift(r, cf: c, of: c != r.top)
        return r
    }
}

enum ShiftRight: ShiftOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ count: Int) -> T {
        let r = T(truncatingIfNeeded: UInt64(a) >> UInt64(count))
        flags.setShift(r, cf: UInt64(a) >> UInt64(count - 1) & 1 != 0, of: (r << 1).top != r.top)
        return r
    }
}

enum ShiftArithmetic: ShiftOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ count: Int) -> T {
        let wide = Int64(Int32(bitPattern: a.signExtended))
        let r = T(truncatingIfNeeded: wide >> Int64(count))
        flags.setShift(r, cf: wide >> Int64(count - 1) & 1 != 0, of: false)
        return r
    }
}

extension CPU {
    /// The count of an instruction: 1, an immediate or CL, modulo 32.
    @inline(__always) private func shiftCount(_ i: Op) -> Int {
        switch i.opcode & 0xFE {
        case 0xD0: 1
        case 0xD2: Int(ecx & 31)
        default: Int(i.imm & 31)
        }
    }

    /// One of the eight shifts of groups 2. A masked count of zero leaves the flags alone.
    @inline(__always) mutating func shift<O: ShiftOperation, T: Width>(_: O.Type, _: T.Type, _ i: Op) {
        let count = shiftCount(i)
        modifyRM(i, T.self) { count == 0 ? $1 : O.apply(&$0.flags, $1, count) }
    }

    private func doubleCount(_ i: Op) -> UInt64 { UInt64((i.opcode & 1 == 0 ? i.imm : ecx) & 31) }

    /// The second operand: G is `b` beside a register and `a` beside memory.
    @inline(__always) private func other<T: Width>(_ i: Op, _: T.Type) -> T { register(i.b, T.self) }

    /// SHLD.
    mutating func doubleShiftLeft<T: Width>(_: T.Type, _ i: Op) {
        let count = doubleCount(i)
        let low = other(i, T.self)
        modifyRM(i, T.self) { cpu, a in
            guard count != 0 else { return a }
            let wide = UInt64(a) << UInt64(T.bitWidth) | UInt64(low)
            // With 16 bits and counts beyond 16 the first operand comes round again, as on P6.
            let r =
                T.bitWidth == 16 && count > 16
                ? T(truncatingIfNeeded: (UInt64(low) << 16 | UInt64(a)) >> (32 - count))
                : T(truncatingIfNeeded: (wide << count) >> UInt64(T.bitWidth))
            let c = count <= UInt64(T.bitWidth) ? UInt64(a) >> (UInt64(T.bitWidth) - count) & 1 != 0 : UInt64(low) >> (32 - count) & 1 != 0
            cpu.flags.setShift(r, cf: c, of: r.top != a.top)
            return r
        }
    }

    /// SHRD.
    mutating func doubleShiftRight<T: Width>(_: T.Type, _ i: Op) {
        let count = doubleCount(i)
        let high = other(i, T.self)
        modifyRM(i, T.self) { cpu, a in
            guard count != 0 else { return a }
            var wide = UInt64(high) << UInt64(T.bitWidth) | UInt64(a)
            if T.bitWidth == 16 { wide |= UInt64(a) << 32 }
            let r = T(truncatingIfNeeded: wide >> count)
            cpu.flags.setShift(r, cf: wide >> (count - 1) & 1 != 0, of: r.top != a.top)
            return r
        }
    }
}
