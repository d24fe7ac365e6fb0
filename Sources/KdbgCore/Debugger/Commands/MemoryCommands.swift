// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory as bytes, words, dwords and text, and the commands that write. Extensions, in WinDbg's words; what they write is an input of the run.
enum MemoryCommands {
    static let rows: [Command] = [
        Command(
            "db", group: .extensions, usage: "db [address] [L count]", summary: "Display memory as bytes and ASCII.",
            help: """
                128 bytes unless told; FROM..TO is a range. Memory that is not mapped shows as ??.
                """,
            example: "db [esp] L 32", winDbg: "db", gdb: "x/128xb",
            completion: .expression, run: { (a, b, c) throws(CommandError) in try dump(a, b, &c, size: 1, count: 128) }),
        Command(
            "dw", group: .extensions, usage: "dw [address] [L count]", summary: "Display memory as 16-bit words.",
            help: "64 words unless told.",
            example: "dw esp", winDbg: "dw", gdb: "x/64xh", completion: .expression,
            run: { (a, b, c) throws(CommandError) in try dump(a, b, &c, size: 2, count: 64) }),
        Command(
            "dd", group: .extensions, usage: "dd [address] [L count]", summary: "Display memory as 32-bit words.",
            help: "32 dwords unless told; x shows the same with KDBG's tags.",
            example: "dd HalDispatchTable", winDbg: "dd", gdb: "x/32xw",
            completion: .expression,
            run: { (a, b, c) throws(CommandError) in try dump(a, b, &c, size: 4, count: 32) }),
        Command(
            "da", group: .extensions, usage: "da [address] [L count]", summary: "Display a zero-terminated text.",
            help: "At most count characters, 256 unless told.",
            example: "da [esp+4]", winDbg: "da", gdb: "x/s", completion: .expression,
            run: { (a, b, c) throws(CommandError) in try showText(a, b, &c, size: 1) }),
        Command(
            "du", group: .extensions, usage: "du [address] [L count]", summary: "Display a zero-terminated wide text.",
            help: "At most count characters, 256 unless told.",
            example: "du [[PsLoadedModuleList]+0x30]", winDbg: "du", gdb: "x/hs",
            completion: .expression,
            run: { (a, b, c) throws(CommandError) in try showText(a, b, &c, size: 2) }),
        Command(
            "eb", group: .extensions, usage: "eb address value...", summary: "Enter bytes into memory.",
            help: """
                The address is one word, and so is each value. Nothing is written unless everything can be.
                The guest cannot tell, but it is an input of the run and is noted as one.
                """,
            example: "eb eip 0x90 0x90", winDbg: "eb", gdb: "set *(char *)ADDRESS = VALUE",
            completion: .expression, run: { (a, b, c) throws(CommandError) in try enter(a, b, &c, size: 1) }),
        Command(
            "ew", group: .extensions, usage: "ew address value...", summary: "Enter 16-bit words into memory.",
            help: "Like eb.",
            example: "ew esp 0x1234", winDbg: "ew", gdb: "set *(short *)ADDRESS = VALUE", completion: .expression,
            run: { (a, b, c) throws(CommandError) in try enter(a, b, &c, size: 2) }),
        Command(
            "ed", group: .extensions, usage: "ed address value...", summary: "Enter 32-bit words into memory.",
            help: "Like eb.",
            example: "ed KdpDebugMode 5", winDbg: "ed", gdb: "set *(int *)ADDRESS = VALUE", completion: .expression,
            run: { (a, b, c) throws(CommandError) in try enter(a, b, &c, size: 4) }),
        Command(
            "r", group: .extensions, usage: "r [register[=value]]", summary: "Display registers, or change one.",
            help: """
                Without argument like regs. The value is an expression. While the guest waits in KD its
                saved context is changed, otherwise the processor. Segment and debug registers are read only.
                """,
            example: "r eax=eax+1", winDbg: "r", gdb: "info registers, set $eax = VALUE",
            completion: .expression, run: register),
    ]

