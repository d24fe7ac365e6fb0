// SPDX-License-Identifier: GPL-3.0-or-later

/// A comparison whose outcome the operands tell.
protocol Comparison: BinaryOperation {
    /// Condition `code` of Jcc after the operation.
    static func holds<T: Width>(_ code: Int, _ a: T, _ b: T) -> Bool
}

extension Compare: Comparison {
    @inline(__always) static func holds<T: Width>(_ code: Int, _ a: T, _ b: T) -> Bool {
        let base =
            switch code >> 1 {
            case 1: a < b
            case 2: a == b
            case 3: a <= b
            case 6: Int32(bitPattern: a.signExtended) < Int32(bitPattern: b.signExtended)
            default: Int32(bitPattern: a.signExtended) <= Int32(bitPattern: b.signExtended)
            }
        return base != (code & 1 != 0)
    }
}

extension Test: Comparison {
    @inline(__always) static func holds<T: Width>(_ code: Int, _ a: T, _ b: T) -> Bool {
        let r = Int32(bitPattern: (a & b).signExtended)
        let base =
            switch code >> 1 {
            case 2: r == 0
            case 4: r < 0
            // OF is clear.
            default: r <= 0
            }
        return base != (code & 1 != 0)
    }
}

extension FastForms {
    /// The form of a comparison together with the jump in the next record. Nil when there is none.
    static func fused(_ i: Instruction, jump: Instruction) -> Handler? {
        let isJump = (0x70...0x7F).contains(jump.opcode) || (0x180...0x18F).contains(jump.opcode)
        // A jump without a fast form of its own has no target prepared, and may be none (LOCK).
        guard isJump, jump.flags.isDisjoint(with: [.stop, .word, .lock, .rep, .repne, .address16]) else { return nil }
        let code = Int(jump.opcode & 15)
        let isMemory = i.flags.contains(.memory)
        guard isMemory else {
            switch i.opcode {
            case 0x39, 0x3B: return compareRR(code)
            case 0x3D: return compareRI(code)
            case 0x81 where i.b == 7, 0x83 where i.b == 7: return compareRI(code)
            case 0x3C: return compareRI8(code)
            case 0x80 where i.b == 7: return compareRI8(code)
            case 0x84: return testRR8(code)
            case 0x85: return testRR(code)
            case 0xA8: return testRI8(code)
            case 0xF6 where i.b < 2: return testRI8(code)
            default: return nil
            }
        }
        guard i.index == 32 else { return nil }
        switch i.opcode {
        case 0x3B: return compareRM(code)
        case 0x81 where i.b == 7, 0x83 where i.b == 7: return compareMI(code)
        case 0x80 where i.b == 7: return compareMI8(code)
        default: return nil
        }
    }
}

extension UnsafeMutableRawPointer {
    @inline(__always) private func fused<O: Comparison, T: Width>(_: O.Type, _ code: Int, _ op: Op, _ a: T, _ b: T) {
        _ = O.apply(&cpu.flags, a, b)
        if O.holds(code, a, b) { leave(op + 1) } else { proceedPastLinks(op + 1) }
    }

    /// Register, register.
    @inline(__always) func fusedRR<O: Comparison, T: Width>(_: O.Type, _: T.Type, _ code: Int, _ op: Op) {
        fused(O.self, code, op, get(op.pointee.a, T.self), get(op.pointee.b, T.self))
    }

    /// Register, immediate.
    @inline(__always) func fusedRI<O: Comparison, T: Width>(_: O.Type, _: T.Type, _ code: Int, _ op: Op) {
        fused(O.self, code, op, get(op.pointee.a, T.self), T(truncatingIfNeeded: op.pointee.imm))
    }

    /// Register, memory without index.
    @inline(__always) func fusedRM<O: Comparison, T: Width>(_: O.Type, _: T.Type, _ code: Int, _ op: Op) {
        let (isOpen, host) = cpu.readable(Based.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        fused(O.self, code, op, get(op.pointee.a, T.self), host.loadUnaligned(as: T.self))
    }

    /// Memory without index, immediate.
    @inline(__always) func fusedMI<O: Comparison, T: Width>(_: O.Type, _: T.Type, _ code: Int, _ op: Op) {
        let (isOpen, host) = cpu.readable(Based.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        fused(O.self, code, op, host.loadUnaligned(as: T.self), T(truncatingIfNeeded: op.pointee.imm))
    }
}
