// SPDX-License-Identifier: GPL-3.0-or-later

@testable import X86

/// What an instruction does with the arithmetic flags; needed to know which of them mean anything after a sequence.
struct FlagUse {
    /// Flags it looks at.
    var reads: UInt32 = 0
    /// Flags that have a defined value afterwards, whatever they were before.
    var defines: UInt32 = 0
    /// Flags that the manual leaves undefined.
    var undefined: UInt32 = 0

    /// Of an opcode (plus 100h in the 0F map) with ModRM.reg `digit` and an immediate count, if it has one.
    init(opcode: Int, digit: Int, count: Int?, width: Int) {
        undefined = InstructionTable.shared.entries[opcode * 8 + digit].undefined
        let all = EFlags.arithmetic
        switch opcode {
        case 0x00..<0x40 where opcode & 7 < 6: arithmetic(opcode >> 3)
        case 0x80...0x83: arithmetic(digit)
        case 0x84, 0x85, 0xA8, 0xA9, 0x1C0, 0x1C1, 0x1B0, 0x1B1: defines = all & ~undefined
        case 0x40..<0x50, 0xFE: defines = all & ~EFlags.cf
        case 0xFF: defines = digit < 2 ? all & ~EFlags.cf : 0
        case 0xF6, 0xF7:
            if digit == 0 || digit == 1 || digit == 3 { defines = all & ~undefined }
            if digit == 4 || digit == 5 { defines = EFlags.cf | EFlags.of }
        case 0x69, 0x6B, 0x1AF: defines = EFlags.cf | EFlags.of
        case 0x70..<0x80, 0x180..<0x190, 0x190..<0x1A0, 0x140..<0x150: reads = Self.condition(opcode & 15)
        case 0xE0, 0xE1, 0xF2, 0xF3: reads = EFlags.zf
        case 0x27, 0x2F: (reads, defines) = (EFlags.af | EFlags.cf, all & ~undefined)
        case 0x37, 0x3F: (reads, defines) = (EFlags.af, all & ~undefined)
        case 0xD4, 0xD5: defines = all & ~undefined
        case 0x9C: reads = all
        case 0x9F: reads = all & ~EFlags.of
        case 0x9E: defines = all & ~EFlags.of
        case 0xF5: reads = EFlags.cf
        case 0xF8, 0xF9: defines = EFlags.cf
        case 0xD6: reads = EFlags.cf
        case 0xCE: reads = EFlags.of
        case 0xC0, 0xC1, 0xD0...0xD3: shift(digit, opcode < 0xD0 ? count : opcode < 0xD2 ? 1 : nil, width)
        case 0x1A4, 0x1AC: doubleShift(count ?? 0)
        case 0x1A3, 0x1AB, 0x1B3, 0x1BB, 0x1BA: defines = EFlags.cf
        case 0x100: defines = digit < 4 ? 0 : EFlags.zf
        case 0x1C7:
            // CMPXCHG8B sets ZF alone; Unicorn makes up all of EFLAGS but ZF from a stale state (SDM vol. 2, CMPXCHG8B).
            (defines, undefined) = (EFlags.zf, ~EFlags.zf)
        case 0x1BC, 0x1BD, 0x102, 0x103, 0x63: defines = EFlags.zf
        default: break
        }
        defines &= ~undefined
    }

    private mutating func arithmetic(_ operation: Int) {
        defines = EFlags.arithmetic & ~undefined
        if operation == 2 || operation == 3 { reads = EFlags.cf }
    }

    /// Flags that condition `code` of Jcc looks at.
    static func condition(_ code: Int) -> UInt32 {
        switch code >> 1 {
        case 0: EFlags.of
        case 1: EFlags.cf
        case 2: EFlags.zf
        case 3: EFlags.cf | EFlags.zf
        case 4: EFlags.sf
        case 5: EFlags.pf
        case 6: EFlags.sf | EFlags.of
        default: EFlags.zf | EFlags.sf | EFlags.of
        }
    }

    /// Rotations touch CF and OF alone; a count of zero touches nothing, a count other than one leaves OF undefined (SDM vol. 2).
    private mutating func shift(_ digit: Int, _ count: Int?, _ width: Int) {
        if digit == 2 || digit == 3 { reads = EFlags.cf }
        guard let count else { return }
        let masked = count & 31
        guard masked != 0 else {
            undefined = 0
            return
        }
        let result = EFlags.sf | EFlags.zf | EFlags.pf
        if masked == 1 {
            undefined &= ~EFlags.of
            defines = EFlags.cf | EFlags.of | (digit < 4 ? 0 : result)
        } else {
            defines = digit < 4 ? 0 : result | EFlags.cf
        }
        // SHL and SHR by the operand's width or more (SDM vol. 2, SAL/SAR/SHL/SHR).
        if digit >= 4, digit != 7, masked >= width { undefined |= EFlags.cf }
    }

    private mutating func doubleShift(_ count: Int) {
        let masked = count & 31
        guard masked != 0 else {
            undefined = 0
            return
        }
        defines = EFlags.cf | EFlags.sf | EFlags.zf | EFlags.pf
        if masked == 1 {
            undefined &= ~EFlags.of
            defines |= EFlags.of
        }
    }
}
