// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The disk, command by command (ATA/ATAPI-6).
@Suite struct ATATests {
    /// A disk of 40 cylinders, 16 heads and 63 sectors whose sectors hold their own number.
    private static let sectors = 40 * 16 * 63

    private func ports() -> DevicePorts {
        let p = DevicePorts()
        p.machine.disk.attach(bytes: (0..<100).flatMap { Self.sector($0) }, size: Self.sectors * 512)
        return p
    }

    private static func sector(_ number: Int) -> [UInt8] {
        (0..<512).map { $0 & 1 == 0 ? UInt8(truncatingIfNeeded: number) : UInt8(truncatingIfNeeded: $0 / 2) }
    }

    /// Registers 1F2h to 1F6h, then the command, then its time.
    private func run(_ p: DevicePorts, _ command: UInt8, count: Int = 1, lba: Int, features: UInt8 = 0) {
        set(p, count: count, lba, device: 0xE0 | UInt8(lba >> 24 & 15), features: features)
        start(p, command)
    }

    private func set(_ p: DevicePorts, count: Int, _ low24: Int, device: UInt8, features: UInt8 = 0) {
        p[0x1F6] = device
        p[0x1F1] = features
        p[0x1F2] = UInt8(count & 0xFF)
        for n in 0..<3 { p[0x1F3 + UInt16(n)] = UInt8(low24 >> (8 * n) & 0xFF) }
    }

    private func start(_ p: DevicePorts, _ command: UInt8) {
        p[0x1F7] = command
        #expect(p[0x3F6] & 0x80 != 0)
        p.wait(microseconds: 20)
    }

    private func readSector(_ p: DevicePorts) -> [UInt8] {
        (0..<256).flatMap { _ -> [UInt8] in
            let word = p.machine.portIn(0x1F0, size: 2)
            return [UInt8(word & 0xFF), UInt8(word >> 8)]
        }
    }

    private func writeSector(_ p: DevicePorts, _ bytes: [UInt8]) {
        for n in 0..<256 { p.machine.portOut(0x1F0, size: 2, UInt32(bytes[2 * n]) | UInt32(bytes[2 * n + 1]) << 8) }
    }

    private func address(_ p: DevicePorts) -> Int {
        Int(p[0x1F3]) | Int(p[0x1F4]) << 8 | Int(p[0x1F5]) << 16 | Int(p[0x1F6] & 15) << 24
    }

    /// Status, which must not say busy, and the error register.
    private func result(_ p: DevicePorts) -> [UInt8] { [p[0x1F7], p[0x1F1]] }

    // MARK: Registers

    @Test func taskFileReadsBack() {
        let p = ports()
        set(p, count: 0x12, 0x563412, device: 0xE5)
        #expect((2...6).map { p[0x1F0 + $0] } == [0x12, 0x12, 0x34, 0x56, 0xE5])
        // 48 bits: each write moves the last one back; HOB shows it.
        p[0x1F2] = 0x99
        #expect(p[0x1F2] == 0x99)
        p[0x3F6] = 0x80
        #expect(p[0x1F2] == 0x12)
        #expect(p[0x1F6] == 0xE5)
        // A write to the task file takes HOB back.
        p[0x1F3] = 0
        #expect(p[0x1F2] == 0x99)
        #expect(p[0x1F7] == 0x50)
        #expect(p[0x3F6] == 0x50)
    }

    @Test func resetAndDiagnosticLeaveTheSignature() {
        let p = ports()
        for isReset in [true, false] {
            set(p, count: 9, 0x99_9999, device: 0xEF)
            if isReset {
                p[0x3F6] = 4
                #expect(p[0x3F6] == 0x80)
                p.wait(microseconds: 50)
                #expect(p[0x3F6] == 0x80)
                p[0x3F6] = 0
                #expect(p[0x3F6] == 0x80)
                p.wait(microseconds: 20)
                #expect(!p.line(14))
            } else {
                start(p, 0x90)
                #expect(p.line(14))
            }
            #expect(result(p) == [0x50, 1])
            #expect((2...6).map { p[0x1F0 + $0] } == [1, 1, 0, 0, 0xA0])
        }
    }

    @Test func absentSlave() {
        let p = ports()
        p[0x1F6] = 0xB0
        #expect(p[0x1F7] == 0)
        #expect(p[0x3F6] == 0)
        #expect(p[0x1F1] == 0)
        #expect(p[0x1F6] == 0xB0)
        p[0x1F7] = 0xEC
        p.wait(microseconds: 100)
        #expect(!p.line(14))
        #expect(p.machine.portIn(0x1F0, size: 2) == 0xFFFF)
        p[0x1F6] = 0xA0
        #expect(p[0x1F7] == 0x50)
    }

