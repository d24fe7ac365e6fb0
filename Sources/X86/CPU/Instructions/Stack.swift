// SPDX-License-Identifier: GPL-3.0-or-later

/// PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER, LEAVE.
enum StackFamily {
    static var rows: [Row] {
        [
            Row(
                0x50, count: 8, .Zv, { _ = $0.cpu.push($0.cpu.register($1.op.a, UInt32.self)) },
                word: { _ = $0.cpu.push($0.cpu.register($1.op.a, UInt16.self)) }),
            Row(0x58, count: 8, .Zv, { $0.cpu.popRegister(UInt32.self, $1.op) }, word: { $0.cpu.popRegister(UInt16.self, $1.op) }),
            Row(0x68, .Iz, { _ = $0.cpu.push($1.op.imm) }, word: { _ = $0.cpu.push(UInt16(truncatingIfNeeded: $1.op.imm)) }),
            Row(0x6A, .IbSigned, { _ = $0.cpu.push($1.op.imm) }, word: { _ = $0.cpu.push(UInt16(truncatingIfNeeded: $1.op.imm)) }),
            Row(0xFF, digit: 6, .Ev, { $0.cpu.pushOperand(UInt32.self, $1.op) }, word: { $0.cpu.pushOperand(UInt16.self, $1.op) }),
            Row(0x8F, digit: 0, .Ev, { $0.cpu.popOperand(UInt32.self, $1.op) }, word: { $0.cpu.popOperand(UInt16.self, $1.op) }),
            Row(0x60, .none, { cpu, _ in cpu.cpu.pushAll(UInt32.self) }, word: { cpu, _ in cpu.cpu.pushAll(UInt16.self) }),
            Row(0x61, .none, { cpu, _ in cpu.cpu.popAll(UInt32.self) }, word: { cpu, _ in cpu.cpu.popAll(UInt16.self) }),
            Row(0x9C, .none) { $0.cpu.pushFlags($1.op) },
            Row(0x9D, .none) { $0.cpu.popFlags($1.op) },
            Row(0xC8, .IwIb, { $0.cpu.enterFrame(UInt32.self, $1.op) }, word: { $0.cpu.enterFrame(UInt16.self, $1.op) }),
            Row(0xC9, .none, { cpu, _ in cpu.cpu.leaveFrame(UInt32.self) }, word: { cpu, _ in cpu.cpu.leaveFrame(UInt16.self) }),
            Row(0x06, .none) { $0.cpu.pushSegment(SegmentNumber.es, $1.op) },
            Row(0x0E, .none) { $0.cpu.pushSegment(SegmentNumber.cs, $1.op) },
            Row(0x16, .none) { $0.cpu.pushSegment(SegmentNumber.ss, $1.op) },
            Row(0x1E, .none) { $0.cpu.pushSegment(SegmentNumber.ds, $1.op) },
            Row(0x1A0, .none) { $0.cpu.pushSegment(SegmentNumber.fs, $1.op) },
            Row(0x1A8, .none) { $0.cpu.pushSegment(SegmentNumber.gs, $1.op) },
            Row(0x07, .none) { $0.cpu.popSegment(SegmentNumber.es, $1.op) },
            Row(0x17, .none) { $0.cpu.popSegment(SegmentNumber.ss, $1.op) },
            Row(0x1F, .none) { $0.cpu.popSegment(SegmentNumber.ds, $1.op) },
            Row(0x1A1, .none) { $0.cpu.popSegment(SegmentNumber.fs, $1.op) },
            Row(0x1A9, .none) { $0.cpu.popSegment(SegmentNumber.gs, $1.op) },
        ]
    }
}

extension CPU {
    /// POP r.
    @inline(__always) mutating func popRegister<T: Width>(_: T.Type, _ i: Op) {
        if let value = pop(T.self) { setRegister(i.a, value) }
    }

    /// PUSH r/m: with ESP as operand the value before the push.
    @inline(__always) mutating func pushOperand<T: Width>(_: T.Type, _ i: Op) {
        if let value = readRM(i, T.self) { _ = push(value) }
    }

    /// POP m: an address that uses ESP sees its value after the pop (SDM vol. 2, POP).
    mutating func popOperand<T: Width>(_: T.Type, _ i: Op) {
        let old = esp
        guard let value = pop(T.self) else { return }
        if !writeRM(i, value) { esp = old }
    }

