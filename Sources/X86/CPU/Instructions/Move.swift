// SPDX-License-Identifier: GPL-3.0-or-later

/// MOV, MOVZX, MOVSX, LEA, XLAT, LxS, BSWAP, CBW, CWD and the no-operations.
enum Move {
    static var rows: [Row] { general + extending + segments }

    private static var general: [Row] {
        [
            Row(0x88, .EbGb, byte: { $0.cpu.moveRR(UInt8.self, $1.op) }, memory: { $0.cpu.moveMR(UInt8.self, $1.op) }),
            Row(
                0x89, .EvGv, { $0.cpu.moveRR(UInt32.self, $1.op) }, memory: { $0.cpu.moveMR(UInt32.self, $1.op) },
                word: { $0.cpu.moveRR(UInt16.self, $1.op) }, wordMemory: { $0.cpu.moveMR(UInt16.self, $1.op) }),
            Row(0x8A, .GbEb, byte: { $0.cpu.moveRR(UInt8.self, $1.op) }, memory: { $0.cpu.moveRM(UInt8.self, $1.op) }),
            Row(
                0x8B, .GvEv, { $0.cpu.moveRR(UInt32.self, $1.op) }, memory: { $0.cpu.moveRM(UInt32.self, $1.op) },
                word: { $0.cpu.moveRR(UInt16.self, $1.op) }, wordMemory: { $0.cpu.moveRM(UInt16.self, $1.op) }),
            Row(0xA0, .O) { $0.cpu.moveRM(UInt8.self, $1.op) },
            Row(0xA1, .O, { $0.cpu.moveRM(UInt32.self, $1.op) }, word: { $0.cpu.moveRM(UInt16.self, $1.op) }),
            Row(0xA2, .O) { $0.cpu.moveMR(UInt8.self, $1.op) },
            Row(0xA3, .O, { $0.cpu.moveMR(UInt32.self, $1.op) }, word: { $0.cpu.moveMR(UInt16.self, $1.op) }),
            Row(0xB0, count: 8, .ZbIb) { $0.cpu.moveRI(UInt8.self, $1.op) },
            Row(0xB8, count: 8, .ZvIz, { $0.cpu.moveRI(UInt32.self, $1.op) }, word: { $0.cpu.moveRI(UInt16.self, $1.op) }),
            Row(0xC6, digit: 0, .EbIb, byte: { $0.cpu.moveRI(UInt8.self, $1.op) }, memory: { $0.cpu.moveMI(UInt8.self, $1.op) }),
            Row(
                0xC7, digit: 0, .EvIz, { $0.cpu.moveRI(UInt32.self, $1.op) }, memory: { $0.cpu.moveMI(UInt32.self, $1.op) },
                word: { $0.cpu.moveRI(UInt16.self, $1.op) }, wordMemory: { $0.cpu.moveMI(UInt16.self, $1.op) }),
            Row(0x8D, .GvEv, { $0.cpu.loadAddress(UInt32.self, $1.op) }, word: { $0.cpu.loadAddress(UInt16.self, $1.op) }),
            Row(0xD7, .none) { $0.cpu.translateByte($1.op) },
            Row(0x90, .none) { cpu, i in if i.op.pointee.flags.contains(.rep) { cpu.cpu.machine.endTurn() } },
            Row(0x118, count: 8, .Ev) { _, _ in },
            Row(0x10D, .Ev) { _, _ in },
        ]
    }

    private static var extending: [Row] {
        [
            Row(
                0x1B6, .GvEb, { $0.cpu.zeroExtend(UInt8.self, UInt32.self, $1.op) },
                word: { $0.cpu.zeroExtend(UInt8.self, UInt16.self, $1.op) }),
            Row(
                0x1B7, .GvEv, { $0.cpu.zeroExtend(UInt16.self, UInt32.self, $1.op) },
                word: { $0.cpu.zeroExtend(UInt16.self, UInt16.self, $1.op) }),
            Row(
                0x1BE, .GvEb, { $0.cpu.signExtend(UInt8.self, UInt32.self, $1.op) },
                word: { $0.cpu.signExtend(UInt8.self, UInt16.self, $1.op) }),
            Row(
                0x1BF, .GvEv, { $0.cpu.signExtend(UInt16.self, UInt32.self, $1.op) },
                word: { $0.cpu.signExtend(UInt16.self, UInt16.self, $1.op) }),
            Row(
                0x98, .none, { cpu, _ in cpu.cpu.eax = cpu.cpu.register(0, UInt16.self).signExtended },
                word: { cpu, _ in cpu.cpu.setRegister(0, UInt16(truncatingIfNeeded: cpu.cpu.register(0, UInt8.self).signExtended)) }),
            Row(
                0x99, .none, { cpu, _ in cpu.cpu.edx = cpu.cpu.eax >> 31 != 0 ? ~0 : 0 },
                word: { cpu, _ in cpu.cpu.setRegister(8, cpu.cpu.register(0, UInt16.self) >> 15 != 0 ? UInt16.max : 0) }),
            Row(
                0x1C8, count: 8, .Zv, { $0.cpu.setRegister($1.op.a, $0.cpu.register($1.op.a, UInt32.self).byteSwapped) },
                word: { $0.cpu.setRegister($1.op.a, UInt16(0)) }),
        ]
    }

