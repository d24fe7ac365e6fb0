// SPDX-License-Identifier: GPL-3.0-or-later

/// The boot disk: an MBR with one FAT16 partition that holds `\ReactOS` (Microsoft FAT specification, version 1.03).
///
/// Only the sectors that are in use are built; what lies behind them on the disk is zero. Names have a long entry where 8.3 and its case bits cannot say them.
struct BootVolume {
    /// A file or folder of the volume.
    indirect enum Node {
        case file(String, [UInt8])
        case folder(String, [Node])

        var name: String {
            switch self {
            case .file(let name, _), .folder(let name, _): name
            }
        }
    }

    static let sectorSize = 512
    /// First sector of the partition.
    static let partitionStart = 63
    static let diskSignature: UInt32 = 0x4B44_4247
    private static let sectorsPerCluster = 4
    private static var clusterSize: Int { sectorSize * sectorsPerCluster }
    private static let rootEntries = 512
    /// 2023-03-11 in the format of directory entries.
    private static let date: UInt16 = 43 << 9 | 3 << 5 | 11
    /// Clusters of the volume: 64 MB, so that a KDBinit of 16 MiB and a long log fit; the file system is FAT16 from 4085 to 65524.
    private static let clusters = 32000
    private static let sectorsPerFAT = ((clusters + 2) * 2 + sectorSize - 1) / sectorSize
    private static let sectors = 1 + 2 * sectorsPerFAT + rootEntries * 32 / sectorSize + clusters * sectorsPerCluster

    /// Bytes of the whole disk.
    static let diskSize = (partitionStart + sectors) * sectorSize

    private var allocation: [UInt16] = [0xFFF8, 0xFFFF]
    private var data: [UInt8] = []

    /// The disk's first bytes; the rest of its `diskSize` bytes are zero.
    /// - Parameter free: bytes that are to be free; a file takes the others. Nil: no such file.
    static func disk(holding root: [Node], free: Int? = nil) -> [UInt8] {
        var volume = BootVolume()
        var rootFolder = root.flatMap { volume.add($0, parent: 0) }
        if let free { rootFolder += volume.fill(leaving: free / clusterSize) }
        rootFolder += [UInt8](repeating: 0, count: rootEntries * 32 - rootFolder.count)
        var fat = ByteWriter()
        for entry in volume.allocation { fat.word(entry) }
        fat.zeros(sectorsPerFAT * sectorSize - fat.bytes.count)
        return masterBootRecord() + bootSector() + fat.bytes + fat.bytes + rootFolder + volume.data
    }

    // MARK: Files and folders

    /// Writes a node's contents and returns its directory entry.
    private mutating func add(_ node: Node, parent: UInt16) -> [UInt8] {
        switch node {
        case .file(let name, let bytes):
            let first = bytes.isEmpty ? 0 : write(bytes)
            return Self.entries(name, attributes: 0x20, cluster: first, size: UInt32(bytes.count))
        case .folder(let name, let children):
            // The folder's own cluster comes first, so that its children can name it.
            let first = UInt16(allocation.count)
            let count = 64 + children.reduce(0) { $0 + Self.entries($1.name, attributes: 0, cluster: 0, size: 0).count }
            _ = write([UInt8](repeating: 0, count: count))
            var entries = Self.entry(name: VolumeName.padded("."), attributes: 0x10, cluster: first, size: 0)
            entries += Self.entry(name: VolumeName.padded(".."), attributes: 0x10, cluster: parent, size: 0)
            for child in children { entries += add(child, parent: first) }
            let offset = (Int(first) - 2) * Self.clusterSize
            data.replaceSubrange(offset..<offset + entries.count, with: entries)
            return Self.entries(name, attributes: 0x10, cluster: first, size: 0)
        }
    }

    /// Puts bytes into a chain of new clusters and returns the first.
    private mutating func write(_ bytes: [UInt8]) -> UInt16 {
        let first = allocation.count
        let count = (bytes.count + Self.clusterSize - 1) / Self.clusterSize
        precondition(first + count <= Self.clusters + 2, "the boot volume is full")
        for index in 0..<count { allocation.append(index == count - 1 ? 0xFFFF : UInt16(first + index + 1)) }
        data += bytes
        data += [UInt8](repeating: 0, count: count * Self.clusterSize - bytes.count)
        return UInt16(first)
    }

    /// Makes a file `FULL.BIN` of all clusters but a number of them, and returns its directory entry. Its bytes are those behind the image: zeros.
    private mutating func fill(leaving free: Int) -> [UInt8] {
        let first = allocation.count
        let count = Self.clusters + 2 - first - free
        guard count > 0 else { return [] }
        for index in 0..<count { allocation.append(index == count - 1 ? 0xFFFF : UInt16(first + index + 1)) }
        return Self.entry(
            name: Array("FULL    BIN".utf8), attributes: 0x20, cluster: UInt16(first), size: UInt32(count * Self.clusterSize))
    }

    /// The entries of a file or folder. Two long names of one folder must differ in what their short ones keep of them.
    private static func entries(_ name: String, attributes: UInt8, cluster: UInt16, size: UInt32) -> [UInt8] {
        let short = VolumeName.short(name)
        if let short, let bits = VolumeName.caseBits(name) {
            var entry = entry(name: short, attributes: attributes, cluster: cluster, size: size)
            entry[12] = bits
            return entry
        }
        let made = short ?? VolumeName.short(for: name) { _ in false }
        return VolumeName.longEntries(name, short: made) + entry(name: made, attributes: attributes, cluster: cluster, size: size)
    }

    private static func entry(name: [UInt8], attributes: UInt8, cluster: UInt16, size: UInt32) -> [UInt8] {
        var entry = ByteWriter()
        entry.bytes = name + [attributes]
        entry.zeros(4)
        entry.word(date)
        entry.word(date)
        entry.zeros(4)
        entry.word(date)
        entry.word(cluster)
        entry.dword(size)
        return entry.bytes
    }

    // MARK: Boot records

    private static func masterBootRecord() -> [UInt8] {
        var record = ByteWriter()
        record.zeros(0x1B8)
        record.dword(diskSignature)
        record.word(0)
        record.bytes += [0x80, 0x01, 0x01, 0x00, 0x06, 0xFE, 0xFF, 0xFF]
        record.dword(UInt32(partitionStart))
        record.dword(UInt32(sectors))
        record.zeros(48)
        record.word(0xAA55)
        record.zeros((partitionStart - 1) * sectorSize)
        return record.bytes
    }

    private static func bootSector() -> [UInt8] {
        var sector = ByteWriter()
        sector.bytes = [0xEB, 0x3C, 0x90] + Array("MSDOS5.0".utf8)
        sector.word(UInt16(sectorSize))
        sector.bytes += [UInt8(sectorsPerCluster), 1, 0, 2]
        sector.word(UInt16(rootEntries))
        sector.word(0)
        sector.bytes.append(0xF8)
        sector.word(UInt16(sectorsPerFAT))
        sector.word(63)
        sector.word(255)
        sector.dword(UInt32(partitionStart))
        sector.dword(UInt32(sectors))
        sector.bytes += [0x80, 0, 0x29]
        sector.dword(0x2023_0311)
        sector.bytes += Array("NO NAME    FAT16   ".utf8)
        // JMP $: this disk is not for firmware.
        sector.bytes += [0xEB, 0xFE]
        sector.zeros(510 - sector.bytes.count)
        sector.word(0xAA55)
        return sector.bytes
    }
}
