// SPDX-License-Identifier: GPL-3.0-or-later

// One closure per shape and width, because a C function pointer cannot be formed from a closure that captures generic parameters.
extension Arithmetic {
    static var add: Handlers {
        Handlers(
            rr8: { $0.cpu.rr(Add.self, UInt8.self, $1.op) },
            rm8: { $0.cpu.rm(Add.self, UInt8.self, $1.op) },
            mr8: { $0.cpu.mr(Add.self, UInt8.self, $1.op) },
            ri8: { $0.cpu.ri(Add.self, UInt8.self, $1.op) },
            mi8: { $0.cpu.mi(Add.self, UInt8.self, $1.op) },
            rr16: { $0.cpu.rr(Add.self, UInt16.self, $1.op) },
            rm16: { $0.cpu.rm(Add.self, UInt16.self, $1.op) },
            mr16: { $0.cpu.mr(Add.self, UInt16.self, $1.op) },
            ri16: { $0.cpu.ri(Add.self, UInt16.self, $1.op) },
            mi16: { $0.cpu.mi(Add.self, UInt16.self, $1.op) },
            rr32: { $0.cpu.rr(Add.self, UInt32.self, $1.op) },
            rm32: { $0.cpu.rm(Add.self, UInt32.self, $1.op) },
            mr32: { $0.cpu.mr(Add.self, UInt32.self, $1.op) },
            ri32: { $0.cpu.ri(Add.self, UInt32.self, $1.op) },
            mi32: { $0.cpu.mi(Add.self, UInt32.self, $1.op) })
    }

    static var or: Handlers {
        Handlers(
            rr8: { $0.cpu.rr(Or.self, UInt8.self, $1.op) },
            rm8: { $0.cpu.rm(Or.self, UInt8.self, $1.op) },
            mr8: { $0.cpu.mr(Or.self, UInt8.self, $1.op) },
            ri8: { $0.cpu.ri(Or.self, UInt8.self, $1.op) },
            mi8: { $0.cpu.mi(Or.self, UInt8.self, $1.op) },
            rr16: { $0.cpu.rr(Or.self, UInt16.self, $1.op) },
            rm16: { $0.cpu.rm(Or.self, UInt16.self, $1.op) },
            mr16: { $0.cpu.mr(Or.self, UInt16.self, $1.op) },
            ri16: { $0.cpu.ri(Or.self, UInt16.self, $1.op) },
            mi16: { $0.cpu.mi(Or.self, UInt16.self, $1.op) },
            rr32: { $0.cpu.rr(Or.self, UInt32.self, $1.op) },
            rm32: { $0.cpu.rm(Or.self, UInt32.self, $1.op) },
            mr32: { $0.cpu.mr(Or.self, UInt32.self, $1.op) },
            ri32: { $0.cpu.ri(Or.self, UInt32.self, $1.op) },
            mi32: { $0.cpu.mi(Or.self, UInt32.self, $1.op) })
    }

    static var addCarry: Handlers {
        Handlers(
            rr8: { $0.cpu.rr(AddCarry.self, UInt8.self, $1.op) },
            rm8: { $0.cpu.rm(AddCarry.self, UInt8.self, $1.op) },
            mr8: { $0.cpu.mr(AddCarry.self, UInt8.self, $1.op) },
            ri8: { $0.cpu.ri(AddCarry.self, UInt8.self, $1.op) },
            mi8: { $0.cpu.mi(AddCarry.self, UInt8.self, $1.op) },
            rr16: { $0.cpu.rr(AddCarry.self, UInt16.self, $1.op) },
            rm16: { $0.cpu.rm(AddCarry.self, UInt16.self, $1.op) },
            mr16: { $0.cpu.mr(AddCarry.self, UInt16.self, $1.op) },
            ri16: { $0.cpu.ri(AddCarry.self, UInt16.self, $1.op) },
            mi16: { $0.cpu.mi(AddCarry.self, UInt16.self, $1.op) },
            rr32: { $0.cpu.rr(AddCarry.self, UInt32.self, $1.op) },
            rm32: { $0.cpu.rm(AddCarry.self, UInt32.self, $1.op) },
            mr32: { $0.cpu.mr(AddCarry.self, UInt32.self, $1.op) },
            ri32: { $0.cpu.ri(AddCarry.self, UInt32.self, $1.op) },
            mi32: { $0.cpu.mi(AddCarry.self, UInt32.self, $1.op) })
    }

