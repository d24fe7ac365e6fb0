// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Where things are on a FAT volume (Microsoft FAT specification 1.03, section 3). Sectors have 512 bytes and count from the start of the volume.
struct VolumeGeometry: Equatable {
    /// The bits of an entry of the table.
    enum Kind: Int {
        case fat12 = 12
        case fat16 = 16
        case fat32 = 32
    }

    static let sectorSize = 512

    let kind: Kind
    /// First byte of the volume on the disk.
    let start: Int
    let sectors: Int
    let sectorsPerCluster: Int
    /// First sector of the first table.
    let tableStart: Int
    let sectorsPerTable: Int
    let tables: Int
    /// First sector of the root of FAT12 and FAT16, and its entries.
    let rootStart: Int
    let rootEntries: Int
    /// First cluster of the root of FAT32; 0 for the others.
    let rootCluster: Int
    /// Sector of FSInfo; 0 when there is none.
    let infoSector: Int
    /// First sector of cluster 2.
    let dataStart: Int
    let clusters: Int

    var clusterSize: Int { sectorsPerCluster * Self.sectorSize }
    /// Number of the last cluster plus one.
    var clusterEnd: Int { clusters + 2 }
    /// The first number that marks the end of a chain.
    var endMark: Int { kind == .fat32 ? 0x0FFF_FFF8 : kind == .fat16 ? 0xFFF8 : 0xFF8 }
    /// What marks a cluster that must not be used.
    var badMark: Int { endMark - 1 }

    /// Where a sector is on the disk.
    func offset(sector: Int) -> Int { start + sector * Self.sectorSize }

    /// Where a cluster is on the disk.
    func offset(cluster: Int) -> Int { offset(sector: dataStart + (cluster - 2) * sectorsPerCluster) }

    /// Takes a boot sector apart.
    /// - Parameters:
    ///   - boot: its 512 bytes.
    ///   - start: its offset on the disk.
    ///   - room: bytes from there to the end of the partition, or of the disk.
    /// - Throws: the first of its numbers that cannot be.
    init(boot: [UInt8], start: Int, room: Int) throws(VolumeError) {
        let first = start / Self.sectorSize
        func wrong(_ offset: Int, _ reason: String) -> VolumeError {
            VolumeError("sector \(first), byte 0x\(String(offset, radix: 16, uppercase: true))", reason)
        }
        if let other = Self.otherFileSystem(boot) { throw VolumeError("sector \(first)", other) }
        guard boot.word(at: 510) == 0xAA55 else { throw VolumeError("sector \(first)", "no boot sector: it does not end in 55 AA") }
        let bytes = boot.word(at: 0x0B)
        guard bytes == Self.sectorSize else {
            let isFAT = [1024, 2048, 4096].contains(bytes)
            throw wrong(
                0x0B, isFAT ? "\(bytes) bytes in a sector; kdbg reads volumes with 512" : "no FAT volume: \(bytes) bytes in a sector")
        }
        sectorsPerCluster = Int(boot[0x0D])
        guard sectorsPerCluster > 0, sectorsPerCluster & (sectorsPerCluster - 1) == 0 else {
            throw wrong(0x0D, "\(sectorsPerCluster) sectors in a cluster, which is no power of two")
        }
        tableStart = boot.word(at: 0x0E)
        guard tableStart > 0 else { throw wrong(0x0E, "no reserved sectors, so no room for the boot sector") }
        tables = Int(boot[0x10])
        guard 1...2 ~= tables else { throw wrong(0x10, "\(tables) file allocation tables; there are 1 or 2") }
        rootEntries = boot.word(at: 0x11)
        guard rootEntries % 16 == 0 else { throw wrong(0x11, "\(rootEntries) root entries, which do not fill whole sectors") }
        let short = boot.word(at: 0x16)
        sectorsPerTable = short == 0 ? boot.dword(at: 0x24) : short
        guard sectorsPerTable > 0 else { throw wrong(0x16, "the file allocation table has no sectors") }
        let few = boot.word(at: 0x13)
        sectors = few == 0 ? boot.dword(at: 0x20) : few
        guard sectors > 0 else { throw wrong(0x20, "the volume has no sectors") }
        guard sectors * Self.sectorSize <= room else {
            throw wrong(few == 0 ? 0x20 : 0x13, "\(sectors) sectors, but there is room for \(room / Self.sectorSize) only")
        }
        rootStart = tableStart + tables * sectorsPerTable
        dataStart = rootStart + rootEntries / 16
        guard dataStart + sectorsPerCluster <= sectors else {
            throw wrong(0x0D, "no clusters: tables and root end at sector \(dataStart) of \(sectors)")
        }
        clusters = (sectors - dataStart) / sectorsPerCluster
        kind = short == 0 ? .fat32 : clusters < 4085 ? .fat12 : .fat16
        self.start = start
        guard kind == .fat32 || clusters < 65525 else {
            throw wrong(0x16, "\(clusters) clusters, too many for FAT16, but the boot sector is not one of FAT32")
        }
        guard clusters < 0x0FFF_FFF5 else { throw wrong(0x20, "\(clusters) clusters, more than FAT32 can count") }
        guard (clusters + 2) * kind.rawValue <= sectorsPerTable * Self.sectorSize * 8 else {
            throw wrong(short == 0 ? 0x24 : 0x16, "\(sectorsPerTable) sectors of table are too few for \(clusters) clusters")
        }
        guard kind == .fat32 else {
            guard rootEntries > 0 else { throw wrong(0x11, "no root directory") }
            (rootCluster, infoSector) = (0, 0)
            return
        }
        guard rootEntries == 0 else { throw wrong(0x11, "\(rootEntries) root entries, where FAT32 has 0") }
        guard boot.word(at: 0x2A) == 0 else { throw wrong(0x2A, "FAT32 of version \(boot[0x2B]).\(boot[0x2A]); only 0.0 is known") }
        guard boot[0x28] & 0x80 == 0 else { throw wrong(0x28, "the tables are not mirrored, which kdbg does not support") }
        rootCluster = boot.dword(at: 0x2C)
        guard 2..<clusters + 2 ~= rootCluster else { throw wrong(0x2C, "the root is at cluster \(rootCluster) of \(clusters)") }
        let info = boot.word(at: 0x30)
        infoSector = 1..<tableStart ~= info ? info : 0
    }

    /// What the sector belongs to, when that is known and is not FAT.
    private static func otherFileSystem(_ boot: [UInt8]) -> String? {
        switch String(decoding: boot[3..<11], as: UTF8.self) {
        case "NTFS    ": "an NTFS volume; kdbg reads FAT16 and FAT32"
        case "EXFAT   ": "an exFAT volume; kdbg reads FAT16 and FAT32"
        case "-FVE-FS-": "a BitLocker volume; kdbg reads FAT16 and FAT32"
        default: nil
        }
    }
}
