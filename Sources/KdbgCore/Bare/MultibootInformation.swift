// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What a boot loader tells a multiboot kernel (Multiboot specification 0.6.96, section 3.3).
struct MultibootInformation {
    /// A loaded boot module, with physical addresses.
    struct Module: Equatable {
        var start: UInt32
        /// The byte behind the last one.
        var end: UInt32
        var string: String
    }

    let map: MemoryMap
    let commandLine: String
    let modules: [Module]

    /// Memory sizes, boot device, command line, modules, memory map, name of the loader.
    private static let flags: UInt32 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9
    /// First hard disk, no partition.
    private static let bootDevice: UInt32 = 0x80FF_FFFF
    /// Bytes of the structure up to and with its video fields.
    private static let size = 116

    init(_ map: MemoryMap, commandLine: String, modules: [Module]) {
        self.map = map
        self.commandLine = commandLine
        self.modules = modules
    }

    /// Writes the structure and all that it points to into low memory, or higher up when there is no room.
    /// - Returns: its physical address; nil when there is no room at all.
    func place(in machine: Machine, _ placement: inout Placement) -> UInt32? {
        guard let base = placement.find(bytes(at: 0).count, alignment: 16, from: 0x1000) else { return nil }
        machine.writePhysical(base, bytes(at: base))
        return base
    }

    /// The structure, the memory map, the module table and the texts, one behind the other.
    private func bytes(at base: UInt32) -> [UInt8] {
        let mapSize = map.ranges.count * 24
        let mapAt = base &+ UInt32(Self.size)
        let modulesAt = mapAt &+ UInt32(mapSize)
        var texts = ByteWriter()
        let textsAt = modulesAt &+ UInt32(modules.count * 16)
        func text(_ text: String) -> UInt32 {
            defer { texts.string(text) }
            return textsAt &+ UInt32(texts.bytes.count)
        }
        var writer = ByteWriter()
        writer.dword(Self.flags)
        writer.dword(UInt32(MemoryMap.displayStart >> 10))
        writer.dword(map.extendedKiB)
        writer.dword(Self.bootDevice)
        writer.dword(text(commandLine))
        writer.dword(UInt32(modules.count))
        writer.dword(modulesAt)
        writer.zeros(16)
        writer.dword(UInt32(mapSize))
        writer.dword(mapAt)
        writer.zeros(12)
        writer.dword(text("kdbg"))
        writer.zeros(Self.size - writer.bytes.count)
        for range in map.ranges {
            writer.dword(20)
            writer.qword(range.start)
            writer.qword(range.length)
            writer.dword(range.type)
        }
        for module in modules {
            writer.dword(module.start)
            writer.dword(module.end)
            writer.dword(text(module.string))
            writer.dword(0)
        }
        return writer.bytes + texts.bytes
    }
}
