// SPDX-License-Identifier: GPL-3.0-or-later

/// Turns instruction bytes into a record (SDM vol. 2, chapter 2).
struct Decoder {
    enum Result { case ok, needMore, tooLong }

    let bytes: UnsafePointer<UInt8>
    /// How many bytes may be looked at, at most 15.
    let available: Int
    private var position = 0
    private var overrun = false
    private var instruction = Instruction.empty
    private var word = false
    private var address16 = false
    private var override: Int?

    init(_ bytes: UnsafePointer<UInt8>, available: Int) {
        self.bytes = bytes
        self.available = available
    }

    /// Decodes one instruction of 32-bit (`big`) or 16-bit code into `record`. `needMore` leaves the record alone.
    static func decode(_ bytes: UnsafePointer<UInt8>, available: Int, big: Bool, into record: UnsafeMutablePointer<Instruction>) -> Result {
        var decoder = Decoder(bytes, available: available)
        decoder.run(big: big)
        if decoder.overrun { return available >= 15 ? .tooLong : .needMore }
        decoder.instruction.length = UInt8(decoder.position)
        record.pointee = decoder.instruction
        return .ok
    }

    private mutating func byte() -> UInt8 {
        guard position < available else {
            overrun = true
            return 0
        }
        position += 1
        return bytes[position - 1]
    }

    private mutating func half() -> UInt32 {
        let low = UInt32(byte())
        return low | UInt32(byte()) << 8
    }

    private mutating func full() -> UInt32 {
        let low = half()
        return low | half() << 16
    }

    private mutating func signedByte() -> UInt32 { byte().signExtended }

    private mutating func run(big: Bool) {
        var opcode = prefixes(big: big)
        if opcode == 0x0F { opcode = 0x100 + Int(byte()) }
        if overrun { return }
        var modRM: UInt8 = 0
        let entries = InstructionTable.shared.entries + opcode * 8
        var digit = 0
        if entries[0].form.modRM {
            modRM = byte()
            digit = Int(modRM >> 3 & 7)
        }
        let row = entries[digit]
        if row.form.modRM {
            operands(row.form, modRM)
        } else if row.form.opcodeRegister != .none {
            instruction.a = Self.offset(opcode & 7, row.form.opcodeRegister)
        }
        if !instruction.flags.contains(.memory) { instruction.segment = UInt8(override ?? SegmentNumber.ds) }
        immediate(row.form.immediate)
        if word { instruction.flags.insert(.word) }
        if address16 {
            instruction.flags.insert(.address16)
            instruction.mask = 0xFFFF
        }
        instruction.opcode = UInt16(opcode)
        let memory = instruction.flags.contains(.memory)
        instruction.handler =
            word ? (memory ? row.memory16 : row.register16) : (memory ? row.memory32 : row.register32)
        if instruction.flags.contains(.lock), !(row.lockable && memory) {
            instruction.handler = { cpu, _ in cpu.cpu.raise(.invalidOpcode) }
        }
    }

    /// Consumes prefixes, answers the opcode byte.
    private mutating func prefixes(big: Bool) -> Int {
        word = !big
        address16 = !big
        while true {
            let value = byte()
            if overrun { return 0 }
            switch value {
            case 0x66: word = big
            case 0x67: address16 = big
            case 0xF0: instruction.flags.insert(.lock)
            case 0xF3:
                instruction.flags.insert(.rep)
                instruction.flags.remove(.repne)
            case 0xF2:
                instruction.flags.insert(.repne)
                instruction.flags.remove(.rep)
            case 0x26: override = SegmentNumber.es
            case 0x2E: override = SegmentNumber.cs
            case 0x36: override = SegmentNumber.ss
            case 0x3E: override = SegmentNumber.ds
            case 0x64: override = SegmentNumber.fs
            case 0x65: override = SegmentNumber.gs
            default: return Int(value)
            }
        }
    }

    /// Byte offset of a register in the register file: AH...BH are second bytes of the first four.
    private static func offset(_ number: Int, _ field: Form.RegisterField) -> UInt8 {
        switch field {
        case .byte: UInt8((number & 3) * 4 + number >> 2)
        case .full: UInt8(number * 4)
        case .raw, .none: UInt8(number)
        }
    }

    private mutating func operands(_ form: Form, _ modRM: UInt8) {
        let g = Self.offset(Int(modRM >> 3 & 7), form.g)
        let rm = Int(modRM & 7)
        if modRM >= 0xC0 || form.registerOnly {
            let e = Self.offset(rm, form.e)
            instruction.a = form.toG ? g : e
            instruction.b = form.toG ? e : g
            return
        }
        instruction.flags.insert(.memory)
        instruction.a = g
        instruction.b = g
        let mode = Int(modRM >> 6)
        let segment = address16 ? address16(mode, rm) : address32(mode, rm)
        instruction.segment = UInt8(override ?? segment)
    }

    /// SDM vol. 2, table 2-2 and 2-3. Answers the default segment.
    private mutating func address32(_ mode: Int, _ rm: Int) -> Int {
        var base = rm
        if rm == 4 {
            let sib = byte()
            base = Int(sib & 7)
            let index = Int(sib >> 3 & 7)
            if index != 4 {
                instruction.index = UInt8(index * 4)
                instruction.scale = sib >> 6
            }
        }
        if base == 5, mode == 0 {
            instruction.disp = full()
            return SegmentNumber.ds
        }
        instruction.base = UInt8(base * 4)
        if mode == 1 { instruction.disp = signedByte() }
        if mode == 2 { instruction.disp = full() }
        return base == 4 || base == 5 ? SegmentNumber.ss : SegmentNumber.ds
    }

    /// SDM vol. 2, table 2-1. Answers the default segment.
    private mutating func address16(_ mode: Int, _ rm: Int) -> Int {
        if mode == 0, rm == 6 {
            instruction.disp = half()
            return SegmentNumber.ds
        }
        let (bx, bp, si, di): (UInt8, UInt8, UInt8, UInt8) = (12, 20, 24, 28)
        (instruction.base, instruction.index) =
            switch rm {
            case 0: (bx, si)
            case 1: (bx, di)
            case 2: (bp, si)
            case 3: (bp, di)
            case 4: (si, 32)
            case 5: (di, 32)
            case 6: (bp, 32)
            default: (bx, 32)
            }
        if mode == 1 { instruction.disp = signedByte() }
        if mode == 2 { instruction.disp = half() }
        return rm == 2 || rm == 3 || rm == 6 ? SegmentNumber.ss : SegmentNumber.ds
    }

    private mutating func immediate(_ kind: Form.Immediate) {
        switch kind {
        case .none: break
        case .byte: instruction.imm = UInt32(byte())
        case .byteSigned, .relativeByte: instruction.imm = signedByte()
        case .word: instruction.imm = half()
        case .full: instruction.imm = word ? half() : full()
        case .relativeFull: instruction.imm = word ? UInt16(truncatingIfNeeded: half()).signExtended : full()
        case .far:
            instruction.imm = word ? half() : full()
            instruction.imm2 = UInt16(truncatingIfNeeded: half())
        case .offset: instruction.disp = address16 ? half() : full()
        case .wordByte:
            instruction.imm = half()
            instruction.imm2 = UInt16(byte())
        }
    }
}
