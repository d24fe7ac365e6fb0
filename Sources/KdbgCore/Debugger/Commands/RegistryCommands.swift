// SPDX-License-Identifier: GPL-3.0-or-later

/// `!reg`, in WinDbg's words: hives and keys as they are in guest memory.
enum RegistryCommands {
    static let rows: [Command] = [
        Command(
            "!reg", group: .extensions, usage: "!reg hivelist|openkeys|querykey path", summary: "Show hives, open keys, or a registry key.",
            help: #"""
                querykey (or q) lists subkeys and values of a key, such as
                \REGISTRY\MACHINE\SYSTEM\CurrentControlSet; the path may contain blanks.
                Links are followed except at the end of the path.
                openkeys lists control blocks: one per open key and key above it.
                """#,
            example: #"!reg q \REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Services\Disk"#, winDbg: "!reg", gdb: nil, needs: .kernel,
            completion: .words([["hivelist", "openkeys", "querykey"]]), run: run)
    ]

    private static func run(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let reader = RegistryReader(target: debugger.target)
        let words = line.arguments
        switch words.first?.text.lowercased() {
        case "hivelist": try listHives(reader, &output)
        case "openkeys": try listOpenKeys(reader, &output)
        case "querykey", "q":
            guard words.count > 1 else { throw CommandError("!reg: querykey wants the path of a key.") }
            let path = String(decoding: line.glued(words.dropFirst()), as: UTF8.self)
            try showKey(path, reader, &output)
        default: throw CommandError("!reg: hivelist, openkeys or querykey required.")
        }
        return .stay
    }

    private static func listHives(_ reader: RegistryReader, _ output: inout CommandOutput) throws(CommandError) {
        let hives = reader.hives
        guard !hives.isEmpty else { throw CommandError("There is no registry yet; CmInitSystem1 makes it.") }
        output.line("HiveAddr  Stable    Volatile  Root cell  Name")
        for hive in hives {
            func length(_ storage: UInt32) -> String {
                Record<DUAL>(reader.target, at: hive.Hive.Storage &+ storage * DUAL.size).Length.map { $0.pointer } ?? "?"
            }
            let file = hive.FileFullPath.text ?? ""
            output.line(
                "\(hive.address.pointer)  \(length(0))  \(length(1))  \((hive.Hive.BaseBlock?.RootCell ?? 0).pointer)   "
                    + (hive.HiveRootPath.text ?? "?") + (file.isEmpty ? "" : "  \(file)"))
        }
    }

    private static func listOpenKeys(_ reader: RegistryReader, _ output: inout CommandOutput) throws(CommandError) {
        guard reader.root != nil else { throw CommandError("There is no registry yet; CmInitSystem1 makes it.") }
        output.line("Kcb       References  Objects  Path")
        let rows = reader.controlBlocks.map { (path: reader.path(of: $0), block: $0) }.sorted { $0.path < $1.path }
        for (path, block) in rows {
            let objects = GuestList(reader.target, head: block.address &+ CM_KEY_CONTROL_BLOCK.layout.KeyBodyListHead.offset).entries.count
            output.line(
                "\(block.address.pointer)  \(Int(block.RefCount ?? 0).decimal(10))  \(objects.decimal(7))  \(path)")
        }
    }

    /// The key with its subkeys and values; `!object` shows keys with this too.
    static func showKey(_ path: String, _ reader: RegistryReader, _ output: inout CommandOutput) throws(CommandError) {
        let key = try reader.key(at: path)
        guard let node = key.node else { throw CommandError("!reg: There is no key node in cell 0x\(key.cell.pointer).") }
        let open = reader.controlBlocks.first { $0.KeyHive?.address == key.hive.address && $0.KeyCell == key.cell }
        output.line("Key: \(key.name)  Hive: \(key.hive.address.pointer)  Cell: \(key.cell.pointer)  KeyNode: \(node.address.pointer)")
        output.line(
            "    Flags: \((node.Flags ?? 0).hex(4))\(flags(node.Flags ?? 0))  Kcb: \((open?.address ?? 0).pointer)"
                + (open == nil ? " (not open)" : ""))
        if let link = key.linkTarget { output.line("    Target String is '\(link)'") }
        let subkeys = key.subkeys
        if !subkeys.isEmpty { output.line("    Subkeys:") }
        for subkey in subkeys {
            let flags = subkey.node?.Flags ?? 0
            let note = subkey.linkTarget.map { " -> \($0)" } ?? (flags & 2 != 0 ? " (another hive)" : flags & 1 != 0 ? " (volatile)" : "")
            output.line("     \((subkey.node?.address ?? 0).pointer) \(subkey.name)\(note)")
        }
        let values = key.values
        if !values.isEmpty { output.line("    Values:") }
        for value in values {
            output.line(
                "     \(value.typeName.padded(right: 14)) \((value.name.isEmpty ? "(default)" : value.name).padded(right: 24)) \(value.contents)"
            )
        }
    }

    private static func flags(_ flags: UInt32) -> String {
        let names = ["VOLATILE", "HIVE_EXIT", "HIVE_ENTRY", "NO_DELETE", "SYM_LINK", "COMP_NAME"]
        let set = names.enumerated().filter { flags & 1 << UInt32($0.offset) != 0 }.map(\.element)
        return set.isEmpty ? "" : " (" + set.joined(separator: " ") + ")"
    }
}
