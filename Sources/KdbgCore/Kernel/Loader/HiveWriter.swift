// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes keys as a hive image, version 1.5: a base block of 4 KiB, then bins of whole pages, in them cells of a multiple of 8 bytes.
///
/// A cell is named by its offset behind the base block. Cells never cross bins; what is left of a bin is one free cell.
struct HiveWriter {
    /// Bytes of the base block, and of which bins are multiples.
    static let page = 0x1000
    private static let binHeader = 0x20
    private static let none: UInt32 = 0xFFFF_FFFF
    /// 2023-03-11 00:00:00 UTC in units of 100 ns since 1601: nothing in a hive depends on the day it is made.
    private static let time: UInt64 = (1_678_492_800 + 11_644_473_600) * 10_000_000

    /// The bins; cell indices are offsets in it.
    private var bytes: [UInt8] = []
    /// Where the next cell goes in the last bin.
    private var free = 0
    private var securityCell: UInt32 = 0

    private init() {}

    /// The image of a hive whose root key is `root`.
    /// - Parameter fileName: what the base block says the hive's file is called.
    static func image(of root: HiveKey, fileName: String) -> [UInt8] {
        var writer = HiveWriter()
        let cell = writer.add(root, parent: none, isRoot: true)
        writer.closeBin()
        return writer.baseBlock(root: cell, fileName: fileName) + writer.bytes
    }

    private static func count(_ key: HiveKey) -> Int { key.keys.reduce(1) { $0 + count($1) } }

    // MARK: Cells

    /// A new cell for `size` bytes of data; zero.
    private mutating func allocate(_ size: Int) -> UInt32 {
        let size = (size + 4 + 7) & ~7
        if free + size > bytes.count {
            closeBin()
            openBin(size + Self.binHeader)
        }
        let cell = free
        put(UInt32(bitPattern: -Int32(size)), at: cell)
        free += size
        return UInt32(cell)
    }

    private mutating func openBin(_ size: Int) {
        let size = (size + Self.page - 1) & ~(Self.page - 1)
        let start = bytes.count
        var header = ByteWriter()
        header.bytes = Array("hbin".utf8)
        header.dword(UInt32(start))
        header.dword(UInt32(size))
        header.qword(0)
        header.qword(Self.time)
        header.dword(0)
        bytes += header.bytes
        bytes += [UInt8](repeating: 0, count: size - Self.binHeader)
        free = start + Self.binHeader
    }

    private mutating func closeBin() {
        if free < bytes.count { put(UInt32(bytes.count - free), at: free) }
        free = bytes.count
    }

