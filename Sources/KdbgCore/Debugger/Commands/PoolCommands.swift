// SPDX-License-Identifier: GPL-3.0-or-later

/// `!pool`, `!poolused` and `!poolfind` (spec/kdbg.md section 1.9).
enum PoolCommands {
    static let rows: [Command] = [
        Command(
            "!pool", group: .others, usage: "!pool [Address [Flags]]", summary: "Display the pool page that holds an address.",
            help: """
                Numbers are hexadecimal; the address may be an expression too. Sizes are in units of 8 bytes.
                The block with the address has a star. Flags: 1 that block only, with its first eight dwords;
                80000000 without state and tag.
                """,
            example: "!pool [PsInitialSystemProcess]", winDbg: "!pool", gdb: nil, needs: .kernel, completion: .expression, run: showPage),
        Command(
            "!poolused", group: .others, usage: "!poolused [Flags [Tag]]", summary: "Display what the pools are used for, tag by tag.",
            help:
                "Flags: 1 shows frees and what is left too. In a tag ? stands for any character; a lone word longer than a flag is a tag.",
            example: "!poolused 1 Io??", winDbg: "!poolused", gdb: nil, needs: .kernel, run: showUsage),
        Command(
            "!poolfind", group: .others, usage: "!poolfind Tag [Pool]", summary: "Find allocations by tag.",
            help: "In a tag ? stands for any character; * is any tag. Pool: 0 nonpaged, 1 paged.", example: "!poolfind Driv",
            winDbg: "!poolfind",
            gdb: nil, needs: .kernel, run: find),
    ]

    /// More rows than anybody reads.
    private static let mostRows = 20_000

    private static func showPage(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let words = Array(line.arguments)
        let address = words.isEmpty ? 0 : try HexNumber.address(words[0], debugger, line, "!pool")
        let flags = words.count < 2 ? 0 : try HexNumber.required(words[1], "!pool")
        guard address != 0 else { throw CommandError("!pool: The heap is not implemented; an address in a pool is needed.") }
        let reader = PoolReader(target: debugger.target)
        let page = address & ~0xFFF
        guard debugger.target.read32(page) != nil else { throw CommandError("!pool: Address 0x\(address.pointer) is not accessible.") }
        guard let kind = reader.kind(of: address) else { throw CommandError("!pool: Address 0x\(address.pointer) is in neither pool.") }
        output.line("Pool page 0x\(page.pointer) region is \(kind.name)Pool")
        if let large = reader.largeAllocations.first(where: { address &- $0.address < ($0.bytes &+ 0xFFF) & ~0xFFF }) {
            output.line("*\(large.address.pointer): large allocation, tag \(PoolTag.text(of: large.tag)), size: \(large.bytes.hex())")
            return .stay
        }
        for block in reader.blocks(inPage: page) {
            let isMatch = block.contains(address)
            if flags & 1 != 0, !isMatch { continue }
            output.line((isMatch ? "*" : " ") + row(block, showsState: flags & 0x8000_0000 == 0))
            guard flags & 1 != 0 else { continue }
            for index in 0..<UInt32(2) {
                let place = block.body &+ 16 &* index
                output.line(
                    "\(place.pointer):"
                        + (0..<UInt32(4)).map { " " + (debugger.target.read32(place &+ 4 &* $0)?.hex(8) ?? "????????") }.joined())
            }
        }
        return .stay
    }

    /// A block as `!pool` and `!poolfind` show it, without the mark.
    static func row(_ block: PoolReader.Block, showsState: Bool = true) -> String {
        let sizes = "\(block.address.pointer) size: \(block.size.decimal(4)) previous size: \(block.previousSize.decimal(4))"
        guard showsState else { return sizes }
        let state = block.isAllocated ? "  (Allocated)  " : block.isInLookaside ? "  (Lookaside)  " : "  (Free)       "
        return sizes + state + PoolTag.text(of: block.tag)
    }

    // MARK: Usage

