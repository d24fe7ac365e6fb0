// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

@testable import KdbgCore

/// Inputs that nobody would type, made from seeds: 20,000 of each kind, or as many as KDBG_FUZZ says (`make fuzz`: 10 million, optimised).
/// KDBG_FUZZ_SEED makes others. What is known to be hard, and what once was too much, is in `EdgeTests`.
@Suite struct FuzzTests {
    static let count = number("KDBG_FUZZ") ?? 20_000
    static let seed = UInt64(number("KDBG_FUZZ_SEED") ?? 1)

    private static func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }

    @Test func lines() {
        var random = Seeded(Self.seed &* 1)
        for _ in 0..<Self.count {
            let text = random.line()
            let line = CommandLine(text)
            var end = 0
            for word in line.words {
                guard word.offset >= end, word.end > word.offset, !word.text.contains(" "), !word.text.contains("\t") else {
                    return fail(text, "\(line.words)")
                }
                end = word.end
            }
            let letters = line.bytes.filter { $0 != 0x20 && $0 != 9 }
            guard line.words.flatMap({ Array($0.text.utf8) }) == letters else { return fail(text, "words lost letters") }
            guard line.glued(line.words[...]).filter({ $0 != 0x20 }) == letters else { return fail(text, "glue lost letters") }
        }
    }

    /// Token soup must be refused or have a value; expressions built with a known value must have it.
    @Test func expressions() {
        var random = Seeded(Self.seed &* 2)
        let target = FlatTarget()
        for _ in 0..<Self.count / 2 {
            let text = random.soup()
            do throws(ExpressionError) {
                let expression = try Expression(Array(text.utf8)) { $0 == "Name" ? 0x8040_0000 : nil }
                _ = try expression.evaluate(registers: RegisterView(), target: target)
            } catch {
                if let offset = error.offset, !(0...text.utf8.count).contains(offset) { return fail(text, "error at \(offset)") }
            }
        }
        for _ in 0..<(Self.count + 1) / 2 {
            let (text, value) = random.expression(depth: 4)
            let result = try? Expression(Array(text.utf8)).evaluate(registers: RegisterView(), target: target)
            // Division by zero has no value, and too many items have none either.
            guard result == value || value == nil && result == nil || text.utf8.count > Expression.capacity else {
                return fail(text, "is \(result.map { "\($0)" } ?? "nothing") instead of \(value.map { "\($0)" } ?? "nothing")")
            }
        }
    }

    /// The reader finds the lines that a plain split finds; the interpreter gets to the end of the file, whatever stands in it.
    @Test func scripts() {
        var random = Seeded(Self.seed &* 3)
        let target = FlatTarget()
        var debugger = KernelDebugger(target: target)
        // Across the end of a page, where the reader has to look again.
        let text: UInt32 = 0x0FF0
        let arguments: [UInt32] = [text, 0x2000, 0x3000, 0x100, 0x2004, 0x2800]
        for index in 0..<Self.count {
            // Breakpoints, aliases and the journal grow from line to line; in the end nothing else would be looked at.
            if index & 0xFF == 0 { debugger = KernelDebugger(target: target) }
            let bytes = random.script()
            target.writeBytes(text, bytes + [0])
            var reader = LineReader(target: target, text: text, position: 0)
            var lines: [[UInt8]] = []
            while let line = reader.next() { lines.append(line) }
            let expected = bytes.prefix { $0 != 0 }.split { $0 == 0x0A || $0 == 0x0D }.map(Array.init)
            guard lines == expected, lines == ScriptText([0x20, 0x0A] + bytes).lines.dropFirst().map({ Array($0.bytes) }) else {
                return fail("\(bytes)", "\(lines)")
            }
            target.write32(0x2000, 0)
            var interpreter = ScriptInterpreter()
            var results = 0
            while interpreter.interpret(arguments, debugger) != 0 {
                results += 1
                guard results <= lines.count else { return fail("\(bytes)", "the interpreter does not end") }
            }
        }
    }

    @Test func checks() {
        var random = Seeded(Self.seed &* 4)
        let symbols = LintTests.symbols
        for index in 0..<Self.count {
            let bytes = random.script()
            let dialect = Linter.Dialect.allCases[index & 1]
            let lines = 1 + bytes.count { $0 == 0x0A || $0 == 0x0D }
            for finding in Linter.check(bytes, for: dialect, symbols: symbols) {
                guard 1...lines ~= finding.line, 1...bytes.count + 1 ~= finding.column, !finding.text(file: "f").contains("\n") else {
                    return fail("\(bytes)", finding.text(file: "f"))
                }
            }
        }
    }

    private func fail(_ input: String, _ reason: String) {
        Issue.record("\(input.debugDescription): \(reason)")
    }

}

