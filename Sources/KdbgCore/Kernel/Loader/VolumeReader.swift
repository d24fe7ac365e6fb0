// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads files of a FAT16 volume from outside the guest, after whatever the guest did to it: nothing it finds is trusted.
struct VolumeReader {
    /// Bytes of the disk; what lies beyond its end reads as zeros.
    let read: (_ offset: Int, _ count: Int) -> [UInt8]
    private let clusterSize: Int
    private let fat: Int
    private let root: Int
    private let rootBytes: Int
    private let data: Int
    private let clusters: Int

    /// Fails when the first partition is not a FAT16 volume.
    init?(read: @escaping (_ offset: Int, _ count: Int) -> [UInt8]) {
        self.read = read
        let start = Int(Self.dword(read(0x1BE + 8, 4), 0)) * BootVolume.sectorSize
        let sector = read(start, 512)
        guard sector.count == 512, Self.word(sector, 510) == 0xAA55, Self.word(sector, 11) == 512, sector[13] > 0, sector[16] > 0 else {
            return nil
        }
        clusterSize = Int(sector[13]) * 512
        fat = start + Int(Self.word(sector, 14)) * 512
        root = fat + Int(sector[16]) * Int(Self.word(sector, 22)) * 512
        rootBytes = Int(Self.word(sector, 17)) * 32
        data = root + rootBytes
        clusters = min(Int(Self.word(sector, 22)) * 256, 65525)
    }

    /// The contents of the file at a path such as `ReactOS\debug.log`; nil when there is none.
    func file(at path: String) -> [UInt8]? {
        var folder = read(root, rootBytes)
        let components = path.split(separator: "\\")
        for (index, component) in components.enumerated() {
            guard let entry = find(BootVolume.shortName(String(component)), in: folder) else { return nil }
            let isFolder = entry[11] & 0x10 != 0
            let cluster = Int(Self.word(entry, 26))
            if index == components.count - 1 { return isFolder ? nil : contents(cluster, limit: Int(Self.dword(entry, 28))) }
            guard isFolder else { return nil }
            folder = contents(cluster, limit: 0x10_0000)
        }
        return nil
    }

    private func find(_ name: [UInt8], in folder: [UInt8]) -> [UInt8]? {
        for offset in stride(from: 0, to: folder.count - 31, by: 32) {
            let entry = Array(folder[offset..<offset + 32])
            if entry[0] == 0 { return nil }
            if Array(entry[0..<11]) == name, entry[11] & 0x08 == 0 { return entry }
        }
        return nil
    }

    /// Follows a chain, for no more clusters than the volume has.
    private func contents(_ first: Int, limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var cluster = first
        for _ in 0..<clusters where bytes.count < limit && cluster >= 2 && cluster < clusters {
            bytes += read(data + (cluster - 2) * clusterSize, clusterSize)
            cluster = Int(Self.word(read(fat + 2 * cluster, 2), 0))
        }
        return Array(bytes.prefix(limit))
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt16 { UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8 }
    private static func dword(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        UInt32(word(bytes, offset)) | UInt32(word(bytes, offset + 2)) << 16
    }
}
