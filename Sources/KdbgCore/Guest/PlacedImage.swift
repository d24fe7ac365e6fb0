// SPDX-License-Identifier: GPL-3.0-or-later

/// A linked image and where in the guest it is.
package struct PlacedImage: Sendable {
    package let image: Image
    /// OptionalHeader.CheckSum of its file, which tells it from other files of the same name.
    package let checkSum: UInt32
    /// Virtual address; nil while it is not loaded.
    package var base: UInt32?
    /// Whether it is where it is whatever the guest's lists of modules say: the kernel, on which all else depends, and programs, which are in no list.
    package let isFixed: Bool
    let symbols: ImageSymbols

    init(_ image: Image, checkSum: UInt32, base: UInt32?, isFixed: Bool = false) {
        self.image = image
        self.isFixed = isFixed
        self.base = base
        self.checkSum = checkSum
        let lines = image.lines.map { (address: $0.rva, line: $0.line) }
        symbols = ImageSymbols(symbols: image.symbols, lines: lines)
    }

    /// Its part of a symbol table.
    var part: SymbolTable.Part {
        .init(module: image.module.stem.lowercased(), symbols: symbols, base: base, size: image.size)
    }
}
