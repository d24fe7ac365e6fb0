// SPDX-License-Identifier: GPL-3.0-or-later

@testable import X86

/// A case: a sequence of instructions and the state it starts from. A function of its world and seed.
struct Case {
    var instructions: [GeneratedInstruction] = []
    /// In Intel's order.
    var registers: [UInt32] = []
    var eflags: UInt32 = 2

    var code: [UInt8] { instructions.flatMap(\.bytes) }

    /// Jumps go forward to the start of one of the next groups, so that no loop arises and flags are known.
    mutating func bindJumps() {
        for n in instructions.indices {
            guard let jump = instructions[n].jump else { continue }
            var passes = jump.passes
            var distance = 0
            for next in instructions[(n + 1)...] {
                if next.startsGroup {
                    if passes == 0 { break }
                    passes -= 1
                }
                distance += next.bytes.count
            }
            for k in 0..<jump.size { instructions[n].bytes[jump.at + k] = UInt8(truncatingIfNeeded: distance >> (8 * k)) }
        }
    }
}

extension Generator {
    /// Up to `length` instructions, some of them in small groups that make interesting things likely, whose meaning no undefined flag decides.
    mutating func makeCase(length: Int) -> Case {
        var result = Case()
        for n in 0..<8 { result.registers.append(n == 4 ? stack() : random.oneIn(3) ? value() : pointer()) }
        let iopl: UInt32 = random.oneIn(2) ? 0x3000 : 0
        result.eflags = random.word() & (EFlags.arithmetic | EFlags.intr | EFlags.ac | EFlags.id) | 2 | iopl
        if random.oneIn(6) { result.eflags |= EFlags.df }
        var tainted: UInt32 = 0
        var skippable = 0
        while result.instructions.count < length {
            var jumps = false
            for (n, var instruction) in group().enumerated() {
                instruction.startsGroup = n == 0
                if instruction.use.reads & tainted != 0 {
                    var definition = encode(0x3B, digit: random.below(8), registerOnly: true)
                    definition.startsGroup = n == 0
                    instruction.startsGroup = false
                    result.instructions.append(definition)
                    tainted = 0
                }
                result.instructions.append(instruction)
                // What a jump may pass over defines nothing for certain.
                tainted = tainted & ~(skippable > 0 ? 0 : instruction.use.defines) | instruction.use.undefined
                if instruction.jump != nil { jumps = true }
            }
            skippable = jumps ? 3 : max(skippable - 1, 0)
        }
        result.bindJumps()
        return result
    }

    private mutating func stack() -> UInt32 {
        let page: UInt32 = world.isSmall ? 0xA : random.oneIn(6) ? UInt32(0x20 + random.below(0x18)) : 0x22
        let offset: UInt32 = random.oneIn(5) ? random.word() & 7 : 0x800 + random.word() & 0x3FF
        return page << 12 + offset
    }

    private mutating func group() -> [GeneratedInstruction] {
        switch random.below(24) {
        case 0, 1: return stringGroup()
        case 2: return selectorGroup()
        case 3: return [constant(register: 1, random.word() & 0x3F), encode(random.oneIn(2) ? 0xD3 : 0xD2, digit: random.below(8))]
        case 4: return flagsGroup()
        case 5, 6: return edgeGroup()
        case 7: return [constant(register: 4, stack())]
        case 8: return [constant(register: random.pick([3, 5, 6, 7]), pointer())]
        case 9: return divideGroup()
        default: return [any()]
        }
    }

    /// MOV r, imm of the code's own size.
    private func constant(register: Int, _ value: UInt32) -> GeneratedInstruction {
        // A count has all 32 bits, since the address size may be either.
        var bytes: [UInt8] = register == 1 && world.isSmall ? [0x66, 0xB9] : [0xB8 + UInt8(register)]
        put(value, world.isSmall && register != 1 ? 2 : 4, &bytes)
        return raw(bytes, 0xB8 + register)
    }

    private func raw(_ bytes: [UInt8], _ opcode: Int, digit: Int = 0) -> GeneratedInstruction {
        GeneratedInstruction(bytes: bytes, opcode: opcode, digit: digit, use: FlagUse(opcode: opcode, digit: digit, count: nil, width: 32))
    }

    /// A repeated string instruction with a small count and pointers near page ends.
    private mutating func stringGroup() -> [GeneratedInstruction] {
        let opcode = random.pick([0xA4, 0xA5, 0xA6, 0xA7, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF])
        return [
            constant(register: 1, random.word() & 0x1F), constant(register: 6, pointer()), constant(register: 7, pointer()),
            encode(opcode, digit: 0),
        ]
    }

    /// A selector into AX or onto the stack, then something that looks at it.
    private mutating func selectorGroup() -> [GeneratedInstruction] {
        let selector = UInt32(selector())
        let load = constant(register: 0, selector)
        switch random.below(4) {
        case 0:
            let number = UInt8(random.pick([0, 2, 3, 3, 4, 5]))
            return [load, raw([0x8E, 0xC0 | number << 3], 0x8E, digit: Int(number))]
        case 1:
            let pop: [UInt8] = random.pick([[0x07], [0x17], [0x1F], [0x0F, 0xA1], [0x0F, 0xA9]])
            return [load, raw([0x50], 0x50), raw(pop, 0x07)]
        case 2: return [load, raw([0x0F, random.oneIn(2) ? 0x02 : 0x03, 0xC0 | UInt8(random.below(8)) << 3], 0x102)]
        default: return [load, raw([0x0F, 0x00, random.oneIn(2) ? 0xE0 : 0xE8], 0x100, digit: 4)]
        }
    }

    /// Random flags by POPF; TF, RF, VM and NT stay out of it.
    private mutating func flagsGroup() -> [GeneratedInstruction] {
        let image = random.word() & (EFlags.arithmetic | EFlags.df | EFlags.intr | EFlags.iopl | EFlags.ac | EFlags.id) | 2
        var push: [UInt8] = [0x68]
        put(image, world.isSmall ? 2 : 4, &push)
        return [raw(push, 0x68), raw([0x9D], 0x9D), raw([random.oneIn(2) ? 0xFC : 0x90], 0x90)]
    }

    /// A memory operand that straddles a page or starts at its edge.
    private mutating func edgeGroup() -> [GeneratedInstruction] {
        let register = random.pick([3, 6, 7])
        let memory: UInt8 = world.isSmall ? [3: 7, 6: 4, 7: 5][register]! : UInt8(register)
        let (opcode, digit) = random.pick(Self.simple)
        var instruction = encode(opcode, digit: digit < 0 ? random.below(8) : digit, registerOnly: true, prefixed: false)
        let at = instruction.opcode >= 0x100 ? 2 : 1
        instruction.bytes[at] = instruction.bytes[at] & 0x38 | memory
        return [constant(register: register, pointer()), instruction]
    }

    /// Opcodes with a plain ModRM memory operand.
    private static let simple = rows.filter { opcode, digit in
        let form = InstructionTable.shared.entries[opcode * 8 + max(digit, 0)].form
        let isTest = (opcode == 0xF6 || opcode == 0xF7) && digit == 1
        return form.modRM && !form.registerOnly && form.e != .none && opcode != 0x101 && opcode != 0x100 && opcode != 0xFF && opcode != 0xC4
            && opcode != 0xC5 && !isTest
    }

    /// A division that does not always overflow.
    private mutating func divideGroup() -> [GeneratedInstruction] {
        [constant(register: 2, random.word() & 0xFF), encode(random.oneIn(2) ? 0xF7 : 0xF6, digit: 6 + random.below(2), prefixed: false)]
    }
}
