// SPDX-License-Identifier: GPL-3.0-or-later

// As in FastArithmetic32.swift: what is too rare to be worth a form without flags.
extension FastForms {
    /// Memory, register.
    static func mr32(_ kind: Int, indexed: Bool) -> Handler {
        switch kind {
        case 0:
            indexed ? { $0.fastMR(Add.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMR(Add.self, UInt32.self, Based.self, $1.op) }
        case 1: indexed ? { $0.fastMR(Or.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMR(Or.self, UInt32.self, Based.self, $1.op) }
        case 2:
            indexed
                ? { $0.fastMR(AddCarry.self, UInt32.self, Indexed.self, $1.op) }
                : { $0.fastMR(AddCarry.self, UInt32.self, Based.self, $1.op) }
        case 3:
            indexed
                ? { $0.fastMR(SubtractBorrow.self, UInt32.self, Indexed.self, $1.op) }
                : { $0.fastMR(SubtractBorrow.self, UInt32.self, Based.self, $1.op) }
        case 4:
            indexed ? { $0.fastMR(And.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMR(And.self, UInt32.self, Based.self, $1.op) }
        case 5:
            indexed
                ? { $0.fastMR(Subtract.self, UInt32.self, Indexed.self, $1.op) }
                : { $0.fastMR(Subtract.self, UInt32.self, Based.self, $1.op) }
        case 6:
            indexed ? { $0.fastMR(Xor.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMR(Xor.self, UInt32.self, Based.self, $1.op) }
        case 7:
            indexed
                ? { $0.fastMR(Compare.self, UInt32.self, Indexed.self, $1.op) }
                : { $0.fastMR(Compare.self, UInt32.self, Based.self, $1.op) }
        default:
            indexed ? { $0.fastMR(Test.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMR(Test.self, UInt32.self, Based.self, $1.op) }
        }
    }

    /// Memory, immediate.
    static func mi32(_ kind: Int, indexed: Bool) -> Handler {
        switch kind {
        case 0:
            indexed ? { $0.fastMI(Add.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMI(Add.self, UInt32.self, Based.self, $1.op) }
        case 1: indexed ? { $0.fastMI(Or.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMI(Or.self, UInt32.self, Based.self, $1.op) }
        case 2:
            indexed
                ? { $0.fastMI(AddCarry.self, UInt32.self, Indexed.self, $1.op) }
                : { $0.fastMI(AddCarry.self, UInt32.self, Based.self, $1.op) }
        case 3:
            indexed
                ? { $0.fastMI(SubtractBorrow.self, UInt32.self, Indexed.self, $1.op) }
                : { $0.fastMI(SubtractBorrow.self, UInt32.self, Based.self, $1.op) }
        case 4:
            indexed ? { $0.fastMI(And.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMI(And.self, UInt32.self, Based.self, $1.op) }
        case 5:
            indexed
                ? { $0.fastMI(Subtract.self, UInt32.self, Indexed.self, $1.op) }
                : { $0.fastMI(Subtract.self, UInt32.self, Based.self, $1.op) }
        case 6:
            indexed ? { $0.fastMI(Xor.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMI(Xor.self, UInt32.self, Based.self, $1.op) }
        case 7:
            indexed
                ? { $0.fastMI(Compare.self, UInt32.self, Indexed.self, $1.op) }
                : { $0.fastMI(Compare.self, UInt32.self, Based.self, $1.op) }
        default:
            indexed ? { $0.fastMI(Test.self, UInt32.self, Indexed.self, $1.op) } : { $0.fastMI(Test.self, UInt32.self, Based.self, $1.op) }
        }
    }

    /// Byte register, byte register.
    static func rr8(_ kind: Int) -> Handler {
        switch kind {
        case 0: { $0.fastRR(Add.self, UInt8.self, Live.self, $1.op) }
        case 1: { $0.fastRR(Or.self, UInt8.self, Live.self, $1.op) }
        case 2: { $0.fastRR(AddCarry.self, UInt8.self, Live.self, $1.op) }
        case 3: { $0.fastRR(SubtractBorrow.self, UInt8.self, Live.self, $1.op) }
        case 4: { $0.fastRR(And.self, UInt8.self, Live.self, $1.op) }
        case 5: { $0.fastRR(Subtract.self, UInt8.self, Live.self, $1.op) }
        case 6: { $0.fastRR(Xor.self, UInt8.self, Live.self, $1.op) }
        case 7: { $0.fastRR(Compare.self, UInt8.self, Live.self, $1.op) }
        default: { $0.fastRR(Test.self, UInt8.self, Live.self, $1.op) }
        }
    }

    /// Byte register, immediate.
    static func ri8(_ kind: Int) -> Handler {
        switch kind {
        case 0: { $0.fastRI(Add.self, UInt8.self, Live.self, $1.op) }
        case 1: { $0.fastRI(Or.self, UInt8.self, Live.self, $1.op) }
        case 2: { $0.fastRI(AddCarry.self, UInt8.self, Live.self, $1.op) }
        case 3: { $0.fastRI(SubtractBorrow.self, UInt8.self, Live.self, $1.op) }
        case 4: { $0.fastRI(And.self, UInt8.self, Live.self, $1.op) }
        case 5: { $0.fastRI(Subtract.self, UInt8.self, Live.self, $1.op) }
        case 6: { $0.fastRI(Xor.self, UInt8.self, Live.self, $1.op) }
        case 7: { $0.fastRI(Compare.self, UInt8.self, Live.self, $1.op) }
        default: { $0.fastRI(Test.self, UInt8.self, Live.self, $1.op) }
        }
    }

    /// Byte register, memory.
    static func rm8(_ kind: Int, indexed: Bool) -> Handler {
        switch kind {
        case 0:
            indexed
                ? { $0.fastRM(Add.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(Add.self, UInt8.self, Based.self, Live.self, $1.op) }
        case 1:
            indexed
                ? { $0.fastRM(Or.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(Or.self, UInt8.self, Based.self, Live.self, $1.op) }
        case 2:
            indexed
                ? { $0.fastRM(AddCarry.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(AddCarry.self, UInt8.self, Based.self, Live.self, $1.op) }
        case 3:
            indexed
                ? { $0.fastRM(SubtractBorrow.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(SubtractBorrow.self, UInt8.self, Based.self, Live.self, $1.op) }
        case 4:
            indexed
                ? { $0.fastRM(And.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(And.self, UInt8.self, Based.self, Live.self, $1.op) }
        case 5:
            indexed
                ? { $0.fastRM(Subtract.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(Subtract.self, UInt8.self, Based.self, Live.self, $1.op) }
        case 6:
            indexed
                ? { $0.fastRM(Xor.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(Xor.self, UInt8.self, Based.self, Live.self, $1.op) }
        case 7:
            indexed
                ? { $0.fastRM(Compare.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(Compare.self, UInt8.self, Based.self, Live.self, $1.op) }
        default:
            indexed
                ? { $0.fastRM(Test.self, UInt8.self, Indexed.self, Live.self, $1.op) }
                : { $0.fastRM(Test.self, UInt8.self, Based.self, Live.self, $1.op) }
        }
    }

    /// Memory, byte register.
    static func mr8(_ kind: Int, indexed: Bool) -> Handler {
        switch kind {
        case 0: indexed ? { $0.fastMR(Add.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMR(Add.self, UInt8.self, Based.self, $1.op) }
        case 1: indexed ? { $0.fastMR(Or.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMR(Or.self, UInt8.self, Based.self, $1.op) }
        case 2:
            indexed
                ? { $0.fastMR(AddCarry.self, UInt8.self, Indexed.self, $1.op) }
                : { $0.fastMR(AddCarry.self, UInt8.self, Based.self, $1.op) }
        case 3:
            indexed
                ? { $0.fastMR(SubtractBorrow.self, UInt8.self, Indexed.self, $1.op) }
                : { $0.fastMR(SubtractBorrow.self, UInt8.self, Based.self, $1.op) }
        case 4: indexed ? { $0.fastMR(And.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMR(And.self, UInt8.self, Based.self, $1.op) }
        case 5:
            indexed
                ? { $0.fastMR(Subtract.self, UInt8.self, Indexed.self, $1.op) }
                : { $0.fastMR(Subtract.self, UInt8.self, Based.self, $1.op) }
        case 6: indexed ? { $0.fastMR(Xor.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMR(Xor.self, UInt8.self, Based.self, $1.op) }
        case 7:
            indexed
                ? { $0.fastMR(Compare.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMR(Compare.self, UInt8.self, Based.self, $1.op) }
        default:
            indexed ? { $0.fastMR(Test.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMR(Test.self, UInt8.self, Based.self, $1.op) }
        }
    }

    /// Memory byte, immediate.
    static func mi8(_ kind: Int, indexed: Bool) -> Handler {
        switch kind {
        case 0: indexed ? { $0.fastMI(Add.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMI(Add.self, UInt8.self, Based.self, $1.op) }
        case 1: indexed ? { $0.fastMI(Or.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMI(Or.self, UInt8.self, Based.self, $1.op) }
        case 2:
            indexed
                ? { $0.fastMI(AddCarry.self, UInt8.self, Indexed.self, $1.op) }
                : { $0.fastMI(AddCarry.self, UInt8.self, Based.self, $1.op) }
        case 3:
            indexed
                ? { $0.fastMI(SubtractBorrow.self, UInt8.self, Indexed.self, $1.op) }
                : { $0.fastMI(SubtractBorrow.self, UInt8.self, Based.self, $1.op) }
        case 4: indexed ? { $0.fastMI(And.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMI(And.self, UInt8.self, Based.self, $1.op) }
        case 5:
            indexed
                ? { $0.fastMI(Subtract.self, UInt8.self, Indexed.self, $1.op) }
                : { $0.fastMI(Subtract.self, UInt8.self, Based.self, $1.op) }
        case 6: indexed ? { $0.fastMI(Xor.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMI(Xor.self, UInt8.self, Based.self, $1.op) }
        case 7:
            indexed
                ? { $0.fastMI(Compare.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMI(Compare.self, UInt8.self, Based.self, $1.op) }
        default:
            indexed ? { $0.fastMI(Test.self, UInt8.self, Indexed.self, $1.op) } : { $0.fastMI(Test.self, UInt8.self, Based.self, $1.op) }
        }
    }
}
