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

    package init(name: String, module: String, address: UInt32, size: UInt32, kind: Kind, parameters: [String] = []) {
        self.name = name
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

/// Every symbol and source line of the loaded images, by name and by address.
package struct SymbolTable: Sendable {
    /// Ascending by address.
    package private(set) var symbols: [Symbol] = []
    private var byName: [String: Int] = [:]
    private var lines: [(address: UInt32, line: SourceLine)] = []

    /// - Parameters:
    ///   - symbols: in any order; of two symbols with one name the lower address wins unqualified look-ups.
    ///   - lines: the first address of each run of code that a source line wrote, in any order.
    package init(symbols: [Symbol] = [], lines: [(address: UInt32, line: SourceLine)] = []) {
        self.symbols = symbols.sorted { $0.address < $1.address }
        self.lines = lines.sorted { $0.address < $1.address }
        for (index, symbol) in self.symbols.enumerated() where byName[symbol.name] == nil {
            byName[symbol.name] = index
        }
    }

    /// The symbol called `name`, or `module!name`.
    package func symbol(named name: String) -> Symbol? {
        if let index = byName[name] { return symbols[index] }
        guard let bang = name.firstIndex(of: "!") else { return nil }
        let module = name[..<bang].lowercased()
        let rest = name[name.index(after: bang)...]
        return symbols.first { $0.name == rest && $0.module == module }
    }

    /// The symbol whose range holds the virtual address.
    package func symbol(containing address: UInt32) -> Symbol? {
        let after = symbols.partitioningIndex { $0.address > address }
        guard after > 0 else { return nil }
        let symbol = symbols[after - 1]
        return address - symbol.address < max(symbol.size, 1) ? symbol : nil
    }

    /// The source line that wrote the code at the virtual address; nil outside routines.
    package func line(containing address: UInt32) -> SourceLine? {
        guard let symbol = symbol(containing: address), symbol.kind == .code else { return nil }
        let after = lines.partitioningIndex { $0.address > address }
        guard after > 0, lines[after - 1].address >= symbol.address else { return nil }
        return lines[after - 1].line
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
