// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Reads files of a FAT volume from outside the guest, after whatever the guest did to it: nothing it finds is trusted.
struct VolumeReader {
    let disk: DiskImage
    let geometry: VolumeGeometry

    init(_ disk: DiskImage, _ geometry: VolumeGeometry) {
        self.disk = disk
        self.geometry = geometry
    }

    /// The contents of the file at a path such as `ReactOS\debug.log`; nil when there is none.
    func file(at path: String) -> [UInt8]? {
        guard let entry = entry(at: path), !entry.isFolder else { return nil }
        return contents(entry.cluster, limit: entry.size)
    }

    /// Whether there is a folder with that path.
    func isFolder(_ path: String) -> Bool { entry(at: path)?.isFolder == true }

    /// The file or folder with a path.
    func entry(at path: String) -> VolumeEntry? {
        var entry: VolumeEntry?
        for component in path.split(separator: "\\") {
            if let entry, !entry.isFolder { return nil }
            guard let next = entries(of: entry?.cluster ?? 0).first(where: { $0.isNamed(String(component)) }) else { return nil }
            entry = next
        }
        return entry
    }

    /// What a directory holds; 0 is the root.
    func entries(of cluster: Int) -> [VolumeEntry] { VolumeEntry.all(in: directory(cluster), geometry.kind) }

    /// The bytes of a directory.
    func directory(_ cluster: Int) -> [UInt8] {
        if cluster == 0, geometry.kind != .fat32 {
            return disk.read(offset: geometry.offset(sector: geometry.rootStart), count: geometry.rootEntries * 32)
        }
        // A directory has at most 65536 entries.
        return contents(cluster == 0 ? geometry.rootCluster : cluster, limit: 0x20_0000)
    }

    /// Follows a chain, for no more clusters than the volume has.
    private func contents(_ first: Int, limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var cluster = first
        for _ in 0..<geometry.clusters {
            guard bytes.count < limit, 2..<geometry.clusterEnd ~= cluster else { break }
            bytes += disk.read(offset: geometry.offset(cluster: cluster), count: min(geometry.clusterSize, limit - bytes.count))
            cluster = next(cluster)
        }
        return bytes
    }

    /// The table's entry for a cluster.
    func next(_ cluster: Int) -> Int {
        let table = geometry.offset(sector: geometry.tableStart)
        switch geometry.kind {
        case .fat12:
            let pair = disk.read(offset: table + cluster * 3 / 2, count: 2).word(at: 0)
            return cluster % 2 == 0 ? pair & 0xFFF : pair >> 4
        case .fat16: return disk.read(offset: table + cluster * 2, count: 2).word(at: 0)
        case .fat32: return disk.read(offset: table + cluster * 4, count: 4).dword(at: 0) & 0x0FFF_FFFF
        }
    }
}
