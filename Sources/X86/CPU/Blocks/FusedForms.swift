// SPDX-License-Identifier: GPL-3.0-or-later

// CMP or TEST with the conditional jump behind it as one form: the condition is a comparison of the operands. The flags are kept all the same.
extension FastForms {
    /// CMP r, r.
    static func compareRR(_ code: Int) -> Handler? {
        switch code {
        case 2: { $0.fusedRR(Compare.self, UInt32.self, 2, $1.op) }
        case 3: { $0.fusedRR(Compare.self, UInt32.self, 3, $1.op) }
        case 4: { $0.fusedRR(Compare.self, UInt32.self, 4, $1.op) }
        case 5: { $0.fusedRR(Compare.self, UInt32.self, 5, $1.op) }
        case 6: { $0.fusedRR(Compare.self, UInt32.self, 6, $1.op) }
        case 7: { $0.fusedRR(Compare.self, UInt32.self, 7, $1.op) }
        case 12: { $0.fusedRR(Compare.self, UInt32.self, 12, $1.op) }
        case 13: { $0.fusedRR(Compare.self, UInt32.self, 13, $1.op) }
        case 14: { $0.fusedRR(Compare.self, UInt32.self, 14, $1.op) }
        case 15: { $0.fusedRR(Compare.self, UInt32.self, 15, $1.op) }
        default: nil
        }
    }

    /// CMP r, imm.
    static func compareRI(_ code: Int) -> Handler? {
        switch code {
        case 2: { $0.fusedRI(Compare.self, UInt32.self, 2, $1.op) }
        case 3: { $0.fusedRI(Compare.self, UInt32.self, 3, $1.op) }
        case 4: { $0.fusedRI(Compare.self, UInt32.self, 4, $1.op) }
        case 5: { $0.fusedRI(Compare.self, UInt32.self, 5, $1.op) }
        case 6: { $0.fusedRI(Compare.self, UInt32.self, 6, $1.op) }
        case 7: { $0.fusedRI(Compare.self, UInt32.self, 7, $1.op) }
        case 12: { $0.fusedRI(Compare.self, UInt32.self, 12, $1.op) }
        case 13: { $0.fusedRI(Compare.self, UInt32.self, 13, $1.op) }
        case 14: { $0.fusedRI(Compare.self, UInt32.self, 14, $1.op) }
        case 15: { $0.fusedRI(Compare.self, UInt32.self, 15, $1.op) }
        default: nil
        }
    }

    /// CMP r, m.
    static func compareRM(_ code: Int) -> Handler? {
        switch code {
        case 2: { $0.fusedRM(Compare.self, UInt32.self, 2, $1.op) }
        case 3: { $0.fusedRM(Compare.self, UInt32.self, 3, $1.op) }
        case 4: { $0.fusedRM(Compare.self, UInt32.self, 4, $1.op) }
        case 5: { $0.fusedRM(Compare.self, UInt32.self, 5, $1.op) }
        case 6: { $0.fusedRM(Compare.self, UInt32.self, 6, $1.op) }
        case 7: { $0.fusedRM(Compare.self, UInt32.self, 7, $1.op) }
        case 12: { $0.fusedRM(Compare.self, UInt32.self, 12, $1.op) }
        case 13: { $0.fusedRM(Compare.self, UInt32.self, 13, $1.op) }
        case 14: { $0.fusedRM(Compare.self, UInt32.self, 14, $1.op) }
        case 15: { $0.fusedRM(Compare.self, UInt32.self, 15, $1.op) }
        default: nil
        }
    }

    /// CMP m, imm.
    static func compareMI(_ code: Int) -> Handler? {
        switch code {
        case 2: { $0.fusedMI(Compare.self, UInt32.self, 2, $1.op) }
        case 3: { $0.fusedMI(Compare.self, UInt32.self, 3, $1.op) }
        case 4: { $0.fusedMI(Compare.self, UInt32.self, 4, $1.op) }
        case 5: { $0.fusedMI(Compare.self, UInt32.self, 5, $1.op) }
        case 6: { $0.fusedMI(Compare.self, UInt32.self, 6, $1.op) }
        case 7: { $0.fusedMI(Compare.self, UInt32.self, 7, $1.op) }
        case 12: { $0.fusedMI(Compare.self, UInt32.self, 12, $1.op) }
        case 13: { $0.fusedMI(Compare.self, UInt32.self, 13, $1.op) }
        case 14: { $0.fusedMI(Compare.self, UInt32.self, 14, $1.op) }
        case 15: { $0.fusedMI(Compare.self, UInt32.self, 15, $1.op) }
        default: nil
        }
    }

