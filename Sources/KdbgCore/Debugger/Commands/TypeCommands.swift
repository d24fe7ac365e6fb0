// SPDX-License-Identifier: GPL-3.0-or-later

/// `dt`: structures by their layouts (spec/kdbg.md section 1.3; real KDBG has it only with DWARF symbols).
enum TypeCommands {
    static let rows: [Command] = [
        Command(
            "dt", group: .data, usage: "dt [mod] [type] [addr]", summary: "Print a structure, at an address if one is given.",
            help: """
                Names are those of spec, case does not count; * and ? find types: dt OBJECT_*
                -r shows what lies inside a structure, -rN to that depth. With a module in front of the
                type, as in real KDBG, everything inside is shown: dt ntoskrnl DRIVER_OBJECT eax
                With L COUNT behind the address: so many of them, one behind the other.
                """,
            example: "dt -r KD_DISPATCH_TABLE DispatchTable", winDbg: "dt nt!_TYPE address",
            gdb: "ptype struct TYPE, p *(struct TYPE *)address",
            completion: .types, run: run)
    ]

    private static func run(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let suffix = try CountSuffix(line.arguments)
        var words = Array(suffix.words)
        var depth = 0
        if let index = words.prefix(3).firstIndex(where: { recursion($0.text) != nil }) {
            depth = recursion(words[index].text) ?? 0
            words.remove(at: index)
        }
        // With less than module and type KDBG says nothing.
        guard let first = words.first else { throw CommandError("dt: Type argument required.", hint: "'dt *' lists the types.") }
        if first.text.contains(where: { $0 == "*" || $0 == "?" }) {
            return try list(matching: first.text, &output)
        }
        var type = StructureCatalog.type(named: unqualified(first.text))
        if type == nil, words.count > 1, let second = StructureCatalog.type(named: words[1].text) {
            type = second
            depth = TypeDump.maximumDepth
            words.removeFirst()
        }
        guard let type else { throw unknown(words.count > 1 && isModule(first.text, debugger) ? words[1].text : first.text) }
        words.removeFirst()
        var address: UInt32?
        if !words.isEmpty { address = try debugger.address(words[...], of: line, command: "dt", output: &output) }
        let name = StructureCatalog.name(of: type)
        output.line("\(name), 0x\(type.size.hex()) bytes")
        var dump = TypeDump(target: debugger.target, depth: depth)
        guard let count = suffix.count, let start = address else {
            dump.fields(of: type, at: address, indent: 1, to: &output)
            if let address, debugger.target.read8(address) == nil { output.fail() }
            return .stay
        }
        let most = 4 * CountSuffix.limit / max(Int(type.size), 1)
        guard count <= most else { throw CommandError("dt: At most \(most) of these at once.") }
        for index in 0..<UInt32(count) {
            let place = start &+ index &* type.size
            output.line("[\(index)] @ \(place.pointer)")
            dump.fields(of: type, at: place, indent: 1, to: &output)
        }
        if let address, debugger.target.read8(address) == nil { output.fail() }
        return .stay
    }

    /// `-r` or `-r2`.
    private static func recursion(_ word: String) -> Int? {
        guard word.hasPrefix("-r") else { return nil }
        return word == "-r" ? TypeDump.maximumDepth : Int(word.dropFirst(2)).map { min(max($0, 0), TypeDump.maximumDepth) }
    }

    private static func unqualified(_ word: String) -> String {
        word.lastIndex(of: "!").map { String(word[word.index(after: $0)...]) } ?? word
    }

    private static func isModule(_ word: String, _ debugger: KernelDebugger) -> Bool {
        debugger.target.symbols.symbols.contains { $0.module == word.lowercased() }
    }

    private static func unknown(_ name: String) -> CommandError {
        let near = Suggestion.nearest(to: name, in: StructureCatalog.types.map(StructureCatalog.name))
        return CommandError(
            "dt: There is no type '\(String(name.prefix(64)).harmless())'.",
            hint: near.map { "Did you mean '\($0)'?" } ?? "'dt *' lists the types.")
    }

    private static func list(matching pattern: String, _ output: inout CommandOutput) throws(CommandError) -> Command.Verdict {
        let wanted = Wildcard(unqualified(pattern))
        let types = StructureCatalog.types.filter { wanted.matches(StructureCatalog.name(of: $0)) }
        guard !types.isEmpty else { throw CommandError("dt: No type matches '\(pattern.harmless())'.") }
        for type in types { output.line("  \(StructureCatalog.name(of: type).padded(right: 34)) 0x\(type.size.hex(4))") }
        return .stay
    }
}

/// `*` for any text and `?` for one character, case-blind. Time is at most the product of both lengths.
struct Wildcard {
    private let pattern: [UInt8]

    init(_ pattern: String) { self.pattern = Array(pattern.lowercased().utf8) }

    func matches(_ text: String) -> Bool {
        let text = Array(text.lowercased().utf8)
        var p = 0
        var t = 0
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let back = star {
                star = (back.pattern, back.text + 1)
                p = back.pattern + 1
                t = back.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
