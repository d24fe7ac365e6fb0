// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Collects everything reachable from the entry points of a set of images and lays it out.
///
/// What nothing refers to is not linked. The order is that of first reference, so the same sources give the same bytes.
struct Linker {
    /// A piece of an image, placed.
    private struct Piece {
        let item: AnyItem
        let bytes: [UInt8]
        let alignment: UInt32
        let relocations: [Assembler.Relocation]
        let lines: [(offset: Int, line: SourceLine)]
        var rva: UInt32 = 0
        /// Whether it is a variable without initial contents.
        var isZero: Bool { item.item.section == .data && relocations.isEmpty && bytes.allSatisfy { $0 == 0 } }
    }

    /// What a module consists of until it is laid out.
    private struct Parts {
        let module: Module
        var pieces: [Piece] = []
        /// Items of other modules in order of first use.
        var imports: [AnyItem] = []
    }

    /// What is different this time.
    private let variant: LinkVariant

    init(_ variant: LinkVariant = LinkVariant()) { self.variant = variant }

    /// The Swift services by number, as their stubs put it into EAX.
    private(set) var services: [Routine] = []
    private var parts: [Parts] = []
    private var moduleIndex: [Module: Int] = [:]
    /// The items in the images so far, by their keys.
    private var linked: [String: Declaration] = [:]
    private var imported: [Module: Set<AnyItem>] = [:]