/// The same inputs from the same seed, everywhere and always (SplitMix64).
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    private mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    private static let pieces =
        "( ) [ ] + - * / % == != < <= > >= = ! byte word[ dword[ qword[ ü # L L4 IF Name a!b eax EBP cs dr7 0x 09 -1".split(separator: " ")
        .map(String.init) + numbers + [" ", " ", "\t", "L 3", "\u{FEFF}", "\u{1B}[0m"]
    private static let numbers =
        [8, 16, 32, 63].flatMap { bits in [-1, 0, 1].map { String((1 << UInt64(bits)) &+ UInt64(bitPattern: $0)) } }
        + ["0", "1", "010", "18446744073709551615", "18446744073709551616"]
    private static let words =
        CommandTable.commands.flatMap(\.names) + numbers
        + "break syntax condition intel first last never OTHERS INT3 error+SMSS info- - + rw dword list attach * KdpInitDriver IF"
        .split(separator: " ").map(String.init)

    /// Tokens of expressions in any order.
    mutating func soup() -> String {
        (0..<below(12)).map { _ in Self.pieces[below(Self.pieces.count)] }.joined()
    }

    /// Anything from a command with likely arguments to garbage.
    mutating func line() -> String {
        switch below(8) {
        case 0: String(decoding: (0..<below(40)).map { _ in UInt8(truncatingIfNeeded: next()) }, as: UTF8.self)
        case 1: soup()
        case 2...4: Self.words[below(Self.words.count)] + " " + soup()
        default: (0..<below(7)).map { _ in Self.words[below(Self.words.count)] + (below(9) == 0 ? soup() : "") }.joined(separator: " ")
        }
    }

    /// Up to three lines with any ends, and now and then a byte that does not belong there.
    mutating func script() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<1 + below(3) { bytes += Array(line().utf8) + [[10], [13, 10], [13], [10, 13], [0], [11]][below(6)] }
        if !bytes.isEmpty, below(4) == 0 { bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: next()) }
        return bytes
    }

    /// A well-formed expression and its value; nil when it divides by zero somewhere.
    mutating func expression(depth: Int) -> (text: String, value: UInt64?) {
        guard depth > 0, below(4) > 0 else {
            let value = next() >> UInt64(below(64))
            return ([String(value), "0x" + String(value, radix: 16), "0" + String(value, radix: 8)][below(3)], value)
        }
        let (a, x) = expression(depth: depth - 1)
        let (b, y) = expression(depth: depth - 1)
        let operators = ["*", "/", "%", "+", "-", "==", "!=", "<", "<=", ">", ">="]
        let name = operators[below(operators.count)]
        let blank = below(3) == 0 ? " " : ""
        let text = "(\(a))\(blank)\(name)\(blank)(\(b))"
        guard let x, let y, y != 0 || !["/", "%"].contains(name) else { return (text, nil) }
        switch name {
        case "*": return (text, x &* y)
        case "/": return (text, x / y)
        case "%": return (text, x % y)
        case "+": return (text, x &+ y)
        case "-": return (text, x &- y)
        case "==": return (text, x == y ? 1 : 0)
        case "!=": return (text, x != y ? 1 : 0)
        case "<": return (text, x < y ? 1 : 0)
        case "<=": return (text, x <= y ? 1 : 0)
        case ">": return (text, x > y ? 1 : 0)
        default: return (text, x >= y ? 1 : 0)
        }
    }
}
