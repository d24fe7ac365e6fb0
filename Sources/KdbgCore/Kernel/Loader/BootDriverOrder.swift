// SPDX-License-Identifier: GPL-3.0-or-later

/// How the loader finds its boot drivers in the SYSTEM hive (spec/boot.md section 7.2).
struct BootDriverOrder {
    let hive: SystemHive
    /// The service of the boot volume's file system, which is loaded whatever its key says.
    var fileSystem = "fastfat"

    /// A service that is to be loaded.
    private struct Candidate {
        let service: String
        let group: Int
        let tag: Int
    }

    /// Names of the services with Start = 0 and of the boot file system's, by the order of groups, then of tags, then of the registry, which is
    /// that of their names.
    var services: [String] {
        guard let set = hive.currentControlSet, let services = set["Services"] else { return [] }
        let groups = groupOrder(set)
        let candidates = services.keys.sorted { $0.name.uppercased() < $1.name.uppercased() }.filter(isWanted).map { key in
            let group = text(key, "Group")
            return Candidate(
                service: key.name, group: groups.firstIndex { $0.lowercased() == group.lowercased() } ?? groups.count,
                tag: position(of: key, in: group, set))
        }
        return candidates.enumerated().sorted { a, b in
            (a.element.group, a.element.tag, a.offset) < (b.element.group, b.element.tag, b.offset)
        }.map(\.element.service)
    }

    private func isWanted(_ key: HiveKey) -> Bool {
        key.value("Start") == .number(0) || key.name.lowercased() == fileSystem.lowercased()
    }

    private func text(_ key: HiveKey, _ value: String) -> String {
        if case .string(let text) = key.value(value) { text } else { "" }
    }

    private func groupOrder(_ set: HiveKey) -> [String] {
        if case .strings(let list) = set.key(at: "Control", "ServiceGroupOrder")?.value("List") { list } else { [] }
    }

    /// Where the service's tag stands in the list of its group; behind all others without a tag, or without one that is listed.
    private func position(of key: HiveKey, in group: String, _ set: HiveKey) -> Int {
        guard case .number(let tag) = key.value("Tag"), case .binary(let bytes) = set.key(at: "Control", "GroupOrderList")?.value(group)
        else { return .max }
        let tags = stride(from: 4, to: bytes.count - 3, by: 4).map { offset in
            (0..<4).reduce(0 as UInt32) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
        }
        return tags.firstIndex(of: tag) ?? .max
    }
}
