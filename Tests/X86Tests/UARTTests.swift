// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The serial ports, register by register (National Semiconductor PC16550D data sheet).
@Suite struct UARTTests {
    /// COM1 in loopback with all interrupts enabled, or as told.
    private func loopback(fifo: UInt8 = 0, interrupts: UInt8 = 0x0F) -> DevicePorts {
        let p = DevicePorts()
        p[0x3FC] = 0x10
        p[0x3FA] = fifo
        p[0x3F9] = interrupts
        _ = p.read(0x3FE, 1)
        _ = p.read(0x3FA, 1)
        return p
    }

    @Test func divisorLatch() {
        let p = DevicePorts()
        p[0x3F9] = 5
        p[0x3FB] = 0x83
        p[0x3F8] = 0x34
        p[0x3F9] = 0x12
        #expect(p.read(0x3F8, 1) + p.read(0x3F9, 1) == [0x34, 0x12])
        p[0x3FB] = 3
        #expect(p[0x3FB] == 3)
        #expect(p[0x3F9] == 5)
        #expect(p.machine.drainSerial(port: 0).isEmpty)
    }

    @Test func readWriteBits() {
        let p = DevicePorts()
        p[0x3F9] = 0xFF
        #expect(p[0x3F9] == 0x0F)
        p[0x3FC] = 0xFF
        #expect(p[0x3FC] == 0x1F)
        p[0x3FF] = 0xA7
        #expect(p[0x3FF] == 0xA7)
        // LSR and MSR cannot be written.
        p[0x3FC] = 0
        _ = p[0x3FE]
        p[0x3FD] = 0xFF
        p[0x3FE] = 0xFF
        #expect(p[0x3FD] == 0x60)
        #expect(p[0x3FE] == 0xB0)
    }

    @Test func transmitterInterrupt() {
        let p = DevicePorts()
        p[0x3FC] = 8
        #expect(p[0x3FA] == 1)
        // It comes when it is enabled, once; reading IIR takes it back.
        p[0x3F9] = 2
        #expect(p.line(4))
        #expect(p[0x3FA] == 2)
        #expect(!p.line(4))
        #expect(p[0x3FA] == 1)
        // And with each byte sent, as an edge.
        p.preparePIC()
        for byte in [1, 2, 3] as [UInt8] {
            p[0x3F8] = byte
            #expect(p.isRequesting)
            #expect(p.acknowledge() == 0x34)
            p[0x20] = 0x20
        }
        #expect(p.machine.drainSerial(port: 0) == [1, 2, 3])
        // OUT2 gates the line.
        p[0x3FC] = 0
        #expect(!p.line(4))
        #expect(p[0x3FA] == 2)
    }

    @Test func receiverWithoutFIFO() {
        let p = DevicePorts()
        p[0x2FC] = 8
        p[0x2F9] = 1
        p.machine.receiveSerial(port: 1, [0x11, 0x22])
        #expect(p.line(3))
        #expect(p[0x2FA] == 4)
        #expect(p[0x2FD] == 0x61)
        // The second byte waited on the line, and makes an edge of its own.
        p.preparePIC()
        #expect(p[0x2F8] == 0x11)
        #expect(p.acknowledge() == 0x33)
        #expect(p[0x2F8] == 0x22)
        #expect(p[0x2FA] == 1)
        #expect(p[0x2FD] == 0x60)
        #expect(!p.line(3))
        #expect(p[0x2F8] == 0)
    }

    @Test(arguments: [(0x01, 1), (0x41, 4), (0x81, 8), (0xC1, 14)] as [(UInt8, Int)]) func triggerLevels(_ control: UInt8, _ level: Int) {
        let p = DevicePorts()
        p[0x3FA] = control
        p[0x3F9] = 1
        p.machine.receiveSerial(port: 0, Array(repeating: 7, count: level - 1))
        // Below the level it is a character time-out, or nothing.
        #expect(p[0x3FA] == (level > 1 ? 0xCC : 0xC1))
        p.machine.receiveSerial(port: 0, [8])
        #expect(p[0x3FA] == 0xC4)
        _ = p[0x3F8]
        #expect(p[0x3FA] == (level > 1 ? 0xCC : 0xC1))
    }

    @Test func fifoHoldsSixteenAndTheLineWaits() {
        let p = DevicePorts()
        p[0x3FA] = 1
        p.machine.receiveSerial(port: 0, (0..<40).map { UInt8($0) })
        #expect(p.read(0x3F8, 40) == (0..<40).map { UInt8($0) })
        #expect(p[0x3FD] == 0x60)
        // Turning the FIFOs off empties them.
        p.machine.receiveSerial(port: 0, [1, 2, 3])
        p[0x3FA] = 0
        #expect(p[0x3FD] == 0x60)
        #expect(p[0x3FA] & 0xC0 == 0)
        // So does FCR bit 1; without bit 0 the other bits count for nothing.
        p[0x3FA] = 1
        p.machine.receiveSerial(port: 0, [1, 2, 3])
        p[0x3FA] = 3
        #expect(p[0x3FD] == 0x60)
        #expect(p[0x3FA] & 0xC0 == 0xC0)
    }

    @Test func loopbackOverruns() {
        let p = loopback(interrupts: 7)
        p.write(0x3F8, 1, 2)
        // The line status comes first, then the byte, then the transmitter.
        #expect(p[0x3FA] == 6)
        #expect(p[0x3FD] == 0x63)
        #expect(p[0x3FD] == 0x61)
        #expect(p[0x3FA] == 4)
        // Without FIFO the newer byte is the one that is left.
        #expect(p[0x3F8] == 2)
        #expect(p[0x3FA] == 2)
        #expect(p[0x3FA] == 1)
        #expect(p.machine.drainSerial(port: 0).isEmpty)
        // With one the new byte is lost.
        let q = loopback(fifo: 1)
        for byte in 0..<17 as Range<UInt8> { q[0x3F8] = byte }
        #expect(q[0x3FD] & 2 != 0)
        #expect(q.read(0x3F8, 16) == Array(0..<16))
        #expect(q[0x3FD] == 0x60)
    }

    @Test func loopbackBreak() {
        let p = loopback()
        p[0x3FB] = 0x43
        #expect(p[0x3FA] == 6)
        #expect(p[0x3FD] == 0x71)
        #expect(p[0x3F8] == 0)
    }

    @Test func modemStatus() {
        let p = loopback(interrupts: 8)
        #expect(p[0x3FA] == 1)
        // RTS, DTR, OUT1 and OUT2 come back as CTS, DSR, RI and DCD.
        for (control, status) in [(0x12, 0x10), (0x11, 0x20), (0x14, 0x40), (0x18, 0x80)] as [(UInt8, UInt8)] {
            p[0x3FC] = control
            #expect(p[0x3FE] & 0xF0 == status)
        }
        // Changes are remembered until read, and interrupt; RI only when it ends.
        p[0x3FC] = 0x10
        _ = p[0x3FE]
        p[0x3FC] = 0x14
        #expect(p[0x3FA] == 1)
        p[0x3FC] = 0x10
        #expect(p[0x3FA] == 0)
        #expect(p[0x3FE] == 0x04)
        #expect(p[0x3FA] == 1)
        p[0x3FC] = 0x1B
        #expect(p[0x3FE] == 0xBB)
        #expect(p[0x3FE] == 0xB0)
        // In loopback no interrupt gets out.
        p[0x3FC] = 0x10
        #expect(p[0x3FA] == 0)
        #expect(!p.line(4))
    }
}
