// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The assembler and the decoder are mirrors: what each function of the assembler emits, over its operand shapes, is decoded to the same opcode, operands and
/// length, and nothing is left over.
@Suite struct AssemblerTests {
    /// What one instruction must be decoded to; nil is not looked at.
    private struct Expected {
        var opcode: Int
        var a: Int?
        var b: Int?
        var memory: Assembler.Memory?
        var imm: UInt32?
        var isWord = false
        var flags: InstructionFlags = []
        init(
            _ opcode: Int, a: Int? = nil, b: Int? = nil, _ memory: Assembler.Memory? = nil, imm: UInt32? = nil, isWord: Bool = false,
            flags: InstructionFlags = []
        ) {
            (self.opcode, self.a, self.b, self.memory, self.imm, self.isWord, self.flags) = (opcode, a, b, memory, imm, isWord, flags)
        }
    }

    private static let registers: [Assembler.Register] = [.eax, .ecx, .edx, .ebx, .esp, .ebp, .esi, .edi]
    private static let widths: [Assembler.Width] = [.byte, .word, .dword]
    private static let numbers: [UInt32] = [
        0, 1, 0x7F, 0x80, 0xFF, 0xFFFF_FF80, 0xFFFF_FF7F, 0xFFFF_FFFF, 0x8000, 0x1234_5678, 0x8000_0000,
    ]
    private static let memories: [Assembler.Memory] = {
        var result: [Assembler.Memory] = [Assembler.Memory(displacement: 0x1234), .fs(0x24)]
        for displacement in [0, 4, -128, 127, 128, -129, 0x12345] as [Int32] {
            for base in registers {
                result.append(.at(base, displacement))
                for index in registers where index != .esp {
                    for scale in [1, 2, 4, 8] as [UInt8] {
                        result.append(Assembler.Memory(base: base, index: index, scale: scale, displacement: displacement))
                    }
                }
            }
            for index in registers where index != .esp {
                result.append(Assembler.Memory(index: index, scale: 4, displacement: displacement, usesFS: true))
            }
        }
        return result
    }()

