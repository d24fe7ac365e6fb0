// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The disk of a bare machine, and booting from it.
enum DiskLoader {
    private static let sectorSize = 512

    /// Puts the image on the ATA channel.
    /// - Throws: when it is no whole number of sectors.
    static func attach(_ file: BareConfiguration.File, to machine: Machine) throws(LoadError) {
        guard !file.bytes.isEmpty else { throw LoadError(file, "the disk image is empty") }
        guard file.bytes.count % sectorSize == 0 else {
            throw LoadError(file, "a disk image of \(file.bytes.count) bytes, which is no multiple of \(sectorSize)")
        }
        machine.disk.attach(bytes: file.bytes)
    }

    /// Installs our firmware, which will load the first sector.
    /// - Returns: the firmware's routines.
    /// - Throws: when that sector is none that firmware boots.
    static func boot(_ file: BareConfiguration.File, on machine: Machine) throws(LoadError) -> SymbolTable {
        guard file.bytes[sectorSize - 2] == 0x55, file.bytes[sectorSize - 1] == 0xAA else {
            throw LoadError(file, "its first sector does not end in 55 AA, so it is no boot sector")
        }
        let firmware = Firmware.build(
            disk: DiskGeometry(sectors: file.bytes.count / sectorSize), map: MemoryMap(size: machine.memorySize))
        machine.installROM(firmware.image)
        return SymbolTable(symbols: firmware.symbols)
    }
}
