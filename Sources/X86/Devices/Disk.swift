// SPDX-License-Identifier: GPL-3.0-or-later

/// The bytes of a disk: an image that is shared and never written, and pages over it that were.
package struct DiskImage: Hashable, Sendable {
    private static var pageSize: Int { 4096 }
    private var base: [UInt8] = []
    private var pages: [Int: [UInt8]] = [:]
    /// Size in bytes; 0 means no disk.
    package private(set) var size = 0

    /// Starts from an image, padded with zeros to `size` bytes.
    mutating func attach(_ bytes: [UInt8], size: Int?) {
        base = bytes
        pages = [:]
        self.size = (max(bytes.count, size ?? 0) + 511) & ~511
    }

    private func page(_ number: Int) -> [UInt8] {
        if let page = pages[number] { return page }
        let start = number * Self.pageSize
        guard start < base.count else { return Array(repeating: 0, count: Self.pageSize) }
        let part = Array(base[start..<min(start + Self.pageSize, base.count)])
        return part + Array(repeating: 0, count: Self.pageSize - part.count)
    }

    /// Reads bytes; zeros beyond the end.
    func read(offset: Int, count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var position = offset
        while result.count < count {
            let inPage = position % Self.pageSize
            let length = min(count - result.count, Self.pageSize - inPage)
            result += page(position / Self.pageSize)[inPage..<inPage + length]
            position += length
        }
        return result
    }

    /// Writes bytes.
    mutating func write(offset: Int, _ bytes: [UInt8]) {
        var position = offset
        var rest = bytes[...]
        while !rest.isEmpty {
            let inPage = position % Self.pageSize
            let length = min(rest.count, Self.pageSize - inPage)
            var data = page(position / Self.pageSize)
            data.replaceSubrange(inPage..<inPage + length, with: rest.prefix(length))
            pages[position / Self.pageSize] = data
            position += length
            rest = rest.dropFirst(length)
        }
    }

    /// Feeds what was written, in order, to a hash.
    func hash(into hasher: inout StableHasher) {
        hasher.add(UInt64(size))
        hasher.add(UInt64(base.count))
        for number in pages.keys.sorted() {
            hasher.add(UInt64(number))
            hasher.add(bytes: pages[number] ?? [])
        }
    }
}
