// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Inputs at the edges of what there is: the largest numbers, the deepest nesting, the longest lines, and what once was too much. Every command must
/// come to an end with a bounded amount of harmless text.
@Suite struct EdgeTests {
    /// More than any command says, however large the count it is given.
    private static let mostOutput: Int = 16 << 20

    /// Numbers next to the edges of 8, 16, 32 and 64 bits, signed and unsigned, in the notations there are.
    private static let numbers: [String] = {
        var values: [UInt64] = [0, 1]
        for bits in [7, 8, 15, 16, 31, 32, 63] as [UInt64] { values += [(1 << bits) - 1, 1 << bits, (1 << bits) + 1] }
        values += [.max - 1, .max]
        return values.flatMap { [String($0), "0x" + String($0, radix: 16), "0" + String($0, radix: 8), "-" + String($0)] }
            + ["18446744073709551616", "0x10000000000000000", String(repeating: "9", count: 400), "0x", "08", "-", "--1"]
    }()

    /// Lines with a number in every place where one of the commands might look for it.
    private static let places = [
        "N", "N N", "* N", "*N", "0 L N", "N L N", "L N", "LN", "attach N", "list N", "w byte N", "x N", "rw dword N IF N", "0 IF N",
        "N+DEFAULT", "condition N first never", "eax=N", "eax = N", "KPCR N", "[N]", "qword[N]", "(N)*N/N%N", "N N N N", "-r N",
    ]

    /// These reach out to the host or let the machine run away, and have tests of their own.
    private static let hostCommands: Set<String> = ["source", "log"]

    @Test("every command, with every number in every place", arguments: CommandTable.commands.flatMap(\.names))
    func numbers(name: String) {
        guard !Self.hostCommands.contains(name) else { return }
        let debugger = KernelDebugger(target: FlatTarget())
        for place in Self.places {
            for number in Self.numbers {
                let line = "\(name) " + place.map { $0 == "N" ? number : String($0) }.joined()
                let output: String = debugger.execute(line).output
                let isHarmful = output.unicodeScalars.contains { $0.isControl && $0 != "\n" && $0 != "\u{1B}" }
                guard !isHarmful, output.utf8.count < Self.mostOutput else {
                    Issue.record("\(line): \(output.utf8.count) bytes: \(String(output.prefix(200)).debugDescription)")
                    return
                }
            }
            debugger.breakpoints = BreakpointTable()
        }
    }

    /// Ten thousand of anything an expression can begin, end or go on with.
    private static let deep: [String] = {
        func many(_ piece: String, _ count: Int = 10_000) -> String { String(repeating: piece, count: count) }
        return [
            many("(") + "1" + many(")"), many("["), many("(-"), many("byte["), many("(") + "1", "1" + many(")"), many("1+") + "1",
            "1" + many("<1"), many("-"), many("[(") + "0" + many(")]"), many("x"), many("1 "), many("ü"), many("KdpTrap+") + "1",
            "ntoskrnl" + many("!"), many("9"), "0x" + many("f"), many("\u{300}"), many("=="),
        ]
    }()

    @Test("ten thousand brackets, operators and digits", arguments: deep.indices)
    func nesting(index: Int) {
        let text = Self.deep[index]
        let debugger = KernelDebugger(target: FlatTarget())
        for command in [
            "?", "x", "disasm", "bt *", "bpx", "bpx 0 IF", "bpm w dword", "mod", "dt KPCR", "set", "filter", "tss", "thread", "zz", "",
        ] {
            let result = debugger.execute("\(command) \(text)")
            #expect(result.output.utf8.count < 1 << 20, "\(command)")
            _ = debugger.completions(of: "\(command) \(text)", at: .max)
            debugger.breakpoints = BreakpointTable()
        }
        for dialect in Linter.Dialect.allCases {
            #expect(Linter.check(Array("? \(text)\nbpx 0 IF \(text)\n\(text)".utf8), for: dialect, symbols: LintTests.symbols).count < 50)
        }
    }

    /// Lines that once crashed a part of the debugger, or took it too long.
    private static let crashers = [
        // The caret of a message stood behind the end of a line whose words were cut.
        "bpx 1 IF", "bpx IF IF IF", "bpm", "filter +", "filter -", "filter +-+", "set condition * first", "set condition -1 first never",
        // An address that wraps around at 4 GiB.
        "x 0xFFFFFFFF L 9", "disasm 0xFFFFFFFF", "x 0xFFFFFFFFFFFFFFFF L 9", "bt *0xFFFFFFFF", "tss *0xFFFFFFFF", "dt KPCR 0xFFFFFFFF",
        "db 0xFFFFFFFF L 64", "du 0xFFFFFFFF", "da 0xFFFFFFFF", "u 0xFFFFFFFF", "uf 0xFFFFFFFF", "ln 0xFFFFFFFF",
    ]

    @Test("what once was too much", arguments: crashers)
    func survives(_ text: String) {
        let debugger = KernelDebugger(target: FlatTarget())
        #expect(debugger.execute(text).output.utf8.count < 1 << 20)
        for position in 0...text.count { _ = debugger.completions(of: text, at: position) }
        _ = Linter.check(Array(text.utf8), symbols: LintTests.symbols)
    }
}
