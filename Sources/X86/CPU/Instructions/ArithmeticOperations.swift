// SPDX-License-Identifier: GPL-3.0-or-later

/// A two-operand operation of the integer unit.
protocol BinaryOperation {
    /// CMP and TEST only set flags.
    static var writes: Bool { get }
    /// The result; sets the flags.
    static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T
}

extension BinaryOperation {
    @inline(__always) static var writes: Bool { true }
}

enum Add: BinaryOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        let r = a &+ b
        flags.setAdd(a, r)
        return r
    }
}

enum AddCarry: BinaryOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        let r = a &+ b &+ T(truncatingIfNeeded: flags.carry)
        flags.setAddCarry(a, b, r)
        return r
    }
}

enum Subtract: BinaryOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        let r = a &- b
        flags.setSub(a, r)
        return r
    }
}

enum SubtractBorrow: BinaryOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        let r = a &- b &- T(truncatingIfNeeded: flags.carry)
        flags.setSubBorrow(a, b, r)
        return r
    }
}

enum And: BinaryOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        let r = a & b
        flags.setLogic(r)
        return r
    }
}

enum Or: BinaryOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        let r = a | b
        flags.setLogic(r)
        return r
    }
}

enum Xor: BinaryOperation {
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        let r = a ^ b
        flags.setLogic(r)
        return r
    }
}

enum Compare: BinaryOperation {
    @inline(__always) static var writes: Bool { false }
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        flags.setSub(a, a &- b)
        return a
    }
}

enum Test: BinaryOperation {
    @inline(__always) static var writes: Bool { false }
    @inline(__always) static func apply<T: Width>(_ flags: inout LazyFlags, _ a: T, _ b: T) -> T {
        flags.setLogic(a & b)
        return a
    }
}

extension CPU {
    /// Register, register.
    @inline(__always) mutating func rr<O: BinaryOperation, T: Width>(_: O.Type, _: T.Type, _ i: Op) {
        let r = O.apply(&flags, register(i.a, T.self), register(i.b, T.self))
        if O.writes { setRegister(i.a, r) }
    }

    /// Register, memory.
    @inline(__always) mutating func rm<O: BinaryOperation, T: Width>(_: O.Type, _: T.Type, _ i: Op) {
        guard let value = readMemory(i, T.self) else { return }
        let r = O.apply(&flags, register(i.a, T.self), value)
        if O.writes { setRegister(i.a, r) }
    }

    /// Memory, register.
    @inline(__always) mutating func mr<O: BinaryOperation, T: Width>(_: O.Type, _: T.Type, _ i: Op) {
        memoryOperation(O.self, i, register(i.a, T.self))
    }

    /// Register, immediate.
    @inline(__always) mutating func ri<O: BinaryOperation, T: Width>(_: O.Type, _: T.Type, _ i: Op) {
        let r = O.apply(&flags, register(i.a, T.self), T(truncatingIfNeeded: i.imm))
        if O.writes { setRegister(i.a, r) }
    }

    /// Memory, immediate.
    @inline(__always) mutating func mi<O: BinaryOperation, T: Width>(_: O.Type, _: T.Type, _ i: Op) {
        memoryOperation(O.self, i, T(truncatingIfNeeded: i.imm))
    }

    @inline(__always) private mutating func memoryOperation<O: BinaryOperation, T: Width>(_: O.Type, _ i: Op, _ b: T) {
        if O.writes {
            modify(i, T.self) { O.apply(&$0.flags, $1, b) }
        } else {
            guard let a = readMemory(i, T.self) else { return }
            _ = O.apply(&flags, a, b)
        }
    }

    /// INC: as ADD 1, CF stays.
    @inline(__always) mutating func increment<T: Width>(_ a: T) -> T {
        let carry = flags.cf
        let r = a &+ 1
        flags.setAddCarry(a, 1, r)
        flags.setCarry(carry)
        return r
    }

    /// DEC: as SUB 1, CF stays.
    @inline(__always) mutating func decrement<T: Width>(_ a: T) -> T {
        let carry = flags.cf
        let r = a &- 1
        flags.setSubBorrow(a, 1, r)
        flags.setCarry(carry)
        return r
    }

    /// NEG.
    @inline(__always) mutating func negate<T: Width>(_ a: T) -> T {
        let r = 0 &- a
        flags.setSub(0, r)
        return r
    }
}
