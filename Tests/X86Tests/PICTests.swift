// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The interrupt controllers, register by register (Intel 8259A data sheet). IRQ 5, 6, 9, 10, 11 and 15 have no device, so tests drive them.
@Suite struct PICTests {
    private func ports() -> DevicePorts {
        let ports = DevicePorts()
        ports.preparePIC()
        return ports
    }

    @Test func masksReadBack() {
        let p = ports()
        p[0x21] = 0x5A
        p[0xA1] = 0xA5
        #expect(p[0x21] == 0x5A)
        #expect(p[0xA1] == 0xA5)
        // ICW1 clears them.
        p[0x20] = 0x11
        #expect(p.machine.devices.pic.isRequesting == false)
        p.write(0x21, 0x30, 4, 1)
        #expect(p[0x21] == 0)
    }

    @Test func requestAndServiceRegisters() {
        let p = ports()
        p.drive(5, true)
        #expect(p[0x20] == 0x20)
        #expect(p.acknowledge() == 0x35)
        #expect(p[0x20] == 0)
        p[0x20] = 0x0B
        #expect(p[0x20] == 0x20)
        p[0x20] = 0x0A
        #expect(p[0x20] == 0)
        p[0x20] = 0x20
        p[0x20] = 0x0B
        #expect(p[0x20] == 0)
    }

    @Test func edgesRequestOnce() {
        let p = ports()
        p.drive(5, true)
        _ = p.acknowledge()
        p[0x20] = 0x20
        #expect(!p.isRequesting)
        p.drive(5, false)
        p.drive(5, true)
        #expect(p.isRequesting)
        // A request that goes away before it is acknowledged is gone, and what is acknowledged then is IRQ 7, which is not in service.
        p.drive(5, false)
        #expect(!p.isRequesting)
        #expect(p.acknowledge() == 0x37)
        p[0x20] = 0x0B
        #expect(p[0x20] == 0)
    }

    @Test func levelsRequestAgain() {
        let p = ports()
        p[0x4D0] = 0xFF
        #expect(p[0x4D0] == 0xF8)
        p[0x4D1] = 0xFF
        #expect(p[0x4D1] == 0xDE)
        p.drive(5, true)
        #expect(p.acknowledge() == 0x35)
        #expect(!p.isRequesting)
        p[0x20] = 0x20
        #expect(p.acknowledge() == 0x35)
        p.drive(5, false)
        p[0x20] = 0x20
        #expect(!p.isRequesting)
        // Turned to level while the line is high.
        p[0x4D0] = 0
        p.drive(6, true)
        _ = p.acknowledge()
        p[0x20] = 0x20
        #expect(!p.isRequesting)
        p[0x4D0] = 0x40
        #expect(p.isRequesting)
    }

    @Test func icw1AsksForLevels() {
        let p = ports()
        p.write(0x20, 0x19)
        p.write(0x21, 0x30, 4, 1)
        p.drive(5, true)
        _ = p.acknowledge()
        p[0x20] = 0x20
        #expect(p.isRequesting)
    }

    @Test func initialisationForgetsEdges() {
        let p = ports()
        p.drive(5, true)
        p.preparePIC()
        #expect(!p.isRequesting)
        p.drive(5, false)
        p.drive(5, true)
        #expect(p.isRequesting)
    }

    @Test func initialisationWithoutICW3AndICW4() {
        let p = DevicePorts()
        // Single, no ICW4: the second byte at 21h is a mask already, and IRQ 2 is an input like others.
        p.write(0x20, 0x12)
        p.write(0x21, 0x40, 0xFB)
        #expect(p[0x21] == 0xFB)
        p.drive(2, true)
        #expect(p.acknowledge() == 0x42)
    }

    @Test func priorities() {
        let p = ports()
        p.drive(6, true)
        p.drive(5, true)
        #expect(p.acknowledge() == 0x35)
        // IRQ 6 is lower and waits.
        #expect(!p.isRequesting)
        p[0x20] = 0x20
        #expect(p.acknowledge() == 0x36)
        // A higher one comes through.
        p.drive(3, true)
        #expect(p.acknowledge() == 0x33)
        // Specific: 6 ends, 3 goes on.
        p[0x20] = 0x66
        p[0x20] = 0x0B
        #expect(p[0x20] == 8)
    }