    private mutating func put(_ value: UInt32, at offset: Int) {
        for byte in 0..<4 { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    }

    private mutating func fill(_ cell: UInt32, _ data: [UInt8]) {
        let start = Int(cell) + 4
        bytes.replaceSubrange(start..<start + data.count, with: data)
    }

    private mutating func cell(_ data: [UInt8]) -> UInt32 {
        let cell = allocate(data.count)
        fill(cell, data)
        return cell
    }

    // MARK: Keys and values

    /// Writes a key with everything below it and returns its cell.
    private mutating func add(_ key: HiveKey, parent: UInt32, isRoot: Bool = false) -> UInt32 {
        let name = Array(key.name.utf8)
        let own = allocate(0x4C + name.count)
        // Readers expect the root in a hive's first cell, as Windows has it.
        if isRoot { securityCell = security(references: UInt32(Self.count(key))) }
        let values = key.values.map { add($0) }
        let valueList = values.isEmpty ? Self.none : list(values)
        let keys = key.keys.sorted { Self.upper($0.name).lexicographicallyPrecedes(Self.upper($1.name)) }
        let keyList = keys.isEmpty ? Self.none : index(keys.map { ($0.name, add($0, parent: own)) })
        var node = ByteWriter()
        node.bytes = Array("nk".utf8)
        // The name is one byte per character; the root may not be deleted.
        node.word(isRoot ? 0x2C : 0x20)
        node.qword(Self.time)
        node.dword(0)
        node.dword(parent)
        node.dword(UInt32(keys.count))
        node.dword(0)
        node.dword(keyList)
        node.dword(Self.none)
        node.dword(UInt32(values.count))
        node.dword(valueList)
        node.dword(securityCell)
        node.dword(Self.none)
        node.dword(UInt32(keys.map { 2 * $0.name.utf16.count }.max() ?? 0))
        node.dword(0)
        node.dword(UInt32(key.values.map { 2 * $0.name.utf16.count }.max() ?? 0))
        node.dword(UInt32(key.values.map(\.contents.bytes.count).max() ?? 0))
        node.dword(0)
        node.word(UInt16(name.count))
        node.word(0)
        node.bytes += name
        fill(own, node.bytes)
        return own
    }

    /// Values of up to four bytes lie in the cell itself, which the top bit of the length says.
    private mutating func add(_ value: HiveValue) -> UInt32 {
        let data = value.contents.bytes
        let name = Array(value.name.utf8)
        var node = ByteWriter()
        node.bytes = Array("vk".utf8)
        node.word(UInt16(name.count))
        if data.count <= 4 {
            node.dword(UInt32(data.count) | 0x8000_0000)
            node.bytes += data + [UInt8](repeating: 0, count: 4 - data.count)
        } else {
            precondition(data.count <= 0x3FD8, "\(value.name) is a big value")
            node.dword(UInt32(data.count))
            node.dword(cell(data))
        }
        node.dword(value.contents.type)
        node.word(name.isEmpty ? 0 : 1)
        node.word(0)
        node.bytes += name
        return cell(node.bytes)
    }

    private mutating func list(_ cells: [UInt32]) -> UInt32 {
        var data = ByteWriter()
        for cell in cells { data.dword(cell) }
        return cell(data.bytes)
    }

    /// The list of subkeys, sorted by name, with a hash of each.
    private mutating func index(_ keys: [(name: String, cell: UInt32)]) -> UInt32 {
        precondition(keys.count < 500, "a list of subkeys is too long for one cell")
        var data = ByteWriter()
        data.bytes = Array("lh".utf8)
        data.word(UInt16(keys.count))
        for key in keys {
            data.dword(key.cell)
            data.dword(Self.hash(key.name))
        }
        return cell(data.bytes)
    }

    private static func upper(_ name: String) -> [UInt8] { Array(name.uppercased().utf8) }

    /// Times 37, plus the upper-case character, over the name.
    static func hash(_ name: String) -> UInt32 { upper(name).reduce(0) { $0 &* 37 &+ UInt32($1) } }

    // MARK: Security

    /// One descriptor for all keys: owner Administrators, group SYSTEM; these two may do everything, everyone may read.
    private mutating func security(references: UInt32) -> UInt32 {
        let administrators: [UInt8] = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0]
        let system: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]
        let everyone: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
        var entries = ByteWriter()
        for (mask, sid) in [(0xF003F, system), (0xF003F, administrators), (0x20019, everyone)] as [(UInt32, [UInt8])] {
            // Access is allowed, to subkeys too.
            entries.bytes += [0, 2]
            entries.word(UInt16(8 + sid.count))
            entries.dword(mask)
            entries.bytes += sid
        }
        var descriptor = ByteWriter()
        descriptor.bytes = [1, 0]
        // Self-relative, with a discretionary list.
        descriptor.word(0x8004)
        let list = UInt32(20 + administrators.count + system.count)
        for offset in [20, 20 + UInt32(administrators.count), 0, list] { descriptor.dword(offset) }
        descriptor.bytes += administrators + system + [2, 0]
        descriptor.word(UInt16(8 + entries.bytes.count))
        descriptor.word(3)
        descriptor.word(0)
        descriptor.bytes += entries.bytes
        let cell = allocate(20 + descriptor.bytes.count)
        var data = ByteWriter()
        data.bytes = Array("sk".utf8)
        data.word(0)
        // The only one in the ring.
        for value in [cell, cell, references, UInt32(descriptor.bytes.count)] { data.dword(value) }
        fill(cell, data.bytes + descriptor.bytes)
        return cell
    }

    // MARK: The base block

    private func baseBlock(root: UInt32, fileName: String) -> [UInt8] {
        var block = ByteWriter()
        block.bytes = Array("regf".utf8)
        // Equal sequence numbers: nothing was being written when it was saved.
        block.dword(1)
        block.dword(1)
        block.qword(Self.time)
        for value in [1, 5, 0, 1, root, UInt32(bytes.count), 1] { block.dword(value) }
        for unit in fileName.utf16.suffix(31) { block.word(unit) }
        block.zeros(0x1FC - block.bytes.count)
        block.dword(Self.checksum(block.bytes))
        block.zeros(Self.page - block.bytes.count)
        return block.bytes
    }

    /// All dwords of the header combined by XOR; neither 0 nor all ones.
    static func checksum(_ header: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0
        for (index, byte) in header.prefix(0x1FC).enumerated() { sum ^= UInt32(byte) << (8 * UInt32(index % 4)) }
        return sum == 0 ? 1 : sum == 0xFFFF_FFFF ? 0xFFFF_FFFE : sum
    }
}
