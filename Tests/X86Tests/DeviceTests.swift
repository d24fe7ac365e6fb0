// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Devices as drivers see them.
@Suite struct DeviceTests {
    @Test func timerWakesTheProcessor() {
        let machine = flatMachine()
        machine.preparePIC()
        machine.setGate(0x30, to: 0x3000)
        machine.writePhysical(0x3000, [0x40, 0xB0, 0x20, 0xE6, 0x20, 0xCF])  // inc eax; mov al,20h; out 20h,al; iretd
        machine.writePhysical(Layout.code, [0xF4, 0x43, 0xEB, 0xFC])  // l: hlt; inc ebx; jmp l
        machine.portOut(0x43, size: 1, 0x34)
        machine.portOut(0x40, size: 1, 0x9C)
        machine.portOut(0x40, size: 1, 0x2E)  // 11932: 100 Hz
        machine.registers.eflags |= 0x200
        #expect(machine.run(until: 100_500_000, passingStopAtStart: false) == .instructionLimit)
        #expect(machine.registers.ebx == 100)
    }

    @Test func haltedStepReachesTheEvent() {
        let machine = flatMachine()
        machine.preparePIC()
        machine.setGate(0x30, to: 0x3000)
        machine.writePhysical(0x3000, [0x41, 0x90])
        machine.writePhysical(Layout.code, [0xF4])
        machine.portOut(0x43, size: 1, 0x34)
        machine.portOut(0x40, size: 1, 0)
        machine.portOut(0x40, size: 1, 0)
        machine.registers.eflags |= 0x200
        #expect(machine.step() == nil)
        #expect(machine.isHalted)
        #expect(machine.step() == nil)
        #expect(machine.registers.eip == 0x3001)
        #expect(machine.registers.ecx == 1)
    }

    @Test func serialPortsProbeAndTalk() {
        let machine = flatMachine()
        #expect(machine.portIn(0x3E8 + 5, size: 1) == 0xFF)
        machine.portOut(0x3FC, size: 1, 0x1A)
        #expect(machine.portIn(0x3FE, size: 1) & 0xF0 == 0x90)
        machine.portOut(0x3F8, size: 1, 0xAE)
        #expect(machine.portIn(0x3F8, size: 1) == 0xAE)
        machine.portOut(0x3FC, size: 1, 0x0B)
        machine.portOut(0x3FF, size: 1, 0x5A)
        #expect(machine.portIn(0x3FF, size: 1) == 0x5A)
        machine.portOut(0x3F8, size: 1, 0x41)
        #expect(machine.drainSerial(port: 0) == [0x41])
        #expect(machine.portIn(0x3FD, size: 1) == 0x60)
        machine.receiveSerial(port: 1, [7, 8])
        #expect(machine.portIn(0x2FD, size: 1) == 0x61)
        #expect(machine.portIn(0x2F8, size: 1) == 7)
        #expect(machine.portIn(0x2F8, size: 1) == 8)
        #expect(machine.portIn(0x2FD, size: 1) == 0x60)
    }

    /// Lets device time pass until the disk is no longer busy.
    private func wait(_ machine: Machine) {
        machine.cpu.pointee.count += 10000
        machine.devices.advance(to: machine.instructionCount)
        #expect(machine.portIn(0x1F7, size: 1) & 0x80 == 0)
    }