    static var subtractBorrow: Handlers {
        Handlers(
            rr8: { $0.cpu.rr(SubtractBorrow.self, UInt8.self, $1.op) },
            rm8: { $0.cpu.rm(SubtractBorrow.self, UInt8.self, $1.op) },
            mr8: { $0.cpu.mr(SubtractBorrow.self, UInt8.self, $1.op) },
            ri8: { $0.cpu.ri(SubtractBorrow.self, UInt8.self, $1.op) },
            mi8: { $0.cpu.mi(SubtractBorrow.self, UInt8.self, $1.op) },
            rr16: { $0.cpu.rr(SubtractBorrow.self, UInt16.self, $1.op) },
            rm16: { $0.cpu.rm(SubtractBorrow.self, UInt16.self, $1.op) },
            mr16: { $0.cpu.mr(SubtractBorrow.self, UInt16.self, $1.op) },
            ri16: { $0.cpu.ri(SubtractBorrow.self, UInt16.self, $1.op) },
            mi16: { $0.cpu.mi(SubtractBorrow.self, UInt16.self, $1.op) },
            rr32: { $0.cpu.rr(SubtractBorrow.self, UInt32.self, $1.op) },
            rm32: { $0.cpu.rm(SubtractBorrow.self, UInt32.self, $1.op) },
            mr32: { $0.cpu.mr(SubtractBorrow.self, UInt32.self, $1.op) },
            ri32: { $0.cpu.ri(SubtractBorrow.self, UInt32.self, $1.op) },
            mi32: { $0.cpu.mi(SubtractBorrow.self, UInt32.self, $1.op) })
    }

    static var and: Handlers {
        Handlers(
            rr8: { $0.cpu.rr(And.self, UInt8.self, $1.op) },
            rm8: { $0.cpu.rm(And.self, UInt8.self, $1.op) },
            mr8: { $0.cpu.mr(And.self, UInt8.self, $1.op) },
            ri8: { $0.cpu.ri(And.self, UInt8.self, $1.op) },
            mi8: { $0.cpu.mi(And.self, UInt8.self, $1.op) },
            rr16: { $0.cpu.rr(And.self, UInt16.self, $1.op) },
            rm16: { $0.cpu.rm(And.self, UInt16.self, $1.op) },
            mr16: { $0.cpu.mr(And.self, UInt16.self, $1.op) },
            ri16: { $0.cpu.ri(And.self, UInt16.self, $1.op) },
            mi16: { $0.cpu.mi(And.self, UInt16.self, $1.op) },
            rr32: { $0.cpu.rr(And.self, UInt32.self, $1.op) },
            rm32: { $0.cpu.rm(And.self, UInt32.self, $1.op) },
            mr32: { $0.cpu.mr(And.self, UInt32.self, $1.op) },
            ri32: { $0.cpu.ri(And.self, UInt32.self, $1.op) },
            mi32: { $0.cpu.mi(And.self, UInt32.self, $1.op) })
    }

