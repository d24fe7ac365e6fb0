// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Puts pieces of memory where the user wants them.
enum RawLoader {
    /// Loads the pieces and lets the processor begin at the physical address `entry`.
    ///
    /// In real mode CS is the address divided by 16, as far as that fits 16 bits with the four lowest ones in IP; addresses below 64 KiB have CS 0, which
    /// is what boot sectors expect. The stack ends at 7C00h, or at 7000h when something is loaded there.
    /// - Throws: when pieces do not fit, overlap, or do not hold the entry.
    static func load(_ pieces: [BareConfiguration.Piece], entry: UInt32, isProtected: Bool, into machine: Machine) throws(LoadError) {
        for (index, piece) in pieces.enumerated() {
            try check(piece, in: machine)
            let end = UInt64(piece.address) + UInt64(piece.file.bytes.count)
            for other in pieces[..<index]
            where piece.address < UInt64(other.address) + UInt64(other.file.bytes.count) && other.address < end {
                throw LoadError(
                    piece.file,
                    "at \(hexadecimal(piece.address)) to \(hexadecimal(end)) it overlaps \(other.file.name) at \(hexadecimal(other.address))"
                )
            }
            machine.writePhysical(piece.address, piece.file.bytes)
        }
        guard pieces.contains(where: { entry >= $0.address && Int(entry - $0.address) < $0.file.bytes.count }) else {
            throw LoadError(pieces[0].file, "the entry point \(hexadecimal(entry)) lies in nothing that is loaded")
        }
        guard isProtected || entry < 0x10_FFF0 else {
            throw LoadError(pieces[0].file, "real mode does not reach the entry point \(hexadecimal(entry)); is --protected meant?")
        }
        machine.registers = isProtected ? flat(entry, pieces, machine) : real(entry)
    }

    private static func check(_ piece: BareConfiguration.Piece, in machine: Machine) throws(LoadError) {
        guard !piece.file.bytes.isEmpty else { throw LoadError(piece.file, "the file is empty") }
        let end = UInt64(piece.address) + UInt64(piece.file.bytes.count)
        guard end <= UInt64(machine.memorySize) else {
            throw LoadError(
                piece.file,
                "at \(hexadecimal(piece.address)) to \(hexadecimal(end)) it does not fit into \(machine.memorySize >> 20) MiB of RAM (--memory)"
            )
        }
    }

    private static func real(_ entry: UInt32) -> Registers {
        var registers = Registers.reset
        let selector = entry < 0x1_0000 ? 0 : min(entry >> 4, 0xFFFF)
        registers.cs = Segment(selector: UInt16(selector), base: selector << 4, limit: 0xFFFF, attributes: 0x9B)
        registers.eip = entry - selector << 4
        registers.esp = 0x7C00
        registers.edx = 0
        return registers
    }

    /// Flat protected mode with a table below 640 KiB that no piece covers.
    private static func flat(_ entry: UInt32, _ pieces: [BareConfiguration.Piece], _ machine: Machine) -> Registers {
        var registers = Registers.reset
        registers.enterFlatMode()
        var placement = Placement(MemoryMap(size: machine.memorySize))
        for piece in pieces { try? placement.take(piece.address, UInt64(piece.file.bytes.count), for: "", of: piece.file) }
        if let table = placement.find(FlatTable.bytes.count, alignment: 8, from: 0x1000) {
            machine.writePhysical(table, FlatTable.bytes)
            registers.gdtr = DescriptorTable(base: table, limit: UInt16(FlatTable.bytes.count - 1))
        }
        registers.eip = entry
        registers.esp = 0x7C00
        registers.edx = 0
        return registers
    }
}
