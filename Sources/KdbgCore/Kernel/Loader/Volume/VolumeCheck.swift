// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Looks for damage in a volume: what fsck.fat would mend is not written to.
///
/// Clusters that belong to nothing are no damage: they are lost, and stay so.
struct VolumeCheck {
    private let disk: DiskImage
    private let geometry: VolumeGeometry
    private let table: VolumeTable
    private let reader: VolumeReader
    /// The path that owns a cluster, as a number in `paths`; 0 for none.
    private var owners = SparseNumbers()
    private var paths = [""]

    /// - Throws: the first damage that is found.
    static func run(_ disk: DiskImage, _ geometry: VolumeGeometry) throws(VolumeError) {
        var check = VolumeCheck(disk, geometry)
        try check.compareTables()
        var waiting = try check.checkRoot()
        while let folder = waiting.popLast() { waiting += try check.check(folder: folder.path, folder.cluster, parent: folder.parent) }
    }

    /// A folder that is still to be looked at. Clusters as in entries: 0 is the root.
    private struct Folder {
        let path: String
        let cluster: Int
        let parent: Int
    }

    private init(_ disk: DiskImage, _ geometry: VolumeGeometry) {
        self.disk = disk
        self.geometry = geometry
        table = VolumeTable(disk, geometry)
        reader = VolumeReader(disk, geometry)
    }

    /// A number for each cluster, 0 where none was set; what nobody sets takes no memory.
    private struct SparseNumbers {
        private static let pieceSize = 4096
        private var pieces: [Int: [Int32]] = [:]

        subscript(index: Int) -> Int32 {
            get { pieces[index / Self.pieceSize]?[index % Self.pieceSize] ?? 0 }
            set {
                pieces[index / Self.pieceSize, default: [Int32](repeating: 0, count: Self.pieceSize)][index % Self.pieceSize] = newValue
            }
        }
    }

    private func compareTables() throws(VolumeError) {
        guard geometry.tables == 2 else { return }
        let piece = 128
        let starts = [0, geometry.sectorsPerTable].map { geometry.offset(sector: geometry.tableStart + $0) }
        // The pieces of which either copy has something that is not zero.
        let bytes = piece * VolumeGeometry.sectorSize
        var pieces: Set<Int> = []
        for extent in disk.extents {
            for start in starts {
                let first = max(extent.lowerBound - start, 0)
                let end = min(extent.upperBound - start, geometry.sectorsPerTable * VolumeGeometry.sectorSize)
                if first < end { pieces.formUnion(first / bytes...(end - 1) / bytes) }
            }
        }
        for sector in pieces.sorted().map({ $0 * piece }) {
            let count = min(piece, geometry.sectorsPerTable - sector) * VolumeGeometry.sectorSize
            let first = disk.read(offset: starts[0] + sector * VolumeGeometry.sectorSize, count: count)
            let second = disk.read(offset: starts[1] + sector * VolumeGeometry.sectorSize, count: count)
            guard first != second, let byte = zip(first, second).enumerated().first(where: { $1.0 != $1.1 })?.offset else { continue }
            // The first entry may hold the mark of a volume that was not closed in one copy only.
            throw VolumeError(
                "sector \(geometry.tableStart + sector + byte / 512) of the volume", "the two file allocation tables differ from here on")
        }
    }

    private mutating func checkRoot() throws(VolumeError) -> [Folder] {
        if geometry.kind == .fat32 { _ = try claim(#"\"#, geometry.rootCluster) }
        return try children(of: "", 0)
    }

    private mutating func check(folder path: String, _ cluster: Int, parent: Int) throws(VolumeError) -> [Folder] {
        let entries = reader.entries(of: cluster)
        guard entries.count >= 2, entries[0].short[0..<2].elementsEqual([0x2E, 0x20]), entries[1].short[0..<2].elementsEqual([0x2E, 0x2E]),
            entries[0].cluster == cluster, entries[1].cluster == parent
        else { throw VolumeError(path, "the folder does not begin with . and .. that lead to itself and to the folder above") }
        return try children(of: path, cluster)
    }

    /// Checks the chains of all that is in a folder, and yields the folders.
    private mutating func children(of path: String, _ cluster: Int) throws(VolumeError) -> [Folder] {
        var folders: [Folder] = []
        for entry in reader.entries(of: cluster) where !entry.isDot {
            let name = path + #"\"# + entry.name
            guard entry.cluster != 0 else {
                if entry.isFolder { throw VolumeError(name, "a folder without a cluster") }
                if entry.size != 0 { throw VolumeError(name, "\(entry.size) bytes, but no cluster") }
                continue
            }
            let clusters = try claim(name, entry.cluster)
            if entry.isFolder {
                folders.append(Folder(path: name, cluster: entry.cluster, parent: cluster))
            } else if entry.size > clusters * geometry.clusterSize || entry.size <= (clusters - 1) * geometry.clusterSize {
                throw VolumeError(name, "\(entry.size) bytes, but a chain of \(clusters) clusters with \(geometry.clusterSize) bytes each")
            }
        }
        return folders
    }

    /// Walks a chain.
    /// - Returns: how many clusters it has.
    private mutating func claim(_ path: String, _ first: Int) throws(VolumeError) -> Int {
        paths.append(path)
        let number = Int32(paths.count - 1)
        var cluster = first
        var count = 0
        repeat {
            guard 2..<geometry.clusterEnd ~= cluster else {
                let what = cluster == geometry.badMark ? "a cluster marked as bad" : "cluster \(cluster), which does not exist"
                throw VolumeError(path, count == 0 ? "its first cluster is \(cluster), which does not exist" : "its chain leads to \(what)")
            }
            let owner = owners[cluster]
            guard owner != number else { throw VolumeError(path, "its chain leads back to cluster \(cluster): a loop") }
            guard owner == 0 else { throw VolumeError(path, "its cluster \(cluster) belongs to \(paths[Int(owner)]) also") }
            guard table[cluster] != 0 else { throw VolumeError(path, "its cluster \(cluster) is marked as free") }
            owners[cluster] = number
            count += 1
            cluster = table[cluster]
        } while cluster < geometry.endMark
        return count
    }
}