    /// CMP m8, imm.
    static func compareMI8(_ code: Int) -> Handler? {
        switch code {
        case 2: { $0.fusedMI(Compare.self, UInt8.self, 2, $1.op) }
        case 3: { $0.fusedMI(Compare.self, UInt8.self, 3, $1.op) }
        case 4: { $0.fusedMI(Compare.self, UInt8.self, 4, $1.op) }
        case 5: { $0.fusedMI(Compare.self, UInt8.self, 5, $1.op) }
        case 6: { $0.fusedMI(Compare.self, UInt8.self, 6, $1.op) }
        case 7: { $0.fusedMI(Compare.self, UInt8.self, 7, $1.op) }
        case 12: { $0.fusedMI(Compare.self, UInt8.self, 12, $1.op) }
        case 13: { $0.fusedMI(Compare.self, UInt8.self, 13, $1.op) }
        case 14: { $0.fusedMI(Compare.self, UInt8.self, 14, $1.op) }
        case 15: { $0.fusedMI(Compare.self, UInt8.self, 15, $1.op) }
        default: nil
        }
    }

    /// CMP r8, imm.
    static func compareRI8(_ code: Int) -> Handler? {
        switch code {
        case 2: { $0.fusedRI(Compare.self, UInt8.self, 2, $1.op) }
        case 3: { $0.fusedRI(Compare.self, UInt8.self, 3, $1.op) }
        case 4: { $0.fusedRI(Compare.self, UInt8.self, 4, $1.op) }
        case 5: { $0.fusedRI(Compare.self, UInt8.self, 5, $1.op) }
        case 6: { $0.fusedRI(Compare.self, UInt8.self, 6, $1.op) }
        case 7: { $0.fusedRI(Compare.self, UInt8.self, 7, $1.op) }
        case 12: { $0.fusedRI(Compare.self, UInt8.self, 12, $1.op) }
        case 13: { $0.fusedRI(Compare.self, UInt8.self, 13, $1.op) }
        case 14: { $0.fusedRI(Compare.self, UInt8.self, 14, $1.op) }
        case 15: { $0.fusedRI(Compare.self, UInt8.self, 15, $1.op) }
        default: nil
        }
    }

    /// TEST r, r.
    static func testRR(_ code: Int) -> Handler? {
        switch code {
        case 4: { $0.fusedRR(Test.self, UInt32.self, 4, $1.op) }
        case 5: { $0.fusedRR(Test.self, UInt32.self, 5, $1.op) }
        case 8: { $0.fusedRR(Test.self, UInt32.self, 8, $1.op) }
        case 9: { $0.fusedRR(Test.self, UInt32.self, 9, $1.op) }
        case 14: { $0.fusedRR(Test.self, UInt32.self, 14, $1.op) }
        case 15: { $0.fusedRR(Test.self, UInt32.self, 15, $1.op) }
        default: nil
        }
    }

    /// TEST r8, r8.
    static func testRR8(_ code: Int) -> Handler? {
        switch code {
        case 4: { $0.fusedRR(Test.self, UInt8.self, 4, $1.op) }
        case 5: { $0.fusedRR(Test.self, UInt8.self, 5, $1.op) }
        case 8: { $0.fusedRR(Test.self, UInt8.self, 8, $1.op) }
        case 9: { $0.fusedRR(Test.self, UInt8.self, 9, $1.op) }
        case 14: { $0.fusedRR(Test.self, UInt8.self, 14, $1.op) }
        case 15: { $0.fusedRR(Test.self, UInt8.self, 15, $1.op) }
        default: nil
        }
    }

    /// TEST r8, imm.
    static func testRI8(_ code: Int) -> Handler? {
        switch code {
        case 4: { $0.fusedRI(Test.self, UInt8.self, 4, $1.op) }
        case 5: { $0.fusedRI(Test.self, UInt8.self, 5, $1.op) }
        case 8: { $0.fusedRI(Test.self, UInt8.self, 8, $1.op) }
        case 9: { $0.fusedRI(Test.self, UInt8.self, 9, $1.op) }
        case 14: { $0.fusedRI(Test.self, UInt8.self, 14, $1.op) }
        case 15: { $0.fusedRI(Test.self, UInt8.self, 15, $1.op) }
        default: nil
        }
    }
}
