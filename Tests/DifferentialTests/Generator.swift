// SPDX-License-Identifier: GPL-3.0-or-later

@testable import X86

/// One generated instruction.
struct GeneratedInstruction {
    var bytes: [UInt8]
    var opcode: Int
    var digit: Int
    var use: FlagUse
    /// Where the displacement of a near jump is, how long it is, and how many groups it passes over.
    var jump: (at: Int, size: Int, passes: Int)?
    /// Jumps may lead here.
    var startsGroup = true

    /// Reads its memory operand and then writes it.
    var modifiesMemory: Bool {
        switch opcode {
        case 0x00..<0x40: opcode & 7 < 2 && opcode < 0x38
        case 0x80...0x83: digit != 7
        case 0x86, 0x87, 0xC0, 0xC1, 0xD0...0xD3, 0x1A4, 0x1A5, 0x1AC, 0x1AD, 0x1AB, 0x1B3, 0x1BB, 0x1B0, 0x1B1, 0x1C0, 0x1C1, 0x1C7, 0x63:
            true
        case 0xF6, 0xF7: digit == 2 || digit == 3
        case 0xFE, 0xFF: digit < 2
        case 0x1BA: digit > 4
        default: false
        }
    }
}

/// Makes random instructions from the rows of the instruction table: whatever the machine can decode is generated.
struct Generator {
    var random: SeededRandom
    let world: World

    /// Opcodes that are not compared here, each with the reason; `ModeTests`, `ExceptionTests` and the guests test them.
    static let excluded: [Int: String] = [
        0xF4: "HLT ends the run in Unicorn", 0x1A2: "CPUID: another processor", 0x131: "RDTSC: another clock", 0x130: "WRMSR",
        0x132: "RDMSR",
        0x134: "SYSENTER goes to a hook in Unicorn", 0x135: "SYSEXIT likewise",
        0xE4: "ports are a hook in Unicorn, without I/O permissions",
        0xE5: "port", 0xE6: "port", 0xE7: "port", 0xEC: "port", 0xED: "port", 0xEE: "port", 0xEF: "port", 0x6C: "port", 0x6D: "port",
        0x6E: "port",
        0x6F: "port", 0xF1: "INT1 is an invalid opcode in Unicorn", 0x1AE: "FXSAVE: no MMX here", 0x9B: "no x87 arithmetic here",
        0xD8: "x87", 0xD9: "x87",
        0xDA: "x87", 0xDB: "x87", 0xDC: "x87", 0xDD: "x87", 0xDE: "x87", 0xDF: "x87", 0x122: "MOV CR changes the world", 0x123: "MOV DR",
        0x121: "MOV DR", 0xCF: "IRET", 0x106: "CLTS", 0x108: "INVD", 0x109: "WBINVD", 0x10D: "3DNow! prefetch: not in Unicorn's Pentium II",
    ]

    /// Every opcode and digit with a row that is compared, in order.
    static let rows: [(opcode: Int, digit: Int)] = (0..<512).flatMap { opcode -> [(opcode: Int, digit: Int)] in
        guard excluded[opcode] == nil else { return [] }
        let entries = InstructionTable.shared.entries + opcode * 8
        var found: [(opcode: Int, digit: Int)] = []
        for digit in 0..<8 where entries[digit].opcode >= 0 {
            if entries[digit].form.modRM, entries[digit].digit >= 0 || digit == 0 {
                found.append((opcode, entries[digit].digit >= 0 ? digit : -1))
            } else if digit == 0 {
                found.append((opcode, -1))
            }
        }
        return found
    }

    init(seed: UInt64, world: World) {
        random = SeededRandom(seed)
        self.world = world
    }

    /// LGDT, LIDT and LMSW change the world, SGDT and VMCALL share a row with what Unicorn does not know.
    private func isAllowed(_ opcode: Int, _ digit: Int) -> Bool {
        if opcode == 0x101 { return digit == 4 || digit == 1 || (digit == 7) || (digit == 6 && world.isUser) }
        // A control register that does not exist is #UD before it is #GP; not so in Unicorn (SDM vol. 3, table 6-2).
        if opcode == 0x120, digit == 1 || digit > 4, world.isUser { return false }
        // Unicorn has no second encoding of TEST.
        if opcode == 0xF6 || opcode == 0xF7, digit == 1 { return false }
        if opcode == 0x100, digit == 2 || digit == 3 { return world.isUser || world.isReal }
        return true
    }

