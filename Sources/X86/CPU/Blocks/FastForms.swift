// SPDX-License-Identifier: GPL-3.0-or-later

/// Which instructions have a fast form: those that make up most of what compilers emit, with 32-bit or byte operands, 32-bit addresses, in flat segments, without
/// LOCK or REP. Everything else takes the general form. A fast form does what the row's handler does in the usual case and leaves the unusual one, before it has changed
/// anything, to the general form; so the handler alone says what an instruction means.
enum FastForms {
    /// The fast form of a decoded instruction in flat code; prepares the record for it. `dead`: its flags are never seen. Nil when there is none.
    static func form(_ i: UnsafeMutablePointer<Instruction>, dead: Bool) -> Handler? {
        let flags = i.pointee.flags
        guard flags.isDisjoint(with: [.lock, .rep, .repne, .word, .address16]) else { return nil }
        let isMemory = flags.contains(.memory)
        // Displacements in the instruction (MOV AL, moffs) have the segment of any other operand.
        if isMemory || (0xA0...0xA3).contains(i.pointee.opcode) {
            guard i.pointee.segment == SegmentNumber.ds || i.pointee.segment == SegmentNumber.ss else { return nil }
        }
        let indexed = i.pointee.index != 32
        let opcode = Int(i.pointee.opcode)
        if opcode < 0x40, opcode & 7 < 6 { return arithmetic(opcode >> 3, opcode & 7, isMemory, indexed, dead) }
        if let form = isMemory ? memory(opcode, i, indexed, dead) : register(opcode, i, dead) { return form }
        return transfer(opcode, i, isMemory, indexed)
    }

    /// Whether the block runs a record by a fast form.
    static func hasForm(_ i: UnsafeMutablePointer<Instruction>) -> Bool {
        unsafeBitCast(i.pointee.run, to: UInt.self) != unsafeBitCast(Dispatch.general, to: UInt.self)
    }

    /// What an instruction with a fast form has to do with the arithmetic flags.
    enum FlagUse {
        case none, sets, keepsCarry
        /// Reads them, keeps some of them, or may fault.
        case mayLook
    }

    /// See `FlagUse`; memory operands are for the caller to see.
    static func flagUse(_ i: Instruction) -> FlagUse {
        let opcode = i.opcode
        if opcode < 0x40 {
            let kind = opcode >> 3
            return kind == 2 || kind == 3 ? .mayLook : .sets
        }
        switch opcode {
        case 0x40...0x4F: return .keepsCarry
        case 0x80...0x83: return i.b == 2 || i.b == 3 ? .mayLook : .sets
        case 0x84, 0x85, 0xA8, 0xA9, 0x69, 0x6B, 0x1AF: return .sets
        case 0xF6, 0xF7: return i.b == 2 ? .none : .sets
        case 0xC1, 0xD1: return i.b >= 4 && i.imm & 31 != 0 ? .sets : .mayLook
        case 0x88...0x8B, 0x8D, 0xB0...0xBF, 0xC6, 0xC7, 0x1B6, 0x1B7, 0x1BE, 0x1BF, 0x98, 0x99, 0x90...0x97, 0x1C8...0x1CF: return .none
        default: return .mayLook
        }
    }

    /// The six opcodes of an operation.
    private static func arithmetic(_ kind: Int, _ column: Int, _ isMemory: Bool, _ indexed: Bool, _ dead: Bool) -> Handler {
        switch column {
        case 0: isMemory ? mr8(kind, indexed: indexed) : rr8(kind)
        case 1: isMemory ? mr32(kind, indexed: indexed) : rr32(kind, dead: dead)
        case 2: isMemory ? rm8(kind, indexed: indexed) : rr8(kind)
        case 3: isMemory ? rm32(kind, indexed: indexed, dead: dead) : rr32(kind, dead: dead)
        case 4: ri8(kind)
        default: ri32(kind, dead: dead)
        }
    }

