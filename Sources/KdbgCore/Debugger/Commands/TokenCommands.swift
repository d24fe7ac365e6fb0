// SPDX-License-Identifier: GPL-3.0-or-later

/// `!token`: who a process is, and what it may do.
enum TokenCommands {
    static let rows: [Command] = [
        Command(
            "!token", group: .extensions, usage: "!token [pid|address]", summary: "Show a token: user, groups and privileges.",
            help: """
                That of the current process unless told. A number below 0x10000 is a pid; an address may be a
                process or a token.
                """,
            example: "!token 4", winDbg: "!token", gdb: nil, needs: .kernel, completion: .expression, run: show)
    ]

    /// Longer lists are damaged.
    private static let mostEntries: UInt32 = 256

    private static func show(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        let list = ProcessList(target, attached: debugger.attached?.thread)
        var address = list.current?.address
        if !line.arguments.isEmpty {
            let value = try debugger.address(line.arguments, of: line, command: "!token", output: &output)
            address = value < 0x10000 ? list.processes.first { $0.id == value }?.address : value
            guard address != nil else { throw CommandError("!token: There is no process 0x\(value.hex()).") }
        }
        guard var token = address else { throw CommandError("!token: There is no current process yet.") }
        if let process = list.processes.first(where: { $0.address == token })?.address ?? list.current.map(\.address), process == token {
            // An EX_FAST_REF: references in the low bits.
            token = (Record<EPROCESS>(target, at: process).Token ?? 0) & ~7
            guard token != 0 else { throw CommandError("!token: The process has no token.") }
        }
        guard GuestObject(target: target, body: token).typeName == "Token" else {
            throw CommandError("!token: There is no token at 0x\(token.pointer).")
        }
        print(Record<TOKEN>(target, at: token), target, &output)
        return .stay
    }

    private static func print(_ token: Record<TOKEN>, _ target: any Target, _ output: inout CommandOutput) {
        func luid(_ low: UInt32?, _ high: Int32?) -> String { "(\(UInt32(bitPattern: high ?? 0).hex()),\((low ?? 0).hex()))" }
        func luid(_ offset: UInt32) -> String {
            luid(target.read32(token.address &+ offset), Int32(bitPattern: target.read32(token.address &+ offset &+ 4) ?? 0))
        }
        output.line("_TOKEN \(token.address.pointer)")
        output.line("TS Session ID: \((token.SessionId ?? 0).hex())")
        let accounts = token.UserAndGroups ?? 0
        output.line("User: \(sid(target.read32(accounts) ?? 0, target))")
        output.line("Groups:")
        for index in 1..<max(1, min(token.UserAndGroupCount ?? 0, mostEntries)) {
            let entry = accounts &+ 8 * index
            output.line(" \((index - 1).hex(2)) \(sid(target.read32(entry) ?? 0, target))")
            output.line("    Attributes - \(words(target.read32(entry &+ 4) ?? 0, groupBits))")
        }
        output.line("Primary Group: \(sid(token.PrimaryGroup ?? 0, target))")
        output.line("Privs:")
        for index in 0..<min(token.PrivilegeCount ?? 0, mostEntries) {
            let entry = (token.Privileges ?? 0) &+ 12 * index
            let number = target.read32(entry) ?? 0
            let name = Se.privileges.first { $0.number == number }?.name ?? "Unknown Privilege"
            output.line(
                " \(number.hex(2)) 0x\(number.hex(9)) \(name.padded(right: 31)) Attributes - \(words(target.read32(entry &+ 8) ?? 0, privilegeBits))"
            )
        }
        output.line("Authentication ID:         \(luid(offset(of: \TOKEN.AuthenticationId)))")
        let levels = ["Anonymous", "Identification", "Impersonation", "Delegation"]
        let level = Int(token.ImpersonationLevel ?? 0)
        output.line("Impersonation Level:       \(level < levels.count ? levels[level] : "?")")
        output.line("TokenType:                 \(token.TokenType == 1 ? "Primary" : "Impersonation")")
        let source = target.readBytes(token.address, count: 8) ?? []
        let name = String(decoding: source.prefix { $0 != 0 }, as: UTF8.self).harmless()
        output.line("Source: \(name.padded(right: 19))TokenFlags: 0x\((token.TokenFlags ?? 0).hex())")
        output.line(
            "Token ID: \(luid(offset(of: \TOKEN.TokenId)).padded(right: 17))ParentToken ID: \(luid(offset(of: \TOKEN.ParentTokenId)))")
        output.line("Modified ID:               \(luid(offset(of: \TOKEN.ModifiedId)))")
        output.line(
            "RestrictedSidCount: \("\(token.RestrictedSidCount ?? 0)".padded(right: 7))RestrictedSids: \((token.RestrictedSids ?? 0).pointer)"
        )
    }

    private static let groupBits: [(UInt32, String)] = [
        (1, "Mandatory"), (2, "Default"), (4, "Enabled"), (8, "Owner"), (0x10, "DenyOnly"), (0xC000_0000, "LogonId"),
    ]
    private static let privilegeBits: [(UInt32, String)] = [(2, "Enabled"), (1, "Default"), (0x8000_0000, "Used")]

    private static func words(_ value: UInt32, _ bits: [(UInt32, String)]) -> String {
        let words = bits.filter { value & $0.0 == $0.0 }.map(\.1)
        return words.isEmpty ? "None" : words.joined(separator: " ")
    }

    /// `S-1-authority-numbers` of the SID at a virtual address.
    static func sid(_ address: UInt32, _ target: any Target) -> String {
        guard address != 0, let head = target.readBytes(address, count: 8), head[0] == 1, head[1] <= 15 else { return "(none)" }
        let authority = head[2...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let numbers = (0..<UInt32(head[1])).map { "-\(target.read32(address &+ 8 &+ 4 * $0) ?? 0)" }
        return "S-1-\(authority)\(numbers.joined())"
    }
}
