// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The file allocation table of a volume, in memory.
struct VolumeTable {
    let geometry: VolumeGeometry
    /// By cluster: 0 for a free one, the next one of its chain, or a mark.
    private(set) var entries: [UInt32]
    /// Clusters whose entries have changed.
    private var changed: Set<Int> = []
    /// Where the search for a free cluster goes on.
    private var nextFree = 2

    /// Reads the first table.
    init(_ disk: DiskImage, _ geometry: VolumeGeometry) {
        self.geometry = geometry
        let bits = geometry.kind.rawValue
        let bytes = disk.read(offset: geometry.offset(sector: geometry.tableStart), count: (geometry.clusterEnd * bits + 7) / 8 + 1)
        entries = (0..<geometry.clusterEnd).map { cluster in
            switch geometry.kind {
            case .fat12:
                let pair = bytes.word(at: cluster * 3 / 2)
                return UInt32(cluster % 2 == 0 ? pair & 0xFFF : pair >> 4)
            case .fat16: return UInt32(bytes.word(at: cluster * 2))
            case .fat32: return UInt32(bytes.dword(at: cluster * 4) & 0x0FFF_FFFF)
            }
        }
    }

    subscript(cluster: Int) -> Int { Int(entries[cluster]) }

    var free: Int { entries.dropFirst(2).reduce(0) { $0 + ($1 == 0 ? 1 : 0) } }

    /// A chain's clusters, for as long as it makes sense.
    func chain(_ first: Int) -> [Int] {
        var chain: [Int] = []
        var cluster = first
        while 2..<geometry.clusterEnd ~= cluster, chain.count < geometry.clusters {
            chain.append(cluster)
            cluster = self[cluster]
        }
        return chain
    }

    mutating func set(_ cluster: Int, _ value: Int) {
        entries[cluster] = UInt32(value)
        changed.insert(cluster)
    }

    /// A chain of free clusters; nil, and nothing has changed, when there are not so many.
    mutating func allocate(_ count: Int) -> [Int]? {
        var found: [Int] = []
        for step in 0..<geometry.clusters {
            guard found.count < count else { break }
            let cluster = 2 + (nextFree - 2 + step) % geometry.clusters
            if entries[cluster] == 0 { found.append(cluster) }
        }
        guard found.count == count else { return nil }
        for (index, cluster) in found.enumerated() { set(cluster, index + 1 < count ? found[index + 1] : geometry.endMark | 7) }
        nextFree = (found.last ?? 1) + 1 == geometry.clusterEnd ? 2 : (found.last ?? 1) + 1
        return found
    }

    mutating func release(_ chain: [Int]) {
        for cluster in chain { set(cluster, 0) }
    }

    /// Writes what has changed to every copy of the table, and the number of free clusters to FSInfo when it is kept there.
    mutating func store(to disk: inout DiskImage) {
        for copy in 0..<geometry.tables {
            let table = geometry.offset(sector: geometry.tableStart + copy * geometry.sectorsPerTable)
            for cluster in changed.sorted() { store(cluster, to: &disk, table) }
        }
        changed = []
        guard geometry.infoSector != 0 else { return }
        let offset = geometry.offset(sector: geometry.infoSector)
        var info = disk.read(offset: offset, count: 512)
        guard info.dword(at: 0) == 0x4161_5252, info.dword(at: 484) == 0x6141_7272 else { return }
        info.setDword(free, at: 488)
        info.setDword(nextFree, at: 492)
        disk.write(offset: offset, info)
    }

    private func store(_ cluster: Int, to disk: inout DiskImage, _ table: Int) {
        let value = self[cluster]
        switch geometry.kind {
        case .fat12:
            var pair = disk.read(offset: table + cluster * 3 / 2, count: 2)
            let old = pair.word(at: 0)
            pair.setWord(cluster % 2 == 0 ? old & 0xF000 | value : old & 0xF | value << 4, at: 0)
            disk.write(offset: table + cluster * 3 / 2, pair)
        case .fat16:
            disk.write(offset: table + cluster * 2, [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)])
        case .fat32:
            var entry = disk.read(offset: table + cluster * 4, count: 4)
            entry.setDword(entry.dword(at: 0) & 0xF000_0000 | value, at: 0)
            disk.write(offset: table + cluster * 4, entry)
        }
    }
}