    private static func memory(_ opcode: Int, _ i: UnsafeMutablePointer<Instruction>, _ x: Bool, _ dead: Bool) -> Handler? {
        let digit = Int(i.pointee.b)
        switch opcode {
        case 0x80, 0x82: return mi8(digit, indexed: x)
        case 0x81, 0x83: return mi32(digit, indexed: x)
        case 0x84: return mr8(8, indexed: x)
        case 0x85: return mr32(8, indexed: x)
        case 0xF6 where digit < 2: return mi8(8, indexed: x)
        case 0xF7 where digit < 2: return mi32(8, indexed: x)
        case 0x88: return x ? { $0.fastStore(UInt8.self, Indexed.self, $1.op) } : { $0.fastStore(UInt8.self, Based.self, $1.op) }
        case 0x89: return x ? { $0.fastStore(UInt32.self, Indexed.self, $1.op) } : { $0.fastStore(UInt32.self, Based.self, $1.op) }
        case 0x8A:
            return x
                ? { $0.fastLoad(UInt8.self, UInt8.self, Indexed.self, $1.op) { $0 } }
                : { $0.fastLoad(UInt8.self, UInt8.self, Based.self, $1.op) { $0 } }
        case 0x8B:
            return x
                ? { $0.fastLoad(UInt32.self, UInt32.self, Indexed.self, $1.op) { $0 } }
                : { $0.fastLoad(UInt32.self, UInt32.self, Based.self, $1.op) { $0 } }
        case 0xC6 where digit == 0:
            return x ? { $0.fastStoreConstant(UInt8.self, Indexed.self, $1.op) } : { $0.fastStoreConstant(UInt8.self, Based.self, $1.op) }
        case 0xC7 where digit == 0:
            return x ? { $0.fastStoreConstant(UInt32.self, Indexed.self, $1.op) } : { $0.fastStoreConstant(UInt32.self, Based.self, $1.op) }
        case 0x8D: return x ? { $0.fastAddress(Indexed.self, $1.op) } : { $0.fastAddress(Based.self, $1.op) }
        case 0x1B6:
            return x
                ? { $0.fastLoad(UInt8.self, UInt32.self, Indexed.self, $1.op) { UInt32($0) } }
                : { $0.fastLoad(UInt8.self, UInt32.self, Based.self, $1.op) { UInt32($0) } }
        case 0x1B7:
            return x
                ? { $0.fastLoad(UInt16.self, UInt32.self, Indexed.self, $1.op) { UInt32($0) } }
                : { $0.fastLoad(UInt16.self, UInt32.self, Based.self, $1.op) { UInt32($0) } }
        case 0x1BE:
            return x
                ? { $0.fastLoad(UInt8.self, UInt32.self, Indexed.self, $1.op) { $0.signExtended } }
                : { $0.fastLoad(UInt8.self, UInt32.self, Based.self, $1.op) { $0.signExtended } }
        case 0x1BF:
            return x
                ? { $0.fastLoad(UInt16.self, UInt32.self, Indexed.self, $1.op) { $0.signExtended } }
                : { $0.fastLoad(UInt16.self, UInt32.self, Based.self, $1.op) { $0.signExtended } }
        case 0xFF where digit < 2:
            return choose(
                x, digit == 1, { $0.fastIncrementMemory(Indexed.self, $1.op, down: true) },
                { $0.fastIncrementMemory(Indexed.self, $1.op, down: false) }, { $0.fastIncrementMemory(Based.self, $1.op, down: true) },
                { $0.fastIncrementMemory(Based.self, $1.op, down: false) })
        case 0xFF where digit == 6: return x ? { $0.fastPushMemory(Indexed.self, $1.op) } : { $0.fastPushMemory(Based.self, $1.op) }
        default: return nil
        }
    }

    private static func register(_ opcode: Int, _ i: UnsafeMutablePointer<Instruction>, _ dead: Bool) -> Handler? {
        let digit = Int(i.pointee.b)
        switch opcode {
        case 0x40...0x47: return dead ? { $0.fastIncrementDead($1.op, by: 1) } : { $0.fastIncrement($1.op, down: false) }
        case 0x48...0x4F: return dead ? { $0.fastIncrementDead($1.op, by: ~0) } : { $0.fastIncrement($1.op, down: true) }
        case 0x50...0x57: return { $0.fastPush($1.op, $0.get($1.op.pointee.a, UInt32.self)) }
        case 0x58...0x5F: return { $0.fastPop($1.op) }
        case 0x68, 0x6A: return { $0.fastPush($1.op, $1.op.imm) }
        case 0x80, 0x82: return ri8(digit)
        case 0x81, 0x83: return ri32(digit, dead: dead)
        case 0x84: return rr8(8)
        case 0x85: return rr32(8, dead: dead)
        case 0xA8: return ri8(8)
        case 0xA9: return ri32(8, dead: dead)
        case 0xF6 where digit < 2: return ri8(8)
        case 0xF7 where digit < 2: return ri32(8, dead: dead)
        case 0xF7 where digit == 3: return { $0.fastNegate($1.op) }
        // NOT, MUL and IMUL touch registers alone; divisions may fault.
        case 0xF7 where digit == 2 || digit == 4 || digit == 5: return { $0.fastHandler($1.op) }
        case 0x69, 0x6B: return dead ? { $0.fastMultiplyConstant(Dead.self, $1.op) } : { $0.fastMultiplyConstant(Live.self, $1.op) }
        case 0x1AF: return dead ? { $0.fastMultiply(Dead.self, $1.op) } : { $0.fastMultiply(Live.self, $1.op) }
        // PAUSE may end the processor's turn.
        case 0x90 where i.pointee.flags.contains(.rep): return nil
        case 0x98, 0x99, 0x90...0x97, 0x1A4, 0x1A5, 0x1AC, 0x1AD, 0x1C8...0x1CF, 0x140...0x14F, 0xF5, 0xF8, 0xF9:
            return { $0.fastHandler($1.op) }
        case 0x88, 0x8A: return { $0.fastMove(UInt8.self, $1.op) }
        case 0x89, 0x8B: return { $0.fastMove(UInt32.self, $1.op) }
        case 0xA0: return { $0.fastLoad(UInt8.self, UInt8.self, Based.self, $1.op) { $0 } }
        case 0xA1: return { $0.fastLoad(UInt32.self, UInt32.self, Based.self, $1.op) { $0 } }
        case 0xA2: return { $0.fastStore(UInt8.self, Based.self, $1.op) }
        case 0xA3: return { $0.fastStore(UInt32.self, Based.self, $1.op) }
        case 0xB0...0xB7: return { $0.fastConstant(UInt8.self, $1.op) }
        case 0xC6 where digit == 0: return { $0.fastConstant(UInt8.self, $1.op) }
        case 0xB8...0xBF: return { $0.fastConstant(UInt32.self, $1.op) }
        case 0xC7 where digit == 0: return { $0.fastConstant(UInt32.self, $1.op) }
        case 0x190...0x19F: return set(opcode & 15)
        case 0x1B6: return { $0.fastExtend(UInt8.self, $1.op) { UInt32($0) } }
        case 0x1B7: return { $0.fastExtend(UInt16.self, $1.op) { UInt32($0) } }
        case 0x1BE: return { $0.fastExtend(UInt8.self, $1.op) { $0.signExtended } }
        case 0x1BF: return { $0.fastExtend(UInt16.self, $1.op) { $0.signExtended } }
        case 0xC9: return { $0.fastLeave($1.op) }
        case 0xC1, 0xD1, 0xD3: return shift(opcode, i, digit, dead)
        default: return nil
        }
    }

