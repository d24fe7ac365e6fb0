// SPDX-License-Identifier: GPL-3.0-or-later

/// A registry key as its hive in guest memory has it. Nothing that is read is trusted: what makes no sense is not there.
struct GuestKey {
    let target: any Target
    let hive: Record<HHIVE>
    let cell: UInt32

    /// More subkeys or values than anybody reads.
    private static let limit = 4096

    /// The key's CM_KEY_NODE; nil when there is none.
    var node: Record<CM_KEY_NODE>? {
        guard let address = RegistryReader.address(of: cell, in: hive), target.read16(address) == 0x6B6E else { return nil }
        return Record(target, at: address)
    }

    var name: String {
        guard let node, let length = node.NameLength else { return "" }
        return RegistryReader.text(target, node.Name, bytes: Int(length), isCompressed: (node.Flags ?? 0) & 0x20 != 0)
    }

    /// Where the key leads: a link between hives is followed, anything else is itself.
    var destination: GuestKey {
        guard let node, (node.Flags ?? 0) & 2 != 0, let other = node.ChildHive, let cell = node.ChildHiveCell else { return self }
        return GuestKey(target: target, hive: other, cell: cell)
    }

    /// What a symbolic link stands for.
    var linkTarget: String? {
        guard let node, (node.Flags ?? 0) & 0x10 != 0 else { return nil }
        // A link has one value; a hostile guest has thousands of links with thousands of values.
        return values(limit: 4).first { $0.name == "SymbolicLinkValue" }.map { $0.wideText }
    }

    /// Stable subkeys, then volatile ones.
    var subkeys: [GuestKey] {
        guard let node, (node.Flags ?? 0) & 2 == 0 else { return [] }
        return (0..<2 as Range<UInt32>).flatMap { storage -> [GuestKey] in
            guard target.read32(node.SubKeyCounts &+ 4 * storage) ?? 0 > 0, let list = target.read32(node.SubKeyLists &+ 4 * storage) else {
                return []
            }
            return cells(ofList: list, depth: 0).prefix(Self.limit).map { GuestKey(target: target, hive: hive, cell: $0) }
        }
    }

    private func cells(ofList list: UInt32, depth: Int) -> [UInt32] {
        guard depth < 2, let address = RegistryReader.address(of: list, in: hive), let signature = target.read16(address),
            let count = target.read16(address &+ 2)
        else { return [] }
        let stride: UInt32
        switch signature {
        case 0x686C, 0x666C: stride = 8
        case 0x696C, 0x6972: stride = 4
        default: return []
        }
        let entries = (0..<min(UInt32(count), UInt32(Self.limit))).compactMap { target.read32(address &+ 4 &+ stride * $0) }
        return signature == 0x6972 ? entries.prefix(64).flatMap { cells(ofList: $0, depth: depth + 1) } : entries
    }

    var values: [GuestKeyValue] { values(limit: Self.limit) }

    private func values(limit: Int) -> [GuestKeyValue] {
        guard let node, let count = node.ValueCount, count > 0, let list = node.ValueList,
            let address = RegistryReader.address(of: list, in: hive)
        else { return [] }
        return (0..<min(count, UInt32(limit))).compactMap { index in
            guard let cell = target.read32(address &+ 4 * index), let value = RegistryReader.address(of: cell, in: hive),
                target.read16(value) == 0x6B76
            else { return nil }
            return GuestKeyValue(target: target, hive: hive, record: Record(target, at: value))
        }
    }
}

/// A value of a registry key.
struct GuestKeyValue {
    let target: any Target
    let hive: Record<HHIVE>
    let record: Record<CM_KEY_VALUE>

    private static let typeNames = [
        "REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_LINK", "REG_MULTI_SZ",
        "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTOR",
    ]

    var name: String {
        RegistryReader.text(
            target, record.Name, bytes: Int(record.NameLength ?? 0), isCompressed: (record.Flags ?? 0) & 1 != 0)
    }

    var typeName: String {
        let type = record.Type ?? 0
        return type < Self.typeNames.count ? Self.typeNames[Int(type)] : "type 0x\(type.hex())"
    }

    /// At most `limit` of its bytes.
    private func bytes(limit: Int) -> [UInt8] {
        guard let length = record.DataLength, let data = record.Data else { return [] }
        let count = Int(length & 0x7FFF_FFFF)
        if length & 0x8000_0000 != 0 {
            return target.readBytes(record.address &+ CM_KEY_VALUE.layout.Data.offset, count: min(count, 4)) ?? []
        }
        guard let address = RegistryReader.address(of: data, in: hive) else { return [] }
        return target.readBytes(address, count: min(count, limit)) ?? []
    }

    /// Its bytes as text of two bytes per character, harmless, without the zero at the end.
    var wideText: String {
        var text = Self.wide(bytes(limit: 1024))
        while text.hasSuffix("\0") { text.removeLast() }
        return text.replacing("\0", with: " ").harmless()
    }

    private static func wide(_ bytes: [UInt8]) -> String {
        String(
            decoding: stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }, as: UTF16.self)
    }

    /// What it holds, in a line.
    var contents: String {
        let bytes = bytes(limit: 0x4000)
        switch record.Type {
        case 1, 2, 6: return wideText
        case 7:
            let texts = Self.wide(bytes).split(separator: "\0").map { String($0).harmless() }
            let shown = texts.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
            return shown + (texts.count > 8 ? ", … (\(texts.count) in all)" : "")
        case 4 where bytes.count == 4:
            let number = (0..<4).reduce(0 as UInt32) { $0 | UInt32(bytes[$1]) << (8 * UInt32($1)) }
            return "0x\(number.hex())"
        default:
            return bytes.prefix(16).map { UInt32($0).hex(2) }.joined(separator: " ") + (bytes.count > 16 ? " …" : "")
        }
    }
}