    /// A random row, encoded.
    mutating func any() -> GeneratedInstruction {
        while true {
            let (opcode, member) = random.pick(Self.rows)
            let digit = member < 0 ? random.below(8) : member
            guard isAllowed(opcode, digit), !Self.isString(opcode), opcode != 0x9D else { continue }
            let instruction = encode(opcode, digit: digit)
            // Register forms are VEX prefixes in Unicorn.
            if opcode == 0xC4 || opcode == 0xC5, instruction.bytes.last! >= 0xC0, instruction.bytes.count < 5 { continue }
            // Prefetch hints take memory in Unicorn only.
            if opcode == 0x118, instruction.bytes.last! >= 0xC0 { continue }
            // SMSW r32: the upper half is undefined, and Unicorn keeps it (SDM vol. 2, SMSW).
            if opcode == 0x101, digit == 4, instruction.bytes.last! >= 0xC0 { continue }
            return instruction
        }
    }

    /// MOVS, CMPS, STOS, LODS, SCAS: always in a group that sets the count.
    static func isString(_ opcode: Int) -> Bool { (0xA4...0xA7).contains(opcode) || (0xAA...0xAF).contains(opcode) }

    /// Encodes an opcode with random prefixes and operands.
    mutating func encode(_ opcode: Int, digit: Int, registerOnly: Bool = false, prefixed: Bool = true) -> GeneratedInstruction {
        let row = InstructionTable.shared.entries[opcode * 8 + digit]
        var bytes: [UInt8] = []
        var word = world.isSmall
        var short = world.isSmall
        if prefixed { (word, short) = prefixes(row, opcode, &bytes) }
        if opcode >= 0x100 { bytes.append(0x0F) }
        bytes.append(UInt8(truncatingIfNeeded: opcode))
        if row.form.modRM {
            let at = bytes.count
            if row.form.registerOnly {
                bytes.append(random.byte() & 0xC7 | UInt8(digit) << 3)
            } else {
                operands(digit, short: short, registerOnly: registerOnly, &bytes)
            }
            // Unicorn takes LOCK before most instructions that must not have it (SDM vol. 2, LOCK); `ZydisTests` tries all of those. And
            // the flags of LOCK NEG are wrong there.
            if row.lockable, bytes[at] < 0xC0, opcode & ~1 != 0xF6 || digit != 3, random.oneIn(8) { bytes.insert(0xF0, at: 0) }
        }
        let start = bytes.count
        immediate(row.form.immediate, word: word, short: short, opcode, &bytes)
        let isShift = opcode == 0xC0 || opcode == 0xC1 || opcode == 0x1A4 || opcode == 0x1AC
        let width = opcode & 1 == 0 && opcode < 0x100 ? 8 : word ? 16 : 32
        let use = FlagUse(opcode: opcode, digit: digit, count: isShift ? Int(bytes[start]) : nil, width: width)
        var jump: (at: Int, size: Int, passes: Int)?
        if row.form.immediate == .relativeByte || row.form.immediate == .relativeFull {
            jump = (start, bytes.count - start, random.below(4))
        }
        return GeneratedInstruction(bytes: bytes, opcode: opcode, digit: digit, use: use, jump: jump)
    }

    private mutating func prefixes(_ row: Row, _ opcode: Int, _ bytes: inout [UInt8]) -> (word: Bool, short: Bool) {
        var word = world.isSmall
        var short = world.isSmall
        if random.oneIn(4) {
            bytes.append(0x66)
            word.toggle()
        }
        if random.oneIn(world.isSmall ? 6 : 14) {
            bytes.append(0x67)
            short.toggle()
        }
        if random.oneIn(12) { bytes.append(random.pick([0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65])) }
        if Self.isString(opcode), !random.oneIn(3) { bytes.append(random.oneIn(2) ? 0xF3 : 0xF2) }
        return (word, short)
    }