    /// Emits, decodes, compares.
    private func check(_ expected: Expected, _ emit: (inout Assembler) -> Void) {
        var assembler = Assembler()
        emit(&assembler)
        assembler.resolveLabels()
        let length = assembler.bytes.count
        var record = Instruction.empty
        let bytes = assembler.bytes + Array(repeating: 0xCC, count: 15)
        let result = bytes.withUnsafeBufferPointer { Decoder.decode($0.baseAddress!, available: 15, big: true, into: &record) }
        let text = "\(assembler.bytes.map { String($0, radix: 16) })"
        #expect(result == .ok && Int(record.length) == length, "\(text): length \(record.length)")
        #expect(Int(record.opcode) == expected.opcode, "\(text): opcode \(record.opcode)")
        let form = InstructionTable.shared.entries[expected.opcode * 8].form
        let digit = form.modRM && form.g == .raw ? Int(record.b) : 0
        #expect(InstructionTable.shared.entries[expected.opcode * 8 + digit].opcode >= 0, "\(text): no such instruction")
        if let a = expected.a { #expect(Int(record.a) == a, "\(text): a") }
        if let b = expected.b { #expect(Int(record.b) == b, "\(text): b") }
        if let imm = expected.imm { #expect(record.imm == imm, "\(text): imm \(record.imm)") }
        #expect(record.flags.contains(.word) == expected.isWord, "\(text): operand size")
        #expect(record.flags.isSuperset(of: expected.flags), "\(text): prefixes")
        #expect(record.flags.contains(.memory) == (expected.memory != nil), "\(text): shape")
        if let memory = expected.memory { checkMemory(record, memory, text) }
    }

    private func checkMemory(_ record: Instruction, _ memory: Assembler.Memory, _ text: String) {
        #expect(record.base == memory.base.map { $0.rawValue * 4 } ?? 32, "\(text): base")
        #expect(record.index == memory.index.map { $0.rawValue * 4 } ?? 32, "\(text): index")
        if memory.index != nil { #expect(1 << record.scale == memory.scale, "\(text): scale") }
        #expect(record.disp == UInt32(bitPattern: memory.displacement), "\(text): displacement")
        let segment = memory.usesFS ? SegmentNumber.fs : memory.base == .esp || memory.base == .ebp ? SegmentNumber.ss : SegmentNumber.ds
        #expect(Int(record.segment) == segment, "\(text): segment")
    }

    /// Place of a register of some width in the register file.
    private func place(_ register: Assembler.Register, _ width: Assembler.Width = .dword) -> Int {
        let number = Int(register.rawValue)
        return width == .byte ? (number & 3) * 4 + number >> 2 : number * 4
    }

    private func forEachPair(_ body: (Assembler.Register, Assembler.Register) -> Void) {
        for a in Self.registers { for b in Self.registers { body(a, b) } }
    }

    @Test func registerForms() {
        forEachPair { a, b in
            let (x, y) = (place(a), place(b))
            check(Expected(0x8B, a: x, b: y)) { $0.mov(a, b) }
            check(Expected(0x1B6, a: x, b: place(b, .byte))) { $0.movzxByte(a, b) }
            check(Expected(0x85, a: x, b: y)) { $0.test(a, b) }
            check(Expected(0x1AF, a: x, b: y)) { $0.imul(a, b) }
            for value in Self.numbers { check(Expected(0x69, a: x, b: y, imm: value)) { $0.imul(a, b, value) } }
            for n in 0..<8 as Range<UInt8> {
                check(Expected(Int(n) << 3 | 3, a: x, b: y)) { $0.alu(Assembler.Arithmetic(rawValue: n)!, a, b) }
            }
        }
        for r in Self.registers {
            let x = place(r)
            check(Expected(0x50 + Int(r.rawValue), a: x)) { $0.push(r) }
            check(Expected(0x58 + Int(r.rawValue), a: x)) { $0.pop(r) }
            check(Expected(0x40 + Int(r.rawValue), a: x)) { $0.inc(r) }
            check(Expected(0x48 + Int(r.rawValue), a: x)) { $0.dec(r) }
            check(Expected(0xF7, a: x, b: 4)) { $0.mul(r) }
            check(Expected(0xF7, a: x, b: 6)) { $0.div(r) }
            check(Expected(0xF7, a: x, b: 3)) { $0.neg(r) }
            check(Expected(0xF7, a: x, b: 2)) { $0.not(r) }
            check(Expected(0xFF, a: x, b: 2)) { $0.call(r) }
            check(Expected(0xFF, a: x, b: 4)) { $0.jmp(r) }
            check(Expected(0x100, a: x, b: 3)) { $0.ltr(r) }
            check(Expected(0x100, a: x, b: 1)) { $0.str(r) }
            for shift in [Assembler.Shift.rol, .ror, .shl, .shr, .sar] {
                check(Expected(0xC1, a: x, b: Int(shift.rawValue), imm: 31)) { $0.shift(shift, r, by: 31) }
                check(Expected(0xD3, a: x, b: Int(shift.rawValue))) { $0.shiftByCL(shift, r) }
            }
            for n in 0..<16 as Range<UInt8> {
                check(Expected(0x190 + Int(n), a: place(r, .byte), b: 0)) { $0.set(Assembler.Condition(rawValue: n)!, r) }
            }
            for n in [0, 2, 3, 4] as [UInt8] {
                check(Expected(0x122, a: x, b: Int(n))) { $0.movToControl(n, r) }
                check(Expected(0x120, a: x, b: Int(n))) { $0.movFromControl(r, n) }
            }
            for n in 0..<8 as Range<UInt8> {
                check(Expected(0x123, a: x, b: Int(n))) { $0.movToDebug(n, r) }
                check(Expected(0x121, a: x, b: Int(n))) { $0.movFromDebug(r, n) }
            }
            for segment in [Assembler.SegmentRegister.es, .cs, .ss, .ds, .fs, .gs] {
                check(Expected(0x8C, a: x, b: Int(segment.rawValue))) { $0.mov(r, segment) }
                if segment != .cs { check(Expected(0x8E, a: x, b: Int(segment.rawValue))) { $0.mov(segment, r) } }
            }
        }
    }

    @Test func immediateForms() {
        for value in Self.numbers {
            let short = Int8(exactly: Int32(bitPattern: value)) != nil
            check(Expected(short ? 0x6A : 0x68, imm: value)) { $0.push(value) }
            for r in Self.registers {
                check(Expected(0xB8 + Int(r.rawValue), a: place(r), imm: value)) { $0.mov(r, value) }
                check(Expected(0xF7, a: place(r), b: 0, imm: value)) { $0.test(r, value) }
                for n in 0..<8 as Range<UInt8> {
                    let opcode = short ? 0x83 : r == .eax ? Int(n) << 3 | 5 : 0x81
                    check(Expected(opcode, a: place(r), b: opcode < 0x80 ? nil : Int(n), imm: value)) {
                        $0.alu(Assembler.Arithmetic(rawValue: n)!, r, value)
                    }
                }
            }
        }
        check(Expected(0xC2, imm: 0xFFF0)) { $0.ret(0xFFF0) }
        check(Expected(0xCD, imm: 0x2D)) { $0.int(0x2D) }
        check(Expected(0xB9, a: 4, imm: 4)) { $0.mov(.ecx, addressOf: "x", addend: 4) }
        check(Expected(0x68, imm: 4)) { $0.push(addressOf: "x", addend: 4) }
        check(Expected(0x81, a: 4, b: 5, imm: 4)) { $0.alu(.sub, .ecx, addressOf: "x", addend: 4) }
        check(Expected(0xC7, b: 0, .at(.ebx), imm: 4)) { $0.mov(.at(.ebx), addressOf: "x", addend: 4) }
        check(Expected(0xE8)) { $0.call("x") }
        check(Expected(0xE9)) { $0.jmp("x") }
        check(Expected(0xEA)) { $0.jmpFar(selector: 8, to: "x") }
    }

    @Test func memoryForms() {
        for memory in Self.memories {
            let r = Assembler.Register.edx
            let x = place(r)
            check(Expected(0x8B, a: x, memory)) { $0.mov(r, memory) }
            check(Expected(0xFF, b: 6, memory)) { $0.push(memory) }
            check(Expected(0x8F, b: 0, memory)) { $0.pop(memory) }
            check(Expected(0xFF, b: 2, memory)) { $0.call(memory) }
            check(Expected(0xFF, b: 4, memory)) { $0.jmp(memory) }
            check(Expected(0x1C1, b: x, memory, flags: .lock)) { $0.lockExchangeAdd(memory, r) }
            if !memory.usesFS {
                check(Expected(0x8D, a: x, memory)) { $0.lea(r, memory) }
                for (digit, emit) in [
                    (7, { $0.invlpg(memory) }), (2, { $0.lgdt(memory) }), (3, { $0.lidt(memory) }), (0, { $0.sgdt(memory) }),
                    (1, { $0.sidt(memory) }),
                ] as [(Int, (inout Assembler) -> Void)] { check(Expected(0x101, b: digit, memory), emit) }
            }
            for (signed, base) in [(false, 0x1B6), (true, 0x1BE)] {
                check(Expected(base, a: x, memory)) { $0.movExtended(r, memory, width: .byte, signed: signed) }
                check(Expected(base + 1, a: x, memory)) { $0.movExtended(r, memory, width: .word, signed: signed) }
            }
            for width in Self.widths { widthForms(memory, width, r) }
            for n in 0..<8 as Range<UInt8> {
                check(Expected(Int(n) << 3 | 3, a: x, memory)) { $0.alu(Assembler.Arithmetic(rawValue: n)!, r, memory) }
            }
        }
    }

    private func widthForms(_ memory: Assembler.Memory, _ width: Assembler.Width, _ r: Assembler.Register) {
        let word = width == .word
        let one = width == .byte ? 0 : 1
        let b = place(r, width)
        check(Expected(0x88 + one, b: b, memory, isWord: word)) { $0.mov(memory, r, width: width) }
        check(Expected(0x86 + one, b: b, memory, isWord: word)) { $0.xchg(memory, r, width: width) }
        check(Expected(0x1B0 + one, b: b, memory, isWord: word, flags: .lock)) { $0.lockCompareExchange(memory, r, width: width) }
        let mask: UInt32 = width == .byte ? 0xFF : word ? 0xFFFF : ~0
        check(Expected(0xC6 + one, b: 0, memory, imm: 0x8765_4321 & mask, isWord: word)) { $0.mov(memory, 0x8765_4321, width: width) }
        for n in 0..<8 as Range<UInt8> {
            let operation = Assembler.Arithmetic(rawValue: n)!
            check(Expected(Int(n) << 3 | one, b: b, memory, isWord: word)) { $0.alu(operation, memory, r, width: width) }
            check(Expected(width == .byte ? 0x80 : 0x83, b: Int(n), memory, imm: 5, isWord: word)) {
                $0.alu(operation, memory, 5, width: width)
            }
            check(Expected(width == .byte ? 0x80 : 0x81, b: Int(n), memory, imm: 0x8765_4321 & mask, isWord: word)) {
                $0.alu(operation, memory, 0x8765_4321, width: width)
            }
        }
    }

    @Test func formsWithoutOperands() {
        for (opcode, emit) in [
            (0xC3, { $0.ret() }), (0xC9, { $0.leave() }), (0x90, { $0.nop() }), (0xFA, { $0.cli() }), (0xFB, { $0.sti() }),
            (0xFC, { $0.cld() }),
            (0xF4, { $0.hlt() }), (0x90, { $0.pause() }), (0xCC, { $0.int3() }), (0xCF, { $0.iretd() }), (0x60, { $0.pushad() }),
            (0x61, { $0.popad() }),
            (0x9C, { $0.pushfd() }), (0x9D, { $0.popfd() }), (0x1A2, { $0.cpuid() }), (0x131, { $0.rdtsc() }), (0x132, { $0.rdmsr() }),
            (0x130, { $0.wrmsr() }), (0x101, { $0.vmcall() }), (0x06, { $0.push(.es) }), (0x0E, { $0.push(.cs) }), (0x16, { $0.push(.ss) }),
            (0x1E, { $0.push(.ds) }), (0x1A0, { $0.push(.fs) }), (0x1A8, { $0.push(.gs) }), (0x07, { $0.pop(.es) }),
            (0x17, { $0.pop(.ss) }),
            (0x1F, { $0.pop(.ds) }), (0x1A1, { $0.pop(.fs) }), (0x1A9, { $0.pop(.gs) }),
        ] as [(Int, (inout Assembler) -> Void)] { check(Expected(opcode), emit) }
        for width in Self.widths {
            let one = width == .byte ? 0 : 1
            let word = width == .word
            check(Expected(0xEC + one, isWord: word)) { $0.inDX(width: width) }
            check(Expected(0xEE + one, isWord: word)) { $0.outDX(width: width) }
            check(Expected(0xA4 + one, isWord: word, flags: .rep)) { $0.repMovs(width: width) }
            check(Expected(0xAA + one, isWord: word, flags: .rep)) { $0.repStos(width: width) }
            check(Expected(0x6C + one, isWord: word, flags: .rep)) { $0.repIns(width: width) }
            check(Expected(0x6E + one, isWord: word, flags: .rep)) { $0.repOuts(width: width) }
            check(Expected(0xA6 + one, isWord: word, flags: .rep)) { $0.repeCmps(width: width) }
        }
    }

    @Test func jumpsReachTheirLabels() {
        func distance(_ filler: Int, backward: Bool, _ emit: (inout Assembler, Assembler.Label) -> Void) -> (
            opcode: Int, target: Int, wanted: Int
        ) {
            var assembler = Assembler()
            let label = assembler.newLabel()
            if backward {
                assembler.bind(label)
                for _ in 0..<filler { assembler.nop() }
            }
            let start = assembler.position
            emit(&assembler, label)
            if !backward {
                for _ in 0..<filler { assembler.nop() }
                assembler.bind(label)
            }
            let wanted = backward ? 0 : assembler.position
            assembler.resolveLabels()
            var record = Instruction.empty
            let bytes = Array(assembler.bytes[start...]) + Array(repeating: 0, count: 15)
            _ = bytes.withUnsafeBufferPointer { Decoder.decode($0.baseAddress!, available: 15, big: true, into: &record) }
            return (Int(record.opcode), start + Int(record.length) + Int(Int32(bitPattern: record.imm)), wanted)
        }
        for filler in [0, 1, 125, 126, 127, 128, 4000] {
            for backward in [true, false] {
                let jump = distance(filler, backward: backward) { $0.jmp($1) }
                #expect(jump.target == jump.wanted)
                #expect(jump.opcode == (backward && filler <= 126 ? 0xEB : 0xE9))
                for n in 0..<16 as Range<UInt8> {
                    let conditional = distance(filler, backward: backward) { $0.jcc(Assembler.Condition(rawValue: n)!, $1) }
                    #expect(conditional.target == conditional.wanted)
                    #expect(conditional.opcode == (backward && filler <= 126 ? 0x70 : 0x180) + Int(n))
                }
            }
        }
    }
}