    private static func shift(_ opcode: Int, _ i: UnsafeMutablePointer<Instruction>, _ digit: Int, _ dead: Bool) -> Handler? {
        if opcode == 0xD3 {
            switch digit {
            case 0: return { $0.fastShiftByCL(RotateLeft.self, $1.op) }
            case 1: return { $0.fastShiftByCL(RotateRight.self, $1.op) }
            case 4, 6: return { $0.fastShiftByCL(ShiftLeft.self, $1.op) }
            case 5: return { $0.fastShiftByCL(ShiftRight.self, $1.op) }
            case 7: return { $0.fastShiftByCL(ShiftArithmetic.self, $1.op) }
            default: return nil
            }
        }
        if opcode == 0xD1 { i.pointee.imm = 1 }
        guard i.pointee.imm & 31 != 0 else { return { $0.proceed($1) } }
        switch digit {
        case 0: return dead ? { $0.fastShift(RotateLeft.self, Dead.self, $1.op) } : { $0.fastShift(RotateLeft.self, Live.self, $1.op) }
        case 1: return dead ? { $0.fastShift(RotateRight.self, Dead.self, $1.op) } : { $0.fastShift(RotateRight.self, Live.self, $1.op) }
        case 4, 6: return dead ? { $0.fastShift(ShiftLeft.self, Dead.self, $1.op) } : { $0.fastShift(ShiftLeft.self, Live.self, $1.op) }
        case 5: return dead ? { $0.fastShift(ShiftRight.self, Dead.self, $1.op) } : { $0.fastShift(ShiftRight.self, Live.self, $1.op) }
        case 7:
            return dead
                ? { $0.fastShift(ShiftArithmetic.self, Dead.self, $1.op) } : { $0.fastShift(ShiftArithmetic.self, Live.self, $1.op) }
        default: return nil
        }
    }

    private static func transfer(_ opcode: Int, _ i: UnsafeMutablePointer<Instruction>, _ isMemory: Bool, _ x: Bool) -> Handler? {
        let target = i.pointee.linear &+ UInt32(i.pointee.length) &+ i.pointee.imm
        let digit = Int(i.pointee.b)
        switch opcode {
        case 0x70...0x7F, 0x180...0x18F:
            i.pointee.disp = target
            return jump(opcode & 15)
        case 0xEB, 0xE9:
            i.pointee.disp = target
            return { $0.follow($0.link(behind: $1), $1.op.pointee.disp) }
        case 0xE8:
            i.pointee.disp = target
            return { $0.fastCall($1.op) }
        case 0xC3: return { $0.fastReturn($1.op, 0) }
        case 0xC2: return { $0.fastReturn($1.op, $1.op.imm) }
        case 0xFF where digit == 2 && !isMemory: return { $0.fastCallIndirect($1.op, $0.get($1.op.pointee.a, UInt32.self)) }
        case 0xFF where digit == 4 && !isMemory: return { $0.lookUp($0.get($1.op.pointee.a, UInt32.self)) }
        case 0xFF where digit == 2: return x ? { $0.fastCallThrough(Indexed.self, $1.op) } : { $0.fastCallThrough(Based.self, $1.op) }
        case 0xFF where digit == 4: return x ? { $0.fastJumpThrough(Indexed.self, $1.op) } : { $0.fastJumpThrough(Based.self, $1.op) }
        default: return nil
        }
    }
}
