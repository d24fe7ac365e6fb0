// SPDX-License-Identifier: GPL-3.0-or-later

/// An ATA disk, master on the primary channel, with no slave: ports 1F0h to 1F7h and 3F6h, IRQ 14, PIO (ATA/ATAPI-6; the sections cited are its).
///
/// This file has the registers and the data port; `ATACommands.swift` what the commands do.
package struct Disk: Device {
    package internal(set) var image = DiskImage()
    /// What is on the platters: the contents at the last FLUSH CACHE, or when the disk was inserted. What was written since is in the cache, which a power failure
    /// would take.
    package private(set) var flushedImage = DiskImage()
    /// How often the cache was flushed.
    package private(set) var flushCount: UInt64 = 0
    var taskFile = ATATaskFile()
    var error: UInt8 = 1
    var status: UInt8 = 0x50
    private var control: UInt8 = 0
    /// A block on its way between the data port and the disk, and how far the data port has got.
    var buffer: [UInt8] = []
    var position = 0
    /// First sector of the block that is in the buffer, how many of the command are still to come after it, and how many a block holds.
    var sector = 0
    var remaining = 0
    var blockSize = 1
    var isWriting = false
    /// The command that waits for its time, and the instruction count at which that has come.
    private var pending: UInt8?
    package private(set) var nextEvent: UInt64 = .max
    /// INTRQ, before nIEN.
    private var isInterrupting = false
    /// Sectors of a block of READ and WRITE MULTIPLE; 0 while these are not allowed.
    var multiple: UInt8 = 16
    /// The geometry in force (INITIALIZE DEVICE PARAMETERS).
    var geometry = ATAGeometry()
    /// Sectors that cannot be read or written.
    package var faults = DiskFaults()

    /// Instructions from a command to its first answer.
    private static var latency: UInt64 { 20 * DeviceTime.instructionsPerMicrosecond }

    var ports: [ClosedRange<UInt16>] { [0x1F0...0x1F7, 0x3F6...0x3F6] }

    // MARK: The host's side

    /// Inserts a disk. `size` in bytes may exceed the image; the rest reads as zeros.
    package mutating func attach(bytes: [UInt8], size: Int? = nil) { attach(DiskImage(DiskSource(bytes), size: size)) }

    /// Inserts a disk.
    package mutating func attach(_ disk: DiskImage) {
        image = disk
        flushedImage = disk
    }

    /// FLUSH CACHE.
    mutating func flush() {
        flushedImage = image
        flushCount += 1
    }

    /// Reads for the host.
    package func read(offset: Int, count: Int) -> [UInt8] { image.read(offset: offset, count: count) }

    /// Writes for the host.
    package mutating func write(offset: Int, _ bytes: [UInt8]) { image.write(offset: offset, bytes) }

    package var isPresent: Bool { image.size > 0 }
    private var isSelected: Bool { isPresent && taskFile.device & 0x10 == 0 }
    var sectors: Int { image.size / 512 }

    // MARK: Ports

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        // Without any drive the channel reads as zeros, which is how software finds out.
        guard isPresent else { return 0 }
        switch port {
        case 0x1F0: return UInt8(truncatingIfNeeded: readData(1, &bus))
        case 0x1F1: return isSelected ? error : 0
        case 0x1F7:
            // The master answers for the slave that is not there (9.16.1).
            guard isSelected else { return 0 }
            isInterrupting = false
            settle(&bus)
            return status
        case 0x3F6: return isSelected ? status : 0
        default: return taskFile.read(port, high: control & 0x80 != 0)
        }
    }

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        guard isPresent else { return }
        switch port {
        case 0x1F0: writeData(1, UInt32(value), &bus)
        case 0x1F7: run(value, &bus)
        case 0x3F6: writeControl(value, &bus)
        default:
            control &= ~0x80
            if status & 0x88 == 0 { taskFile.write(port, value) }
        }
        settle(&bus)
    }

    mutating func readWide(_ port: UInt16, size: Int, _ bus: inout Bus) -> UInt32? {
        guard port == 0x1F0, isPresent else { return nil }
        // The port is 16 bits wide, so 32 are two reads.
        let low = readData(2, &bus)
        return size == 2 ? low : low | readData(2, &bus) << 16
    }

    mutating func writeWide(_ port: UInt16, size: Int, _ value: UInt32, _ bus: inout Bus) -> Bool {
        guard port == 0x1F0, isPresent else { return false }
        writeData(2, value & 0xFFFF, &bus)
        if size == 4 { writeData(2, value >> 16, &bus) }
        settle(&bus)
        return true
    }

    /// Drives INTRQ, which nIEN takes from the line and an absent slave does not drive.
    private func settle(_ bus: inout Bus) {
        let isRequesting = isInterrupting && control & 2 == 0 && isSelected
        if isRequesting != (bus.lines >> 14 & 1 != 0) { bus.drive(14, isRequesting) }
    }

    /// A write to the command register. Another command while one runs is ignored, and the slave's commands go nowhere but DIAGNOSTIC (9.2).
    private mutating func run(_ command: UInt8, _ bus: inout Bus) {
        guard status & 0x80 == 0, isSelected || command == 0x90 else { return }
        control &= ~0x80
        isInterrupting = false
        status = 0x80
        error = 0
        pending = command
        nextEvent = bus.now + Self.latency
    }

    /// Device control: nIEN, SRST and, for 48-bit addresses, HOB (7.8).
    private mutating func writeControl(_ value: UInt8, _ bus: inout Bus) {
        if value & 4 != 0 {
            // Reset lasts as long as the bit, and then as long as a command.
            status = 0x80
            (buffer, remaining, pending, nextEvent, isInterrupting) = ([], 0, nil, .max, false)
        } else if control & 4 != 0 {
            setSignature()
            nextEvent = bus.now + Self.latency
        }
        control = value
    }

    /// What reset and DIAGNOSTIC leave in the registers of a disk that is well (9.12).
    mutating func setSignature() {
        taskFile = ATATaskFile()
        error = 1
    }

    mutating func advance(_ bus: inout Bus) {
        nextEvent = .max
        status = 0x50
        guard let command = pending else { return }
        pending = nil
        if execute(command, at: bus.now) { isInterrupting = true }
        settle(&bus)
    }

    // MARK: Data

    private var isTransferring: Bool { isSelected && status & 8 != 0 }

    /// One access to the data port, which takes a word even when a byte is asked for.
    private mutating func readData(_ size: Int, _ bus: inout Bus) -> UInt32 {
        guard isTransferring, !isWriting, position + 2 <= buffer.count else { return size == 1 ? 0xFF : 0xFFFF }
        let value = UInt32(buffer[position]) | UInt32(buffer[position + 1]) << 8
        position += 2
        if position == buffer.count { finishBlock(&bus) }
        return value
    }

    /// Reads up to `count` bytes, a multiple of 4, of the current block for INS. Answers how many; 0 when nothing is ready.
    mutating func readBlock(_ target: UnsafeMutableRawPointer, count: Int, _ bus: inout Bus) -> Int {
        guard isTransferring, !isWriting else { return 0 }
        let length = min(count, buffer.count - position) & ~3
        guard length > 0 else { return 0 }
        buffer.withUnsafeBytes { if let start = $0.baseAddress { target.copyMemory(from: start + position, byteCount: length) } }
        position += length
        if position == buffer.count { finishBlock(&bus) }
        return length
    }

    private mutating func writeData(_ size: Int, _ value: UInt32, _ bus: inout Bus) {
        guard isTransferring, isWriting, position + 2 <= buffer.count else { return }
        buffer[position] = UInt8(truncatingIfNeeded: value)
        buffer[position + 1] = UInt8(truncatingIfNeeded: value >> 8)
        position += 2
        if position == buffer.count { finishBlock(&bus) }
    }

    /// The data port has moved a whole block. The next is there at once, and says so with an interrupt; the end of a write does too, that of a read does not
    /// (9.5, 9.6).
    private mutating func finishBlock(_ bus: inout Bus) {
        if isWriting {
            isInterrupting = true
            if let good = faults.pass(sector, count: buffer.count / 512, writing: true, at: bus.now) {
                image.write(offset: sector * 512, Array(buffer.prefix(good * 512)))
                fail(at: sector + good)
                return settle(&bus)
            }
            image.write(offset: sector * 512, buffer)
        }
        taskFile.setTransferred(sector + buffer.count / 512 - 1, left: remaining, geometry)
        sector += buffer.count / 512
        guard remaining > 0 else {
            status = 0x50
            buffer = []
            return settle(&bus)
        }
        nextBlock(at: bus.now)
        isInterrupting = true
        // Each block makes an edge, even when the status was not read in between.
        bus.drive(14, false)
        settle(&bus)
    }

    func hash(into hasher: inout StableHasher) {
        image.hash(into: &hasher)
        taskFile.hash(into: &hasher)
        hasher.add(bytes: buffer)
        for word in [position, sector, remaining, blockSize, geometry.heads, geometry.sectorsPerTrack] { hasher.add(UInt64(word)) }
        hasher.add(UInt64(error) | UInt64(status) << 8 | UInt64(control) << 16 | UInt64(multiple) << 24)
        hasher.add(UInt64(pending.map { UInt64($0) + 1 } ?? 0))
        hasher.add(nextEvent)
        hasher.add([isWriting, isInterrupting])
        faults.hash(into: &hasher)
    }
}