/// Finds hives and keys in guest memory, as the configuration manager would.
struct RegistryReader {
    let target: any Target
    private static let linkDepth = 8

    /// Virtual address of a cell's data; nil when it is not in the hive.
    static func address(of cell: UInt32, in hive: Record<HHIVE>) -> UInt32? {
        let offset = cell & 0x7FFF_FFFF
        let storage = Record<DUAL>(hive.target, at: hive.Storage &+ (cell >> 31) * DUAL.size)
        guard let length = storage.Length, offset < length else { return nil }
        if hive.Flat == 1 { return hive.BaseBlock.map { $0.address &+ 0x1004 &+ offset } }
        guard let list = storage.BlockList,
            let block = Record<HMAP_ENTRY>(hive.target, at: list.address &+ (offset >> 12) * HMAP_ENTRY.size).BlockAddress, block != 0
        else { return nil }
        return block &+ (offset & 0xFFF) &+ 4
    }

    /// A cell's name, one or two bytes per character, harmless.
    static func text(_ target: any Target, _ address: UInt32, bytes count: Int, isCompressed: Bool) -> String {
        guard let bytes = target.readBytes(address, count: min(count, 512)) else { return "" }
        if isCompressed { return String(decoding: bytes.map { UInt16($0) }, as: UTF16.self).harmless() }
        return String(
            decoding: stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }, as: UTF16.self
        ).harmless()
    }

    /// `\REGISTRY`; nil before the registry is there.
    var root: GuestKey? {
        guard let object = target.global("CmpRegistryRootObject"), object != 0,
            let block = Record<CM_KEY_BODY>(target, at: object).KeyControlBlock, let hive = block.KeyHive, let cell = block.KeyCell
        else { return nil }
        return GuestKey(target: target, hive: hive, cell: cell)
    }

    /// Every hive on the list.
    var hives: [Record<CMHIVE>] {
        guard let head = target.symbols.symbol(named: "CmpHiveListHead")?.address else { return [] }
        return GuestList(target, head: head).entries.map { Record(target, at: $0 &- CMHIVE.layout.HiveList.offset) }
    }

    /// The key at a path such as `\REGISTRY\MACHINE\SYSTEM`, or why there is none. Links before the last component are followed.
    func key(at path: String) throws(CommandError) -> GuestKey {
        var components = path.split(separator: "\\").map(String.init)
        guard components.first?.uppercased() == "REGISTRY" else {
            throw CommandError("'\(path.harmless())' is no path of a key; they begin with \\REGISTRY.")
        }
        guard var key = root else { throw CommandError("There is no registry yet; CmInitSystem1 makes it.") }
        components.removeFirst()
        var links = 0
        while !components.isEmpty {
            let name = components.removeFirst()
            let subkeys = key.subkeys
            guard let next = subkeys.first(where: { $0.name.lowercased() == name.lowercased() }) else {
                let near = Suggestion.nearest(to: name, in: subkeys.map(\.name))
                throw CommandError(
                    "There is no key '\(name.harmless())' in '\(key.name)'.", hint: near.map { "Did you mean '\($0)'?" })
            }
            if let link = next.linkTarget, !components.isEmpty {
                links += 1
                guard links <= Self.linkDepth, let root else { throw CommandError("'\(path.harmless())': too many links.") }
                components = link.split(separator: "\\").dropFirst().map(String.init) + components
                key = root
            } else {
                key = next.destination
            }
        }
        return key
    }

    /// Key control blocks of the hash table, in its order.
    var controlBlocks: [Record<CM_KEY_CONTROL_BLOCK>] {
        guard let table = target.symbols.symbol(named: "CmpCacheTable") else { return [] }
        var blocks: [Record<CM_KEY_CONTROL_BLOCK>] = []
        var seen: Set<UInt32> = []
        for bucket in 0..<table.size / 4 {
            var link = target.read32(table.address &+ 4 * bucket) ?? 0
            while link != 0, seen.count < 1024, seen.insert(link).inserted {
                let block = Record<CM_KEY_CONTROL_BLOCK>(target, at: link &- CM_KEY_CONTROL_BLOCK.layout.ConvKey.offset)
                blocks.append(block)
                link = block.NextHash ?? 0
            }
        }
        return blocks
    }

    /// Characters of a key's name, and of all the names above it, that are shown.
    private static let longestName: UInt32 = 256
    private static let longestPath = 2048

    /// The full name of an open key, by the names of its control blocks.
    func path(of block: Record<CM_KEY_CONTROL_BLOCK>) -> String {
        var names: [String] = []
        var current: Record<CM_KEY_CONTROL_BLOCK>? = block
        var length = 0
        while let block = current, names.count < 32, length < Self.longestPath {
            let name = block.NameBlock.map { block in
                let bytes = min(block.NameLength ?? 0, block.Compressed != 0 ? Self.longestName : 2 * Self.longestName)
                return Self.text(target, block.Name, bytes: Int(bytes), isCompressed: block.Compressed != 0)
            }
            names.append(name ?? "?")
            length += name?.utf8.count ?? 1
            current = block.ParentKcb
        }
        return "\\" + names.reversed().joined(separator: "\\")
    }
}
