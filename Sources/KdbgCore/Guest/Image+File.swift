// SPDX-License-Identifier: GPL-3.0-or-later

/// The image as a PE32 file (PE specification, sections 2 to 4).
extension Image {
    /// DOS header, PE signature, COFF and optional header, section table, sections at file alignment, with checksum.
    package func file() -> [UInt8] {
        var file = ByteWriter()
        file.bytes = Self.dosProgram()
        let headers = Self.align(UInt32(file.bytes.count) + 4 + 20 + 224 + 40 * UInt32(sections.count), to: Self.fileAlignment)
        file.dword(0x0000_4550)
        coffHeader(&file)
        let checksumField = optionalHeader(&file, headers: headers)
        var offset = headers
        for section in sections {
            let raw = section.rawSize
            var name = Array(section.name.utf8.prefix(8))
            name += [UInt8](repeating: 0, count: 8 - name.count)
            file.bytes += name
            let place = raw == 0 ? 0 : offset
            for value in [UInt32(section.data.count), section.rva, raw, place, 0, 0, 0, section.fileCharacteristics] { file.dword(value) }
            offset += raw
        }
        Self.fill(&file)
        for section in sections {
            file.bytes += section.data.prefix(Int(section.rawSize))
            Self.fill(&file)
        }
        let checksum = Self.checksum(file.bytes)
        for byte in 0..<4 { file.bytes[checksumField + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(byte))) }
        return file.bytes
    }

    /// Fills the file up to a sector's end, with text: pefile takes a small file that is mostly zeros, or any other byte, for a broken one. It lies behind the headers or
    /// a section's virtual size, so no loader hands it to anybody.
    private static func fill(_ file: inout ByteWriter) {
        let text = Array("kdbg: padding_up_to_the_next-sector, not-a-part of~what~is~loaded. ".utf8)
        var index = 0
        while file.bytes.count % Int(fileAlignment) != 0 {
            file.bytes.append(text[index % text.count])
            index += 1
        }
    }

    /// DOS header and the program that DOS runs: it says what the file is and ends with exit code 1. The PE header comes next.
    private static func dosProgram() -> [UInt8] {
        let headerSize = 0x40
        // PUSH CS, POP DS, MOV DX, text, MOV AH, 9, INT 21h, MOV AX, 4C01h, INT 21h. The text ends with a dollar sign.
        let code: [UInt8] = [0x0E, 0x1F, 0xBA, 0x0E, 0x00, 0xB4, 0x09, 0xCD, 0x21, 0xB8, 0x01, 0x4C, 0xCD, 0x21]
        let program = code + Array("Part of an NT kernel, nothing for DOS.\r\r\n$".utf8)
        let size = align(UInt32(headerSize + program.count), to: 16)
        var file = ByteWriter()
        // Signature; bytes in the last 512-byte page, pages; no relocations; paragraphs of header, then of memory at least and at most.
        for word in [0x5A4D, UInt16(size), 1, 0, UInt16(headerSize / 16), 0, 0xFFFF] { file.word(word) }
        // SS:SP with the stack behind the program, no checksum, CS:IP, where relocations would be, no overlay.
        for word in [0, 0xB8, 0, 0, 0, UInt16(headerSize), 0] as [UInt16] { file.word(word) }
        file.zeros(0x3C - file.bytes.count)
        file.dword(size)
        file.bytes += program
        file.align(16)
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
        // Executable, 32-bit; line numbers, local symbols and debug information are not in the file.
        file.word(0x030E | (isLibrary ? 0x2000 : 0))
    }

    /// 2023-03-11 00:00:00 UTC, the day of the commit that the project follows.
    private static let timeStamp: UInt32 = 0x640B_C480

    private func optionalHeader(_ file: inout ByteWriter, headers: UInt32) -> Int {
        func total(_ mask: UInt32) -> UInt32 {
            sections.filter { $0.characteristics & mask != 0 }.reduce(0) { $0 + $1.rawSize }
        }
        file.word(0x010B)
        file.word(0x0100)
        let uninitialized = sections.filter { $0.rawSize == 0 }.reduce(0) { $0 + Self.align(UInt32($1.data.count), to: Self.fileAlignment) }
        let data = sections.first { $0.characteristics & 0x40 != 0 }?.rva ?? 0
        for value in [total(0x20), total(0x40), uninitialized, entry, Self.sectionAlignment, data, module.linkBase] { file.dword(value) }
        file.dword(Self.sectionAlignment)
        file.dword(Self.fileAlignment)
        for version in [5, 2, 5, 2, 5, 2] as [UInt16] { file.word(version) }
        file.dword(0)
        file.dword(size)
        file.dword(headers)
        let checksumField = file.bytes.count
        file.dword(0)
        file.word(1)
        file.word(isWDMDriver ? 0x2000 : 0)
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
