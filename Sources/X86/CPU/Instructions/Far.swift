// SPDX-License-Identifier: GPL-3.0-or-later

/// Far JMP, CALL and RET, IRET, INT n, INT3, INTO, INT1, BOUND, UD2, SYSENTER and SYSEXIT.
enum FarFamily {
    static var rows: [Row] {
        [
            Row(0xEA, .Ap) { cpu, op in cpu.cpu.attempt { c throws(Fault) in try c.farJump(op.op.pointee.imm2, op.op.imm) } },
            Row(0x9A, .Ap) { cpu, op in
                cpu.cpu.attempt { c throws(Fault) in try c.farCall(op.op.pointee.imm2, op.op.imm, wide: !op.op.isWord) }
            },
            Row(0xFF, digit: 5, .Ev) { cpu, op in
                cpu.cpu.attempt { c throws(Fault) in
                    let (selector, offset) = try c.farOperand(op.op)
                    try c.farJump(selector, offset)
                }
            },
            Row(0xFF, digit: 3, .Ev) { cpu, op in
                cpu.cpu.attempt { c throws(Fault) in
                    let (selector, offset) = try c.farOperand(op.op)
                    try c.farCall(selector, offset, wide: !op.op.isWord)
                }
            },
            Row(0xCB, .none) { cpu, op in cpu.cpu.attempt { c throws(Fault) in try c.farReturn(wide: !op.op.isWord, release: 0) } },
            Row(0xCA, .Iw) { cpu, op in cpu.cpu.attempt { c throws(Fault) in try c.farReturn(wide: !op.op.isWord, release: op.op.imm) } },
            Row(0xCF, .none) { cpu, op in cpu.cpu.attempt { c throws(Fault) in try c.interruptReturn(wide: !op.op.isWord) } },
            Row(0xCC, .none) { cpu, _ in cpu.cpu.attempt { c throws(Fault) in try c.interrupt(3, .software, errorCode: nil) } },
            Row(0xCD, .Ib) { cpu, op in
                cpu.cpu.attempt { c throws(Fault) in
                    if c.isVirtual8086, c.iopl < 3 { throw .protection(0) }
                    try c.interrupt(UInt8(truncatingIfNeeded: op.op.imm), .software, errorCode: nil)
                }
            },
            Row(0xCE, .none) { cpu, _ in
                guard cpu.cpu.flags.of else { return }
                cpu.cpu.attempt { c throws(Fault) in try c.interrupt(4, .software, errorCode: nil) }
            },
            Row(0xF1, .none) { cpu, _ in
                cpu.cpu.attempt { c throws(Fault) in
                    try c.interrupt(1, .trap, errorCode: nil)
                    // Every debug exception clears GD, so that its handler can use the registers (SDM vol. 3, 18.2.4).
                    c.dr7 &= ~0x2000
                }
            },
            Row(0x10B, .none) { cpu, _ in cpu.cpu.raise(.invalidOpcode) },
            Row(0x62, .GvEv, { $0.cpu.checkBound(UInt32.self, $1.op) }, word: { $0.cpu.checkBound(UInt16.self, $1.op) }),
            Row(0x134, .none) { cpu, _ in cpu.cpu.systemEnter() },
            Row(0x135, .none) { cpu, _ in cpu.cpu.systemExit() },
        ]
    }
}

extension CPU {
    /// Runs a throwing body and raises what it throws.
    @inline(__always) mutating func attempt(_ body: (inout CPU) throws(Fault) -> Void) {
        do { try body(&self) } catch { raise(error) }
    }

    /// The far pointer in memory.
    mutating func farOperand(_ i: Op) throws(Fault) -> (UInt16, UInt32) {
        guard i.isMemory else { throw .invalidOpcode }
        let offset = ea(i)
        if i.isWord {
            let value = UInt32(try check(read(i.segment, offset, UInt16.self)))
            return (try check(read(i.segment, (offset &+ 2) & i.pointee.mask, UInt16.self)), value)
        }
        let value = try check(read(i.segment, offset, UInt32.self))
        return (try check(read(i.segment, (offset &+ 4) & i.pointee.mask, UInt16.self)), value)
    }

    /// BOUND.
    mutating func checkBound<T: Width>(_: T.Type, _ i: Op) {
        guard i.isMemory else { return raise(.invalidOpcode) }
        let offset = ea(i)
        guard let low = read(i.segment, offset, T.self),
            let high = read(i.segment, (offset &+ UInt32(MemoryLayout<T>.size)) & i.pointee.mask, T.self)
        else { return }
        let index = Int32(bitPattern: register(i.a, T.self).signExtended)
        if index < Int32(bitPattern: low.signExtended) || index > Int32(bitPattern: high.signExtended) { raise(.bound) }
    }

    private func flat(_ selector: UInt16, code: Bool, level: UInt16) -> Segment {
        Segment(selector: selector & 0xFFFC | level, base: 0, limit: ~0, attributes: 0xC090 | (code ? 0xB : 3) | level << 5)
    }

    /// SYSENTER (SDM vol. 2).
    mutating func systemEnter() {
        let selector = UInt16(truncatingIfNeeded: msr.sysenterCS)
        guard isProtected, selector & 0xFFFC != 0 else { return raise(.protection(0)) }
        systemFlags &= ~(EFlags.vm | EFlags.intr | EFlags.rf)
        setCPL(0)
        setSegment(SegmentNumber.cs, flat(selector, code: true, level: 0))
        setSegment(SegmentNumber.ss, flat(selector &+ 8, code: false, level: 0))
        esp = UInt32(truncatingIfNeeded: msr.sysenterESP)
        eip = UInt32(truncatingIfNeeded: msr.sysenterEIP)
    }

    /// SYSEXIT (SDM vol. 2).
    mutating func systemExit() {
        let selector = UInt16(truncatingIfNeeded: msr.sysenterCS)
        guard isProtected, cpl == 0, selector & 0xFFFC != 0 else { return raise(.protection(0)) }
        setCPL(3)
        setSegment(SegmentNumber.cs, flat(selector &+ 16, code: true, level: 3))
        setSegment(SegmentNumber.ss, flat(selector &+ 24, code: false, level: 3))
        esp = ecx
        eip = edx
    }
}
