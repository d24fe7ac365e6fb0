// SPDX-License-Identifier: GPL-3.0-or-later

// Near transfers in flat code: what they need of segments is known, and where they lead is a linear address.
extension FastForms {
    /// Jcc.
    static func jump(_ code: Int) -> Handler {
        switch code {
        case 0: { $0.fastJump(0, $1.op) }
        case 1: { $0.fastJump(1, $1.op) }
        case 2: { $0.fastJump(2, $1.op) }
        case 3: { $0.fastJump(3, $1.op) }
        case 4: { $0.fastJump(4, $1.op) }
        case 5: { $0.fastJump(5, $1.op) }
        case 6: { $0.fastJump(6, $1.op) }
        case 7: { $0.fastJump(7, $1.op) }
        case 8: { $0.fastJump(8, $1.op) }
        case 9: { $0.fastJump(9, $1.op) }
        case 10: { $0.fastJump(10, $1.op) }
        case 11: { $0.fastJump(11, $1.op) }
        case 12: { $0.fastJump(12, $1.op) }
        case 13: { $0.fastJump(13, $1.op) }
        case 14: { $0.fastJump(14, $1.op) }
        default: { $0.fastJump(15, $1.op) }
        }
    }

    /// SETcc to a register.
    static func set(_ code: Int) -> Handler {
        switch code {
        case 0: { $0.fastSet(0, $1.op) }
        case 1: { $0.fastSet(1, $1.op) }
        case 2: { $0.fastSet(2, $1.op) }
        case 3: { $0.fastSet(3, $1.op) }
        case 4: { $0.fastSet(4, $1.op) }
        case 5: { $0.fastSet(5, $1.op) }
        case 6: { $0.fastSet(6, $1.op) }
        case 7: { $0.fastSet(7, $1.op) }
        case 8: { $0.fastSet(8, $1.op) }
        case 9: { $0.fastSet(9, $1.op) }
        case 10: { $0.fastSet(10, $1.op) }
        case 11: { $0.fastSet(11, $1.op) }
        case 12: { $0.fastSet(12, $1.op) }
        case 13: { $0.fastSet(13, $1.op) }
        case 14: { $0.fastSet(14, $1.op) }
        default: { $0.fastSet(15, $1.op) }
        }
    }
}

extension UnsafeMutableRawPointer {
    /// Jcc: on in the block, or out of it.
    @inline(__always) func fastJump(_ code: Int, _ op: Op) {
        if cpu.condition(code) { leave(op) } else { proceedPastLinks(op) }
    }

    /// A taken jump in the middle of a block.
    @inline(__always) func leave(_ op: Op) {
        cpu.count &-= UInt64(op.pointee.remaining)
        follow(link(behind: op), op.pointee.disp)
    }

    /// SETcc.
    @inline(__always) func fastSet(_ code: Int, _ op: Op) {
        set(op.pointee.a, cpu.condition(code) ? UInt8(1) : 0)
        proceed(op)
    }

    /// CALL rel.
    @inline(__always) func fastCall(_ op: Op) {
        let pointer = esp &- 4
        let (isOpen, host) = cpu.writable(pointer)
        guard isOpen else { return Dispatch.general(self, op) }
        host.storeBytes(of: op.pointee.linear &+ UInt32(op.pointee.length), as: UInt32.self)
        esp = pointer
        follow(link(behind: op), op.pointee.disp)
    }

    /// CALL to where a register or memory says.
    @inline(__always) func fastCallIndirect(_ op: Op, _ target: UInt32) {
        let pointer = esp &- 4
        let (isOpen, host) = cpu.writable(pointer)
        guard isOpen else { return Dispatch.general(self, op) }
        host.storeBytes(of: op.pointee.linear &+ UInt32(op.pointee.length), as: UInt32.self)
        esp = pointer
        lookUp(target)
    }

    /// CALL m.
    @inline(__always) func fastCallThrough<A: Addressing>(_: A.Type, _ op: Op) {
        let (isOpen, host) = cpu.readable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        fastCallIndirect(op, host.loadUnaligned(as: UInt32.self))
    }

    /// JMP m.
    @inline(__always) func fastJumpThrough<A: Addressing>(_: A.Type, _ op: Op) {
        let (isOpen, host) = cpu.readable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        lookUp(host.loadUnaligned(as: UInt32.self))
    }

    /// RET, RET imm16.
    @inline(__always) func fastReturn(_ op: Op, _ release: UInt32) {
        let pointer = esp
        let (isOpen, host) = cpu.readable(pointer)
        guard isOpen else { return Dispatch.general(self, op) }
        esp = pointer &+ 4 &+ release
        lookUp(host.loadUnaligned(as: UInt32.self))
    }
}
