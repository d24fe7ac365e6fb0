// SPDX-License-Identifier: GPL-3.0-or-later

/// Encodes instructions for 16-bit code segments, as firmware and boot sectors have (SDM volume 2, chapter 2).
///
/// Registers are named as in `Assembler`; a width says how much of them is meant, and for bytes `Byte` names them. Memory is addressed by 32-bit registers
/// (prefix 67h), which must hold offsets below 64 KiB. Labels are names; jumps and calls to them are near.
package struct RealModeAssembler: Sendable {
    package typealias Register = Assembler.Register
    package typealias Memory = Assembler.Memory

    /// An 8-bit register, with the number the encoding uses.
    package enum Byte: UInt8, Sendable {
        case al, cl, dl, bl, ah, ch, dh, bh
    }

    /// 16 or 32 bits.
    package enum Size: Sendable {
        case word, dword
    }

    private var code = Assembler()
    private var places: [String: Int] = [:]
    private var jumps: [(at: Int, label: String)] = []
    private var offsets: [(at: Int, label: String)] = []

    package init() {}

    /// Offset of the next byte from the beginning.
    package var position: Int { code.position }

    /// Makes a name stand for the current position.
    package mutating func label(_ name: String) {
        precondition(places[name] == nil, "\(name) is there twice")
        places[name] = position
    }

    /// The bytes, for a segment in which they begin at `origin`.
    /// - Returns: nil when a label is missing, or a jump leaves the segment.
    package func assembled(at origin: UInt16) -> (bytes: [UInt8], labels: [String: UInt16])? {
        var bytes = code.bytes
        func put(_ value: Int, at place: Int) {
            bytes[place] = UInt8(truncatingIfNeeded: value)
            bytes[place + 1] = UInt8(truncatingIfNeeded: value >> 8)
        }
        for jump in jumps {
            guard let target = places[jump.label] else { return nil }
            put(target - jump.at - 2, at: jump.at)
        }
        for offset in offsets {
            guard let target = places[offset.label] else { return nil }
            put(target + Int(origin), at: offset.at)
        }
        guard Int(origin) + bytes.count <= 0x1_0000 else { return nil }
        return (bytes, places.mapValues { UInt16($0) + origin })
    }

    // MARK: Data

    package mutating func byte(_ value: UInt8) { code.byte(value) }
    package mutating func word(_ value: UInt16) { code.word(value) }
    package mutating func dword(_ value: UInt32) { code.dword(value) }
    package mutating func bytes(_ values: [UInt8]) { for value in values { code.byte(value) } }
    package mutating func zeros(_ count: Int) { for _ in 0..<count { code.byte(0) } }

    /// The 16-bit offset of a label in its segment.
    package mutating func offset(of label: String) {
        offsets.append((position, label))
        word(0)
    }

    // MARK: Moves

    package mutating func mov(_ to: Byte, _ value: UInt8) { bytes([0xB0 + to.rawValue, value]) }
    package mutating func mov(_ to: Byte, _ from: Byte) { bytes([0x8A, 0xC0 | to.rawValue << 3 | from.rawValue]) }

    package mutating func mov(_ to: Byte, _ from: Memory) { memory(0x8A, to.rawValue, from) }
    package mutating func mov(_ to: Memory, _ from: Byte) { memory(0x88, from.rawValue, to) }

    package mutating func mov(_ to: Register, _ value: UInt32, _ size: Size = .dword) {
        prefix(size)
        byte(0xB8 + to.rawValue)
        immediate(value, size)
    }

    /// Loads 32 bits: the upper half of `value`, and the offset of a label.
    package mutating func mov(_ to: Register, _ value: UInt32, withOffsetOf label: String) {
        bytes([0x66, 0xB8 + to.rawValue])
        offset(of: label)
        word(UInt16(value >> 16))
    }

    package mutating func mov(_ to: Register, _ from: Register, _ size: Size = .dword) {
        prefix(size)
        bytes([0x8B, 0xC0 | to.rawValue << 3 | from.rawValue])
    }

    package mutating func mov(_ to: Register, _ from: Memory, _ size: Size = .dword) { memory(0x8B, to.rawValue, from, size) }
    package mutating func mov(_ to: Memory, _ from: Register, _ size: Size = .dword) { memory(0x89, from.rawValue, to, size) }

    package mutating func store(_ value: UInt8, to: Memory) {
        memory(0xC6, 0, to)
        byte(value)
    }

    package mutating func store(_ value: UInt32, _ size: Size, to: Memory) {
        memory(0xC7, 0, to, size)
        immediate(value, size)
    }

    /// Stores the offset of a label.
    package mutating func store(offsetOf label: String, to: Memory) {
        memory(0xC7, 0, to, .word)
        offset(of: label)
    }

    package mutating func movzxWord(_ to: Register, _ from: Memory) { extended(from, to, 0xB7) }
    package mutating func movzxByte(_ to: Register, _ from: Memory) { extended(from, to, 0xB6) }

    /// Zero-extends a 16-bit register to 32 bits.
    package mutating func movzxWord(_ to: Register, _ from: Register) {
        bytes([0x66, 0x0F, 0xB7, 0xC0 | to.rawValue << 3 | from.rawValue])
    }
    package mutating func movzxByte(_ to: Register, _ from: Byte) { bytes([0x66, 0x0F, 0xB6, 0xC0 | to.rawValue << 3 | from.rawValue]) }

    package mutating func mov(_ to: Assembler.SegmentRegister, _ from: Register) { bytes([0x8E, 0xC0 | to.rawValue << 3 | from.rawValue]) }
    package mutating func mov(_ to: Register, _ from: Assembler.SegmentRegister) { bytes([0x8C, 0xC0 | from.rawValue << 3 | to.rawValue]) }

    package mutating func mov(_ to: Assembler.SegmentRegister, _ from: Memory) { memory(0x8E, to.rawValue, from) }

    package mutating func push(_ register: Register) { bytes([0x66, 0x50 + register.rawValue]) }
    package mutating func pop(_ register: Register) { bytes([0x66, 0x58 + register.rawValue]) }
    package mutating func push(_ segment: Assembler.SegmentRegister) { byte(0x06 + segment.rawValue << 3) }
    package mutating func pop(_ segment: Assembler.SegmentRegister) { byte(0x07 + segment.rawValue << 3) }
    package mutating func pushad() { bytes([0x66, 0x60]) }
    package mutating func popad() { bytes([0x66, 0x61]) }

    // MARK: Arithmetic

    package mutating func alu(_ operation: Assembler.Arithmetic, _ to: Byte, _ value: UInt8) {
        bytes([0x80, 0xC0 | operation.rawValue << 3 | to.rawValue, value])
    }

    package mutating func alu(_ operation: Assembler.Arithmetic, _ to: Byte, _ from: Byte) {
        bytes([operation.rawValue << 3 | 2, 0xC0 | to.rawValue << 3 | from.rawValue])
    }

    package mutating func alu(_ operation: Assembler.Arithmetic, _ to: Byte, _ from: Memory) {
        memory(operation.rawValue << 3 | 2, to.rawValue, from)
    }

    package mutating func alu(_ operation: Assembler.Arithmetic, _ to: Register, _ value: UInt32, _ size: Size = .dword) {
        prefix(size)
        bytes([0x81, 0xC0 | operation.rawValue << 3 | to.rawValue])
        immediate(value, size)
    }

    package mutating func alu(_ operation: Assembler.Arithmetic, _ to: Register, _ from: Register, _ size: Size = .dword) {
        prefix(size)
        bytes([operation.rawValue << 3 | 3, 0xC0 | to.rawValue << 3 | from.rawValue])
    }

    package mutating func alu(_ operation: Assembler.Arithmetic, _ to: Register, _ from: Memory, _ size: Size = .dword) {
        memory(operation.rawValue << 3 | 3, to.rawValue, from, size)
    }

    package mutating func alu(_ operation: Assembler.Arithmetic, _ to: Memory, byte value: UInt8) {
        memory(0x80, operation.rawValue, to)
        byte(value)
    }

    package mutating func alu(_ operation: Assembler.Arithmetic, _ to: Memory, _ value: UInt32, _ size: Size) {
        memory(0x81, operation.rawValue, to, size)
        immediate(value, size)
    }

    package mutating func test(_ register: Byte, _ value: UInt8) { bytes([0xF6, 0xC0 | register.rawValue, value]) }

    package mutating func test(_ to: Memory, byte value: UInt8) {
        memory(0xF6, 0, to)
        byte(value)
    }

    package mutating func inc(_ register: Register) { bytes([0x66, 0x40 + register.rawValue]) }
    package mutating func dec(_ register: Register) { bytes([0x66, 0x48 + register.rawValue]) }
    package mutating func shift(_ operation: Assembler.Shift, _ register: Register, by count: UInt8) {
        bytes([0x66, 0xC1, 0xC0 | operation.rawValue << 3 | register.rawValue, count])
    }
    package mutating func imul(_ to: Register, _ from: Register) { bytes([0x66, 0x0F, 0xAF, 0xC0 | to.rawValue << 3 | from.rawValue]) }
    /// EDX:EAX by a register; the quotient goes to EAX, the rest to EDX.
    package mutating func div(_ register: Register) { bytes([0x66, 0xF7, 0xF0 | register.rawValue]) }

    // MARK: Flow

    package mutating func call(_ label: String) { near([0xE8], label) }
    package mutating func jmp(_ label: String) { near([0xE9], label) }
    package mutating func jcc(_ condition: Assembler.Condition, _ label: String) { near([0x0F, 0x80 + condition.rawValue], label) }
    package mutating func ret() { byte(0xC3) }
    package mutating func int(_ vector: UInt8) { bytes([0xCD, vector]) }
    package mutating func iret() { byte(0xCF) }

    /// A jump to another segment.
    package mutating func jmpFar(_ selector: UInt16, _ offset: UInt16) {
        byte(0xEA)
        word(offset)
        word(selector)
    }

    package mutating func jmpFar(_ selector: UInt16, to label: String) {
        byte(0xEA)
        offset(of: label)
        word(selector)
    }

    package mutating func cli() { byte(0xFA) }
    package mutating func sti() { byte(0xFB) }
    package mutating func cld() { byte(0xFC) }
    package mutating func hlt() { byte(0xF4) }

    /// LGDT of a limit and a 32-bit base.
    package mutating func loadGDT(_ table: Memory) {
        bytes([0x66, 0x67, 0x0F, 0x01])
        code.modRM(2, table)
    }

    /// Clears and sets bits of CR0; changes EAX.
    package mutating func changeCR0(clear: UInt32 = 0, set: UInt32 = 0) {
        bytes([0x0F, 0x20, 0xC0])
        alu(.and, .eax, ~clear)
        alu(.or, .eax, set)
        bytes([0x0F, 0x22, 0xC0])
    }

    // MARK: Ports and strings

    package mutating func out(_ port: UInt8, _ value: UInt8) {
        mov(.al, value)
        outAL(port)
    }

    package mutating func inAL(_ port: UInt8) { bytes([0xE4, port]) }
    package mutating func outAL(_ port: UInt8) { bytes([0xE6, port]) }
    package mutating func inALDX() { byte(0xEC) }
    package mutating func outDXAL() { byte(0xEE) }
    package mutating func repInsWord() { bytes([0xF3, 0x6D]) }
    package mutating func repOutsWord() { bytes([0xF3, 0x6F]) }
    /// With 16-bit SI, DI and CX, like the other string instructions here.
    package mutating func repMovsWord() { bytes([0xF3, 0xA5]) }
    package mutating func repStosWord() { bytes([0xF3, 0xAB]) }
    package mutating func repStosDword() { bytes([0x66, 0xF3, 0xAB]) }
    package mutating func lodsByte() { byte(0xAC) }

    /// Lets the next instruction access memory in a segment of its own choice.
    package mutating func override(_ segment: Assembler.SegmentRegister) {
        byte([0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65][Int(segment.rawValue)])
    }

    // MARK: Encoding

    private mutating func prefix(_ size: Size) { if size == .dword { byte(0x66) } }

    private mutating func immediate(_ value: UInt32, _ size: Size) {
        if size == .dword { dword(value) } else { word(UInt16(truncatingIfNeeded: value)) }
    }

    private mutating func memory(_ opcode: UInt8, _ reg: UInt8, _ memory: Memory, _ size: Size = .word) {
        prefix(size)
        bytes([0x67, opcode])
        code.modRM(reg, memory)
    }

    private mutating func extended(_ from: Memory, _ to: Register, _ opcode: UInt8) {
        bytes([0x66, 0x67, 0x0F, opcode])
        code.modRM(to.rawValue, from)
    }

    private mutating func near(_ opcode: [UInt8], _ label: String) {
        bytes(opcode)
        jumps.append((position, label))
        word(0)
    }
}