    @Test func diskReadsAndWrites() {
        let machine = flatMachine()
        #expect(machine.portIn(0x1F7, size: 1) == 0)
        machine.disk.attach(bytes: (0..<2048).map { UInt8(truncatingIfNeeded: $0 / 512 + 1) }, size: 1 << 30)
        machine.portOut(0x1F6, size: 1, 0xE0)
        machine.portOut(0x1F7, size: 1, 0xEC)
        #expect(machine.portIn(0x1F7, size: 1) & 0x80 != 0)
        wait(machine)
        let words = (0..<256).map { _ in machine.portIn(0x1F0, size: 2) }
        #expect(words[60] | words[61] << 16 == 1 << 21)
        // Read sectors 1 and 2.
        for (port, value) in [(0x1F2, 2), (0x1F3, 1), (0x1F4, 0), (0x1F5, 0), (0x1F7, 0x20)] as [(UInt16, UInt32)] {
            machine.portOut(port, size: 1, value)
        }
        wait(machine)
        #expect(machine.portIn(0x1F7, size: 1) & 8 != 0)
        for _ in 0..<128 { #expect(machine.portIn(0x1F0, size: 4) == 0x0202_0202) }
        for _ in 0..<256 { #expect(machine.portIn(0x1F0, size: 2) == 0x0303) }
        #expect(machine.portIn(0x1F7, size: 1) == 0x50)
        // Write the last sector of the disk.
        for (port, value) in [(0x1F2, 1), (0x1F3, 0xFF), (0x1F4, 0xFF), (0x1F5, 0x1F), (0x1F7, 0x30)] as [(UInt16, UInt32)] {
            machine.portOut(port, size: 1, value)
        }
        wait(machine)
        for _ in 0..<256 { machine.portOut(0x1F0, size: 2, 0x1234) }
        #expect(machine.portIn(0x1F7, size: 1) == 0x50)
        #expect(machine.disk.read(offset: (1 << 30) - 2, count: 2) == [0x34, 0x12])
        #expect(machine.disk.read(offset: 512, count: 1) == [2])
    }

    @Test func repInsTakesSectors() {
        let machine = flatMachine()
        machine.enablePaging()
        let image = (0..<2048).map { UInt8(truncatingIfNeeded: $0 &* 31 + $0 / 256) }
        machine.disk.attach(bytes: image)
        for (port, value) in [(0x1F6, 0xE0), (0x1F2, 3), (0x1F3, 1), (0x1F4, 0), (0x1F5, 0), (0x1F7, 0x20)] as [(UInt16, UInt32)] {
            machine.portOut(port, size: 1, value)
        }
        wait(machine)
        machine.writePhysical(Layout.code, [0x66, 0xF3, 0x6D, 0x0F, 0x01, 0xC1])
        machine.registers.edi = 0x20_0C00 - 2
        machine.registers.ecx = 768
        machine.registers.edx = 0x1F0
        #expect(machine.run(until: .max, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.ecx == 0)
        #expect(machine.readPhysical(0x20_0BFE, count: 1536) == Array(image[512...]))
        #expect(machine.portIn(0x1F7, size: 1) == 0x50)
    }

    @Test func everyKeyInterrupts() {
        let machine = flatMachine()
        machine.preparePIC()
        machine.setGate(0x31, to: 0x3000)
        // in al,60h; inc ebx; mov al,20h; out 20h,al; iretd
        machine.writePhysical(0x3000, [0xE4, 0x60, 0x43, 0xB0, 0x20, 0xE6, 0x20, 0xCF])
        machine.writePhysical(Layout.code, [0xEB, 0xFE])
        machine.registers.eflags |= 0x200
        for code in [0x1E, 0x9E, 0x1F] as [UInt8] { machine.pressKey(scanCode: code) }
        _ = machine.run(until: 1000, passingStopAtStart: false)
        #expect(machine.registers.ebx == 3)
    }

    @Test func screenShowsText() {
        let machine = flatMachine()
        machine.writePhysical(0xB8000 + 160, [0x48, 7, 0x69, 7])
        machine.portOut(0x3D4, size: 1, 0x0F)
        machine.portOut(0x3D5, size: 1, 82)
        #expect(machine.textScreenLines()[1] == "Hi")
        #expect(machine.textScreenCursor?.row == 1)
        #expect(machine.textScreenCursor?.column == 2)
    }

    @Test func debugExitStops() {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0xB0, 7, 0xE6, 0xF4])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .debugExit(code: 7))
        #expect(machine.instructionCount == 2)
    }
}
