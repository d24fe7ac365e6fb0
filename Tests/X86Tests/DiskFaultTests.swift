// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Sectors that cannot be read or written: what the registers say (ATA/ATAPI-6, sections 8.34 and 8.62).
@Suite struct DiskFaultTests {
    private func ports(_ faults: DiskFaults.Fault...) -> DevicePorts {
        let p = DevicePorts()
        p.machine.disk.attach(bytes: (0..<64).flatMap { sector in [UInt8](repeating: UInt8(sector), count: 512) }, size: 64 * 512)
        for fault in faults { p.machine.disk.faults.add(fault) }
        return p
    }

    private func start(_ p: DevicePorts, _ command: UInt8, lba: Int, count: Int = 1) {
        p[0x1F6] = 0xE0
        p[0x1F2] = UInt8(count)
        for n in 0..<3 { p[0x1F3 + UInt16(n)] = UInt8(lba >> (8 * n) & 0xFF) }
        p[0x1F7] = command
        p.wait(microseconds: 20)
    }

    private func read(_ p: DevicePorts) -> UInt8 { UInt8((0..<256).map { _ in p.machine.portIn(0x1F0, size: 2) }.last! & 0xFF) }
    private func write(_ p: DevicePorts, _ byte: UInt8) { for _ in 0..<256 { p.machine.portOut(0x1F0, size: 2, UInt32(byte) * 0x101) } }
    private func result(_ p: DevicePorts) -> [UInt8] { [p[0x1F7], p[0x1F1], p[0x1F3]] }

    @Test func aBadSectorCannotBeRead() {
        let p = ports(.sector(7, .read))
        start(p, 0x20, lba: 6, count: 3)
        #expect(p[0x1F7] == 0x58 && read(p) == 6)
        // ERR, UNC, and the sector.
        #expect(result(p) == [0x51, 0x40, 7])
        start(p, 0x20, lba: 8)
        #expect(p[0x1F7] == 0x58 && read(p) == 8)
        start(p, 0x40, lba: 0, count: 20)
        #expect(result(p) == [0x51, 0x40, 7])
        #expect(p.machine.disk.faults.hits.map(\.sector) == [7, 7])
        #expect(p.machine.disk.faults.hits.allSatisfy { !$0.isWrite })
    }

    @Test func aBlockWithABadSectorIsNotReady() {
        let p = ports(.sector(18, .both))
        start(p, 0xC4, lba: 16, count: 16)
        #expect(result(p) == [0x51, 0x40, 18])
    }

    @Test func aBadSectorCannotBeWritten() {
        let p = ports(.sector(7, .write))
        start(p, 0x30, lba: 6, count: 2)
        write(p, 0xAA)
        #expect(p[0x1F7] == 0x58)
        write(p, 0xBB)
        #expect(result(p) == [0x51, 0x10, 7])
        #expect(p.machine.disk.read(offset: 6 * 512, count: 1) == [0xAA] && p.machine.disk.read(offset: 7 * 512, count: 1) == [7])
        start(p, 0x20, lba: 7)
        #expect(p[0x1F7] == 0x58 && read(p) == 7)
    }

    @Test func theNthTransferFailsOnce() {
        let p = ports(.transfer(3, .read), .transfer(1, .write))
        start(p, 0x20, lba: 0, count: 2)
        #expect(read(p) == 0 && read(p) == 1)
        start(p, 0x20, lba: 5)
        #expect(result(p) == [0x51, 0x40, 5])
        start(p, 0x20, lba: 5)
        #expect(p[0x1F7] == 0x58 && read(p) == 5)
        start(p, 0x30, lba: 9)
        write(p, 1)
        #expect(result(p) == [0x51, 0x10, 9])
        #expect(p.machine.disk.faults.hits.map(\.fault) == [0, 1])
    }

    /// What is counted is part of the machine: snapshots bring it back, and the hash sees it.
    @Test func countsArePartOfTheState() {
        let p = ports(.transfer(2, .read))
        let healthy = ports()
        #expect(p.machine.stateHash() != healthy.machine.stateHash())
        let snapshot = p.machine.snapshot()
        let before = p.machine.stateHash()
        start(p, 0x20, lba: 0)
        _ = read(p)
        start(p, 0x20, lba: 1)
        #expect(result(p) == [0x51, 0x40, 1])
        p.machine.restore(snapshot)
        #expect(p.machine.stateHash() == before && p.machine.disk.faults.hits.isEmpty)
        start(p, 0x20, lba: 0)
        #expect(p[0x1F7] == 0x58)
    }

    @Test func aSerialPortThatIsNotThereReadsAsOnes() {
        let p = DevicePorts()
        p.machine.removeSerial(port: 0)
        p[0x3FF] = 0x55
        #expect((0x3F8...0x3FF).allSatisfy { p[$0] == 0xFF })
        p[0x2FF] = 0x55
        #expect(p[0x2FF] == 0x55)
        p[0x3F8] = 0x41
        #expect(p.machine.drainSerial(port: 0).isEmpty)
    }
}