    private static func showUsage(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let words = line.arguments.map(\.text)
        var flags: UInt32 = 0
        var tag = PoolTag("*")
        if words.count > 1 {
            flags = try HexNumber.required(line.words[1], "!poolused")
            tag = PoolTag(words[1])
        } else if let word = words.first {
            let looksLikeFlags = word.utf8.count == 1 || word.utf8.count == 3 && word.lowercased().hasPrefix("0x")
            if looksLikeFlags, let value = HexNumber.value(word) { flags = value } else { tag = PoolTag(word) }
        }
        guard debugger.target.symbols.symbol(named: "PoolTrackTable") != nil else {
            throw CommandError("!poolused: This kernel has no PoolTrackTable.")
        }
        // Before there is pool there is no table, and there are no rows.
        let table = debugger.target.global("PoolTrackTable") ?? 0
        let rows = table == 0 ? 0 : min(debugger.target.global("PoolTrackTableSize") ?? 0, UInt32(mostRows))
        let isLong = flags & 1 != 0
        output.line("Pool Used:")
        output.line(isLong ? "\t\tNonPaged\t\t\t\t\t\t\tPaged" : "\t\tNonPaged\t\t\tPaged")
        let columns = isLong ? ["Allocs", "Frees", "Diff", "Used"] : ["Allocs", "Used"]
        output.line("Tag\t\t" + (columns + columns).joined(separator: "\t\t"))
        for index in 0..<rows {
            // A tag, then allocations, frees and bytes of both pools.
            let words = (0..<UInt32(7)).map { debugger.target.read32(table &+ 28 &* index &+ 4 &* $0) ?? 0 }
            guard words[3] != 0 || words[6] != 0, tag.matches(words[0]) else { continue }
            let halves = [1, 4].flatMap { first -> [UInt32] in
                isLong
                    ? [words[first], words[first + 1], words[first] &- words[first + 1], words[first + 2]]
                    : [words[first], words[first + 2]]
            }
            let name =
                PoolTag.isPrintable(words[0])
                ? "'\(PoolTag.text(of: words[0]))'\t\t" : words[0] == 0 ? "Anon\t\t" : "0x\(words[0].hex(8))\t"
            output.line(name + halves.map { String($0) }.joined(separator: "\t\t"))
        }
        return .stay
    }

    // MARK: Finding

    /// The pool that an argument names: 0 or nothing nonpaged, 1 paged.
    static func pool(_ word: CommandLine.Word?, _ command: String) throws(CommandError) -> PoolReader.Kind {
        guard let word else { return .nonPaged }
        guard let kind = PoolReader.Kind(rawValue: try HexNumber.required(word, command)) else {
            throw CommandError("\(command): Only (non) paged pool are supported.")
        }
        return kind
    }

    private static func find(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let word = line.arguments.first else { throw CommandError("!poolfind: Please provide a tag string.") }
        let tag = PoolTag(word.text)
        let kind = try pool(line.arguments.dropFirst().first, "!poolfind")
        let reader = PoolReader(target: debugger.target)
        var left = mostRows
        if let table = reader.largeTable {
            output.line(
                "Scanning large pool allocation table for Tag: \(tag.text) (\(table.start.pointer) : \(table.end.pointer))")
            for large in reader.largeAllocations where tag.matches(large.tag) {
                output.line("\(large.address.pointer): tag \(PoolTag.text(of: large.tag)), size: \(large.bytes.hex())")
            }
        }
        try announce(kind, tag, reader, "!poolfind", &output)
        reader.forEachBlock(kind) { block in
            guard block.isAllocated, tag.matches(block.tag) else { return true }
            output.line(row(block))
            left -= 1
            return left > 0
        }
        if left == 0 { output.line("(there may be more)") }
        return .stay
    }

    /// The line in front of what a search has found.
    static func announce(
        _ kind: PoolReader.Kind, _ tag: PoolTag, _ reader: PoolReader, _ command: String, _ output: inout CommandOutput
    ) throws(CommandError) {
        guard let range = reader.range(kind) else { throw CommandError("\(command): There is no \(kind.name.lowercased()) pool yet.") }
        output.line("Searching \(kind.name) pool (\(range.start.pointer) : \(range.end.pointer)) for Tag: \(tag.text)")
    }
}
