// SPDX-License-Identifier: GPL-3.0-or-later

/// What the commands do (ATA/ATAPI-6, section 8; those that it dropped: ATA-1).
extension Disk {
    /// Error register bits.
    private static var aborted: UInt8 { 4 }
    private static var notFound: UInt8 { 0x10 }
    private static var uncorrectable: UInt8 { 0x40 }

    /// Executes a command whose time has come; `status` says "ready" already. Answers whether it interrupts now.
    mutating func execute(_ command: UInt8, at now: UInt64) -> Bool {
        switch command {
        case 0x10...0x1F, 0x70: return true
        case 0xE7, 0xEA: flush()
        case 0x20, 0x21: return begin(writing: false, is48Bit: false, block: 1, at: now)
        case 0x24: return begin(writing: false, is48Bit: true, block: 1, at: now)
        case 0x29, 0xC4: return multiple == 0 ? abort() : begin(writing: false, is48Bit: command == 0x29, block: Int(multiple), at: now)
        case 0x30, 0x31: return begin(writing: true, is48Bit: false, block: 1, at: now)
        case 0x34: return begin(writing: true, is48Bit: true, block: 1, at: now)
        case 0x39, 0xC5: return multiple == 0 ? abort() : begin(writing: true, is48Bit: command == 0x39, block: Int(multiple), at: now)
        case 0x40, 0x41, 0x42: verify(is48Bit: command == 0x42, at: now)
        case 0x90: setSignature()
        case 0x91:
            guard taskFile.count > 0 else { return abort() }
            geometry = ATAGeometry(heads: Int(taskFile.device & 15) + 1, sectorsPerTrack: Int(taskFile.count))
        // Sleep and stand-by: it never sleeps. E5h asks and hears "active".
        case 0x94...0x97, 0x99, 0xE0...0xE3, 0xE6: break
        case 0x98, 0xE5: taskFile.count = 0xFF
        case 0xC6:
            guard [0, 1, 2, 4, 8, 16].contains(taskFile.count) else { return abort() }
            multiple = taskFile.count
        case 0xEC:
            (buffer, position, remaining, isWriting) = (identify(), 0, 0, false)
            status = 0x58
        case 0xEF: return setFeatures()
        case 0xF8: taskFile.setAddress(min(sectors, 0x0FFF_FFFF) - 1, is48Bit: false, geometry)
        case 0x27: taskFile.setAddress(sectors - 1, is48Bit: true, geometry)
        default: return abort()
        }
        return true
    }

    @discardableResult private mutating func abort(_ code: UInt8 = aborted) -> Bool {
        status = 0x51
        error = code
        return true
    }

    /// SET FEATURES (8.46): write cache, look-ahead, PIO modes, and power-on defaults or not after reset, none of which changes anything here.
    private mutating func setFeatures() -> Bool {
        switch taskFile.features {
        case 0x02, 0x55, 0x66, 0x82, 0xAA, 0xCC: true
        case 0x03: taskFile.count < 0x10 ? true : abort()
        default: abort()
        }
    }

    /// The sectors a command names; nil, with the error set, when the disk does not have them all.
    private mutating func range(is48Bit: Bool) -> Range<Int>? {
        let count = taskFile.sectorCount(is48Bit: is48Bit)
        guard let first = taskFile.address(is48Bit: is48Bit, geometry), first < sectors else {
            abort(Self.notFound)
            return nil
        }
        guard first + count <= sectors else {
            // The registers name the first sector that is missing.
            taskFile.setAddress(sectors, is48Bit: is48Bit, geometry)
            abort(Self.notFound)
            return nil
        }
        return first..<first + count
    }

    /// READ and WRITE. A write asks for its first block without an interrupt (9.6).
    private mutating func begin(writing: Bool, is48Bit: Bool, block: Int, at now: UInt64) -> Bool {
        guard let range = range(is48Bit: is48Bit) else { return true }
        (sector, remaining, blockSize, isWriting) = (range.lowerBound, range.count, block, writing)
        nextBlock(at: now)
        return !writing
    }

    /// READ VERIFY.
    private mutating func verify(is48Bit: Bool, at now: UInt64) {
        guard let range = range(is48Bit: is48Bit) else { return }
        isWriting = false
        if let good = faults.pass(range.lowerBound, count: range.count, writing: false, at: now) {
            return fail(at: range.lowerBound + good)
        }
        taskFile.setTransferred(range.upperBound - 1, left: 0, geometry)
    }

    /// Ends a command at a sector that cannot be read or written: the registers name it (8.34, 8.62). A sector that cannot be written is one that is not
    /// found.
    mutating func fail(at sector: Int) {
        buffer = []
        remaining = 0
        taskFile.setAddress(sector, is48Bit: false, geometry)
        abort(isWriting ? Self.notFound : Self.uncorrectable)
    }

    /// Gets the next block of at most `blockSize` sectors ready for the data port. A block with a sector that cannot be read is not ready: the command
    /// ends.
    mutating func nextBlock(at now: UInt64) {
        let count = min(blockSize, remaining)
        remaining -= count
        position = 0
        if !isWriting, let good = faults.pass(sector, count: count, writing: false, at: now) { return fail(at: sector + good) }
        buffer = isWriting ? Array(repeating: 0, count: count * 512) : image.read(offset: sector * 512, count: count * 512)
        status = 0x58
    }

    /// IDENTIFY DEVICE (8.15).
    private func identify() -> [UInt8] {
        var words = [UInt16](repeating: 0, count: 256)
        func text(_ start: Int, _ count: Int, _ string: String) {
            let bytes = Array(string.utf8) + Array(repeating: 0x20, count: count * 2)
            for i in 0..<count { words[start + i] = UInt16(bytes[2 * i]) << 8 | UInt16(bytes[2 * i + 1]) }
        }
        func number(_ start: Int, _ count: Int, _ value: Int) {
            for i in 0..<count { words[start + i] = UInt16(truncatingIfNeeded: value >> (16 * i)) }
        }
        let standard = ATAGeometry()
        let cylinders = min(max(sectors / standard.cylinder, 1), 16383)
        let current = min(max(sectors / geometry.cylinder, 1), 0xFFFF)
        words[0] = 0x40
        (words[1], words[3], words[6]) = (UInt16(cylinders), UInt16(standard.heads), UInt16(standard.sectorsPerTrack))
        text(10, 10, "KDBG0001")
        text(23, 4, "1.0")
        text(27, 20, "KDBG SIMULATED DISK")
        // At most 16 sectors a block; LBA; PIO timing 2; words 54 to 58 are valid.
        (words[47], words[49], words[51], words[53]) = (0x8010, 0x0200, 0x0200, 1)
        (words[54], words[55], words[56]) = (UInt16(current), UInt16(geometry.heads), UInt16(geometry.sectorsPerTrack))
        number(57, 2, min(current * geometry.cylinder, sectors))
        words[59] = multiple == 0 ? 0 : 0x100 | UInt16(multiple)
        number(60, 2, min(sectors, 0x0FFF_FFFF))
        // ATA-1 to 6; FLUSH CACHE, FLUSH CACHE EXT and 48-bit addresses are supported and on.
        (words[80], words[83], words[84], words[86], words[87]) = (0x7E, 0x7400, 0x4000, 0x3400, 0x4000)
        number(100, 4, sectors)
        return words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }
}
