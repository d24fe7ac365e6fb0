// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory as loaders, native services and debuggers see it. Nothing here has side effects on the guest: no accessed or dirty bits, no faults, no data stops.
extension Machine {
    /// Bytes of RAM.
    package var memorySize: Int { memory.size }

    /// Reads at a physical address; ones outside RAM.
    package func readPhysical8(_ address: UInt32) -> UInt8 { memory.read(address, UInt8.self) }
    /// 16 bits at a physical address.
    package func readPhysical16(_ address: UInt32) -> UInt16 { memory.read(address, UInt16.self) }
    /// 32 bits at a physical address.
    package func readPhysical32(_ address: UInt32) -> UInt32 { memory.read(address, UInt32.self) }

    /// Writes at a physical address; dropped outside RAM.
    package func writePhysical8(_ address: UInt32, _ value: UInt8) { memory.write(address, value) }
    /// 16 bits to a physical address.
    package func writePhysical16(_ address: UInt32, _ value: UInt16) { memory.write(address, value) }
    /// 32 bits to a physical address.
    package func writePhysical32(_ address: UInt32, _ value: UInt32) { memory.write(address, value) }

    /// Reads bytes at a physical address; FFh outside RAM.
    package func readPhysical(_ address: UInt32, count: Int) -> [UInt8] {
        guard Int(address) + count <= memory.size else { return (0..<count).map { memory.read(address &+ UInt32($0), UInt8.self) } }
        return Array(UnsafeRawBufferPointer(start: memory.base + Int(address), count: count))
    }

    /// Writes bytes at a physical address; what lies outside RAM is dropped.
    package func writePhysical(_ address: UInt32, _ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        let count = min(bytes.count, memory.size - Int(address))
        guard count > 0 else { return }
        memory.noteWrite(address, count)
        bytes.withUnsafeBytes { (memory.base + Int(address)).copyMemory(from: $0.baseAddress!, byteCount: count) }
    }

    /// Translates a linear address under the current paging; nil when not present.
    package func translate(_ linear: UInt32) -> UInt32? { cpu.pointee.probe(linear) }

    /// Reads at a linear address; nil when any byte is not present.
    package func read8(linear: UInt32) -> UInt8? { value(linear, UInt8.self) }
    /// 16 bits at a linear address, which may straddle pages.
    package func read16(linear: UInt32) -> UInt16? { value(linear, UInt16.self) }
    /// 32 bits at a linear address, which may straddle pages.
    package func read32(linear: UInt32) -> UInt32? { value(linear, UInt32.self) }

    private func value<T: Width>(_ linear: UInt32, _: T.Type) -> T? {
        let size = T.bitWidth / 8
        if Int(linear & 0xFFF) + size <= 4096 { return translate(linear).map { memory.read($0, T.self) } }
        guard let bytes = readBytes(linear: linear, count: size) else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | T($1) }
    }

    /// Reads bytes at a linear address, wrapping at 4 GiB; nil when any is not present.
    package func readBytes(linear: UInt32, count: Int) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            let address = linear &+ UInt32(truncatingIfNeeded: result.count)
            guard let physical = translate(address) else { return nil }
            result += readPhysical(physical, count: min(count - result.count, 4096 - Int(address & 0xFFF)))
        }
        return result
    }

    /// Writes bytes at a linear address, even to read-only pages. False, with nothing written, when any is not present.
    package func writeBytes(linear: UInt32, _ bytes: [UInt8]) -> Bool {
        var parts: [(UInt32, Range<Int>)] = []
        var position = 0
        while position < bytes.count {
            let address = linear &+ UInt32(truncatingIfNeeded: position)
            guard let physical = translate(address) else { return false }
            let end = min(bytes.count, position + 4096 - Int(address & 0xFFF))
            parts.append((physical, position..<end))
            position = end
        }
        for (physical, range) in parts { writePhysical(physical, bytes[range]) }
        return true
    }

    /// Writes at a linear address, even to a read-only page. False when not present.
    package func write8(linear: UInt32, _ value: UInt8) -> Bool { store(linear, value) }
    package func write16(linear: UInt32, _ value: UInt16) -> Bool { store(linear, value) }
    package func write32(linear: UInt32, _ value: UInt32) -> Bool { store(linear, value) }

    /// Services call this in loops: a value that does not straddle a page needs no array.
    private func store<T: Width>(_ linear: UInt32, _ value: T) -> Bool {
        let size = UInt32(MemoryLayout<T>.size)
        guard linear & 0xFFF <= 0x1000 - size else {
            return writeBytes(linear: linear, (0..<Int(size)).map { UInt8(truncatingIfNeeded: value >> (8 * T($0))) })
        }
        guard let physical = translate(linear) else { return false }
        memory.write(physical, value)
        return true
    }
}
