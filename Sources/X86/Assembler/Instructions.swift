// SPDX-License-Identifier: GPL-3.0-or-later

/// General-purpose instructions (SDM volume 2).
extension Assembler {
    /// The eight two-operand arithmetic instructions, with the number the encoding uses.
    package enum Arithmetic: UInt8, Sendable {
        case add, or, adc, sbb, and, sub, xor, cmp
    }

    /// The shifts, with the number the encoding uses.
    package enum Shift: UInt8, Sendable {
        case rol = 0
        case ror = 1
        case shl = 4
        case shr = 5
        case sar = 7
    }

    // MARK: Moves

    package mutating func mov(_ to: Register, _ from: Register) {
        byte(0x8B)
        modRM(to.rawValue, from)
    }

    package mutating func mov(_ to: Register, _ value: UInt32) {
        byte(0xB8 + to.rawValue)
        dword(value)
    }

    /// Loads the address of a symbol.
    package mutating func mov(_ to: Register, addressOf symbol: String, addend: Int32 = 0) {
        byte(0xB8 + to.rawValue)
        address(of: symbol, addend: addend)
    }

    package mutating func mov(_ to: Register, _ from: Memory) {
        prefix(from)
        byte(0x8B)
        modRM(to.rawValue, from)
    }

    /// Stores the low `width` bytes of a register; byte stores need EAX, ECX, EDX or EBX.
    package mutating func mov(_ to: Memory, _ from: Register, width: Width = .dword) {
        prefix(to)
        if width == .word { byte(0x66) }
        byte(width == .byte ? 0x88 : 0x89)
        modRM(from.rawValue, to)
    }

    package mutating func mov(_ to: Memory, _ value: UInt32, width: Width = .dword) {
        prefix(to)
        if width == .word { byte(0x66) }
        byte(width == .byte ? 0xC6 : 0xC7)
        modRM(0, to)
        switch width {
        case .byte: byte(UInt8(truncatingIfNeeded: value))
        case .word: word(UInt16(truncatingIfNeeded: value))
        case .dword: dword(value)
        }
    }

    /// Stores the address of a symbol.
    package mutating func mov(_ to: Memory, addressOf symbol: String, addend: Int32 = 0) {
        prefix(to)
        byte(0xC7)
        modRM(0, to)
        address(of: symbol, addend: addend)
    }

    /// Loads a byte or word and extends it to 32 bits.
    package mutating func movExtended(_ to: Register, _ from: Memory, width: Width, signed: Bool) {
        prefix(from)
        byte(0x0F)
        byte((signed ? 0xBE : 0xB6) + (width == .word ? 1 : 0))
        modRM(to.rawValue, from)
    }

    package mutating func movzxByte(_ to: Register, _ from: Register) {
        byte(0x0F)
        byte(0xB6)
        modRM(to.rawValue, from)
    }

    package mutating func lea(_ to: Register, _ from: Memory) {
        byte(0x8D)
        modRM(to.rawValue, from)
    }

    package mutating func push(_ register: Register) { byte(0x50 + register.rawValue) }
    package mutating func pop(_ register: Register) { byte(0x58 + register.rawValue) }

    package mutating func push(_ value: UInt32) {
        if let short = Int8(exactly: Int32(bitPattern: value)) {
            byte(0x6A)
            byte(UInt8(bitPattern: short))
        } else {
            byte(0x68)
            dword(value)
        }
    }

    package mutating func push(addressOf symbol: String, addend: Int32 = 0) {
        byte(0x68)
        address(of: symbol, addend: addend)
    }

    package mutating func push(_ memory: Memory) {
        prefix(memory)
        byte(0xFF)
        modRM(6, memory)
    }

    package mutating func pop(_ memory: Memory) {
        prefix(memory)
        byte(0x8F)
        modRM(0, memory)
    }

    package mutating func xchg(_ memory: Memory, _ register: Register, width: Width = .dword) {
        prefix(memory)
        if width == .word { byte(0x66) }
        byte(width == .byte ? 0x86 : 0x87)
        modRM(register.rawValue, memory)
    }

    /// LOCK CMPXCHG: when the memory equals EAX (AL), `register` is stored; the old value ends up in EAX (AL).
    package mutating func lockCompareExchange(_ memory: Memory, _ register: Register, width: Width = .dword) {
        byte(0xF0)
        prefix(memory)
        if width == .word { byte(0x66) }
        byte(0x0F)
        byte(width == .byte ? 0xB0 : 0xB1)
        modRM(register.rawValue, memory)
    }

    /// LOCK XADD: adds `register` to the memory; the old value ends up in `register`.
    package mutating func lockExchangeAdd(_ memory: Memory, _ register: Register) {
        byte(0xF0)
        prefix(memory)
        byte(0x0F)
        byte(0xC1)
        modRM(register.rawValue, memory)
    }

    // MARK: Arithmetic

    package mutating func alu(_ operation: Arithmetic, _ to: Register, _ from: Register) {
        byte(operation.rawValue << 3 | 3)
        modRM(to.rawValue, from)
    }

    package mutating func alu(_ operation: Arithmetic, _ to: Register, _ from: Memory) {
        prefix(from)
        byte(operation.rawValue << 3 | 3)
        modRM(to.rawValue, from)
    }