    private static func words(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> (address: UInt32, count: Int?) {
        let suffix = try CountSuffix(line.arguments)
        let name = line.words[0].text
        guard !suffix.words.isEmpty else { throw CommandError("\(name): Address argument required.") }
        return (try debugger.address(suffix.words, of: line, command: name, output: &output), suffix.count)
    }

    private static func dump(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput, size: UInt32, count: Int
    ) throws(CommandError) -> Command.Verdict {
        guard let range = try debugger.memoryRange(of: line, output: &output) else {
            throw CommandError("\(line.words[0].text): Address argument required.")
        }
        let start = range.start
        let total = try range.units(of: size, otherwise: count) * Int(size)
        var isReadable = false
        for row in stride(from: 0, to: total, by: 16) {
            let address = start &+ UInt32(row)
            let length = min(16, total - row)
            let bytes = (0..<UInt32(length)).map { debugger.target.read8(address &+ $0) }
            isReadable = isReadable || bytes.contains { $0 != nil }
            let cells = stride(from: 0, to: length, by: Int(size)).map { cell(bytes[$0..<$0 + Int(size)]) }
            let columns = cells.joined(separator: " ").padded(right: (2 * Int(size) + 1) * 16 / Int(size) - 1)
            output.line("\(address.pointer)  " + (size == 1 ? columns + "  " + ascii(bytes) : cells.joined(separator: " ")))
        }
        if !isReadable { output.fail() }
        return .stay
    }

    private static func cell(_ bytes: ArraySlice<UInt8?>) -> String {
        bytes.reversed().map { $0.map { UInt32($0).hex(2) } ?? "??" }.joined()
    }

    private static func ascii(_ bytes: [UInt8?]) -> String {
        String(String.UnicodeScalarView(bytes.map { (0x20...0x7E).contains($0 ?? 0) ? Unicode.Scalar($0 ?? 0) : $0 == nil ? "?" : "." }))
    }

    private static func showText(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput, size: UInt32
    ) throws(CommandError) -> Command.Verdict {
        let (start, given) = try words(debugger, line, &output)
        guard let text = debugger.target.terminatedText(at: start, size: size, limit: given ?? 256) else {
            throw CommandError("Couldn't access memory at 0x\(start.pointer)")
        }
        output.line("\(start.pointer)  \"\(text)\"")
        return .stay
    }

    private static func enter(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput, size: Int
    ) throws(CommandError) -> Command.Verdict {
        let name = line.words[0].text
        guard line.arguments.count >= 2 else { throw CommandError("\(name): Address and value required.") }
        let address = try debugger.address(line.words[1...1], of: line, command: name, output: &output)
        var bytes: [UInt8] = []
        for index in 2..<line.words.count {
            let value = try debugger.evaluate(line.words[index...index], of: line)
            let signed = Int64(bitPattern: value)
            guard size == 8 || value >> (8 * size) == 0 || (signed < 0 && signed >= -(1 << (8 * size - 1))) else {
                throw CommandError("Value 0x\(value.hex()) does not fit into \(size) bytes.", place: .byte(line.words[index].offset))
            }
            bytes += (0..<size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        guard debugger.target.readBytes(address, count: bytes.count) != nil, debugger.target.writeBytes(address, bytes) else {
            throw CommandError("Couldn't access memory at 0x\(address.pointer)")
        }
        debugger.note(.memory(address: address, bytes: bytes))
        return .stay
    }

    private static func register(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let first = line.arguments.first else { return DataCommands.showRegisters(debugger, line, &output) }
        let text = String(decoding: line.glued(line.arguments), as: UTF8.self)
        let name = text.prefix { $0 != "=" && $0 != " " }
        guard let register = Register(rawValue: name.lowercased()) else {
            throw CommandError("There is no register '\(String(name.prefix(32)).harmless())'.", place: .byte(first.offset))
        }
        guard let equals = text.firstIndex(of: "=") else {
            output.line(DataCommands.describe(UInt64(debugger.registers[register])))
            return .stay
        }
        let offset = first.offset + text.utf8.distance(from: text.startIndex, to: equals) + 1
        let expression = Array(text[text.index(after: equals)...].utf8)
        guard expression.contains(where: { $0 != 0x20 }) else { throw CommandError("Expression expected", place: .byte(offset)) }
        let value: UInt64
        do {
            value = try debugger.compile(expression).evaluate(registers: debugger.registers, target: debugger.target)
        } catch {
            throw CommandError(error, expressionAt: offset)
        }
        try debugger.set(register, to: UInt32(truncatingIfNeeded: value))
        return .stay
    }
}

extension Target {
    /// A zero-terminated text of 8- or 16-bit characters, high bytes dropped, control characters made harmless; nil when its first character is not mapped.
    func terminatedText(at address: UInt32, size: UInt32, limit: Int) -> String? {
        var scalars = String.UnicodeScalarView()
        for index in 0..<UInt32(limit) {
            let place = address &+ index * size
            guard let character = size == 1 ? read8(place).map(UInt16.init) : read16(place) else {
                if index == 0 { return nil }
                break
            }
            if character == 0 { break }
            scalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: character)))
        }
        return String(scalars).harmless()
    }
}