    @Test func noDrive() {
        let p = DevicePorts()
        p[0x1F6] = 0xE0
        for port in 0x1F1...0x1F7 as ClosedRange<UInt16> { #expect(p[port] == 0) }
    }

    @Test func interruptEnable() {
        let p = ports()
        p[0x3F6] = 2
        run(p, 0x20, lba: 1)
        #expect(!p.line(14))
        // Pending while nIEN holds it off.
        p[0x3F6] = 0
        #expect(p.line(14))
        // The alternate status leaves it, the status takes it back.
        _ = p[0x3F6]
        #expect(p.line(14))
        _ = p[0x1F7]
        #expect(!p.line(14))
        p[0x1F7] = 0x90
        #expect(!p.line(14))
    }

    // MARK: Data

    @Test func readSectors() {
        let p = ports()
        run(p, 0x20, count: 3, lba: 5)
        for n in 5..<8 {
            #expect(p.line(14))
            #expect(p[0x1F7] == 0x58)
            #expect(!p.line(14))
            #expect(readSector(p) == Self.sector(n))
        }
        #expect(!p.line(14))
        #expect(result(p) == [0x50, 0])
        // The registers name the last sector, and none is left.
        #expect(address(p) == 7)
        #expect(p[0x1F2] == 0)
        // Nothing more comes.
        #expect(p.machine.portIn(0x1F0, size: 2) == 0xFFFF)
    }

    @Test func countZeroIs256() {
        let p = ports()
        run(p, 0x20, count: 0, lba: 0)
        var sectors = 0
        while p[0x1F7] & 8 != 0 {
            _ = readSector(p)
            sectors += 1
        }
        #expect(sectors == 256)
    }

    @Test func dataPortWidths() {
        let p = ports()
        run(p, 0x20, lba: 5)
        #expect(p.machine.portIn(0x1F0, size: 4) == 0x0105_0005)
        #expect(p.machine.portIn(0x1F0, size: 2) == 0x0205)
        // A byte takes a word with it.
        #expect(p[0x1F0] == 5)
        #expect(p.machine.portIn(0x1F0, size: 2) == 0x0405)
    }

    @Test func writeSectors() {
        let p = ports()
        run(p, 0x30, count: 2, lba: 200)
        // The first block is asked for without an interrupt.
        #expect(!p.line(14))
        #expect(p[0x1F7] == 0x58)
        writeSector(p, Self.sector(77))
        #expect(p.line(14))
        #expect(p[0x1F7] == 0x58)
        writeSector(p, Self.sector(78))
        #expect(p.line(14))
        #expect(result(p) == [0x50, 0])
        #expect(p.machine.disk.read(offset: 200 * 512, count: 1024) == Self.sector(77) + Self.sector(78))
        #expect(address(p) == 201)
    }

    @Test func chs() {
        let p = ports()
        // Cylinder 0, head 1, sector 2 is sector 64.
        set(p, count: 2, 0x00_0002, device: 0xA1)
        start(p, 0x20)
        #expect(readSector(p) == Self.sector(64))
        #expect(readSector(p) == Self.sector(65))
        #expect((3...6).map { p[0x1F0 + $0] } == [3, 0, 0, 0xA1])
        // Another geometry: 4 heads, 10 sectors.
        set(p, count: 10, 0, device: 0xA3)
        start(p, 0x91)
        #expect(result(p) == [0x50, 0])
        set(p, count: 1, 0x00_0102, device: 0xA1)
        start(p, 0x20)
        #expect(readSector(p) == Self.sector(51))
        // Sector 0, a sector too many, a head too many.
        for (low, device) in [(0, 0xA0), (11, 0xA0), (1, 0xA4)] as [(Int, UInt8)] {
            set(p, count: 1, low, device: device)
            start(p, 0x20)
            #expect(result(p) == [0x51, 0x10])
        }
        set(p, count: 0, 0, device: 0xA3)
        start(p, 0x91)
        #expect(result(p) == [0x51, 4])
    }

    @Test func multiple() {
        let p = ports()
        run(p, 0xC6, count: 4, lba: 0)
        #expect(result(p) == [0x50, 0])
        run(p, 0xC4, count: 6, lba: 10)
        // A block of four, then one of two, with an interrupt each.
        for block in [10..<14, 14..<16] {
            #expect(p.line(14))
            #expect(p[0x1F7] == 0x58)
            for n in block {
                #expect(!p.line(14))
                #expect(readSector(p) == Self.sector(n))
            }
        }
        #expect(result(p) == [0x50, 0])
        run(p, 0xC5, count: 5, lba: 300)
        for n in 0..<5 {
            #expect(!p.line(14))
            #expect(p[0x1F7] == 0x58)
            writeSector(p, Self.sector(40 + n))
            if n == 3 {
                #expect(p.line(14))
                _ = p[0x1F7]
            }
        }
        #expect(p.line(14))
        #expect(p.machine.disk.read(offset: 300 * 512, count: 5 * 512) == (40..<45).flatMap { Self.sector($0) })
        // Not a power of two, or more than 16: refused. 0: READ MULTIPLE is.
        for count in [3, 32] {
            run(p, 0xC6, count: count, lba: 0)
            #expect(result(p) == [0x51, 4])
        }
        run(p, 0xC6, count: 0, lba: 0)
        #expect(result(p) == [0x50, 0])
        run(p, 0xC4, lba: 0)
        #expect(result(p) == [0x51, 4])
    }

    @Test func fortyEightBits() {
        let p = ports()
        // Count 0x0001, address 0x000000000007, high bytes first.
        for (high, low, port) in [(0, 1, 0x1F2), (0, 7, 0x1F3), (0, 0, 0x1F4), (0, 0, 0x1F5)] as [(UInt8, UInt8, UInt16)] {
            p.write(port, high, low)
        }
        p[0x1F6] = 0x40
        start(p, 0x24)
        #expect(readSector(p) == Self.sector(7))
        // An address beyond the disk, in the upper half.
        for (high, low, port) in [(0, 1, 0x1F2), (1, 0, 0x1F3), (0, 0, 0x1F4), (0, 0, 0x1F5)] as [(UInt8, UInt8, UInt16)] {
            p.write(port, high, low)
        }
        start(p, 0x24)
        #expect(result(p) == [0x51, 0x10])
        for (high, low, port) in [(0, 1, 0x1F2), (0, 9, 0x1F3), (0, 0, 0x1F4), (0, 0, 0x1F5)] as [(UInt8, UInt8, UInt16)] {
            p.write(port, high, low)
        }
        start(p, 0x34)
        writeSector(p, Self.sector(99))
        #expect(p.machine.disk.read(offset: 9 * 512, count: 512) == Self.sector(99))
        // READ NATIVE MAX ADDRESS, both forms.
        run(p, 0xF8, lba: 0)
        #expect(address(p) == Self.sectors - 1)
        start(p, 0x27)
        #expect(Int(p[0x1F3]) | Int(p[0x1F4]) << 8 | Int(p[0x1F5]) << 16 == Self.sectors - 1)
        p[0x3F6] = 0x80
        #expect(p[0x1F3] == 0)
    }

    @Test func errors() {
        let p = ports()
        run(p, 0x20, lba: Self.sectors)
        #expect(p.line(14))
        #expect(result(p) == [0x51, 0x10])
        #expect(p.machine.portIn(0x1F0, size: 2) == 0xFFFF)
        run(p, 0x30, count: 2, lba: Self.sectors - 1)
        #expect(result(p) == [0x51, 0x10])
        #expect(address(p) == Self.sectors)
        // Unknown, packet and DMA commands; the next good one clears the error.
        for command in [0x00, 0x08, 0xA1, 0xC8, 0xCA, 0xFF] as [UInt8] {
            run(p, command, lba: 0)
            #expect(result(p) == [0x51, 4])
        }
        run(p, 0xE7, lba: 0)
        #expect(result(p) == [0x50, 0])
        // Busy: neither commands nor the task file are taken.
        p[0x1F7] = 0x20
        p[0x1F2] = 0x77
        p[0x1F7] = 0xEC
        p.wait(microseconds: 20)
        #expect(readSector(p) == Self.sector(0))
    }

    @Test func commandsWithoutData() {
        let p = ports()
        for command in [0x10, 0x1F, 0x70, 0x94, 0x95, 0x96, 0x97, 0x99, 0xE0, 0xE1, 0xE2, 0xE3, 0xE6, 0xE7, 0xEA] as [UInt8] {
            run(p, command, lba: 0)
            #expect(p.line(14))
            #expect(result(p) == [0x50, 0])
        }
        for command in [0xE5, 0x98] as [UInt8] {
            run(p, command, count: 0, lba: 0)
            #expect(p[0x1F2] == 0xFF)
        }
        // VERIFY: as a read without data.
        run(p, 0x40, count: 5, lba: 20)
        #expect(result(p) == [0x50, 0])
        #expect(address(p) == 24)
        run(p, 0x40, count: 5, lba: Self.sectors - 2)
        #expect(result(p) == [0x51, 0x10])
        // SET FEATURES: cache, look-ahead, PIO modes; no DMA modes, no 8-bit transfers.
        for (feature, count, status) in [(2, 0, 0x50), (0xAA, 0, 0x50), (3, 0x0C, 0x50), (3, 0x42, 0x51), (1, 0, 0x51)]
            as [(UInt8, Int, UInt8)]
        {
            run(p, 0xEF, count: count, lba: 0, features: feature)
            #expect(p[0x1F7] == status)
        }
    }

    @Test func identify() {
        let p = ports()
        start(p, 0xEC)
        #expect(p.line(14))
        let bytes = readSector(p)
        #expect(p[0x1F7] == 0x50)
        func word(_ n: Int) -> Int { Int(bytes[2 * n]) | Int(bytes[2 * n + 1]) << 8 }
        #expect([word(1), word(3), word(6)] == [40, 16, 63])
        #expect([word(54), word(55), word(56)] == [40, 16, 63])
        #expect(word(57) | word(58) << 16 == Self.sectors)
        #expect(word(60) | word(61) << 16 == Self.sectors)
        #expect(word(100) | word(101) << 16 == Self.sectors)
        #expect(word(47) & 0xFF == 16)
        #expect(word(59) == 0x110)
        #expect(word(49) & 0x200 != 0)
        #expect(word(83) & 0x400 != 0)
        // Text has its bytes swapped.
        #expect(String(decoding: [bytes[55], bytes[54], bytes[57], bytes[56]], as: UTF8.self) == "KDBG")
    }
}
