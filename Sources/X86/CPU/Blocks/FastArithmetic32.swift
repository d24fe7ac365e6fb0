// SPDX-License-Identifier: GPL-3.0-or-later

// One closure per operation, shape and width, because a C function pointer cannot be formed from a closure that captures generic parameters. The number of an
// operation is that of the /digit in group 1 (SDM vol. 2, table A-6); 8 is TEST.
extension FastForms {
    /// Register, register.
    static func rr32(_ kind: Int, dead: Bool) -> Handler {
        switch kind {
        case 0: dead ? { $0.fastRR(Add.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRR(Add.self, UInt32.self, Live.self, $1.op) }
        case 1: dead ? { $0.fastRR(Or.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRR(Or.self, UInt32.self, Live.self, $1.op) }
        case 2:
            dead ? { $0.fastRR(AddCarry.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRR(AddCarry.self, UInt32.self, Live.self, $1.op) }
        case 3:
            dead
                ? { $0.fastRR(SubtractBorrow.self, UInt32.self, Dead.self, $1.op) }
                : { $0.fastRR(SubtractBorrow.self, UInt32.self, Live.self, $1.op) }
        case 4: dead ? { $0.fastRR(And.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRR(And.self, UInt32.self, Live.self, $1.op) }
        case 5:
            dead ? { $0.fastRR(Subtract.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRR(Subtract.self, UInt32.self, Live.self, $1.op) }
        case 6: dead ? { $0.fastRR(Xor.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRR(Xor.self, UInt32.self, Live.self, $1.op) }
        case 7:
            dead ? { $0.fastRR(Compare.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRR(Compare.self, UInt32.self, Live.self, $1.op) }
        default: dead ? { $0.fastRR(Test.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRR(Test.self, UInt32.self, Live.self, $1.op) }
        }
    }

    /// Register, immediate.
    static func ri32(_ kind: Int, dead: Bool) -> Handler {
        switch kind {
        case 0: dead ? { $0.fastRI(Add.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRI(Add.self, UInt32.self, Live.self, $1.op) }
        case 1: dead ? { $0.fastRI(Or.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRI(Or.self, UInt32.self, Live.self, $1.op) }
        case 2:
            dead ? { $0.fastRI(AddCarry.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRI(AddCarry.self, UInt32.self, Live.self, $1.op) }
        case 3:
            dead
                ? { $0.fastRI(SubtractBorrow.self, UInt32.self, Dead.self, $1.op) }
                : { $0.fastRI(SubtractBorrow.self, UInt32.self, Live.self, $1.op) }
        case 4: dead ? { $0.fastRI(And.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRI(And.self, UInt32.self, Live.self, $1.op) }
        case 5:
            dead ? { $0.fastRI(Subtract.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRI(Subtract.self, UInt32.self, Live.self, $1.op) }
        case 6: dead ? { $0.fastRI(Xor.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRI(Xor.self, UInt32.self, Live.self, $1.op) }
        case 7:
            dead ? { $0.fastRI(Compare.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRI(Compare.self, UInt32.self, Live.self, $1.op) }
        default: dead ? { $0.fastRI(Test.self, UInt32.self, Dead.self, $1.op) } : { $0.fastRI(Test.self, UInt32.self, Live.self, $1.op) }
        }
    }

    /// Register, memory.
    static func rm32(_ kind: Int, indexed: Bool, dead: Bool) -> Handler {
        switch kind {
        case 0:
            choose(
                indexed, dead, { $0.fastRM(Add.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(Add.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(Add.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(Add.self, UInt32.self, Based.self, Live.self, $1.op) })
        case 1:
            choose(
                indexed, dead, { $0.fastRM(Or.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(Or.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(Or.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(Or.self, UInt32.self, Based.self, Live.self, $1.op) })
        case 2:
            choose(
                indexed, dead, { $0.fastRM(AddCarry.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(AddCarry.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(AddCarry.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(AddCarry.self, UInt32.self, Based.self, Live.self, $1.op) })
        case 3:
            choose(
                indexed, dead, { $0.fastRM(SubtractBorrow.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(SubtractBorrow.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(SubtractBorrow.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(SubtractBorrow.self, UInt32.self, Based.self, Live.self, $1.op) })
        case 4:
            choose(
                indexed, dead, { $0.fastRM(And.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(And.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(And.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(And.self, UInt32.self, Based.self, Live.self, $1.op) })
        case 5:
            choose(
                indexed, dead, { $0.fastRM(Subtract.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(Subtract.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(Subtract.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(Subtract.self, UInt32.self, Based.self, Live.self, $1.op) })
        case 6:
            choose(
                indexed, dead, { $0.fastRM(Xor.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(Xor.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(Xor.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(Xor.self, UInt32.self, Based.self, Live.self, $1.op) })
        case 7:
            choose(
                indexed, dead, { $0.fastRM(Compare.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(Compare.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(Compare.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(Compare.self, UInt32.self, Based.self, Live.self, $1.op) })
        default:
            choose(
                indexed, dead, { $0.fastRM(Test.self, UInt32.self, Indexed.self, Dead.self, $1.op) },
                { $0.fastRM(Test.self, UInt32.self, Indexed.self, Live.self, $1.op) },
                { $0.fastRM(Test.self, UInt32.self, Based.self, Dead.self, $1.op) },
                { $0.fastRM(Test.self, UInt32.self, Based.self, Live.self, $1.op) })
        }
    }
}
