// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Changes a sound volume from outside the guest: files come and go. `finish` brings the tables to the disk; the volume is not whole before.
struct VolumeEditor {
    private(set) var disk: DiskImage
    private let geometry: VolumeGeometry
    private var table: VolumeTable
    /// 2023-03-11, 12:00, as the guest dates its files.
    private static let date: Int = 43 << 9 | 3 << 5 | 11
    private static let time: Int = 12 << 11

    init(_ disk: DiskImage, _ geometry: VolumeGeometry) {
        self.disk = disk
        self.geometry = geometry
        table = VolumeTable(disk, geometry)
    }

    private var reader: VolumeReader { VolumeReader(disk, geometry) }

    /// Bytes that still fit, not counting directories.
    var room: Int { table.free * geometry.clusterSize }

    /// The disk with all changes.
    mutating func finish() -> DiskImage {
        table.store(to: &disk)
        return disk
    }

    // MARK: Changes

    /// Makes a file or replaces its contents. Folders on the way are made.
    /// - Throws: when there is no room, or a file where a folder should be.
    mutating func add(_ path: String, _ bytes: [UInt8]) throws(VolumeError) {
        let (folder, name) = try makeFolders(path)
        if let old = entry(name, in: folder) {
            guard !old.isFolder else { throw VolumeError(path, "a folder has that name") }
            table.release(table.chain(old.cluster))
            let first = try write(bytes, path)
            var entry = Array(directory(folder)[old.places.upperBound - 32..<old.places.upperBound])
            Self.fill(&entry, cluster: first, size: bytes.count)
            put(entry, at: old.places.upperBound - 32, in: folder)
        } else {
            let first = try write(bytes, path)
            try addEntry(name, attributes: 0x20, cluster: first, size: bytes.count, to: folder, path)
        }
    }

