// SPDX-License-Identifier: GPL-3.0-or-later

/// Where an instruction's operands are encoded, in the notation of SDM vol. 2, appendix A.2: E is ModRM.rm, G is ModRM.reg, b a byte, v a word or
/// doubleword by operand size, w a word.
struct Form {
    /// What follows the ModRM operand bytes.
    enum Immediate { case none, byte, byteSigned, word, full, far, offset, wordByte, relativeByte, relativeFull }
    /// What ModRM.reg, or the low opcode bits, mean.
    enum RegisterField { case none, byte, full, raw }

    var modRM = false
    var e: RegisterField = .none
    var g: RegisterField = .none
    /// G is the destination: it becomes operand `a` also when E is a register.
    var toG = false
    /// The register is in the low three opcode bits and becomes `a`.
    var opcodeRegister: RegisterField = .none
    var immediate: Immediate = .none
    /// E is a register whatever ModRM.mod says (SDM vol. 2, MOV to and from control and debug registers).
    var registerOnly = false

    static var none: Form { Form() }
    static var EbGb: Form { Form(modRM: true, e: .byte, g: .byte) }
    static var EvGv: Form { Form(modRM: true, e: .full, g: .full) }
    static var GbEb: Form { Form(modRM: true, e: .byte, g: .byte, toG: true) }
    static var GvEv: Form { Form(modRM: true, e: .full, g: .full, toG: true) }
    static var GvEb: Form { Form(modRM: true, e: .byte, g: .full, toG: true) }
    static var GvEvIz: Form { Form(modRM: true, e: .full, g: .full, toG: true, immediate: .full) }
    static var GvEvIb: Form { Form(modRM: true, e: .full, g: .full, toG: true, immediate: .byteSigned) }
    static var EvGvIb: Form { Form(modRM: true, e: .full, g: .full, immediate: .byte) }
    /// E alone; ModRM.reg is an opcode extension or a segment, control or debug register: `b` is its plain number.
    static var Eb: Form { Form(modRM: true, e: .byte, g: .raw) }
    static var Ev: Form { Form(modRM: true, e: .full, g: .raw) }
    static var Rv: Form { Form(modRM: true, e: .full, g: .raw, registerOnly: true) }
    static var EbIb: Form { Form(modRM: true, e: .byte, g: .raw, immediate: .byte) }
    static var EvIb: Form { Form(modRM: true, e: .full, g: .raw, immediate: .byteSigned) }
    static var EvIz: Form { Form(modRM: true, e: .full, g: .raw, immediate: .full) }
    static var ALIb: Form { Form(immediate: .byte) }
    static var eAXIz: Form { Form(immediate: .full) }
    static var Ib: Form { Form(immediate: .byte) }
    static var IbSigned: Form { Form(immediate: .byteSigned) }
    static var Iz: Form { Form(immediate: .full) }
    static var Iw: Form { Form(immediate: .word) }
    static var IwIb: Form { Form(immediate: .wordByte) }
    static var Jb: Form { Form(immediate: .relativeByte) }
    static var Jz: Form { Form(immediate: .relativeFull) }
    static var Ap: Form { Form(immediate: .far) }
    /// Absolute offset in the instruction, as a memory operand.
    static var O: Form { Form(immediate: .offset) }
    static var Zb: Form { Form(opcodeRegister: .byte) }
    static var Zv: Form { Form(opcodeRegister: .full) }
    static var ZbIb: Form { Form(opcodeRegister: .byte, immediate: .byte) }
    static var ZvIz: Form { Form(opcodeRegister: .full, immediate: .full) }
}

/// One row of an instruction family: an opcode and what executes it.
struct Row {
    /// Opcode byte, plus 100h in the 0F map.
    var opcode: Int
    /// How many consecutive opcodes the row covers.
    var count = 1
    /// ModRM.reg for opcodes that are extended by it, else -1.
    var digit = -1
    var form: Form
    /// LOCK is legal when the operand is memory.
    var lockable = false
    /// EFLAGS bits that the manual leaves undefined after it.
    var undefined: UInt32 = 0
    /// Handlers for E a register and E memory, with 32 and 16 bit operand size.
    var register32, memory32, register16, memory16: Handler

    /// One handler for every shape.
    init(
        _ opcode: Int, count: Int = 1, digit: Int = -1, _ form: Form, lockable: Bool = false, undefined: UInt32 = 0,
        _ all: @escaping Handler
    ) {
        self.opcode = opcode
        self.count = count
        self.digit = digit
        self.form = form
        self.lockable = lockable
        self.undefined = undefined
        register32 = all
        memory32 = all
        register16 = all
        memory16 = all
    }

    /// By operand size.
    init(
        _ opcode: Int, count: Int = 1, digit: Int = -1, _ form: Form, lockable: Bool = false, undefined: UInt32 = 0,
        _ full: @escaping Handler,
        word: @escaping Handler
    ) {
        self.init(opcode, count: count, digit: digit, form, lockable: lockable, undefined: undefined, full)
        register16 = word
        memory16 = word
    }

    /// Byte operands, by shape.
    init(
        _ opcode: Int, count: Int = 1, digit: Int = -1, _ form: Form, lockable: Bool = false, undefined: UInt32 = 0,
        byte: @escaping Handler,
        memory: @escaping Handler
    ) {
        self.init(opcode, count: count, digit: digit, form, lockable: lockable, undefined: undefined, byte)
        memory32 = memory
        memory16 = memory
    }

    /// By operand size and shape.
    init(
        _ opcode: Int, count: Int = 1, digit: Int = -1, _ form: Form, lockable: Bool = false, undefined: UInt32 = 0,
        _ full: @escaping Handler,
        memory: @escaping Handler, word: @escaping Handler, wordMemory: @escaping Handler
    ) {
        self.init(opcode, count: count, digit: digit, form, lockable: lockable, undefined: undefined, full)
        memory32 = memory
        register16 = word
        memory16 = wordMemory
    }
}
