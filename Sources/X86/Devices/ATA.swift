// SPDX-License-Identifier: GPL-3.0-or-later

/// An ATA disk, master on the primary channel: ports 1F0h-1F7h and 3F6h, IRQ 14, PIO with 28-bit LBA and CHS (ATA-4).
package struct Disk: Hashable, Sendable {
    package private(set) var image = DiskImage()
    private var error: UInt8 = 1
    private var features: UInt8 = 0
    private var count: UInt8 = 1
    private var lbaLow: UInt8 = 1
    private var lbaMiddle: UInt8 = 0
    private var lbaHigh: UInt8 = 0
    private var device: UInt8 = 0
    private var control: UInt8 = 0
    private var status: UInt8 = 0x50
    private var buffer: [UInt8] = []
    private var position = 0
    /// Sectors still to come after the buffer, and whether the host writes.
    private var remaining = 0
    private var isWriting = false
    private var sector = 0
    /// A command that waits for its time: its code, and the instruction count at which it is done.
    private var pending: UInt8?
    private(set) var nextEvent: UInt64 = .max
    private(set) var isRequesting = false
    private var multiple: UInt8 = 16

    /// Instructions from a command to its first interrupt.
    private static var latency: UInt64 { 20 * DeviceTime.instructionsPerMicrosecond }

    /// Inserts a disk. `size` in bytes may exceed the image; the rest reads as zeros.
    package mutating func attach(bytes: [UInt8], size: Int? = nil) { image.attach(bytes, size: size) }

    /// Reads for the host.
    package func read(offset: Int, count: Int) -> [UInt8] { image.read(offset: offset, count: count) }

    /// Writes for the host.
    package mutating func write(offset: Int, _ bytes: [UInt8]) { image.write(offset: offset, bytes) }

    /// Leaves the controller alone.
    fileprivate mutating func forgetImage() { image = DiskImage() }

    package var isPresent: Bool { image.size > 0 }
    private var isSelected: Bool { isPresent && device & 0x10 == 0 }
    private var sectors: Int { image.size / 512 }

    // MARK: Ports

    /// IN from 1F1h-1F7h or 3F6h.
    mutating func readRegister(_ port: UInt16) -> UInt8 {
        guard isPresent else { return port == 0x1F7 || port == 0x3F6 ? 0 : 0xFF }
        guard isSelected || port == 0x1F6 else { return 0 }
        switch port {
        case 0x1F1: return error
        case 0x1F2: return count
        case 0x1F3: return lbaLow
        case 0x1F4: return lbaMiddle
        case 0x1F5: return lbaHigh
        case 0x1F6: return device | 0xA0
        case 0x1F7:
            isRequesting = false
            return status
        default: return status
        }
    }

    /// OUT to 1F1h-1F7h or 3F6h.
    mutating func writeRegister(_ port: UInt16, _ value: UInt8, at now: UInt64) {
        guard isPresent else { return }
        switch port {
        case 0x1F1: features = value
        case 0x1F2: count = value
        case 0x1F3: lbaLow = value
        case 0x1F4: lbaMiddle = value
        case 0x1F5: lbaHigh = value
        case 0x1F6: device = value
        case 0x1F7:
            guard isSelected, status & 0x80 == 0 else { return }
            status = 0xD0
            error = 0
            pending = value
            isRequesting = false
            nextEvent = now + Self.latency
        default:
            if control & 4 != 0, value & 4 == 0 { reset() }
            control = value
        }
    }

    private mutating func reset() {
        (error, count, lbaLow, lbaMiddle, lbaHigh, device) = (1, 1, 1, 0, 0, 0)
        status = 0x50
        buffer = []
        remaining = 0
        pending = nil
        nextEvent = .max
        isRequesting = false
    }

    /// IN from 1F0h of `size` bytes.
    mutating func readData(size: Int) -> UInt32 {
        guard isSelected, status & 8 != 0, !isWriting else { return ~0 }
        var value: UInt32 = 0
        for i in 0..<size where position < buffer.count {
            value |= UInt32(buffer[position]) << UInt32(8 * i)
            position += 1
        }
        if position >= buffer.count { nextSector() }
        return value
    }

    /// Reads up to `count` bytes, a multiple of 4, of the current sector. Answers how many; 0 when nothing is ready.
    mutating func readBlock(_ target: UnsafeMutableRawPointer, count: Int) -> Int {
        guard isSelected, status & 8 != 0, !isWriting else { return 0 }
        let length = min(count, buffer.count - position) & ~3
        guard length > 0 else { return 0 }
        buffer.withUnsafeBytes { target.copyMemory(from: $0.baseAddress! + position, byteCount: length) }
        position += length
        if position >= buffer.count { nextSector() }
        return length
    }

    /// OUT to 1F0h of `size` bytes.
    mutating func writeData(size: Int, _ value: UInt32) {
        guard isSelected, status & 8 != 0, isWriting else { return }
        for i in 0..<size where position < buffer.count {
            buffer[position] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i))
            position += 1
        }
        guard position >= buffer.count else { return }
        image.write(offset: sector * 512, buffer)
        sector += 1
        nextSector()
        interrupt()
    }

    /// The buffer was used up.
    private mutating func nextSector() {
        position = 0
        guard remaining > 0 else {
            status = 0x50
            buffer = []
            return
        }
        remaining -= 1
        if isWriting {
            buffer = Array(repeating: 0, count: 512)
        } else {
            buffer = image.read(offset: sector * 512, count: 512)
            sector += 1
            interrupt()
        }
    }

    private mutating func interrupt() {
        if control & 2 == 0 { isRequesting = true }
    }

    // MARK: Commands

    /// The pending command's time has come.
    mutating func complete() {
        nextEvent = .max
        guard let command = pending else { return }
        pending = nil
        status = 0x50
        switch command {
        case 0x20, 0x21, 0xC4: begin(writing: false)
        case 0x30, 0x31, 0xC5: return begin(writing: true)
        case 0xEC:
            buffer = identify()
            position = 0
            remaining = 0
            isWriting = false
            status = 0x58
        case 0x40, 0x41, 0x10...0x1F, 0x70, 0x91, 0xE7, 0xEF, 0xE0, 0xE1, 0xE2, 0xE3: break
        case 0xE5: count = 0xFF
        case 0x90: error = 1
        case 0xC6: multiple = count
        default:
            status = 0x51
            error = 4
        }
        interrupt()
    }

    /// READ SECTORS and WRITE SECTORS.
    private mutating func begin(writing: Bool) {
        let number = count == 0 ? 256 : Int(count)
        if device & 0x40 != 0 {
            sector = Int(device & 15) << 24 | Int(lbaHigh) << 16 | Int(lbaMiddle) << 8 | Int(lbaLow)
        } else {
            let cylinder = Int(lbaHigh) << 8 | Int(lbaMiddle)
            sector = (cylinder * 16 + Int(device & 15)) * 63 + Int(lbaLow) - 1
        }
        guard sector >= 0, sector + number <= sectors else {
            status = 0x51
            error = 0x10
            return
        }
        remaining = number - 1
        position = 0
        isWriting = writing
        status = 0x58
        if writing {
            buffer = Array(repeating: 0, count: 512)
        } else {
            buffer = image.read(offset: sector * 512, count: 512)
            sector += 1
        }
    }

    /// IDENTIFY DEVICE (ATA-4, 8.12).
    private func identify() -> [UInt8] {
        var words = [UInt16](repeating: 0, count: 256)
        let cylinders = min(max(sectors / (16 * 63), 1), 16383)
        words[0] = 0x40
        words[1] = UInt16(cylinders)
        words[3] = 16
        words[6] = 63
        func text(_ start: Int, _ count: Int, _ string: String) {
            let bytes = Array(string.utf8) + Array(repeating: 0x20, count: count * 2)
            for i in 0..<count { words[start + i] = UInt16(bytes[2 * i]) << 8 | UInt16(bytes[2 * i + 1]) }
        }
        text(10, 10, "KDBG0001")
        text(23, 4, "1.0")
        text(27, 20, "KDBG SIMULATED DISK")
        words[47] = 0x8010
        words[49] = 0x0200
        words[51] = 0x0200
        words[53] = 1
        words[54] = UInt16(cylinders)
        words[55] = 16
        words[56] = 63
        let chs = min(cylinders * 16 * 63, sectors)
        (words[57], words[58]) = (UInt16(truncatingIfNeeded: chs), UInt16(truncatingIfNeeded: chs >> 16))
        words[59] = 0x100 | UInt16(multiple)
        let lba = min(sectors, 0x0FFF_FFFF)
        (words[60], words[61]) = (UInt16(truncatingIfNeeded: lba), UInt16(truncatingIfNeeded: lba >> 16))
        words[80] = 0x1E
        words[83] = 0x5000
        words[86] = 0x1000
        return words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }
}

extension Disk {
    /// Feeds the disk's contents and its controller's state to a hash.
    func hash(into hasher: inout StableHasher) {
        image.hash(into: &hasher)
        var controller = self
        controller.forgetImage()
        hasher.add(describing: controller)
    }
}
