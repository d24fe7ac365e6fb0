// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Values and errors of the expression language, spec/kdbg.md section 2.
struct DebuggerExpressionTests {
    private func value(_ text: String) throws -> UInt64 {
        let debugger = KernelDebugger(target: FakeTarget.kernel())
        return try debugger.compile(Array(text.utf8)).evaluate(registers: debugger.registers, target: debugger.target)
    }

    private func error(_ text: String) -> ExpressionError? {
        do {
            _ = try value(text)
            return nil
        } catch {
            return error as? ExpressionError
        }
    }

    @Test(
        arguments: [
            ("1+2*3", 7), ("(10+10)/2", 10), ("10-2*3+1", 5), ("100/5*2", 40), ("7%4*2", 6), ("1+2*(3+4)*5", 71), ("010", 8), ("5==2+3", 1),
            ("0x10", 16), ("0X1f", 31), ("3*(-2)", UInt64.max - 5), ("-5", 0xFFFF_FFFF_FFFF_FFFB), ("-2*3", UInt64.max - 5), ("(1)", 1),
            ("1<2", 1), ("2<=1", 0), ("2>=2", 1), ("3!=3", 0), ("3>(-1)", 0), ("1+2)garbage", 3), (" 1 + 1 ", 2),
            ("99999999999999999999", UInt64.max),
        ] as [(String, UInt64)])
    func numbers(text: String, expected: UInt64) throws {
        #expect(try value(text) == expected)
    }

    /// KDBG regroups these; ours go from left to right (docs/fidelity.md).
    @Test(arguments: [("1<2<3", 1), ("1==2<3", 1), ("1<2==1", 1), ("5>4>3", 0)] as [(String, UInt64)])
    func chainedComparisons(text: String, expected: UInt64) throws {
        #expect(try value(text) == expected)
    }

    @Test(
        arguments: [
            ("eax", 0x1234), ("EAX + 1", 0x1235), ("cs", 8), ("[0x80800E00]", 0x8080_0F00), ("[ebp]", 0x8080_0F00),
            ("[ebp+4]", 0x8040_2025),
            ("byte[ebp+4]", 0x25), ("word [ebp + 4]", 0x2025), ("QWORD[ebp]", 0x8040_2025_8080_0F00), ("dword[[ebp]]", 0),
            ("IoInitSystem", 0x8040_1000), ("HalDispatchTable+0x34", 0x8040_3134), ("hal!HalInitPnpDriver", 0x8060_0100),
            ("ntoskrnl!IoInitSystem!=0x80401000", 0), ("eax!=3", 1), (("[0x180800E00]", 0x8080_0F00)),
        ] as [(String, UInt64)])
    func registersMemoryAndSymbols(text: String, expected: UInt64) throws {
        #expect(try value(text) == expected)
    }

    @Test(arguments: [
        ("foo", "Operand expected", 0), ("1+", "Operand expected", 2), ("1+*2", "Operand expected", 2), ("3*-2", "Operand expected", 2),
        ("+1", "Operand expected", 0), ("09", "Operand expected", 0), ("12ab", "Operand expected", 0), ("1 2", "Operator expected", 2),
        ("1=2", "Operator expected", 1), ("1!2", "Operator expected", 1), ("1 $", "Operator expected", 2),
        ("foo[3]", "Invalid memory size prefix", 0),
        ("1+eax[3]", "Invalid memory size prefix", 2), ("()", "Expression expected", 1), ("1+[]", "Expression expected", 3),
        ("[1)", "']' expected", 2), ("[1", "']' expected", 2), ("(1]", "')' expected", 2), ("(1", "')' expected", 2),
        ("((1)", "')' expected", 4),
        ("[0]", "Couldn't access memory at 0x00000000", 0), ("1+byte [5]", "Couldn't access memory at 0x00000005", 7),
        ("1/0", "Division by zero", 1), ("7 % (1-1)", "Division by zero", 2), ("IoInitSystem!Foo", "Operand expected", 0),
    ])
    func errorsWithPlace(text: String, message: String, offset: Int) {
        let error = error(text)
        #expect(error?.message == message)
        #expect(error?.offset == offset)
    }

    @Test(arguments: [
        ("( )", "Stack not empty after evaluation"), (")", "Stack not empty after evaluation"), ("", "Stack not empty after evaluation"),
        ("1+( )", "Value stack underflow"), (Array(repeating: "1", count: 200).joined(separator: "+"), "RPN op stack overflow"),
        (String(repeating: "(", count: 10000), "RPN op stack overflow"),
        (String(repeating: "(", count: 10000) + "1" + String(repeating: ")", count: 10000), "RPN op stack overflow"),
        (String(repeating: "[", count: 10000), "RPN op stack overflow"),
    ])
    func errorsWithoutPlace(text: String, message: String) {
        let error = error(text)
        #expect(error?.message == message)
        #expect(error?.offset == nil)
    }

    @Test func nestingUpToTheLimitWorks() throws {
        #expect(try value(String(repeating: "(", count: 255) + "1" + String(repeating: ")", count: 255)) == 1)
    }

    @Test(arguments: [
        ("? 1+foo", "          ^ Operand expected\n"), ("?   1 2", "            ^ Operator expected\n"),
        ("x [0]", "        ^ Couldn't access memory at 0x00000000\n"), ("  ? 1/0", "           ^ Division by zero\n"),
        ("? ( )", " Stack not empty after evaluation\n"), ("bpx 1+", "            ^ Operand expected\n"),
    ])
    func caretStandsUnderTheCulprit(line: String, expected: String) {
        let result = KernelDebugger(target: FakeTarget.kernel()).execute(line)
        #expect(result.output.hasPrefix(expected))
        #expect(result.failed)
    }
}
