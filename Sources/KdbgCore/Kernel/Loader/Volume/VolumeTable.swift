// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The file allocation table of a volume. It is read where it is looked at: a large volume of small clusters has a gigabyte of it, most of which nobody has written.
struct VolumeTable {
    let geometry: VolumeGeometry
    /// The disk as it was when the table was first looked at, or last stored.
    private var disk: DiskImage
    /// New entries by cluster.
    private var changed: [Int: Int] = [:]
    private let cache = Cache()
    /// Where the search for a free cluster goes on.
    private var nextFree = 2

    /// The piece of the first table that was read last; what it holds never differs from the disk.
    private final class Cache {
        /// How many entries a piece has, and the bytes of them at most.
        static let entries = 0x4000
        var first = -1
        var bytes: [UInt8] = []
    }

    /// The first table counts.
    init(_ disk: DiskImage, _ geometry: VolumeGeometry) {
        self.geometry = geometry
        self.disk = disk
    }

    /// By cluster: 0 for a free one, the next one of its chain, or a mark.
    subscript(cluster: Int) -> Int { changed[cluster] ?? stored(cluster) }

    /// What the disk says.
    private func stored(_ cluster: Int) -> Int {
        let first = cluster / Cache.entries * Cache.entries
        if cache.first != first {
            let bits = geometry.kind.rawValue
            cache.first = first
            cache.bytes = disk.read(
                offset: geometry.offset(sector: geometry.tableStart) + first * bits / 8, count: (Cache.entries * bits + 7) / 8 + 1)
        }
        let index = cluster - first
        switch geometry.kind {
        case .fat12:
            let pair = cache.bytes.word(at: index * 3 / 2)
            return index % 2 == 0 ? pair & 0xFFF : pair >> 4
        case .fat16: return cache.bytes.word(at: index * 2)
        case .fat32: return cache.bytes.dword(at: index * 4) & 0x0FFF_FFFF
        }
    }

    /// How many clusters are free. Where the disk has never been written all are.
    var free: Int {
        let start = geometry.offset(sector: geometry.tableStart)
        let bits = geometry.kind.rawValue
        var used = 0
        var next = 2
        for extent in disk.extents where extent.upperBound > start {
            let first = max((extent.lowerBound - start) * 8 / bits, next)
            let end = min(((extent.upperBound - start) * 8 + bits - 1) / bits, geometry.clusterEnd)
            for cluster in first..<max(first, end) where stored(cluster) != 0 { used += 1 }
            next = max(next, end)
        }
        for (cluster, value) in changed { used += (value != 0 ? 1 : 0) - (stored(cluster) != 0 ? 1 : 0) }
        return geometry.clusters - used
    }

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
        changed[cluster] = value
    }

    /// A chain of free clusters; nil, and nothing has changed, when there are not so many.
    mutating func allocate(_ count: Int) -> [Int]? {
        var found: [Int] = []
        for step in 0..<geometry.clusters {
            guard found.count < count else { break }
            let cluster = 2 + (nextFree - 2 + step) % geometry.clusters
            if self[cluster] == 0 { found.append(cluster) }
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
            for cluster in changed.keys.sorted() { store(cluster, to: &disk, table) }
        }
        let free = free
        changed = [:]
        self.disk = disk
        cache.first = -1
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
