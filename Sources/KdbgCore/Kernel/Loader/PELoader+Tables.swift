// SPDX-License-Identifier: GPL-3.0-or-later

/// What a PE32 file says of itself, as far as the boot loader needs it. Files of our own linker: they are what they say.
extension PELoader {
    private func word(_ offset: Int) -> UInt32 { UInt32(file[offset]) | UInt32(file[offset + 1]) << 8 }
    private func dword(_ offset: Int) -> UInt32 { word(offset) | word(offset + 2) << 16 }
    private var optionalHeader: Int { Int(dword(0x3C)) + 24 }

    /// RVA of the entry point.
    var entryPoint: UInt32 { dword(optionalHeader + 16) }
    /// Bytes of address space.
    var sizeOfImage: UInt32 { dword(optionalHeader + 56) }
    /// OptionalHeader.CheckSum.
    var checkSum: UInt32 { dword(optionalHeader + 64) }

    /// Where in the file an RVA is.
    private func offset(of rva: UInt32) -> Int {
        let sections = optionalHeader + Int(word(optionalHeader - 4))
        for index in 0..<Int(word(optionalHeader - 18)) {
            let section = sections + 40 * index
            let start = dword(section + 12)
            if rva >= start, rva - start < dword(section + 16) { return Int(dword(section + 20) + rva - start) }
        }
        preconditionFailure("no section of the file holds RVA \(rva)")
    }

    private func text(at rva: UInt32) -> String {
        String(decoding: file[offset(of: rva)...].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// RVAs of exports by name (PE specification 6.3).
    var exports: [String: UInt32] {
        let directory = dword(optionalHeader + 96)
        guard directory != 0 else { return [:] }
        let table = offset(of: directory)
        let functions = offset(of: dword(table + 28))
        let names = offset(of: dword(table + 32))
        let ordinals = offset(of: dword(table + 36))
        var exports: [String: UInt32] = [:]
        for index in 0..<Int(dword(table + 24)) {
            exports[text(at: dword(names + 4 * index))] = dword(functions + 4 * Int(word(ordinals + 2 * index)))
        }
        return exports
    }

    /// What the image asks of others: the other's name, and for each cell of the address table its RVA and the name of an export (PE specification 6.4).
    var imports: [(module: String, cells: [(rva: UInt32, name: String)])] {
        var descriptor = dword(optionalHeader + 104)
        guard descriptor != 0 else { return [] }
        var imports: [(module: String, cells: [(rva: UInt32, name: String)])] = []
        while dword(offset(of: descriptor) + 12) != 0 {
            let place = offset(of: descriptor)
            let cells = dword(place + 16)
            var names = offset(of: dword(place))
            var found: [(rva: UInt32, name: String)] = []
            while dword(names) != 0 {
                found.append((cells + 4 * UInt32(found.count), text(at: dword(names) + 2)))
                names += 4
            }
            imports.append((text(at: dword(place + 12)), found))
            descriptor += 20
        }
        return imports
    }
}
