// SPDX-License-Identifier: GPL-3.0-or-later

// Moves, stack, INC and DEC, shifts by a constant, multiplication.
extension UnsafeMutableRawPointer {
    /// MOV r, r.
    @inline(__always) func fastMove<T: Width>(_: T.Type, _ op: Op) {
        set(op.pointee.a, get(op.pointee.b, T.self))
        proceed(op)
    }

    /// MOV r, imm.
    @inline(__always) func fastConstant<T: Width>(_: T.Type, _ op: Op) {
        set(op.pointee.a, T(truncatingIfNeeded: op.pointee.imm))
        proceed(op)
    }

    /// MOV r, m; MOVZX and MOVSX from memory: `S` is what memory holds, `extend` makes the register's value.
    @inline(__always) func fastLoad<S: Width, T: Width, A: Addressing>(_: S.Type, _: T.Type, _: A.Type, _ op: Op, _ extend: (S) -> T) {
        let (isOpen, host) = cpu.readable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        set(op.pointee.a, extend(host.loadUnaligned(as: S.self)))
        proceed(op)
    }

    /// MOVZX and MOVSX from a register.
    @inline(__always) func fastExtend<S: Width>(_: S.Type, _ op: Op, _ extend: (S) -> UInt32) {
        set(op.pointee.a, extend(get(op.pointee.b, S.self)))
        proceed(op)
    }

    /// MOV m, r.
    @inline(__always) func fastStore<T: Width, A: Addressing>(_: T.Type, _: A.Type, _ op: Op) {
        let (isOpen, host) = cpu.writable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        host.storeBytes(of: get(op.pointee.a, T.self), as: T.self)
        proceed(op)
    }

    /// MOV m, imm.
    @inline(__always) func fastStoreConstant<T: Width, A: Addressing>(_: T.Type, _: A.Type, _ op: Op) {
        let (isOpen, host) = cpu.writable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        host.storeBytes(of: T(truncatingIfNeeded: op.pointee.imm), as: T.self)
        proceed(op)
    }

    /// LEA.
    @inline(__always) func fastAddress<A: Addressing>(_: A.Type, _ op: Op) {
        set(op.pointee.a, A.address(self, op))
        proceed(op)
    }

    /// PUSH of a value.
    @inline(__always) func fastPush(_ op: Op, _ value: UInt32) {
        let pointer = esp &- 4
        let (isOpen, host) = cpu.writable(pointer)
        guard isOpen else { return Dispatch.general(self, op) }
        host.storeBytes(of: value, as: UInt32.self)
        esp = pointer
        proceed(op)
    }

    /// PUSH m.
    @inline(__always) func fastPushMemory<A: Addressing>(_: A.Type, _ op: Op) {
        let (isOpen, host) = cpu.readable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        fastPush(op, host.loadUnaligned(as: UInt32.self))
    }

    /// POP r.
    @inline(__always) func fastPop(_ op: Op) {
        let pointer = esp
        let (isOpen, host) = cpu.readable(pointer)
        guard isOpen else { return Dispatch.general(self, op) }
        esp = pointer &+ 4
        set(op.pointee.a, host.loadUnaligned(as: UInt32.self))
        proceed(op)
    }

    /// LEAVE.
    @inline(__always) func fastLeave(_ op: Op) {
        let pointer = ebp
        let (isOpen, host) = cpu.readable(pointer)
        guard isOpen else { return Dispatch.general(self, op) }
        esp = pointer &+ 4
        ebp = host.loadUnaligned(as: UInt32.self)
        proceed(op)
    }

    /// INC r, DEC r.
    @inline(__always) func fastIncrement(_ op: Op, down: Bool) {
        let a = get(op.pointee.a, UInt32.self)
        set(op.pointee.a, down ? cpu.decrement(a) : cpu.increment(a))
        proceed(op)
    }

    /// INC m, DEC m.
    @inline(__always) func fastIncrementMemory<A: Addressing>(_: A.Type, _ op: Op, down: Bool) {
        let (isOpen, host) = cpu.writable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        let a = host.loadUnaligned(as: UInt32.self)
        host.storeBytes(of: down ? cpu.decrement(a) : cpu.increment(a), as: UInt32.self)
        proceed(op)
    }

    /// INC r, DEC r when nobody looks at the flags.
    @inline(__always) func fastIncrementDead(_ op: Op, by step: UInt32) {
        set(op.pointee.a, get(op.pointee.a, UInt32.self) &+ step)
        proceed(op)
    }

    /// A shift by a constant of 1...31 in `imm`.
    @inline(__always) func fastShift<O: ShiftOperation, L: FlagUse>(_: O.Type, _: L.Type, _ op: Op) {
        let a = get(op.pointee.a, UInt32.self)
        let count = Int(op.pointee.imm & 31)
        if L.isLive {
            set(op.pointee.a, O.apply(&cpu.flags, a, count))
        } else {
            var flags = cpu.flags
            set(op.pointee.a, O.apply(&flags, a, count))
        }
        proceed(op)
    }

    /// A shift by CL.
    @inline(__always) func fastShiftByCL<O: ShiftOperation>(_: O.Type, _ op: Op) {
        let count = Int(get(4, UInt8.self) & 31)
        if count != 0 { set(op.pointee.a, O.apply(&cpu.flags, get(op.pointee.a, UInt32.self), count)) }
        proceed(op)
    }

    @inline(__always) private func product<L: FlagUse>(_: L.Type, _ a: UInt32, _ b: UInt32) -> UInt32 {
        if !L.isLive { return a &* b }
        let full = Int64(Int32(bitPattern: a)) &* Int64(Int32(bitPattern: b))
        let low = UInt32(truncatingIfNeeded: full)
        let high = full != Int64(Int32(bitPattern: low))
        cpu.flags.setShift(low, cf: high, of: high)
        return low
    }

    /// IMUL r, r.
    @inline(__always) func fastMultiply<L: FlagUse>(_: L.Type, _ op: Op) {
        set(op.pointee.a, product(L.self, get(op.pointee.a, UInt32.self), get(op.pointee.b, UInt32.self)))
        proceed(op)
    }

    /// IMUL r, m.
    @inline(__always) func fastMultiplyMemory<A: Addressing>(_: A.Type, _ op: Op) {
        let (isOpen, host) = cpu.readable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        set(op.pointee.a, product(Live.self, get(op.pointee.a, UInt32.self), host.loadUnaligned(as: UInt32.self)))
        proceed(op)
    }

    /// IMUL r, r, imm.
    @inline(__always) func fastMultiplyConstant<L: FlagUse>(_: L.Type, _ op: Op) {
        set(op.pointee.a, product(L.self, get(op.pointee.b, UInt32.self), op.pointee.imm))
        proceed(op)
    }

    /// NEG r.
    @inline(__always) func fastNegate(_ op: Op) {
        set(op.pointee.a, cpu.negate(get(op.pointee.a, UInt32.self)))
        proceed(op)
    }

    /// An instruction on registers that can neither fault nor look at EIP or time: its handler, without the ceremony.
    @inline(__always) func fastHandler(_ op: Op) {
        op.pointee.handler(self, op)
        proceed(op)
    }
}