    private mutating func operands(_ digit: Int, short: Bool, registerOnly: Bool, _ bytes: inout [UInt8]) {
        let reg = UInt8(digit) << 3
        if registerOnly || random.below(100) < 45 {
            bytes.append(0xC0 | reg | random.byte() & 7)
            return
        }
        let mod = UInt8(random.below(3))
        let rm = random.byte() & 7
        bytes.append(mod << 6 | reg | rm)
        if short {
            let size = (mod == 0 && rm == 6) || mod == 2 ? 2 : Int(mod)
            for _ in 0..<size { bytes.append(random.byte()) }
            return
        }
        var base = rm
        if rm == 4 {
            let sib = random.byte()
            base = sib & 7
            bytes.append(sib)
        }
        if mod == 0, base == 5 {
            put(pointer(), 4, &bytes)
        } else if mod == 2 {
            put(UInt32(bitPattern: Int32(random.below(0x2000) - 0x1000)), 4, &bytes)
        } else if mod == 1 {
            bytes.append(random.byte())
        }
    }

    private mutating func immediate(_ kind: Form.Immediate, word: Bool, short: Bool, _ opcode: Int, _ bytes: inout [UInt8]) {
        switch kind {
        case .none: break
        case .byte, .byteSigned: bytes.append(random.pick([random.byte(), random.byte(), 0, 1, 0x80, 0xFF, random.byte() & 31]))
        case .relativeByte: bytes.append(0)
        case .word: put(random.word() & 0x3FF, 2, &bytes)
        case .full: put(value(), word ? 2 : 4, &bytes)
        case .relativeFull: put(0, word ? 2 : 4, &bytes)
        case .far:
            put(World.codeStart + random.word() & 0xFFF - world.codeBase, word ? 2 : 4, &bytes)
            put(UInt32(selector()), 2, &bytes)
        case .offset: put(pointer(), short ? 2 : 4, &bytes)
        case .wordByte:
            put(random.word() & 0x1FF, 2, &bytes)
            bytes.append(random.oneIn(8) ? random.byte() : random.byte() & 3)
        }
    }

    /// A number that is often at some edge.
    mutating func value() -> UInt32 {
        switch random.below(8) {
        case 0: random.word() & 0xFF
        case 1: 0xFFFF_FF00 | random.word()
        case 2: random.pick([0x8000_0000, 0x7FFF_FFFF, 0x8000, 0x7FFF, 0x80, 0x7F, 0, 1, 0xFFFF])
        case 3: pointer()
        default: random.word()
        }
    }

    /// An offset in DS that lies in data pages, often near the end of one.
    mutating func pointer() -> UInt32 {
        let pages: UInt32 =
            world.isSmall
            ? UInt32(random.below(16))
            : random.oneIn(4) && world.isPaging
                ? UInt32(0x40 + random.below(0x40)) : UInt32(random.oneIn(4) ? random.below(15) : 0x20 + random.below(0x18))
        let large: UInt32 = world.isPaging && !world.isSmall && random.oneIn(16) ? UInt32(1 + random.below(2)) << 22 : 0
        let offset = random.oneIn(4) ? 0xFFC + random.word() & 7 : random.word() & 0xFFF
        return large + pages << 12 + offset
    }

    /// A selector of some descriptor of `World`, or none.
    mutating func selector() -> UInt16 {
        if world.isReal {
            return UInt16(truncatingIfNeeded: random.pick([0x2000, 0x1000, 0x2100, 0x2800 + random.word() & 0xFF, random.word() & 0x2FFF]))
        }
        if random.oneIn(16) { return UInt16(random.below(8)) << 3 | 4 | UInt16(random.below(4)) }
        let rpl = UInt16(random.oneIn(3) ? random.below(4) : world.isUser ? 3 : 0)
        let good: [Int] = [1, 2, 3, 4, 5, 6, 7, 8]
        return UInt16(random.oneIn(2) ? random.pick(good) : random.below(World.descriptors.count + 2)) << 3 | rpl
    }

    func put(_ value: UInt32, _ size: Int, _ bytes: inout [UInt8]) {
        for k in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * k))) }
    }
}
