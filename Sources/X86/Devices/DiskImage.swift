// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// The bytes that a disk was inserted with: shared, never written.
private final class DiskBase: Sendable {
    let bytes: [UInt8]
    /// What `hash` has found out, 0 before; finding it out twice gives the same.
    private let known = Atomic<UInt64>(0)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The sum of the hashes of all sectors.
    var hash: UInt64 {
        let value = known.load(ordering: .relaxed)
        if value != 0 { return value }
        var sum: UInt64 = 0
        bytes.withUnsafeBytes { all in
            for start in stride(from: 0, to: all.count, by: 512) {
                sum &+= DiskImage.hash(UnsafeRawBufferPointer(rebasing: all[start..<min(start + 512, all.count)]), sector: start / 512)
            }
        }
        known.store(sum, ordering: .relaxed)
        return sum
    }
}

/// The contents of a disk: what it was inserted with, and over it the pages that were written since, which copies share.
package struct DiskImage: Equatable, Sendable {
    private static var pageSize: Int { SavedPage.size }
    private var base = DiskBase([])
    private var pages = PageTree(pages: 1)
    /// What the written sectors have changed in the sum of the hashes of all sectors.
    private var hashChange: UInt64 = 0
    /// Size in bytes; 0 means no disk.
    package private(set) var size = 0

    /// Starts from an image, padded with zeros to `size` bytes.
    mutating func attach(_ bytes: [UInt8], size: Int?) {
        base = DiskBase(bytes)
        self.size = (max(bytes.count, size ?? 0) + 511) & ~511
        pages = PageTree(pages: max(self.size / Self.pageSize + 1, 1))
        hashChange = 0
    }

    /// Reads bytes; zeros beyond the end.
    func read(offset: Int, count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            let position = offset + result.count
            let inPage = position % Self.pageSize
            let length = min(count - result.count, Self.pageSize - inPage)
            if position < size, let page = pages[position / Self.pageSize] {
                result += UnsafeRawBufferPointer(start: page.bytes + inPage, count: length)
            } else {
                let start = min(position, base.bytes.count)
                let end = min(position + length, base.bytes.count)
                result += base.bytes[start..<end]
                result += repeatElement(0, count: length - (end - start))
            }
        }
        return result
    }

    /// Writes bytes; what lies beyond the end is dropped.
    mutating func write(offset: Int, _ bytes: [UInt8]) {
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
        var isSame = a.base === b.base || a.base.bytes == b.base.bytes
        if isSame {
            PageTree.differences(a.pages, b.pages) { number in
                let offset = number * pageSize
                if isSame { isSame = a.read(offset: offset, count: pageSize) == b.read(offset: offset, count: pageSize) }
            }
            return isSame
        }
        return stride(from: 0, to: a.size, by: pageSize).allSatisfy {
            a.read(offset: $0, count: pageSize) == b.read(offset: $0, count: pageSize)
        }
    }
}
