// SPDX-License-Identifier: GPL-3.0-or-later

/// `ln`, `u` and `uf`: what real KDBG has no names for. Extensions, in WinDbg's words.
enum SymbolCommands {
    static let rows: [Command] = [
        Command(
            "ln", group: .extensions, usage: "ln address|pattern*", summary: "List symbols nearest to an address, or matching a pattern.",
            help: """
                The symbol that holds the address, the next one, and the line of our sources that wrote
                the code. With * or ? in the word: all symbols of that name, such as ln Kdp*Init.
                """,
            example: "ln eip", winDbg: "ln, x module!pattern", gdb: "info symbol, info line, info functions",
            completion: .expression, run: nearest),
        Command(
            "u", group: .extensions, usage: "u [address] [L count]", summary: "Unassemble with addresses and bytes.",
            help: """
                Eight instructions unless told, each with address and bytes; symbols head their code.
                """,
            example: "u KdpInitDriver L 4", winDbg: "u", gdb: "x/8i    KDBG: disasm",
            completion: .expression, run: unassemble),
        Command(
            "uf", group: .extensions, usage: "uf [address]", summary: "Unassemble the whole routine that holds the address.",
            help: """
                The routine's arguments, then every instruction up to its end, at most 4096.
                """,
            example: "uf IoCreateDriver", winDbg: "uf", gdb: "disassemble",
            completion: .expression, run: unassembleFunction),
    ]

    private static let shown = 200

    private static func nearest(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let symbols = debugger.target.symbols
        if let word = line.arguments.first?.text, line.arguments.count == 1, isPattern(word) {
            let wanted = Wildcard(word)
            let hits = symbols.symbols.filter { wanted.matches(word.contains("!") ? "\($0.module)!\($0.name)" : $0.name) }
            guard !hits.isEmpty else { throw CommandError("ln: No symbol matches '\(word.harmless())'.") }
            for symbol in hits.prefix(shown) { output.line(row(symbol)) }
            if hits.count > shown { output.line("(\(hits.count - shown) more)") }
            return .stay
        }
        let address =
            line.arguments.isEmpty
            ? debugger.registers.programCounter : try debugger.address(line.arguments, of: line, command: "ln", output: &output)
        let all = symbols.symbols
        let after = all.partitioningIndex { $0.address > address }
        guard after > 0 || !all.isEmpty else { throw CommandError("ln: There are no symbols.") }
        if after > 0 {
            let symbol = all[after - 1]
            let offset = address - symbol.address
            let isInside = offset < max(symbol.size, 1)
            let source = symbols.line(containing: address).map { "  \($0.file):\($0.line)" } ?? ""
            output.line(
                "(\(address.pointer))   \(symbol.module)!\(symbol.name)" + (offset == 0 ? "" : "+0x\(offset.hex())")
                    + (isInside ? "" : " (behind its end)") + source)
        }
        if after < all.count { output.line(row(all[after])) }
        return .stay
    }

    private static func isPattern(_ word: String) -> Bool {
        // A star between operands multiplies: 4*5 is an address, Kdp* is not.
        word.contains("?") || (word.hasSuffix("*") || word.hasPrefix("*") || word.contains("!*"))
            || (word.contains("*") && word.first?.isNumber != true && !word.contains(where: { "+-/%()[]<>=".contains($0) }))
    }

    private static func row(_ symbol: Symbol) -> String {
        let arguments = symbol.parameters.isEmpty ? "" : "(\(symbol.parameters.joined(separator: ", ")))"
        return "(\(symbol.address.pointer))   \(symbol.module)!\(symbol.name)\(arguments)  0x\(symbol.size.hex()) bytes"
    }

    private static func unassemble(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let suffix = try CountSuffix(line.arguments)
        let range = try debugger.memoryRange(of: line, output: &output)
        let count = try range?.units(of: 1, otherwise: 8) ?? suffix.count ?? 8
        list(from: range?.start ?? debugger.registers.programCounter, count: count, end: range?.end, debugger, &output)
        return .stay
    }

    private static func unassembleFunction(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        var address = debugger.registers.programCounter
        if !line.arguments.isEmpty { address = try debugger.address(line.arguments, of: line, command: "uf", output: &output) }
        guard let symbol = debugger.target.symbols.symbol(containing: address), symbol.kind == .code else {
            throw CommandError("uf: No routine holds 0x\(address.pointer).", hint: "'u' shows any memory as instructions.")
        }
        list(from: symbol.address, count: 4096, end: symbol.address &+ symbol.size, debugger, &output)
        return .stay
    }

    private static func list(from start: UInt32, count: Int, end: UInt32?, _ debugger: KernelDebugger, _ output: inout CommandOutput) {
        var address = start
        for index in 0..<count {
            if let end, address >= end { return }
            if let symbol = debugger.target.symbols.symbol(containing: address), symbol.kind == .code,
                index == 0 || symbol.address == address
            {
                let offset = address - symbol.address
                output.line(
                    "\(symbol.module)!\(symbol.name)" + (offset == 0 ? "" : "+0x\(offset.hex())")
                        + (offset == 0 && !symbol.parameters.isEmpty ? "(\(symbol.parameters.joined(separator: ", ")))" : "") + ":")
            }
            let mark = address == debugger.registers.programCounter ? ">" : " "
            guard let instruction = debugger.decode(at: address, tagger: { SymbolText.name(of: $0, in: debugger.target) ?? $0.pointer })
            else {
                output.failure("\(mark)\(address.pointer) <INVALID>")
                return
            }
            let bytes = instruction.bytes.map { UInt32($0).hex(2) }.joined()
            output.line("\(mark)\(address.pointer) \(bytes.padded(right: 16)) \(instruction.text)")
            address &+= UInt32(instruction.bytes.count)
        }
    }
}
