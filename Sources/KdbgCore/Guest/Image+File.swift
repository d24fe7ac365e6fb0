// SPDX-License-Identifier: GPL-3.0-or-later

/// The image as a PE32 file (PE specification, sections 2 to 4).
extension Image {
    /// DOS header, PE signature, COFF and optional header, section table, sections at file alignment, with checksum.
    package func file() -> [UInt8] {
        let headers = Self.align(0x80 + 4 + 20 + 224 + 40 * UInt32(sections.count), to: Self.fileAlignment)
        var file = ByteWriter()
        file.word(0x5A4D)
        file.zeros(0x3A)
        file.dword(0x80)
        file.zeros(0x40)
        file.dword(0x0000_4550)
        coffHeader(&file)
        let checksumField = optionalHeader(&file, headers: headers)
        var offset = headers
        for section in sections {
            let raw = Self.align(UInt32(section.data.count), to: Self.fileAlignment)
            var name = Array(section.name.utf8.prefix(8))
            name += [UInt8](repeating: 0, count: 8 - name.count)
            file.bytes += name
            for value in [UInt32(section.data.count), section.rva, raw, offset, 0, 0, 0, section.characteristics] { file.dword(value) }
            offset += raw
        }
        file.align(Int(Self.fileAlignment))
        for section in sections {
            file.bytes += section.data
            file.align(Int(Self.fileAlignment))
        }
        let checksum = Self.checksum(file.bytes)
        for byte in 0..<4 { file.bytes[checksumField + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(byte))) }
        return file.bytes
    }

    private var isLibrary: Bool { !module.name.hasSuffix(".exe") && !module.name.hasSuffix(".sys") }

    private func coffHeader(_ file: inout ByteWriter) {
        file.word(0x014C)
        file.word(UInt16(sections.count))
        file.dword(Self.timeStamp)
        file.dword(0)
        file.dword(0)
        file.word(224)
        file.word(0x0102 | (isLibrary ? 0x2000 : 0))
    }

    /// 2023-03-11 00:00:00 UTC, the day of the commit that the project follows.
    private static let timeStamp: UInt32 = 0x640B_C500

    private func optionalHeader(_ file: inout ByteWriter, headers: UInt32) -> Int {
        func total(_ mask: UInt32) -> UInt32 {
            sections.filter { $0.characteristics & mask != 0 }.reduce(0) { $0 + Self.align(UInt32($1.data.count), to: Self.fileAlignment) }
        }
        file.word(0x010B)
        file.word(0)
        let data = sections.first { $0.characteristics & 0x40 != 0 }?.rva ?? 0
        for value in [total(0x20), total(0x40), 0, entry, Self.sectionAlignment, data, module.linkBase] { file.dword(value) }
        file.dword(Self.sectionAlignment)
        file.dword(Self.fileAlignment)
        for version in [5, 2, 5, 2, 5, 2] as [UInt16] { file.word(version) }
        file.dword(0)
        file.dword(size)
        file.dword(headers)
        let checksumField = file.bytes.count
        file.dword(0)
        file.word(1)
        file.word(module.name.hasSuffix(".sys") ? 0x2000 : 0)
        for value in [0x40000, 0x1000, 0x100000, 0x1000, 0, 16] as [UInt32] { file.dword(value) }
        let cells = imports.first?.cells ?? 0
        let cellBytes = imports.reduce(0) { $0 + 4 * UInt32($1.names.count + 1) }
        var directories = [(rva: UInt32, size: UInt32)](repeating: (0, 0), count: 16)
        directories[0] = exportDirectory
        directories[1] = importDirectory
        directories[5] = relocationDirectory
        directories[12] = (cells, cellBytes)
        for directory in directories {
            file.dword(directory.rva)
            file.dword(directory.size)
        }
        return checksumField
    }

    /// The sum of all 16-bit words with the carries folded back, plus the length; the field itself counts as zero.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0
        var index = 0
        while index + 1 < bytes.count {
            sum += UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
            sum = (sum & 0xFFFF) + (sum >> 16)
            index += 2
        }
        return sum + UInt32(bytes.count)
    }
}