    /// Links the images of `modules`, in that order, with everything that the entry points and the exports reach. An image exports what others
    /// import, and what `exports` names whether anybody imports it or not; `aliases` are further names of what is in there. What is `kept` is in its image, but
    /// not exported for that.
    mutating func link(
        _ modules: [Module], entries: [Routine], exports: [any Item] = [], kept: [any Item] = [],
        aliases: [(name: String, item: any Item)] = []
    ) -> [Image] {
        for module in modules { _ = index(of: module) }
        var work = entries.map { AnyItem($0) } + (exports + kept).map { AnyItem($0) }
        var next = 0
        while next < work.count {
            let item = variant.item(for: work[next])
            next += 1
            if let other = linked.updateValue(item.item.declaration, forKey: item.key) {
                // Constants are named by what they hold, so that equal ones are one.
                precondition(
                    other == item.item.declaration || item.key.contains("\""),
                    "\(item.key) is declared at \(other) and at \(item.item.declaration)")
                continue
            }
            let (piece, references) = assemble(item)
            let owner = index(of: item.item.module)
            parts[owner].pieces.append(piece)
            for reference in references {
                if reference.item.module != item.item.module, imported[item.item.module, default: []].insert(reference).inserted {
                    parts[owner].imports.append(reference)
                }
                work.append(reference)
            }
        }
        var exported = exportedItems(and: exports.map { AnyItem($0) }).mapValues { items in items.map { (name: $0.item.name, item: $0) } }
        for (name, item) in aliases { exported[item.module, default: []].append((name, AnyItem(item))) }
        let hints = exported.mapValues { items in
            let names = items.map(\.name).sorted(by: Image.precedes)
            return Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, UInt16($0.offset)) })
        }
        return parts.map { part in
            layOut(part, entry: entries.first { $0.module == part.module }, exports: exported[part.module] ?? [], hints: hints)
        }
    }

    private mutating func index(of module: Module) -> Int {
        if let index = moduleIndex[module] { return index }
        moduleIndex[module] = parts.count
        parts.append(Parts(module: module))
        return parts.count - 1
    }

    private func exportedItems(and others: [AnyItem]) -> [Module: [AnyItem]] {
        var result: [Module: [AnyItem]] = [:]
        var seen: Set<AnyItem> = []
        for item in parts.flatMap(\.imports) + others where seen.insert(item).inserted {
            result[item.item.module, default: []].append(item)
        }
        return result
    }

    // MARK: Assembling

    private mutating func assemble(_ item: AnyItem) -> (Piece, [AnyItem]) {
        switch item.item.content {
        case .routine(let routine): assemble(routine, item)
        case .global(let global): assemble(global, item)
        }
    }

    private mutating func assemble(_ routine: Routine, _ item: AnyItem) -> (Piece, [AnyItem]) {
        switch routine.body {
        case .framed(let body), .naked(let body):
            let function = Function(routine, insertions: variant.insertions(into: routine))
            // A routine without a frame has registers that a call would not keep.
            if case .framed = routine.body { function.seam(nil) }
            body(function)
            let code = function.finish()
            return (
                Piece(item: item, bytes: code.bytes, alignment: 16, relocations: code.relocations, lines: code.lines), function.references
            )
        case .native, .host:
            services.append(routine)
            let stub = Routine.stub(service: UInt32(services.count - 1), of: routine)
            return (
                Piece(item: item, bytes: stub.bytes, alignment: 16, relocations: [], lines: []), routine.uses.map { AnyItem($0) }
            )
        }
    }

    private func assemble(_ global: Global, _ item: AnyItem) -> (Piece, [AnyItem]) {
        var assembler = Assembler()
        var references: [AnyItem] = []
        for data in global.contents() {
            switch data {
            case .bytes(let bytes): for byte in bytes { assembler.byte(byte) }
            case .word(let word): assembler.word(word)
            case .dword(let dword): assembler.dword(dword)
            case .address(let target, let offset):
                let target = AnyItem(target)
                precondition(target.item.module == global.module, "\(global.name) cannot hold the address of \(target.key)")
                references.append(target)
                assembler.address(of: target.key, addend: offset)
            case .itself(let offset): assembler.address(of: item.key, addend: offset)
            }
        }
        precondition(assembler.position <= Int(global.size), "\(global.name) holds more than its size")
        let bytes = assembler.bytes + [UInt8](repeating: 0, count: Int(global.size) - assembler.position)
        return (Piece(item: item, bytes: bytes, alignment: global.alignment, relocations: assembler.relocations, lines: []), references)
    }

    // MARK: Layout

    private func layOut(_ part: Parts, entry: Routine?, exports: [(name: String, item: AnyItem)], hints: [Module: [String: UInt16]])
        -> Image
    {
        var image = Image(module: part.module)
        // Variables that are zero at first come last: the file need not hold them.
        var pieces = part.pieces.filter { !$0.isZero } + part.pieces.filter(\.isZero)
        var addresses: [String: UInt32] = [:]
        var rva = Image.sectionAlignment
        for section in Section.allCases {
            let start = rva
            for index in pieces.indices where pieces[index].item.item.section == section {
                rva = (rva + pieces[index].alignment - 1) & ~(pieces[index].alignment - 1)
                pieces[index].rva = rva
                addresses[pieces[index].item.key] = rva
                rva += UInt32(pieces[index].bytes.count)
            }
            guard rva > start else { continue }
            let filler: UInt8 = section.rawValue <= Section.initialization.rawValue ? 0xCC : 0
            var data = [UInt8](repeating: filler, count: Int(rva - start))
            for piece in pieces where piece.item.item.section == section {
                data.replaceSubrange(Int(piece.rva - start)..<Int(piece.rva - start) + piece.bytes.count, with: piece.bytes)
            }
            image.sections.append(Image.Section(name: section.name, rva: start, data: data, characteristics: section.characteristics))
            rva = Image.align(rva)
        }
        let imports = Dictionary(grouping: part.imports.enumerated(), by: { $0.element.item.module })
            .sorted { $0.value[0].offset < $1.value[0].offset }
        for (module, items) in imports {
            let names = items.map(\.element.item.name)
            image.imports.append(Image.Import(module: module.name, names: names.map { ($0, hints[module]?[$0] ?? 0) }))
        }
        image.addImportSection(at: &rva)
        for (import_, (_, items)) in zip(image.imports, imports) {
            for (position, item) in items.enumerated() {
                addresses["__imp_" + item.element.key] = import_.cells + 4 * UInt32(position)
            }
        }
        image.exports = exports.map { ($0.name, addresses[$0.item.key]!) }
        image.addExportSection(at: &rva)
        image.entry = entry.map { addresses[AnyItem($0).key]! } ?? 0
        for piece in pieces { relocate(piece, in: &image, addresses) }
        image.addRelocationSection(at: &rva)
        image.size = rva
        image.symbols = pieces.map { Self.symbol(of: $0, part.module) }
        image.lines = pieces.flatMap { piece in piece.lines.map { (piece.rva + UInt32($0.offset), $0.line) } }
        image.steps = pieces.compactMap { piece in
            guard case .routine(let routine) = piece.item.item.content, let step = routine.step else { return nil }
            let known = BootStep(number: step.number, routine: routine.name, title: step.title, explanation: step.explanation)
            return (piece.rva, known)
        }
        return image
    }

    private func relocate(_ piece: Piece, in image: inout Image, _ addresses: [String: UInt32]) {
        for relocation in piece.relocations {
            let field = piece.rva + UInt32(relocation.offset)
            guard let target = addresses[relocation.symbol] else { preconditionFailure("\(relocation.symbol) is not linked") }
            switch relocation.kind {
            case .absolute:
                image.add(image.module.linkBase &+ target, at: field)
                image.relocations.append(field)
            case .relative:
                image.add(target &- (field + 4), at: field)
            }
        }
    }

    private static func symbol(of piece: Piece, _ module: Module) -> Symbol {
        let size = UInt32(piece.bytes.count)
        switch piece.item.item.content {
        case .routine(let routine):
            return Symbol(
                name: routine.name, module: module.stem, address: piece.rva, size: size, kind: .code, parameters: routine.parameters)
        case .global(let global):
            return Symbol(name: global.name, module: module.stem, address: piece.rva, size: size, kind: .data)
        }
    }
}

extension Section {
    /// IMAGE_SCN flags of the section header. That a section must stay resident follows from its name: the flag for it belongs to object files.
    var characteristics: UInt32 {
        switch self {
        case .text: 0x6000_0020
        case .page: 0x6000_0020
        case .initialization: 0x6200_0020
        case .constants: 0x4000_0040
        case .data: 0xC000_0040
        }
    }
}
