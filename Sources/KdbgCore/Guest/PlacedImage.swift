// SPDX-License-Identifier: GPL-3.0-or-later

/// A linked image and where in the guest it is.
package struct PlacedImage: Sendable {
    package let image: Image
    /// OptionalHeader.CheckSum of its file, which tells it from other files of the same name.
    package let checkSum: UInt32
    /// Virtual address; nil while it is not loaded.
    package var base: UInt32?
    package let home: Home
    let symbols: ImageSymbols

    /// Who knows where an image is.
    package enum Home: Sendable {
        /// Nobody has to: the kernel, on which all else depends.
        case fixed
        /// The guest's lists of modules.
        case listed
        /// User mode's system DLL: the variable in which the process manager keeps its base.
        case systemDll
        /// The program of user mode: its process.
        case program
    }

    init(_ image: Image, checkSum: UInt32, base: UInt32?, home: Home = .listed) {
        self.image = image
        self.home = home
        self.base = base
        self.checkSum = checkSum
        let lines = image.lines.map { (address: $0.rva, line: $0.line) }
        symbols = ImageSymbols(symbols: image.symbols, lines: lines)
    }

    /// Its part of a symbol table.
    var part: SymbolTable.Part {
        .init(module: image.module.stem.lowercased(), file: image.module.name, symbols: symbols, base: base, size: image.size)
    }
}