    @Test func rotation() {
        let p = ports()
        // Set priority: 5 is lowest, so 6 is highest.
        p[0x20] = 0xC5
        p.drive(1, true)
        p.drive(6, true)
        #expect(p.acknowledge() == 0x36)
        // Rotate on non-specific EOI: 6 becomes lowest.
        p[0x20] = 0xA0
        p.drive(6, false)
        p.drive(6, true)
        #expect(p.acknowledge() == 0x31)
        // Rotate on specific EOI: 1 becomes lowest.
        p[0x20] = 0xE1
        p.drive(1, false)
        p.drive(1, true)
        #expect(p.acknowledge() == 0x36)
    }

    @Test func automaticEndOfInterrupt() {
        let p = DevicePorts()
        p.write(0x20, 0x11)
        p.write(0x21, 0x30, 4, 3, 0)
        p.drive(5, true)
        #expect(p.acknowledge() == 0x35)
        p[0x20] = 0x0B
        #expect(p[0x20] == 0)
        // Rotating as well: 6, just served, is now the lowest.
        p[0x20] = 0x80
        p.drive(6, true)
        #expect(p.acknowledge() == 0x36)
        for irq in [6, 7] as [UInt8] {
            p.drive(irq, false)
            p.drive(irq, true)
        }
        #expect(p.acknowledge() == 0x37)
        // And no longer.
        p[0x20] = 0
        p.drive(7, false)
        #expect(p.acknowledge() == 0x36)
    }

    @Test func specialMask() {
        let p = ports()
        p.drive(3, true)
        _ = p.acknowledge()
        p.drive(6, true)
        #expect(!p.isRequesting)
        // The level in service is masked: in special mask mode lower ones come through.
        p[0x21] = 8
        #expect(!p.isRequesting)
        p[0x20] = 0x68
        #expect(p.acknowledge() == 0x36)
        // A non-specific EOI passes over the masked level.
        p[0x20] = 0x20
        p[0x20] = 0x0B
        #expect(p[0x20] == 8)
        p[0x20] = 0x48
        p[0x20] = 0x20
        #expect(p[0x20] == 0)
    }

    @Test func polling() {
        let p = ports()
        p[0x20] = 0x0C
        #expect(p[0x20] & 0x80 == 0)
        p.drive(5, true)
        p[0x20] = 0x0C
        #expect(p[0x20] == 0x85)
        #expect(!p.isRequesting)
        p[0x20] = 0x0B
        #expect(p[0x20] == 0x20)
        p[0x20] = 0x20
        // The slave, through the odd port too; its request leaves the master then.
        p.drive(11, true)
        #expect(p.isRequesting)
        p[0xA0] = 0x0C
        #expect(p[0xA1] == 0x83)
        #expect(!p.isRequesting)
        #expect(p[0xA1] == 0)
    }

    @Test func cascade() {
        let p = ports()
        p.drive(11, true)
        #expect(p[0x20] == 4)
        #expect(p[0xA0] == 8)
        #expect(p.acknowledge() == 0x3B)
        // A higher one of the slave waits for the master's EOI...
        p.drive(9, true)
        #expect(!p.isRequesting)
        p[0x20] = 0x20
        #expect(p.acknowledge() == 0x39)
        p.write(0xA0, 0x20, 0x20)
        p[0x20] = 0x20
        // ...and the master's mask holds all of them off.
        p[0x21] = 4
        p.drive(10, true)
        #expect(!p.isRequesting)
        p[0x21] = 0
        #expect(p.isRequesting)
        // So does the slave's.
        p[0xA1] = 0xFF
        #expect(!p.isRequesting)
    }

    @Test func specialFullyNested() {
        let p = DevicePorts()
        p.write(0x20, 0x11)
        p.write(0x21, 0x30, 4, 0x11, 0)
        p.write(0xA0, 0x11)
        p.write(0xA1, 0x38, 2, 1, 0)
        p.drive(11, true)
        #expect(p.acknowledge() == 0x3B)
        p.drive(9, true)
        #expect(p.acknowledge() == 0x39)
    }
}
