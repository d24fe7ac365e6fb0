// SPDX-License-Identifier: GPL-3.0-or-later

/// A linked image: its sections at relative virtual addresses (RVA), and what is needed to write it as a PE32 file.
///
/// Format: Microsoft PE and COFF specification, sections 2 to 6.
package struct Image: Sendable {
    struct Section: Sendable {
        var name: String
        var rva: UInt32
        var data: [UInt8]
        var characteristics: UInt32

        /// Bytes in the file, without the zeros at the end, which the loader makes.
        var rawSize: UInt32 {
            let used = data.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
            return Image.align(UInt32(used), to: Image.fileAlignment)
        }

        /// IMAGE_SCN flags in the file, where data that is all zeros is uninitialised data.
        var fileCharacteristics: UInt32 { rawSize == 0 ? characteristics & ~0x40 | 0x80 : characteristics }
    }

    /// What the image needs of another one.
    struct Import: Sendable {
        var module: String
        /// With the hint: the name's place among the other module's exports, where its loader looks first.
        var names: [(name: String, hint: UInt16)]
        /// RVA of the first of its cells in the import address table.
        var cells: UInt32 = 0
    }

    static let sectionAlignment: UInt32 = 0x1000
    static let fileAlignment: UInt32 = 0x200

    package let module: Module
    var sections: [Section] = []
    /// RVA of the entry point; 0 when it has none.
    var entry: UInt32 = 0
    /// Bytes of address space, a multiple of the page size.
    var size: UInt32 = 0
    var imports: [Import] = []
    var exports: [(name: String, rva: UInt32)] = []
    /// RVAs of the 32-bit fields that hold addresses.
    var relocations: [UInt32] = []
    /// Addresses are RVAs.
    var symbols: [Symbol] = []
    var lines: [(rva: UInt32, line: SourceLine)] = []
    var steps: [(rva: UInt32, step: BootStep)] = []
    /// The linker was told that it is a WDM driver: DllCharacteristics says so.
    var isWDMDriver = false
    var importDirectory: (rva: UInt32, size: UInt32) = (0, 0)
    var exportDirectory: (rva: UInt32, size: UInt32) = (0, 0)
    var relocationDirectory: (rva: UInt32, size: UInt32) = (0, 0)

    init(module: Module) { self.module = module }

    static func align(_ value: UInt32, to alignment: UInt32 = sectionAlignment) -> UInt32 { (value + alignment - 1) & ~(alignment - 1) }

    /// Adds to a 32-bit field.
    mutating func add(_ value: UInt32, at rva: UInt32) {
        guard let index = sections.lastIndex(where: { $0.rva <= rva }) else { preconditionFailure("no section at \(rva)") }
        let offset = Int(rva - sections[index].rva)
        var sum = value
        for byte in 0..<4 { sum = sum &+ UInt32(sections[index].data[offset + byte]) << (8 * UInt32(byte)) }
        for byte in 0..<4 { sections[index].data[offset + byte] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(byte))) }
    }

    // MARK: The tables

    /// Import directory, names, and the address table whose cells the code calls through (PE specification 6.4).
    mutating func addImportSection(at rva: inout UInt32) {
        guard !imports.isEmpty else { return }
        var data = ByteWriter()
        let descriptors = 20 * UInt32(imports.count + 1)
        let cells = 4 * UInt32(imports.reduce(0) { $0 + $1.names.count + 1 })
        var cell = rva + descriptors
        for index in imports.indices {
            imports[index].cells = cell
            cell += 4 * UInt32(imports[index].names.count + 1)
        }
        let lookups = rva + descriptors + cells
        var names = lookups + cells
        var hints: [UInt32] = []
        var text = ByteWriter()
        for entry in imports {
            for (name, hint) in entry.names {
                hints.append(names + UInt32(text.bytes.count))
                text.word(hint)
                text.string(name)
                text.align(2)
            }
        }
        names += UInt32(text.bytes.count)
        for entry in imports {
            data.dword(lookups + (entry.cells - rva - descriptors))
            data.dword(0)
            data.dword(0)
            data.dword(names)
            data.dword(entry.cells)
            names += UInt32(entry.module.utf8.count) + 1
        }
        data.zeros(20)
        for _ in 0..<2 {
            var hint = 0
            for entry in imports {
                for _ in entry.names {
                    data.dword(hints[hint])
                    hint += 1
                }
                data.dword(0)
            }
        }
        data.bytes += text.bytes
        for entry in imports { data.string(entry.module) }
        importDirectory = (rva, descriptors)
        append(".idata", data.bytes, 0xC000_0040, at: &rva)
    }

    /// The order of exported names: that of their bytes.
    static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    /// Export directory (PE specification 6.3); names in ascending order, as loaders search them by halves.
    mutating func addExportSection(at rva: inout UInt32) {
        guard !exports.isEmpty else { return }
        exports.sort { Self.precedes($0.name, $1.name) }
        let count = UInt32(exports.count)
        let functions = rva + 40
        let names = functions + 4 * count
        let ordinals = names + 4 * count
        let text = ordinals + 2 * count
        var data = ByteWriter()
        for value in [0, 0, 0, text, 1, count, count, functions, names, ordinals] as [UInt32] { data.dword(value) }
        for export in exports { data.dword(export.rva) }
        var name = text + UInt32(module.name.utf8.count) + 1
        for export in exports {
            data.dword(name)
            name += UInt32(export.name.utf8.count) + 1
        }
        for index in exports.indices { data.word(UInt16(index)) }
        data.string(module.name)
        for export in exports { data.string(export.name) }
        exportDirectory = (rva, UInt32(data.bytes.count))
        append(".edata", data.bytes, 0x4000_0040, at: &rva)
    }

    /// Base relocations by page (PE specification 6.6).
    mutating func addRelocationSection(at rva: inout UInt32) {
        guard !relocations.isEmpty else { return }
        relocations.sort()
        var data = ByteWriter()
        var index = 0
        while index < relocations.count {
            let page = relocations[index] & ~0xFFF
            var end = index
            while end < relocations.count, relocations[end] & ~0xFFF == page { end += 1 }
            let entries = (end - index + 1) & ~1
            data.dword(page)
            data.dword(UInt32(8 + 2 * entries))
            for field in relocations[index..<end] { data.word(0x3000 | UInt16(field & 0xFFF)) }
            if entries > end - index { data.word(0) }
            index = end
        }
        relocationDirectory = (rva, UInt32(data.bytes.count))
        append(".reloc", data.bytes, 0x4200_0040, at: &rva)
    }

    private mutating func append(_ name: String, _ data: [UInt8], _ characteristics: UInt32, at rva: inout UInt32) {
        sections.append(Section(name: name, rva: rva, data: data, characteristics: characteristics))
        rva = Self.align(rva + UInt32(data.count))
    }
}