    package mutating func alu(_ operation: Arithmetic, _ to: Memory, _ from: Register, width: Width = .dword) {
        prefix(to)
        if width == .word { byte(0x66) }
        byte(operation.rawValue << 3 | (width == .byte ? 0 : 1))
        modRM(from.rawValue, to)
    }

    package mutating func alu(_ operation: Arithmetic, _ to: Register, _ value: UInt32) {
        if let short = Int8(exactly: Int32(bitPattern: value)) {
            byte(0x83)
            modRM(operation.rawValue, to)
            byte(UInt8(bitPattern: short))
        } else if to == .eax {
            byte(operation.rawValue << 3 | 5)
            dword(value)
        } else {
            byte(0x81)
            modRM(operation.rawValue, to)
            dword(value)
        }
    }

    package mutating func alu(_ operation: Arithmetic, _ to: Register, addressOf symbol: String, addend: Int32 = 0) {
        byte(0x81)
        modRM(operation.rawValue, to)
        address(of: symbol, addend: addend)
    }

    package mutating func alu(_ operation: Arithmetic, _ to: Memory, _ value: UInt32, width: Width = .dword) {
        prefix(to)
        if width == .word { byte(0x66) }
        if width == .byte {
            byte(0x80)
            modRM(operation.rawValue, to)
            byte(UInt8(truncatingIfNeeded: value))
        } else if let short = Int8(exactly: Int32(bitPattern: value)) {
            byte(0x83)
            modRM(operation.rawValue, to)
            byte(UInt8(bitPattern: short))
        } else {
            byte(0x81)
            modRM(operation.rawValue, to)
            if width == .word { word(UInt16(truncatingIfNeeded: value)) } else { dword(value) }
        }
    }

    package mutating func test(_ a: Register, _ b: Register) {
        byte(0x85)
        modRM(b.rawValue, a)
    }

    package mutating func test(_ register: Register, _ value: UInt32) {
        byte(0xF7)
        modRM(0, register)
        dword(value)
    }

    package mutating func imul(_ to: Register, _ from: Register) {
        byte(0x0F)
        byte(0xAF)
        modRM(to.rawValue, from)
    }

    package mutating func imul(_ to: Register, _ from: Register, _ value: UInt32) {
        byte(0x69)
        modRM(to.rawValue, from)
        dword(value)
    }

    /// EAX times `register`, to EDX:EAX.
    package mutating func mul(_ register: Register) {
        byte(0xF7)
        modRM(4, register)
    }

    /// EDX:EAX by `register`: quotient to EAX, remainder to EDX.
    package mutating func div(_ register: Register) {
        byte(0xF7)
        modRM(6, register)
    }

    package mutating func neg(_ register: Register) {
        byte(0xF7)
        modRM(3, register)
    }

    package mutating func not(_ register: Register) {
        byte(0xF7)
        modRM(2, register)
    }

    package mutating func inc(_ register: Register) { byte(0x40 + register.rawValue) }
    package mutating func dec(_ register: Register) { byte(0x48 + register.rawValue) }

    package mutating func shift(_ operation: Shift, _ register: Register, by count: UInt8) {
        byte(0xC1)
        modRM(operation.rawValue, register)
        byte(count)
    }

    /// Shifts by CL.
    package mutating func shiftByCL(_ operation: Shift, _ register: Register) {
        byte(0xD3)
        modRM(operation.rawValue, register)
    }

    package mutating func set(_ condition: Condition, _ register: Register) {
        byte(0x0F)
        byte(0x90 + condition.rawValue)
        modRM(0, register)
    }

    // MARK: Control transfer

    package mutating func call(_ symbol: String) {
        byte(0xE8)
        relative(to: symbol)
    }

    package mutating func call(_ register: Register) {
        byte(0xFF)
        modRM(2, register)
    }

    package mutating func call(_ memory: Memory) {
        prefix(memory)
        byte(0xFF)
        modRM(2, memory)
    }

    package mutating func jmp(_ label: Label) {
        if let short = shortDistance(to: label) {
            byte(0xEB)
            byte(short)
        } else {
            byte(0xE9)
            relative(to: label)
        }
    }

    package mutating func jmp(_ symbol: String) {
        byte(0xE9)
        relative(to: symbol)
    }

    package mutating func jmp(_ register: Register) {
        byte(0xFF)
        modRM(4, register)
    }

    package mutating func jmp(_ memory: Memory) {
        prefix(memory)
        byte(0xFF)
        modRM(4, memory)
    }

    package mutating func jcc(_ condition: Condition, _ label: Label) {
        if let short = shortDistance(to: label) {
            byte(0x70 + condition.rawValue)
            byte(short)
        } else {
            byte(0x0F)
            byte(0x80 + condition.rawValue)
            relative(to: label)
        }
    }

    /// RET, taking `count` bytes of arguments off the stack.
    package mutating func ret(_ count: UInt16 = 0) {
        if count == 0 {
            byte(0xC3)
        } else {
            byte(0xC2)
            word(count)
        }
    }

    package mutating func leave() { byte(0xC9) }
    package mutating func nop() { byte(0x90) }
}
