// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import X86

/// Tiny programs for the bare machine, made by our own assemblers: the same bytes run on a QEMU.
package enum BareImages {
    // MARK: 32-bit code

    /// Code of a multiboot kernel that prints on the debug console, on COM1, and ends with the debug-exit value.
    package static func hello(console: String = "by port E9\n", serial: String = "by COM1\n", exit: UInt8 = 3) -> [UInt8] {
        var code = Assembler()
        for (port, text) in [(UInt32(0xE9), console), (0x3F8, serial)] {
            code.mov(.edx, port)
            for byte in text.utf8 {
                code.mov(.eax, UInt32(byte))
                code.outDX(width: .byte)
            }
        }
        code.mov(.edx, 0xF4)
        code.mov(.eax, UInt32(exit))
        code.outDX(width: .byte)
        code.cli()
        code.hlt()
        return code.bytes
    }

    /// A multiboot header; `addresses` are header, load, load end, bss end and entry.
    package static func multibootHeader(flags: UInt32 = 0, addresses: [UInt32] = [], checksumError: UInt32 = 0) -> [UInt8] {
        let all = flags | (addresses.isEmpty ? 0 : 1 << 16)
        return words([0x1BAD_B002, all, 0 &- 0x1BAD_B002 &- all &+ checksumError] + addresses)
    }

    /// A multiboot kernel that is no ELF file: header, code, loaded at 1 MiB.
    package static func flatKernel(_ code: [UInt8] = hello(), bss: UInt32 = 0) -> [UInt8] {
        let base: UInt32 = 0x10_0000
        let end = base + 32 + UInt32(code.count)
        return multibootHeader(addresses: [base, base, end, bss == 0 ? 0 : end + bss, base + 32]) + code
    }

    /// What goes into an ELF file.
    package struct Segment: Sendable {
        package var physical: UInt32
        package var virtual: UInt32
        package var bytes: [UInt8]
        package var memorySize: UInt32
        package var fileSize: UInt32
        package var fileOffset: UInt32?

        package init(
            _ bytes: [UInt8], physical: UInt32 = 0x10_0000, virtual: UInt32? = nil, memorySize: UInt32? = nil, fileSize: UInt32? = nil,
            fileOffset: UInt32? = nil
        ) {
            self.physical = physical
            self.virtual = virtual ?? physical
            self.bytes = bytes
            self.fileSize = fileSize ?? UInt32(bytes.count)
            self.memorySize = memorySize ?? self.fileSize
            self.fileOffset = fileOffset
        }
    }

    /// The headers of an ELF file that tests get wrong.
    package struct ELFHeader: Sendable {
        package var fileClass: UInt8 = 1
        package var order: UInt8 = 1
        package var type: UInt16 = 2
        package var machine: UInt16 = 3
        package var programHeaderSize: UInt16 = 32

        package init() {}
    }

    /// An ELF file with its segments at page offsets, and a symbol table when there are symbols.
    package static func elf(
        _ segments: [Segment], entry: UInt32, header: ELFHeader = ELFHeader(), symbols: [(name: String, value: UInt32, size: UInt32)] = []
    ) -> [UInt8] {
        var body = [UInt8](repeating: 0, count: 0x1000 - 52 - 32 * segments.count)
        let headersSize = 32 * segments.count
        var headers: [UInt8] = []
        for segment in segments {
            let offset = segment.fileOffset ?? UInt32(52 + 32 * segments.count + body.count)
            headers += words([1, offset, segment.virtual, segment.physical, segment.fileSize, segment.memorySize, 7, 0x1000])
            body += segment.bytes
            body += [UInt8](repeating: 0, count: (4096 - (52 + headersSize + body.count) % 4096) % 4096)
        }
        let tables = symbols.isEmpty ? [] : symbolTables(symbols, code: segments[0], at: UInt32(52 + headers.count + body.count))
        let sectionTable = tables.isEmpty ? 0 : UInt32(52 + headers.count + body.count)
        let identity: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, header.fileClass, header.order, 1] + [UInt8](repeating: 0, count: 9)
        let numbers = halves([header.type, header.machine]) + words([1, entry, 52, sectionTable, 0])
        let sizes = halves([52, header.programHeaderSize, UInt16(segments.count), 40, tables.isEmpty ? 0 : 4, 0])
        return identity + numbers + sizes + headers + body + tables
    }

    /// Null, code, symbols and strings: section headers, then the two tables.
    private static func symbolTables(_ symbols: [(name: String, value: UInt32, size: UInt32)], code: Segment, at start: UInt32) -> [UInt8] {
        var strings: [UInt8] = [0]
        var entries = [UInt8](repeating: 0, count: 16)
        for symbol in symbols {
            entries += words([UInt32(strings.count), symbol.value, symbol.size]) + [symbol.size == 0 ? 0x10 : 0x12, 0] + halves([1])
            strings += symbol.name.utf8 + [0]
        }
        let tablesAt = start + 4 * 40
        var sections = [UInt8](repeating: 0, count: 40)
        sections += words([0, 1, 6, code.virtual, 0x1000, code.fileSize, 0, 0, 16, 0])
        sections += words([0, 2, 0, 0, tablesAt, UInt32(entries.count), 3, 1, 4, 16])
        sections += words([0, 3, 0, 0, tablesAt + UInt32(entries.count), UInt32(strings.count), 0, 0, 1, 0])
        return sections + entries + strings
    }

    /// A multiboot ELF kernel: header and code in one segment at 1 MiB. Its entry is behind the header.
    package static func elfKernel(
        _ code: [UInt8] = hello(), header: ELFHeader = ELFHeader(), symbols: [(name: String, value: UInt32, size: UInt32)] = []
    ) -> [UInt8] {
        let text = multibootHeader() + [UInt8](repeating: 0x90, count: 4) + code
        return elf([Segment(text, memorySize: UInt32(text.count) + 4096)], entry: 0x10_0010, header: header, symbols: symbols)
    }

    // MARK: 16-bit code

    /// A boot sector of 512 bytes, filled up to its signature.
    package static func bootSector(_ body: (inout RealModeAssembler) -> Void) -> [UInt8] {
        var code = RealModeAssembler()
        body(&code)
        guard let bytes = code.assembled(at: 0x7C00)?.bytes, bytes.count <= 510 else { preconditionFailure("the boot sector does not fit") }
        return bytes + [UInt8](repeating: 0, count: 510 - bytes.count) + [0x55, 0xAA]
    }

    /// A ROM of 64 KiB whose code begins at F000:0000.
    package static func rom(_ body: (inout RealModeAssembler) -> Void) -> [UInt8] {
        var code = RealModeAssembler()
        body(&code)
        guard let bytes = code.assembled(at: 0)?.bytes else { preconditionFailure("a label of the ROM is missing") }
        return bytes + [UInt8](repeating: 0xFF, count: 0xFFF0 - bytes.count) + [0xEA, 0, 0, 0, 0xF0] + [UInt8](repeating: 0, count: 11)
    }

    // MARK: Bytes

    package static func words(_ values: [UInt32]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) } }
    }

    private static func halves(_ values: [UInt16]) -> [UInt8] { values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } }
}

extension RealModeAssembler {
    /// Prints a text on the debug console.
    package mutating func print(_ text: String) {
        for byte in text.utf8 { out(0xE9, byte) }
    }

    /// Prints AL on the debug console.
    package mutating func printAL() { outAL(0xE9) }

    /// Sends a text by COM1.
    package mutating func send(_ text: String) {
        mov(.edx, 0x3F8)
        for byte in text.utf8 {
            mov(.al, byte)
            outDXAL()
        }
    }

    /// Ends the machine with a debug-exit value.
    package mutating func exit(_ value: UInt8) {
        out(0xF4, value)
        cli()
        hlt()
    }
}

extension BareImages {
    /// The ROM that `--disk` boots with.
    package static func firmware(diskSectors: Int, memoryMiB: Int) -> [UInt8] {
        BareConfiguration.firmware(diskSectors: diskSectors, memoryMiB: memoryMiB)
    }
}
