// SPDX-License-Identifier: GPL-3.0-or-later

/// Jcc, SETcc, CMOVcc, JMP, CALL, RET, LOOP and JCXZ: near transfers and what depends on a condition.
enum Branch {
    static var rows: [Row] {
        var rows = (0..<16).flatMap { code in
            [
                Row(0x70 + code, .Jb, ConditionHandlers.jump[code]),
                Row(0x180 + code, .Jz, ConditionHandlers.jump[code]),
                Row(0x190 + code, .Eb, ConditionHandlers.set[code]),
                Row(0x140 + code, .GvEv, ConditionHandlers.move[code], word: ConditionHandlers.moveWord[code]),
            ]
        }
        rows += [
            Row(0xEB, .Jb) { $0.cpu.jumpRelative($1.op) },
            Row(0xE9, .Jz) { $0.cpu.jumpRelative($1.op) },
            Row(0xE8, .Jz, { $0.cpu.callRelative(UInt32.self, $1.op) }, word: { $0.cpu.callRelative(UInt16.self, $1.op) }),
            Row(0xC3, .none, { cpu, _ in cpu.cpu.nearReturn(UInt32.self, 0) }, word: { cpu, _ in cpu.cpu.nearReturn(UInt16.self, 0) }),
            Row(0xC2, .Iw, { $0.cpu.nearReturn(UInt32.self, $1.op.imm) }, word: { $0.cpu.nearReturn(UInt16.self, $1.op.imm) }),
            Row(0xFF, digit: 2, .Ev, { $0.cpu.callIndirect(UInt32.self, $1.op) }, word: { $0.cpu.callIndirect(UInt16.self, $1.op) }),
            Row(0xFF, digit: 4, .Ev, { $0.cpu.jumpIndirect(UInt32.self, $1.op) }, word: { $0.cpu.jumpIndirect(UInt16.self, $1.op) }),
            Row(0xE0, .Jb) { $0.cpu.loop($1.op) { !$0.flags.zf } },
            Row(0xE1, .Jb) { $0.cpu.loop($1.op) { $0.flags.zf } },
            Row(0xE2, .Jb) { $0.cpu.loop($1.op) { _ in true } },
            Row(0xE3, .Jb) { if $0.cpu.ecx & $1.op.pointee.mask == 0 { $0.cpu.jumpRelative($1.op) } },
        ]
        return rows
    }
}

extension CPU {
    /// Adds the displacement to EIP; with 16-bit operand size the upper half is cleared.
    @inline(__always) mutating func jumpRelative(_ i: Op) {
        let target = eip &+ i.imm
        _ = jump(i.isWord ? target & 0xFFFF : target)
    }

    /// Jcc.
    @inline(__always) mutating func jumpIf(_ code: Int, _ i: Op) {
        if condition(code) { jumpRelative(i) }
    }

    /// SETcc.
    @inline(__always) mutating func setIf(_ code: Int, _ i: Op) {
        _ = writeRM(i, condition(code) ? UInt8(1) : 0)
    }

    /// CMOVcc reads its source whether or not the condition holds.
    @inline(__always) mutating func moveIf<T: Width>(_ code: Int, _: T.Type, _ i: Op) {
        let value: T
        if i.isMemory {
            guard let read = readMemory(i, T.self) else { return }
            value = read
        } else {
            value = register(i.b, T.self)
        }
        if condition(code) { setRegister(i.a, value) }
    }

    @inline(__always) private mutating func call<T: Width>(_ target: UInt32, _: T.Type) {
        if _slowPath(target > segments[SegmentNumber.cs].segment.limit) { return raise(.protection(0)) }
        guard push(T(truncatingIfNeeded: eip)) else { return }
        eip = target
    }

    /// CALL rel.
    @inline(__always) mutating func callRelative<T: Width>(_: T.Type, _ i: Op) {
        call(UInt32(T(truncatingIfNeeded: eip &+ i.imm)), T.self)
    }

    /// CALL r/m.
    @inline(__always) mutating func callIndirect<T: Width>(_: T.Type, _ i: Op) {
        guard let target = readRM(i, T.self) else { return }
        call(UInt32(target), T.self)
    }

    /// JMP r/m.
    @inline(__always) mutating func jumpIndirect<T: Width>(_: T.Type, _ i: Op) {
        guard let target = readRM(i, T.self) else { return }
        _ = jump(UInt32(target))
    }

    /// RET and RET imm16; `release` in bytes.
    @inline(__always) mutating func nearReturn<T: Width>(_: T.Type, _ release: UInt32) {
        guard let target = peek(0, T.self) else { return }
        guard jump(UInt32(target)) else { return }
        setStackPointer(esp &+ UInt32(MemoryLayout<T>.size) &+ release)
    }

    /// LOOPcc: the counter is CX or ECX by address size.
    @inline(__always) mutating func loop(_ i: Op, _ condition: (borrowing CPU) -> Bool) {
        let mask = i.pointee.mask
        let count = (ecx &- 1) & mask
        let taken = count != 0 && condition(self)
        if taken {
            let target = eip &+ i.imm
            guard jump(i.isWord ? target & 0xFFFF : target) else { return }
        }
        ecx = ecx & ~mask | count
    }
}