    private static var segments: [Row] {
        [
            Row(0x8C, .Ev) { $0.cpu.storeSegment($1.op) },
            Row(0x8E, .Ev) { $0.cpu.moveToSegment($1.op) },
            Row(0xC4, .GvEv) { $0.cpu.loadFarPointer(SegmentNumber.es, $1.op) },
            Row(0xC5, .GvEv) { $0.cpu.loadFarPointer(SegmentNumber.ds, $1.op) },
            Row(0x1B2, .GvEv) { $0.cpu.loadFarPointer(SegmentNumber.ss, $1.op) },
            Row(0x1B4, .GvEv) { $0.cpu.loadFarPointer(SegmentNumber.fs, $1.op) },
            Row(0x1B5, .GvEv) { $0.cpu.loadFarPointer(SegmentNumber.gs, $1.op) },
        ]
    }
}

extension CPU {
    /// Register to register.
    @inline(__always) mutating func moveRR<T: Width>(_: T.Type, _ i: Op) { setRegister(i.a, register(i.b, T.self)) }
    /// Register to memory.
    @inline(__always) mutating func moveMR<T: Width>(_: T.Type, _ i: Op) { _ = writeMemory(i, register(i.a, T.self)) }
    /// Memory to register.
    @inline(__always) mutating func moveRM<T: Width>(_: T.Type, _ i: Op) {
        if let value = readMemory(i, T.self) { setRegister(i.a, value) }
    }
    /// Immediate to register.
    @inline(__always) mutating func moveRI<T: Width>(_: T.Type, _ i: Op) { setRegister(i.a, T(truncatingIfNeeded: i.imm)) }
    /// Immediate to memory.
    @inline(__always) mutating func moveMI<T: Width>(_: T.Type, _ i: Op) { _ = writeMemory(i, T(truncatingIfNeeded: i.imm)) }

    /// LEA.
    @inline(__always) mutating func loadAddress<T: Width>(_: T.Type, _ i: Op) {
        guard i.isMemory else { return raise(.invalidOpcode) }
        setRegister(i.a, T(truncatingIfNeeded: ea(i)))
    }

    @inline(__always) private mutating func source<T: Width>(_ i: Op, _: T.Type) -> T? {
        i.isMemory ? readMemory(i, T.self) : register(i.b, T.self)
    }

    /// MOVZX.
    @inline(__always) mutating func zeroExtend<S: Width, T: Width>(_: S.Type, _: T.Type, _ i: Op) {
        if let value = source(i, S.self) { setRegister(i.a, T(truncatingIfNeeded: value)) }
    }

    /// MOVSX.
    @inline(__always) mutating func signExtend<S: Width, T: Width>(_: S.Type, _: T.Type, _ i: Op) {
        if let value = source(i, S.self) { setRegister(i.a, T(truncatingIfNeeded: value.signExtended)) }
    }

    /// XLAT.
    mutating func translateByte(_ i: Op) {
        let offset = (ebx &+ UInt32(register(0, UInt8.self))) & i.pointee.mask
        if let value = read(i.segment, offset, UInt8.self) { setRegister(0, value) }
    }

    /// MOV r/m, Sreg: a register gets the selector zero-extended, memory gets 16 bits.
    mutating func storeSegment(_ i: Op) {
        guard i.b < 6 else { return raise(.invalidOpcode) }
        let value = selector(i.b)
        if i.isMemory {
            _ = writeMemory(i, value)
        } else if i.isWord {
            setRegister(i.a, value)
        } else {
            setRegister(i.a, UInt32(value))
        }
    }

    /// MOV Sreg, r/m16; not CS.
    mutating func moveToSegment(_ i: Op) {
        guard i.b < 6, i.b != SegmentNumber.cs else { return raise(.invalidOpcode) }
        guard let value = readRM(i, UInt16.self) else { return }
        do { try loadSegment(i.b, value) } catch { return raise(error) }
        if i.b == SegmentNumber.ss { inhibitInterrupts(traps: true) }
    }

    /// Holds interrupts, and after a load of SS debug traps, off until the next instruction is done (SDM vol. 3, 6.8.3).
    mutating func inhibitInterrupts(traps: Bool) {
        inhibitAt = count
        inhibitsTraps = traps
        deadline = 0
    }

    /// LDS, LES, LFS, LGS, LSS.
    mutating func loadFarPointer(_ number: Int, _ i: Op) {
        guard i.isMemory else { return raise(.invalidOpcode) }
        let offset = ea(i)
        do {
            if i.isWord {
                let value = try check(read(i.segment, offset, UInt16.self))
                try loadSegment(number, try check(read(i.segment, (offset &+ 2) & i.pointee.mask, UInt16.self)))
                setRegister(i.a, value)
            } else {
                let value = try check(read(i.segment, offset, UInt32.self))
                try loadSegment(number, try check(read(i.segment, (offset &+ 4) & i.pointee.mask, UInt16.self)))
                setRegister(i.a, value)
            }
        } catch { raise(error) }
    }
}
