// SPDX-License-Identifier: GPL-3.0-or-later

/// A linked image and where in the guest it is.
package struct PlacedImage: Sendable {
    package let image: Image
    /// OptionalHeader.CheckSum of its file, which tells it from other files of the same name.
    package let checkSum: UInt32
    /// Virtual address; nil while it is not loaded.
    package var base: UInt32?
    let symbols: ImageSymbols

    /// - Parameter file: the image as a PE32 file.
    init(_ image: Image, file: [UInt8], base: UInt32?) {
        self.image = image
        self.base = base
        checkSum = PEFile.checkSum(of: file)
        let lines = image.lines.map { (address: $0.rva, line: $0.line) }
        symbols = ImageSymbols(symbols: image.symbols, lines: lines)
    }

    /// Its part of a symbol table.
    var part: SymbolTable.Part {
        .init(module: image.module.stem.lowercased(), symbols: symbols, base: base, size: image.size)
    }
}

/// Fields of a PE32 file that is known to be one.
enum PEFile {
    /// OptionalHeader.CheckSum.
    static func checkSum(of file: [UInt8]) -> UInt32 {
        func dword(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(file[offset + $1]) << (8 * UInt32($1)) } }
        return dword(Int(dword(0x3C)) + 0x58)
    }
}
