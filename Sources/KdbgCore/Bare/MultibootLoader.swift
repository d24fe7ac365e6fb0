// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Puts a multiboot kernel into a machine and leaves the processor where the specification wants it (Multiboot 0.6.96, 3.2 and 3.3).
struct MultibootLoader {
    private let machine: Machine
    private let map: MemoryMap
    private var placement: Placement

    init(_ machine: Machine) {
        self.machine = machine
        map = MemoryMap(size: machine.memorySize)
        placement = Placement(map)
    }

    /// Loads everything and sets the registers.
    /// - Returns: the kernel's symbols.
    /// - Throws: when a file is not what it should be, or does not fit.
    mutating func load(
        _ file: BareConfiguration.File, commandLine: String, modules: [BareConfiguration.Module]
    ) throws(LoadError) -> SymbolTable {
        guard !file.bytes.isEmpty else { throw LoadError(file, "the file is empty") }
        // What a file claims to be comes first: an ELF file for another machine may well have no multiboot header.
        let elf = ELFImage.isELF(file.bytes) ? try ELFImage(file) : nil
        let header = try MultibootHeader(file)
        let segments: [ELFImage.Segment]
        let entry: UInt32
        if let addresses = header.addresses {
            segments = [try MultibootHeader.segment(addresses, headerAt: header.offset, file)]
            entry = addresses.entry
        } else if let elf {
            segments = elf.segments
            entry = try elf.physicalEntry()
        } else {
            throw LoadError(file, "neither an ELF file nor a multiboot header with addresses (flag 16)")
        }
        try load(segments, of: file)
        let placed = try place(modules)
        guard let information = MultibootInformation(map, commandLine: commandLine, modules: placed).place(in: machine, &placement) else {
            throw LoadError(file, "no room is left for the multiboot information")
        }
        start(at: entry, information: information, file)
        return SymbolTable(symbols: elf?.symbols ?? [])
    }

    private mutating func load(_ segments: [ELFImage.Segment], of file: BareConfiguration.File) throws(LoadError) {
        for (index, segment) in segments.enumerated() {
            try placement.take(segment.physical, UInt64(segment.memorySize), for: "segment \(index)", of: file)
            machine.writePhysical(segment.physical, file.bytes[segment.fileOffset..<segment.fileOffset + segment.fileSize])
        }
    }

    /// Puts the modules behind the kernel, each on a page boundary.
    private mutating func place(_ modules: [BareConfiguration.Module]) throws(LoadError) -> [MultibootInformation.Module] {
        var placed: [MultibootInformation.Module] = []
        for module in modules {
            let lowest = max(placement.end, MemoryMap.extendedStart)
            guard let start = placement.find(module.file.bytes.count, alignment: 4096, from: lowest) else {
                throw LoadError(
                    module.file, "the module's \(module.file.bytes.count) bytes do not fit into RAM behind the kernel (--memory)")
            }
            machine.writePhysical(start, module.file.bytes)
            placed.append(.init(start: start, end: start + UInt32(module.file.bytes.count), string: module.string))
        }
        return placed
    }

    /// 32-bit protected mode, flat, without paging and interrupts.
    private mutating func start(at entry: UInt32, information: UInt32, _ file: BareConfiguration.File) {
        var registers = Registers.reset
        registers.enterFlatMode()
        // The specification promises no table, but many kernels load selectors before they have one of their own.
        if let table = placement.find(FlatTable.bytes.count, alignment: 8, from: 0x1000) {
            machine.writePhysical(table, FlatTable.bytes)
            registers.gdtr = DescriptorTable(base: table, limit: UInt16(FlatTable.bytes.count - 1))
        }
        registers.eax = 0x2BAD_B002
        registers.ebx = information
        registers.eip = entry
        machine.registers = registers
    }
}

/// A GDT with nothing but flat segments.
enum FlatTable {
    static let code: UInt16 = 0x08
    static let data: UInt16 = 0x10
    /// Null, code, data: both from 0 to 4 GiB, 32-bit, ring 0.
    static let bytes: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0, 0,
        0xFF, 0xFF, 0, 0, 0, 0x9B, 0xCF, 0,
        0xFF, 0xFF, 0, 0, 0, 0x93, 0xCF, 0,
    ]
}

extension Registers {
    /// Turns on protected mode with the segments of `FlatTable`.
    mutating func enterFlatMode() {
        let data = Segment(selector: FlatTable.data, base: 0, limit: .max, attributes: 0xC093)
        cs = Segment(selector: FlatTable.code, base: 0, limit: .max, attributes: 0xC09B)
        (ss, ds, es, fs, gs) = (data, data, data, data, data)
        cr0 = 0x11
    }
}
