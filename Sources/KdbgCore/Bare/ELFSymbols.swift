// SPDX-License-Identifier: GPL-3.0-or-later

extension ELFImage {
    /// The symbol table's functions, variables and labels at their virtual addresses. None when the file was stripped or the table is damaged, which keeps
    /// nobody from running it.
    var symbols: [Symbol] {
        let sections = sections
        guard let table = sections.first(where: { $0.type == 2 }), sections.indices.contains(table.link) else { return [] }
        let module = Self.module(of: file.name)
        var found: [Symbol] = []
        var ends: [UInt32] = []
        for index in 0..<table.size / 16 {
            let offset = table.offset + index * 16
            guard let nameOffset = data.dword(offset), let value = data.dword(offset + 4), let size = data.dword(offset + 8),
                let info = data.word(offset + 12), let section = data.word(offset + 14)
            else { break }
            // Untyped, object or function, in a section: neither sections and source files nor absolute numbers.
            let type = info & 0xF
            guard type <= 2, section > 0, sections.indices.contains(Int(section)) else { continue }
            guard let name = string(Int(nameOffset), in: sections[table.link]), !name.hasPrefix(".L") else { continue }
            let home = sections[Int(section)]
            let isCode = type == 2 || type == 0 && home.isExecutable
            found.append(Symbol(name: name, module: module, address: value, size: size, kind: isCode ? .code : .data))
            ends.append(home.address &+ UInt32(clamping: home.size))
        }
        return Self.sized(found, sectionEnds: ends)
    }

    /// Gives symbols without a size, as assemblers make them, the bytes up to the next symbol or their section's end.
    private static func sized(_ symbols: [Symbol], sectionEnds: [UInt32]) -> [Symbol] {
        let addresses = symbols.map(\.address).sorted()
        return symbols.enumerated().map { index, symbol in
            guard symbol.size == 0 else { return symbol }
            let next = addresses.partitioningIndex { $0 > symbol.address }
            let end = min(next < addresses.count ? addresses[next] : .max, sectionEnds[index])
            var sized = symbol
            sized.size = end > symbol.address ? end - symbol.address : 1
            return sized
        }
    }

    /// What symbols of a file are qualified with: its name without folder and extension, in lower case.
    static func module(of name: String) -> String {
        let base = name.split(separator: "/").last.map(String.init) ?? name
        let stem = base.firstIndex(of: ".").map { base[..<$0] } ?? base[...]
        return stem.isEmpty ? "program" : stem.lowercased()
    }

    // MARK: Sections

    private struct Section {
        var type: UInt32
        var isExecutable: Bool
        var address: UInt32
        /// In the file.
        var offset: Int
        var size: Int
        /// For a symbol table: the section that holds its names.
        var link: Int
    }

    private var sections: [Section] {
        guard let table = data.dword(32), let entrySize = data.word(46), let count = data.word(48), table != 0, entrySize >= 40 else {
            return []
        }
        var sections: [Section] = []
        for index in 0..<Int(count) {
            let start = Int(table) + index * Int(entrySize)
            guard let type = data.dword(start + 4), let flags = data.dword(start + 8), let address = data.dword(start + 12),
                let offset = data.dword(start + 16), let size = data.dword(start + 20), let link = data.dword(start + 24)
            else { return [] }
            sections.append(
                Section(
                    type: type, isExecutable: flags & 4 != 0, address: address, offset: Int(offset), size: Int(size), link: Int(link)))
        }
        return sections
    }

    /// A name of the string table; nil when it is empty, is not in the file, or has characters that a terminal could obey.
    private func string(_ offset: Int, in table: Section) -> String? {
        let start = table.offset + offset
        guard offset < table.size, start < data.bytes.count else { return nil }
        let name = data.bytes[start..<min(table.offset + table.size, data.bytes.count)].prefix { $0 != 0 }
        guard !name.isEmpty, name.count <= 1024, name.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        return String(decoding: name, as: UTF8.self)
    }
}