    static var subtract: Handlers {
        Handlers(
            rr8: { $0.cpu.rr(Subtract.self, UInt8.self, $1.op) },
            rm8: { $0.cpu.rm(Subtract.self, UInt8.self, $1.op) },
            mr8: { $0.cpu.mr(Subtract.self, UInt8.self, $1.op) },
            ri8: { $0.cpu.ri(Subtract.self, UInt8.self, $1.op) },
            mi8: { $0.cpu.mi(Subtract.self, UInt8.self, $1.op) },
            rr16: { $0.cpu.rr(Subtract.self, UInt16.self, $1.op) },
            rm16: { $0.cpu.rm(Subtract.self, UInt16.self, $1.op) },
            mr16: { $0.cpu.mr(Subtract.self, UInt16.self, $1.op) },
            ri16: { $0.cpu.ri(Subtract.self, UInt16.self, $1.op) },
            mi16: { $0.cpu.mi(Subtract.self, UInt16.self, $1.op) },
            rr32: { $0.cpu.rr(Subtract.self, UInt32.self, $1.op) },
            rm32: { $0.cpu.rm(Subtract.self, UInt32.self, $1.op) },
            mr32: { $0.cpu.mr(Subtract.self, UInt32.self, $1.op) },
            ri32: { $0.cpu.ri(Subtract.self, UInt32.self, $1.op) },
            mi32: { $0.cpu.mi(Subtract.self, UInt32.self, $1.op) })
    }

    static var xor: Handlers {
        Handlers(
            rr8: { $0.cpu.rr(Xor.self, UInt8.self, $1.op) },
            rm8: { $0.cpu.rm(Xor.self, UInt8.self, $1.op) },
            mr8: { $0.cpu.mr(Xor.self, UInt8.self, $1.op) },
            ri8: { $0.cpu.ri(Xor.self, UInt8.self, $1.op) },
            mi8: { $0.cpu.mi(Xor.self, UInt8.self, $1.op) },
            rr16: { $0.cpu.rr(Xor.self, UInt16.self, $1.op) },
            rm16: { $0.cpu.rm(Xor.self, UInt16.self, $1.op) },
            mr16: { $0.cpu.mr(Xor.self, UInt16.self, $1.op) },
            ri16: { $0.cpu.ri(Xor.self, UInt16.self, $1.op) },
            mi16: { $0.cpu.mi(Xor.self, UInt16.self, $1.op) },
            rr32: { $0.cpu.rr(Xor.self, UInt32.self, $1.op) },
            rm32: { $0.cpu.rm(Xor.self, UInt32.self, $1.op) },
            mr32: { $0.cpu.mr(Xor.self, UInt32.self, $1.op) },
            ri32: { $0.cpu.ri(Xor.self, UInt32.self, $1.op) },
            mi32: { $0.cpu.mi(Xor.self, UInt32.self, $1.op) })
    }

    static var compare: Handlers {
        Handlers(
            rr8: { $0.cpu.rr(Compare.self, UInt8.self, $1.op) },
            rm8: { $0.cpu.rm(Compare.self, UInt8.self, $1.op) },
            mr8: { $0.cpu.mr(Compare.self, UInt8.self, $1.op) },
            ri8: { $0.cpu.ri(Compare.self, UInt8.self, $1.op) },
            mi8: { $0.cpu.mi(Compare.self, UInt8.self, $1.op) },
            rr16: { $0.cpu.rr(Compare.self, UInt16.self, $1.op) },
            rm16: { $0.cpu.rm(Compare.self, UInt16.self, $1.op) },
            mr16: { $0.cpu.mr(Compare.self, UInt16.self, $1.op) },
            ri16: { $0.cpu.ri(Compare.self, UInt16.self, $1.op) },
            mi16: { $0.cpu.mi(Compare.self, UInt16.self, $1.op) },
            rr32: { $0.cpu.rr(Compare.self, UInt32.self, $1.op) },
            rm32: { $0.cpu.rm(Compare.self, UInt32.self, $1.op) },
            mr32: { $0.cpu.mr(Compare.self, UInt32.self, $1.op) },
            ri32: { $0.cpu.ri(Compare.self, UInt32.self, $1.op) },
            mi32: { $0.cpu.mi(Compare.self, UInt32.self, $1.op) })
    }
}
