// SPDX-License-Identifier: GPL-3.0-or-later

/// A named range of guest memory: a routine or a global variable of a loaded image.
package struct Symbol: Equatable, Sendable {
    package enum Kind: Sendable {
        case code
        case data
    }

    package var name: String
    /// The image it belongs to, without extension: `ntoskrnl`, `hal`.
    package var module: String
    /// Virtual address in the loaded image.
    package var address: UInt32
    /// Bytes.
    package var size: UInt32
    package var kind: Kind
    /// For code: the names of the stdcall arguments, first to last.
    package var parameters: [String]

    /// - Parameter name: control characters in it, which constants and other people's programs have, become dots.
    package init(name: String, module: String, address: UInt32, size: UInt32, kind: Kind, parameters: [String] = []) {
        self.name = name.harmless()
        self.module = module
        self.address = address
        self.size = size
        self.kind = kind
        self.parameters = parameters
    }
}

/// The place in our own Swift sources that wrote a piece of guest code (design section 4).
package struct SourceLine: Equatable, Sendable {
    /// Path relative to the `Kernel` folder, such as `Kd/Driver.swift`.
    package var file: String
    package var line: Int

    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }
}

/// The symbols and source lines of one image, at addresses that count from its base; made once, wherever the image goes.
package final class ImageSymbols: Sendable {
    /// Ascending by address.
    package let symbols: [Symbol]
    private let lines: [(address: UInt32, line: SourceLine)]
    private let byName: [String: Int]

    /// See `SymbolTable.init(symbols:lines:)`.
    package init(symbols: [Symbol], lines: [(address: UInt32, line: SourceLine)] = []) {
        self.symbols = symbols.sorted { $0.address < $1.address }
        self.lines = lines.sorted { $0.address < $1.address }
        byName = Dictionary(self.symbols.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    func symbol(named name: String) -> Symbol? { byName[name].map { symbols[$0] } }

    /// The symbol whose range holds the address.
    func symbol(containing address: UInt32) -> Symbol? {
        let after = symbols.partitioningIndex { $0.address > address }
        guard after > 0 else { return nil }
        let symbol = symbols[after - 1]
        return address - symbol.address < max(symbol.size, 1) ? symbol : nil
    }

    /// The source line that wrote the code at the address; nil outside routines.
    func line(containing address: UInt32) -> SourceLine? {
        guard let symbol = symbol(containing: address), symbol.kind == .code else { return nil }
        let after = lines.partitioningIndex { $0.address > address }
        guard after > 0, lines[after - 1].address >= symbol.address else { return nil }
        return lines[after - 1].line
    }
}

/// A place in an image, wherever that is loaded.
package struct ImagePlace: Equatable, Sendable {
    /// The image's name without extension, in lower case.
    package var module: String
    /// Bytes from its base.
    package var offset: UInt32
}

/// Every symbol and source line of the system's images, by name and by address. Where an image is, and whether it is loaded at all, may change while the
/// guest runs; then there is another table, with the same `ImageSymbols`.
package struct SymbolTable: Sendable {
    /// An image at a place.
    package struct Part: Sendable {
        /// The name without extension, in lower case; empty for a program whose symbols say themselves where they belong.
        package let module: String
        /// The name of the file, such as `ntoskrnl.exe`.
        package let file: String
        package let symbols: ImageSymbols
        /// Virtual address; nil while the image is not loaded.
        package var base: UInt32?
        /// Bytes.
        package let size: UInt32

        package init(module: String, file: String = "", symbols: ImageSymbols, base: UInt32?, size: UInt32) {
            self.module = module
            self.file = file
            self.symbols = symbols
            self.base = base
            self.size = size
        }

        /// A symbol of the image where that is now.
        fileprivate func placed(_ symbol: Symbol) -> Symbol {
            var symbol = symbol
            symbol.address &+= base ?? 0
            return symbol
        }
    }

    /// Where NT's half of the address space begins.
    private static let systemSpace: UInt32 = 0x8000_0000

    /// Images that are loaded, ascending by base, which is not nil.
    private let loaded: [Part]
    /// Images that are not.
    private let absent: [Part]

    /// - Parameters:
    ///   - symbols: in any order; of two symbols with one name the lower address wins unqualified look-ups.
    ///   - lines: the first address of each run of code that a source line wrote, in any order.
    package init(symbols: [Symbol] = [], lines: [(address: UInt32, line: SourceLine)] = []) {
        self.init([Part(module: "", symbols: ImageSymbols(symbols: symbols, lines: lines), base: 0, size: 0)])
    }

    /// - Parameter images: in any order; those that are loaded do not overlap.
    package init(_ images: [Part]) {
        loaded = images.filter { $0.base != nil }.sorted { ($0.base ?? 0) < ($1.base ?? 0) }
        absent = images.filter { $0.base == nil }
    }

    /// All symbols of loaded images, ascending by address. Made anew at each call.
    package var symbols: [Symbol] { loaded.flatMap { part in part.symbols.symbols.map(part.placed) } }

    /// The symbols of images that are not loaded, at addresses that count from their base.
    package var absentSymbols: [Symbol] { absent.flatMap(\.symbols.symbols) }

    /// The symbol called `name`, or `module!name`, of an image that is loaded. A name alone is the system's first: user mode's stubs of services have the names of the services.
    package func symbol(named name: String) -> Symbol? {
        let user = loaded.partitioningIndex { ($0.base ?? 0) >= Self.systemSpace }
        for part in loaded[user...] + loaded[..<user] {
            if let symbol = part.symbols.symbol(named: name) { return part.placed(symbol) }
        }
        guard let (module, rest) = Self.split(name) else { return nil }
        for part in loaded {
            if part.module == module { return part.symbols.symbol(named: rest).map(part.placed) }
            if part.module.isEmpty, let symbol = part.symbols.symbols.first(where: { $0.name == rest && $0.module == module }) {
                return part.placed(symbol)
            }
        }
        return nil
    }

    /// Where the symbol called `name`, or `module!name`, of an image that is not loaded will be.
    package func absentPlace(named name: String) -> ImagePlace? {
        let qualified = Self.split(name)
        for part in absent where qualified == nil || qualified?.module == part.module {
            if let symbol = part.symbols.symbol(named: qualified?.name ?? name) {
                return ImagePlace(module: part.module, offset: symbol.address)
            }
        }
        return nil
    }

    /// The name of a loaded image's symbol that `name`, or `module!name`, may have been meant to be. Short words are near to too many.
    package func nearestName(to name: String) -> String? {
        let (module, rest) = Self.split(name) ?? ("", name)
        guard rest.utf8.count >= 5 else { return nil }
        let parts = loaded.filter { module.isEmpty || $0.module.isEmpty || $0.module == module }
        let near = Suggestion.nearest(to: rest, in: parts.flatMap { $0.symbols.symbols.map(\.name) })
        return near.map { module.isEmpty ? $0 : module + "!" + $0 }
    }

    private static func split(_ name: String) -> (module: String, name: String)? {
        guard let bang = name.firstIndex(of: "!") else { return nil }
        return (name[..<bang].lowercased(), String(name[name.index(after: bang)...]))
    }

    private func part(at address: UInt32) -> (Part, offset: UInt32)? {
        let after = loaded.partitioningIndex { ($0.base ?? 0) > address }
        guard after > 0 else { return nil }
        return (loaded[after - 1], address - (loaded[after - 1].base ?? 0))
    }

    /// The symbol whose range holds the virtual address.
    package func symbol(containing address: UInt32) -> Symbol? {
        guard let (part, offset) = part(at: address) else { return nil }
        return part.symbols.symbol(containing: offset).map(part.placed)
    }

    /// The source line that wrote the code at the virtual address; nil outside routines.
    package func line(containing address: UInt32) -> SourceLine? {
        guard let (part, offset) = part(at: address) else { return nil }
        return part.symbols.line(containing: offset)
    }

    /// The image that holds the virtual address, and where in it; nil where there is none whose name is known.
    package func place(of address: UInt32) -> ImagePlace? {
        guard let (part, offset) = part(at: address), !part.module.isEmpty, offset < part.size else { return nil }
        return ImagePlace(module: part.module, offset: offset)
    }

    /// The file of the loaded image that holds the virtual address, and the base of that.
    package func image(containing address: UInt32) -> (file: String, base: UInt32)? {
        guard let (part, offset) = part(at: address), !part.module.isEmpty, offset < part.size else { return nil }
        return (part.file, address - offset)
    }

    /// The virtual address of a place; nil while its image is not loaded.
    package func address(of place: ImagePlace) -> UInt32? {
        loaded.first { $0.module == place.module }?.base.map { $0 &+ place.offset }
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index whose element satisfies `predicate`; the elements that do must all come behind those that do not.
    package func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