    /// PUSHA, PUSHAD.
    mutating func pushAll<T: Width>(_: T.Type) {
        let size = UInt32(MemoryLayout<T>.size)
        // The last store goes first: when neither end faults, nothing between them does, and a fault leaves ESP alone.
        for number in (0..<8).reversed() {
            let pointer = (esp &- size &* UInt32(number + 1)) & stackMask
            guard write(SegmentNumber.ss, pointer, register(number * 4, T.self)) else { return }
        }
        setStackPointer(esp &- size &* 8)
    }

    /// POPA, POPAD: the image of ESP is skipped.
    mutating func popAll<T: Width>(_: T.Type) {
        let size = UInt32(MemoryLayout<T>.size)
        // A fault on the way must leave all registers.
        for slot in 0..<8 as Range<UInt32> { guard peek(slot &* size, T.self) != nil else { return } }
        for slot in 0..<8 where slot != 3 {
            guard let value = peek(UInt32(slot) &* size, T.self) else { return }
            setRegister((7 - slot) * 4, value)
        }
        setStackPointer(esp &+ size &* 8)
    }

    /// PUSHF, PUSHFD.
    mutating func pushFlags(_ i: Op) {
        if isVirtual8086, iopl < 3 { return raise(.protection(0)) }
        let image = eflags & ~(EFlags.vm | EFlags.rf)
        _ = i.isWord ? push(UInt16(truncatingIfNeeded: image)) : push(image)
    }

    /// POPF, POPFD: what may change depends on CPL and IOPL (SDM vol. 2, POPF).
    mutating func popFlags(_ i: Op) {
        if isVirtual8086, iopl < 3 { return raise(.protection(0)) }
        var keep = flagsKept | EFlags.vif | EFlags.vip
        if isVirtual8086 { keep |= EFlags.iopl }
        if i.isWord {
            if let image = pop(UInt16.self) { loadFlags(UInt32(image), wide: false, keep: keep) }
        } else {
            if let image = pop(UInt32.self) { loadFlags(image & ~EFlags.rf, wide: true, keep: keep) }
        }
    }

    /// ENTER.
    mutating func enterFrame<T: Width>(_: T.Type, _ i: Op) {
        let size = UInt32(MemoryLayout<T>.size)
        let level = UInt32(i.pointee.imm2 & 31)
        let oldESP = esp
        func fail() { regs.storeBytes(of: oldESP, toByteOffset: 16, as: UInt32.self) }
        guard push(register(20, T.self)) else { return }
        let frame = esp
        if level > 0 {
            for k in 1..<max(level, 1) {
                guard let value = read(SegmentNumber.ss, (ebp &- size &* k) & stackMask, T.self), push(value) else { return fail() }
            }
            guard push(T(truncatingIfNeeded: frame)) else { return fail() }
        }
        let pointer = (esp &- i.imm) & stackMask
        // The frame's end must be writable (SDM vol. 2, ENTER).
        guard let address = linear(SegmentNumber.ss, pointer, size: 1, write: true), resolve(address, write: true, user: cpl == 3) != nil
        else { return fail() }
        setRegister(20, T(truncatingIfNeeded: frame))
        setStackPointer(pointer)
    }

    /// LEAVE.
    @inline(__always) mutating func leaveFrame<T: Width>(_: T.Type) {
        let pointer = ebp & stackMask
        guard let value = read(SegmentNumber.ss, pointer, T.self) else { return }
        setStackPointer(pointer &+ UInt32(MemoryLayout<T>.size))
        setRegister(20, value)
    }

    /// PUSH Sreg: with 32-bit operand size the upper half is written as zero.
    mutating func pushSegment(_ number: Int, _ i: Op) {
        _ = i.isWord ? push(selector(number)) : push(UInt32(selector(number)))
    }

    /// POP Sreg.
    mutating func popSegment(_ number: Int, _ i: Op) {
        let size: UInt32 = i.isWord ? 2 : 4
        guard let value = i.isWord ? peek(0, UInt16.self) : peek(0, UInt32.self).map(UInt16.init(truncatingIfNeeded:)) else { return }
        // POP SS moves the pointer by the size of the stack it leaves.
        let mask = stackMask
        let pointer = esp & ~mask | (esp &+ size) & mask
        do { try loadSegment(number, value) } catch { return raise(error) }
        esp = pointer
        if number == SegmentNumber.ss { inhibitInterrupts(traps: true) }
    }
}
