// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The small devices, and what the bus does with ports: who answers, how wide accesses fall apart.
@Suite struct PortTests {
    @Test func unmappedPortsReadOnes() {
        let p = DevicePorts()
        for port in [0x10, 0x62, 0x93, 0x170, 0x201, 0x278, 0x2E8, 0x378, 0x3E8, 0x3F0, 0xCF8, 0xCFC, 0x4D2, 0xFFFE] as [UInt16] {
            #expect(p[port] == 0xFF)
            p[port] = 0
            #expect(p[port] == 0xFF)
            #expect(p.machine.portIn(port, size: 2) == 0xFFFF)
        }
        #expect(p.machine.portIn(0xCFC, size: 4) == 0xFFFF_FFFF)
    }

    @Test func wideAccessesFallApart() {
        let p = DevicePorts()
        // A word to index and data at once.
        p.machine.portOut(0x3D4, size: 2, 0x120E)
        #expect(p[0x3D5] == 0x12)
        #expect(p.machine.portIn(0x3D4, size: 2) == 0x120E)
        // Four bytes to four devices' worth of page registers.
        p.machine.portOut(0x88, size: 4, 0x4433_2211)
        #expect(p.read(0x88, 1) + p.read(0x89, 1) + p.read(0x8A, 1) + p.read(0x8B, 1) == [0x11, 0x22, 0x33, 0x44])
        #expect(p.machine.portIn(0x88, size: 4) == 0x4433_2211)
        // Across the end of a device: COM2's last register and nothing.
        p.machine.portOut(0x2FF, size: 2, 0xABCD)
        #expect(p.machine.portIn(0x2FF, size: 2) == 0xFFCD)
        // Ports wrap.
        #expect(p.machine.portIn(0xFFFF, size: 2) & 0xFF == 0xFF)
    }

    @Test func port92() {
        let p = DevicePorts()
        #expect(p[0x92] == 2)
        p[0x92] = 0xD0
        #expect(p[0x92] == 0xD0)
        #expect(!p.machine.isA20Enabled)
        p[0x92] = 2
        #expect(p.machine.isA20Enabled)
    }

    @Test func port92Resets() {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0xB0, 3, 0xE6, 0x92])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .shutdown)
        #expect(machine.instructionCount == 2)
    }

    @Test func debugConsole() {
        let p = DevicePorts()
        #expect(p[0xE9] == 0xE9)
        p.write(0xE9, 0x48, 0x69)
        #expect(p.machine.drainConsole() == [0x48, 0x69])
        #expect(p.machine.drainConsole() == [])
    }

    @Test func outputInOrder() {
        let p = DevicePorts()
        p.machine.ordersOutput = true
        p[0xE9] = 1
        p.write(0x3F8, 2, 3)
        p[0x2F8] = 9
        p[0xE9] = 4
        let runs = p.machine.drainOutput()
        #expect(runs.map(\.bytes) == [[1], [2, 3], [4]])
        #expect(runs.map(\.isConsole) == [true, false, true])
        #expect(p.machine.drainSerial(port: 1) == [9])
        #expect(p.machine.drainOutput().isEmpty)
    }

    @Test(
        arguments: [
            ([0xE6, 0xF4], 7), ([0x66, 0xE7, 0xF4], 0x507), ([0xE7, 0xF4], 0x9000_0507), ([0x66, 0xE7, 0xF3], 5),
        ] as [([UInt8], UInt32)])
    func debugExitStopsWithWhatWasWritten(_ code: [UInt8], _ value: UInt32) {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, code + [0xEB, 0xFE])
        machine.registers.eax = 0x9000_0507
        #expect(machine.run(until: 100, passingStopAtStart: false) == .debugExit(code: value))
        #expect(machine.run(until: 100, passingStopAtStart: false) == .instructionLimit)
    }

    @Test func postCodes() {
        let p = DevicePorts()
        p.write(0x80, 0x11, 0x22)
        #expect(p[0x80] == 0x22)
        #expect(p.machine.postCode == 0x22)
        #expect(p.machine.drainPostCodes() == [0x11, 0x22])
        p.machine.postPort = 0x300
        p[0x80] = 0x33
        p[0x300] = 0x44
        #expect(p.machine.postCode == 0x44)
        #expect(p.machine.drainPostCodes() == [0x44])
        #expect(p[0x80] == 0x33)
        // A kernel that uses the port for its delay fills no memory.
        for _ in 0..<Outbox.postCapacity + 10 { p[0x300] = 1 }
        #expect(p.machine.drainPostCodes().count == Outbox.postCapacity)
    }

    @Test func dmaControllers() {
        let p = DevicePorts()
        for (base, step) in [(0x00, 1), (0xC0, 2)] as [(UInt16, UInt16)] {
            for register in 0..<8 as Range<UInt16> {
                p[base + 12 * step] = 0
                p.write(base + register * step, 0x34, 0x12)
                p[base + 12 * step] = 0
                #expect(p.read(base + register * step, 2) == [0x34, 0x12])
            }
            // One byte moves the flip-flop; clearing it starts with the low byte again.
            _ = p[base]
            #expect(p[base] == 0x12)
            // Masks: all set by master clear, one by one, all at once, none.
            p[base + 13 * step] = 0
            #expect(p[base + 15 * step] == 0xFF)
            p[base + 10 * step] = 2
            #expect(p[base + 15 * step] == 0xFB)
            p[base + 10 * step] = 6
            #expect(p[base + 15 * step] == 0xFF)
            p[base + 14 * step] = 0
            #expect(p[base + 15 * step] == 0xF0)
            p[base + 15 * step] = 5
            #expect(p[base + 15 * step] == 0xF5)
            // Software requests show in the status.
            #expect(p[base + 8 * step] == 0)
            p[base + 9 * step] = 5
            #expect(p[base + 8 * step] == 0x20)
        }
        for port in 0x81...0x8F as ClosedRange<UInt16> {
            p[port] = UInt8(port & 0xFF)
            #expect(p[port] == UInt8(port & 0xFF))
        }
    }
}
