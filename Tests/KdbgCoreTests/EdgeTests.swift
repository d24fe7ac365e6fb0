// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Inputs at the edges of what there is: the largest numbers, the deepest nesting, the longest lines, and what once was too much. Every command must
/// come to an end with a bounded amount of harmless text.
@Suite struct EdgeTests {
    /// More than any command says, however large the count it is given.
    private static let mostOutput: Int = 16 << 20

    /// Numbers next to the edges of 8, 16, 32 and 64 bits, signed and unsigned.
    private static let numbers: [String] = {
        var values: [UInt64] = [0, 1]
        for bits in [7, 8, 15, 16, 31, 32, 63] as [UInt64] { values += [(1 << bits) - 1, 1 << bits, (1 << bits) + 1] }
        return (values + [.max - 1, .max]).map { "0x" + String($0, radix: 16) }
    }()

    /// Words that look like numbers, in the other notations or too large for any.
    private static let oddNumbers =
        ["18446744073709551615", "01777777777777777777777", "-128", "-0x8000000000000000", "18446744073709551616", "0x10000000000000000"]
        + [String(repeating: "9", count: 400), "0x", "08", "-", "--1"]

    /// Counts are tried with fewer numbers: a large one fills memory with text.
    private static let counts = ["0", "1", "255", "0x100", "0xffffffff"]

    /// Lines with a number in every place where one of the commands might look for it.
    private static let places = [
        "N", "N N", "*N", "attach N", "w byte N", "rw dword N IF N", "N+DEFAULT", "condition N first never", "eax=N", "KPCR N", "qword[N]",
        "(N)*N/N%N", "-r N",
    ]

    /// Every line to try behind a command's name.
    private static let arguments: [String] = {
        func fill(_ place: String, _ number: String) -> String { place.map { $0 == "N" ? number : String($0) }.joined() }
        return places.flatMap { place in numbers.map { fill(place, $0) } } + oddNumbers + oddNumbers.map { "0x80000000 \($0)" }
            + counts.map { "0 L \($0)" } + ["L 255", "0xffffffff L 255", "0x7fff L 255"]
    }()

    /// A few, because every unknown word is compared with all of them.
    private static let symbols = SymbolTable(symbols: [
        Symbol(name: "KdpTrap", module: "ntoskrnl", address: 0x1000, size: 0x40, kind: .code)
    ])

    /// These reach out to the host or let the machine run away, and have tests of their own.
    private static let hostCommands: Set<String> = ["source", "log"]

    @Test("every command, with every number in every place", arguments: CommandTable.commands.flatMap(\.names))
    func numbers(name: String) {
        guard !Self.hostCommands.contains(name) else { return }
        let debugger = KernelDebugger(target: FlatTarget(symbols: Self.symbols))
        for argument in Self.arguments {
            let output: String = debugger.execute("\(name) \(argument)").output
            let isHarmful = output.unicodeScalars.contains { $0.isControl && $0 != "\n" && $0 != "\u{1B}" }
            guard !isHarmful, output.utf8.count < Self.mostOutput else {
                Issue.record("\(name) \(argument): \(output.utf8.count) bytes: \(String(output.prefix(200)).debugDescription)")
                return
            }
            if debugger.breakpoints.all.count > 100 { debugger.breakpoints = BreakpointTable() }
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
        let debugger = KernelDebugger(target: FlatTarget(symbols: Self.symbols))
        for command in ["?", "bt *", "bpx 0 IF", "bpm w dword", "dt KPCR", "filter", "zz", ""] {
            let result = debugger.execute("\(command) \(text)")
            #expect(result.output.utf8.count < 1 << 20, "\(command)")
        }
        for command in ["x", "filter", ""] { _ = debugger.completions(of: "\(command) \(text)", at: .max) }
        for dialect in Linter.Dialect.allCases {
            #expect(Linter.check(Array("? \(text)\nbpx 0 IF \(text)\n\(text)".utf8), for: dialect, symbols: Self.symbols).count < 50)
        }
    }

    /// Lines that are hard on a parser: deep, long, at the edges of numbers.
    private static let hardLines = [
        // The caret of a message stood behind the end of a line whose words were cut.
        "bpx 1 IF", "bpx IF IF IF", "bpm", "filter +", "filter -", "filter +-+", "set condition * first", "set condition -1 first never",
        // An address that wraps around at 4 GiB.
        "x 0xFFFFFFFF L 9", "disasm 0xFFFFFFFF", "x 0xFFFFFFFFFFFFFFFF L 9", "bt *0xFFFFFFFF", "tss *0xFFFFFFFF", "dt KPCR 0xFFFFFFFF",
        "db 0xFFFFFFFF L 64", "du 0xFFFFFFFF", "da 0xFFFFFFFF", "u 0xFFFFFFFF", "uf 0xFFFFFFFF", "ln 0xFFFFFFFF",
    ]

    @Test("what is hard on a parser", arguments: hardLines)
    func survives(_ text: String) {
        let debugger = KernelDebugger(target: FlatTarget(symbols: Self.symbols))
        #expect(debugger.execute(text).output.utf8.count < 1 << 20)
        for position in 0...text.count { _ = debugger.completions(of: text, at: position) }
        _ = Linter.check(Array(text.utf8), symbols: LintTests.symbols)
    }
}
