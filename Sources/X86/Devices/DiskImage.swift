// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// Where the contents of a disk come from that are not in memory: a file of the host, which nobody changes while the disk is in use.
package final class DiskSource: Sendable {
    /// Bytes.
    package let size: Int
    /// Yields that many bytes of the disk, all of which are below `size`.
    let read: @Sendable (_ offset: Int, _ count: Int) -> [UInt8]
    /// In order, the ranges of bytes outside which all is zero.
    let extents: @Sendable () -> [Range<Int>]

    package init(
        size: Int, read: @escaping @Sendable (_ offset: Int, _ count: Int) -> [UInt8], extents: @escaping @Sendable () -> [Range<Int>]
    ) {
        self.size = size
        self.read = read
        self.extents = extents
    }

    /// Bytes that are in memory.
    package convenience init(_ bytes: [UInt8]) {
        self.init(size: bytes.count, read: { Array(bytes[$0..<$0 + $1]) }, extents: { bytes.isEmpty ? [] : [0..<bytes.count] })
    }
}

/// The bytes that a disk was inserted with: shared, never written.
private final class DiskBase: Sendable {
    let source: DiskSource
    /// What `hash` has found out, 0 before; finding it out twice gives the same.
    private let known = Atomic<UInt64>(0)

    init(_ source: DiskSource) { self.source = source }

    /// The sum of the hashes of all sectors.
    var hash: UInt64 {
        let value = known.load(ordering: .relaxed)
        if value != 0 { return value }
        var sum: UInt64 = 0
        // Extents may share a sector, which counts once.
        var next = 0
        for extent in source.extents() {
            var start = max(extent.lowerBound & ~511, next)
            while start < extent.upperBound {
                let count = min(0x1_0000, source.size - start)
                source.read(start, count).withUnsafeBytes { piece in
                    for offset in stride(from: 0, to: count, by: 512) {
                        let sector = UnsafeRawBufferPointer(rebasing: piece[offset..<min(offset + 512, count)])
                        sum &+= DiskImage.hash(sector, sector: (start + offset) / 512)
                    }
                }
                start += count
            }
            next = max(next, start)
        }
        known.store(sum, ordering: .relaxed)
        return sum
    }
}

/// The contents of a disk: what it was inserted with, and over it the pages that were written since, which copies share.
package struct DiskImage: Equatable, Sendable {
    private static var pageSize: Int { SavedPage.size }
    private var base = DiskBase(DiskSource([]))
    private var pages = PageTree(pages: 1)
    /// What the written sectors have changed in the sum of the hashes of all sectors.
    private var hashChange: UInt64 = 0
    /// Size in bytes; 0 means no disk.
    package private(set) var size = 0

    /// No disk.
    init() {}

    /// - Parameters:
    ///   - source: where its bytes come from.
    ///   - size: bytes, when there are more than the source has; these are zero.
    package init(_ source: DiskSource, size: Int? = nil) {
        base = DiskBase(source)
        self.size = (max(source.size, size ?? 0) + 511) & ~511
        pages = PageTree(pages: max(self.size / Self.pageSize + 1, 1))
    }

    /// Reads bytes; zeros beyond the end.
    package func read(offset: Int, count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            let position = offset + result.count
            let inPage = position % Self.pageSize
            let length = min(count - result.count, Self.pageSize - inPage)
            if position < size, let page = pages[position / Self.pageSize] {
                result += UnsafeRawBufferPointer(start: page.bytes + inPage, count: length)
            } else {
                let start = min(position, base.source.size)
                let end = min(position + length, base.source.size)
                if start < end { result += base.source.read(start, end - start) }
                result += repeatElement(0, count: length - (end - start))
            }
        }
        return result
    }

    /// Writes bytes; what lies beyond the end is dropped.
    package mutating func write(offset: Int, _ bytes: [UInt8]) {
        let bytes = bytes.prefix(max(size - offset, 0))
        guard !bytes.isEmpty else { return }
        let sectors = offset / 512...(offset + bytes.count - 1) / 512
        hashChange &-= hash(of: sectors)
        var position = offset
        var rest = bytes
        while !rest.isEmpty {
            let number = position / Self.pageSize
            let inPage = position % Self.pageSize
            let length = min(rest.count, Self.pageSize - inPage)
            var data = read(offset: number * Self.pageSize, count: Self.pageSize)
            data.replaceSubrange(inPage..<inPage + length, with: rest.prefix(length))
            data.withUnsafeBytes { if let start = $0.baseAddress { pages.set(number, copying: start) } }
            position += length
            rest = rest.dropFirst(length)
        }
        hashChange &+= hash(of: sectors)
    }

    /// Where this disk has other bytes than an earlier copy of it: the offsets of pages of `changeSize` bytes, in order.
    package func changes(since old: DiskImage) -> [Int] {
        precondition(base === old.base && size == old.size, "these are different disks")
        var found: [Int] = []
        PageTree.differences(pages, old.pages) { number in
            let offset = number * Self.pageSize
            if read(offset: offset, count: Self.pageSize) != old.read(offset: offset, count: Self.pageSize) { found.append(offset) }
        }
        return found
    }

    /// Bytes of what `changes` names; the last page may reach beyond the end of the disk.
    package static var changeSize: Int { pageSize }

    /// In order, the ranges of bytes outside which all is zero.
    package var extents: [Range<Int>] {
        var found = base.source.extents()
        PageTree.differences(pages, PageTree(pages: max(size / Self.pageSize + 1, 1))) { number in
            found.append(number * Self.pageSize..<min((number + 1) * Self.pageSize, size))
        }
        return found.sorted { $0.lowerBound < $1.lowerBound }
    }

    // MARK: Hash

    /// The hash of up to 512 bytes of a sector, the others zero, with its number; 0 when all are zero, so that sectors nobody wrote need not be looked at.
    fileprivate static func hash(_ bytes: UnsafeRawBufferPointer, sector: Int) -> UInt64 {
        guard bytes.count == 512 else {
            let padded = Array(bytes) + repeatElement(0, count: 512 - bytes.count)
            return padded.withUnsafeBytes { hash($0, sector: sector) }
        }
        var hasher = StableHasher()
        hasher.add(sector)
        var any: UInt64 = 0
        for offset in stride(from: 0, to: 512, by: 8) {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            any |= word
            hasher.add(word)
        }
        return any == 0 ? 0 : hasher.value
    }

    private func hash(of sectors: ClosedRange<Int>) -> UInt64 {
        sectors.reduce(0) { sum, sector in
            sum &+ read(offset: sector * 512, count: 512).withUnsafeBytes { Self.hash($0, sector: sector) }
        }
    }

    /// Feeds size and contents to a hash; disks with the same contents feed the same, however they came to them.
    func hash(into hasher: inout StableHasher) {
        hasher.add(UInt64(size))
        hasher.add(base.hash &+ hashChange)
    }

    /// The same size and contents.
    package static func == (a: DiskImage, b: DiskImage) -> Bool {
        guard a.size == b.size else { return false }
        if a.base === b.base { return a.changes(since: b).isEmpty }
        return stride(from: 0, to: a.size, by: pageSize).allSatisfy {
            a.read(offset: $0, count: pageSize) == b.read(offset: $0, count: pageSize)
        }
    }
}
