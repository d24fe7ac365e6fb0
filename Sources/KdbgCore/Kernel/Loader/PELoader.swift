// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Puts a PE32 file into guest memory: headers, sections at their addresses, base relocations.
struct PELoader {
    let file: [UInt8]

    private func word(_ offset: Int) -> UInt32 { UInt32(file[offset]) | UInt32(file[offset + 1]) << 8 }
    private func dword(_ offset: Int) -> UInt32 { word(offset) | word(offset + 2) << 16 }

    /// - Parameters:
    ///   - physical: where the image's first byte goes.
    ///   - base: the virtual address it will be seen at; the relocations are applied for that.
    func load(into machine: Machine, physical: UInt32, base: UInt32) {
        let header = Int(dword(0x3C))
        let optional = header + 24
        let linkBase = dword(optional + 28)
        machine.writePhysical(physical, Array(file[0..<Int(dword(optional + 60))]))
        let sections = optional + Int(word(header + 20))
        for index in 0..<Int(word(header + 6)) {
            let section = sections + 40 * index
            let size = Int(min(dword(section + 8), dword(section + 16)))
            let data = Int(dword(section + 20))
            machine.writePhysical(physical + dword(section + 12), Array(file[data..<data + size]))
        }
        relocate(machine, physical, delta: base &- linkBase, directory: optional + 96 + 8 * 5)
        machine.writePhysical32(physical + UInt32(optional) + 28, base)
    }

    private func relocate(_ machine: Machine, _ physical: UInt32, delta: UInt32, directory: Int) {
        var block = physical + dword(directory)
        let end = block + dword(directory + 4)
        while block < end {
            let page = machine.readPhysical32(block)
            let size = machine.readPhysical32(block + 4)
            var entry = block + 8
            while entry < block + size {
                let value = UInt32(machine.readPhysical16(entry))
                if value >> 12 == 3 {
                    let field = physical + page + (value & 0xFFF)
                    machine.writePhysical32(field, machine.readPhysical32(field) &+ delta)
                }
                entry += 2
            }
            block += size
        }
    }
}