    /// Makes a folder, and those on the way to it.
    mutating func addFolder(_ path: String) throws(VolumeError) {
        _ = try makeFolders(path + #"\x"#)
    }

    /// Deletes a file, or a folder with all that is in it.
    /// - Returns: false when there is none.
    @discardableResult mutating func remove(_ path: String) -> Bool {
        let components = path.split(separator: "\\").map(String.init)
        guard let name = components.last else { return false }
        var folder = 0
        for component in components.dropLast() {
            guard let next = entry(component, in: folder), next.isFolder else { return false }
            folder = next.cluster
        }
        guard let old = entry(name, in: folder) else { return false }
        if old.isFolder {
            for child in reader.entries(of: old.cluster) where !child.isDot { remove(path + #"\"# + child.name) }
        }
        table.release(table.chain(old.cluster))
        for place in stride(from: old.places.lowerBound, to: old.places.upperBound, by: 32) { put([0xE5], at: place, in: folder) }
        return true
    }

    // MARK: Folders

    private func directory(_ folder: Int) -> [UInt8] {
        folder == 0 && geometry.kind != .fat32
            ? reader.directory(0)
            : table.chain(root(folder)).flatMap { disk.read(offset: geometry.offset(cluster: $0), count: geometry.clusterSize) }
    }

    /// The first cluster of a folder whose number in entries is 0 when it is the root.
    private func root(_ folder: Int) -> Int { folder == 0 ? geometry.rootCluster : folder }

    private func entry(_ name: String, in folder: Int) -> VolumeEntry? {
        VolumeEntry.all(in: directory(folder), geometry.kind).first { $0.isNamed(name) }
    }

    private mutating func makeFolders(_ path: String) throws(VolumeError) -> (folder: Int, name: String) {
        let components = path.split(separator: "\\").map(String.init)
        var folder = 0
        for component in components.dropLast() {
            if let next = entry(component, in: folder) {
                guard next.isFolder else { throw VolumeError(path, "\(component) is no folder") }
                folder = next.cluster
                continue
            }
            guard let cluster = table.allocate(1)?.first else { throw VolumeError(path, "the volume is full") }
            var bytes = Self.entry(VolumeName.padded("."), attributes: 0x10, cluster: cluster, size: 0)
            bytes += Self.entry(VolumeName.padded(".."), attributes: 0x10, cluster: folder, size: 0)
            disk.write(
                offset: geometry.offset(cluster: cluster), bytes + [UInt8](repeating: 0, count: geometry.clusterSize - bytes.count))
            try addEntry(component, attributes: 0x10, cluster: cluster, size: 0, to: folder, path)
            folder = cluster
        }
        return (folder, components.last ?? "")
    }

    private mutating func addEntry(
        _ name: String, attributes: UInt8, cluster: Int, size: Int, to folder: Int, _ path: String
    ) throws(VolumeError) {
        let taken = Set(VolumeEntry.all(in: directory(folder), geometry.kind).map(\.short))
        var entry = Self.entry([UInt8](repeating: 0x20, count: 11), attributes: attributes, cluster: cluster, size: size)
        var entries: [UInt8] = []
        if let short = VolumeName.short(name), let bits = VolumeName.caseBits(name) {
            entry.replaceSubrange(0..<11, with: short)
            entry[12] = bits
        } else {
            let short = VolumeName.short(name) ?? VolumeName.short(for: name) { taken.contains($0) }
            entry.replaceSubrange(0..<11, with: short)
            entries = VolumeName.longEntries(name, short: short)
        }
        entries += entry
        put(entries, at: try findRoom(entries.count / 32, in: folder, path), in: folder)
    }

    /// The offset of free entries next to each other; the folder grows when there are none.
    private mutating func findRoom(_ count: Int, in folder: Int, _ path: String) throws(VolumeError) -> Int {
        let bytes = directory(folder)
        var start = 0
        var hasEnded = false
        for offset in stride(from: 0, to: bytes.count, by: 32) {
            // Behind the first zero nothing means anything.
            if bytes[offset] == 0 { hasEnded = true }
            if !hasEnded, bytes[offset] != 0xE5 { start = offset + 32 }
            guard offset + 32 - start >= count * 32 else { continue }
            if hasEnded, offset + 32 < bytes.count { put([0], at: offset + 32, in: folder) }
            return start
        }
        guard folder != 0 || geometry.kind == .fat32 else { throw VolumeError(path, "the root directory is full") }
        let last = table.chain(root(folder)).last ?? 0
        guard let more = table.allocate(1)?.first else { throw VolumeError(path, "the volume is full") }
        table.set(last, more)
        disk.write(offset: geometry.offset(cluster: more), [UInt8](repeating: 0, count: geometry.clusterSize))
        return try findRoom(count, in: folder, path)
    }

    /// Replaces bytes of a directory.
    private mutating func put(_ bytes: [UInt8], at offset: Int, in folder: Int) {
        if folder == 0, geometry.kind != .fat32 {
            return disk.write(offset: geometry.offset(sector: geometry.rootStart) + offset, bytes)
        }
        let chain = table.chain(root(folder))
        for (index, byte) in bytes.enumerated() {
            let position = offset + index
            let cluster = chain[position / geometry.clusterSize]
            disk.write(offset: geometry.offset(cluster: cluster) + position % geometry.clusterSize, [byte])
        }
    }

    // MARK: Contents

    /// Puts bytes into a chain of free clusters and yields the first; 0 when there are no bytes.
    private mutating func write(_ bytes: [UInt8], _ path: String) throws(VolumeError) -> Int {
        guard !bytes.isEmpty else { return 0 }
        let size = geometry.clusterSize
        guard let chain = table.allocate((bytes.count + size - 1) / size) else {
            throw VolumeError(path, "the volume has room for \(room) bytes, not for \(bytes.count)")
        }
        for (index, cluster) in chain.enumerated() {
            let piece = bytes[index * size..<min((index + 1) * size, bytes.count)]
            disk.write(offset: geometry.offset(cluster: cluster), Array(piece) + [UInt8](repeating: 0, count: size - piece.count))
        }
        return chain[0]
    }

    private static func entry(_ name: [UInt8], attributes: UInt8, cluster: Int, size: Int) -> [UInt8] {
        var entry = name + [attributes] + [UInt8](repeating: 0, count: 20)
        entry.setWord(time, at: 14)
        entry.setWord(date, at: 16)
        entry.setWord(date, at: 18)
        fill(&entry, cluster: cluster, size: size)
        return entry
    }

    private static func fill(_ entry: inout [UInt8], cluster: Int, size: Int) {
        entry.setWord(time, at: 22)
        entry.setWord(date, at: 24)
        entry.setWord(cluster >> 16, at: 20)
        entry.setWord(cluster, at: 26)
        entry.setDword(size, at: 28)
    }
}
