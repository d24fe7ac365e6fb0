// SPDX-License-Identifier: GPL-3.0-or-later

/// A routine that a fault names, in an image that may be loaded later, move and go.
struct FaultPlace {
    let name: String
    /// The image's name without extension.
    let module: String
    let kind: Symbol.Kind
    /// Bytes of arguments that the routine takes off the stack when it returns; nil when its last instruction is no RET.
    let argumentBytes: UInt32?
    /// Bytes.
    private let size: UInt32
    private let place: ImagePlace
    /// Virtual address; nil while the image is not loaded.
    private(set) var address: UInt32?

    /// - Parameters:
    ///   - name: with or without `module!`; images that are loaded come first.
    ///   - images: as linked.
    /// - Returns: nil when no image has such a symbol.
    init?(_ name: String, in symbols: SymbolTable, images: [Image]) {
        address = symbols.symbol(named: name)?.address
        guard let place = address.flatMap(symbols.place) ?? symbols.absentPlace(named: name),
            let image = images.first(where: { $0.module.stem.lowercased() == place.module }),
            let symbol = image.symbols.first(where: { $0.address == place.offset && name.hasSuffix($0.name) })
        else { return nil }
        self.name = symbol.name
        self.place = place
        (module, kind, size) = (image.module.name, symbol.kind, symbol.size)
        argumentBytes = image.argumentBytes(of: symbol)
    }

    /// Images have moved, come or gone.
    mutating func follow(_ symbols: SymbolTable) { address = symbols.address(of: place) }

    /// Whether a virtual address lies in the routine.
    func contains(_ other: UInt32) -> Bool { address.map { other &- $0 < size } ?? false }
}

extension Image {
    /// How many bytes of arguments a routine takes off the stack when it returns, read from its last instruction; nil when that is no RET.
    fileprivate func argumentBytes(of symbol: Symbol) -> UInt32? {
        let end = symbol.address + symbol.size
        guard symbol.size >= 3, let section = sections.first(where: { $0.rva <= symbol.address && end <= $0.rva + UInt32($0.data.count) })
        else { return nil }
        let bytes = section.data[Int(end - section.rva) - 3..<Int(end - section.rva)].map { UInt32($0) }
        let count = bytes[1] | bytes[2] << 8
        if bytes[0] == 0xC2, count % 4 == 0, count <= 0x80 { return count }
        return bytes[2] == 0xC3 ? 0 : nil
    }
}
