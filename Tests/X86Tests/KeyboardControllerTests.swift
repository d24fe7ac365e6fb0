// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The 8042 with keyboard and mouse, command by command (IBM PS/2 Hardware Interface Technical Reference).
@Suite struct KeyboardControllerTests {
    /// What comes out of the output buffer until it is empty.
    private func drain(_ p: DevicePorts) -> [UInt8] {
        var bytes: [UInt8] = []
        while p[0x64] & 1 != 0, bytes.count < 64 { bytes.append(p[0x60]) }
        return bytes
    }

    /// A controller command, and what it answers.
    private func command(_ p: DevicePorts, _ code: UInt8, _ data: UInt8? = nil) -> [UInt8] {
        p[0x64] = code
        if let data { p[0x60] = data }
        return drain(p)
    }

    private func keyboard(_ p: DevicePorts, _ bytes: UInt8...) -> [UInt8] {
        for byte in bytes { p[0x60] = byte }
        return drain(p)
    }

    private func mouse(_ p: DevicePorts, _ bytes: UInt8...) -> [UInt8] {
        bytes.flatMap { command(p, 0xD4, $0) }
    }

    @Test func status() {
        let p = DevicePorts()
        #expect(p[0x64] == 0x14)
        // Bit 3: a command or data was written last; bit 2 is the system flag.
        p[0x64] = 0xAE
        #expect(p[0x64] == 0x1C)
        _ = command(p, 0x60, 0x41)
        #expect(p[0x64] == 0x10)
        // Self-test sets the flag.
        #expect(command(p, 0xAA) == [0x55])
        #expect(p[0x64] == 0x1C)
    }

    @Test func testsAndPorts() {
        let p = DevicePorts()
        #expect(command(p, 0xAB) == [0])
        #expect(command(p, 0xA9) == [0])
        #expect(command(p, 0xA4) == [0xF1])
        #expect(command(p, 0xC0) == [0x80])
        #expect(command(p, 0xE0) == [0])
        #expect(command(p, 0xD0) == [0xCF])
        // An unknown command is no answer.
        #expect(command(p, 0xA0) == [])
    }

    @Test func memory() {
        let p = DevicePorts()
        for n in 1..<32 as Range<UInt8> { #expect(command(p, 0x60 + n, n * 3) == []) }
        for n in 1..<32 as Range<UInt8> { #expect(command(p, 0x20 + n) == [n * 3]) }
        #expect(command(p, 0x20) == [0x45])
    }

    @Test func keyboardCommands() {
        let p = DevicePorts()
        #expect(keyboard(p, 0xEE) == [0xEE])
        #expect(keyboard(p, 0xED, 7) == [0xFA, 0xFA])
        #expect(keyboard(p, 0xF3, 0x20) == [0xFA, 0xFA])
        // ABh 83h, of which the controller translates the second.
        #expect(keyboard(p, 0xF2) == [0xFA, 0xAB, 0x41])
        #expect(keyboard(p, 0xF0, 0) == [0xFA, 0xFA, 0x41])
        #expect(keyboard(p, 0xFE) == [0x41])
        #expect(keyboard(p, 0xF0, 3) == [0xFA, 0xFE])
        #expect(keyboard(p, 0x12) == [0xFE])
        // A command in place of a parameter is a command.
        #expect(keyboard(p, 0xED, 0xEE) == [0xFA, 0xEE])
        #expect(keyboard(p, 0xFF) == [0xFA, 0xAA])
        #expect(keyboard(p, 0xF6) == [0xFA])
        #expect(keyboard(p, 0xF8) == [0xFA])
        #expect(command(p, 0x60, 5) == [])
        #expect(keyboard(p, 0xF2) == [0xFA, 0xAB, 0x83])
    }

    @Test func scanning() {
        let p = DevicePorts()
        p.machine.pressKey(scanCode: 0x1E)
        p.machine.pressKey(scanCode: 0x9E)
        #expect(drain(p) == [0x1E, 0x9E])
        #expect(keyboard(p, 0xF5) == [0xFA])
        p.machine.pressKey(scanCode: 0x1E)
        #expect(drain(p) == [])
        #expect(keyboard(p, 0xF4) == [0xFA])
        p.machine.pressKey(scanCode: 0x1E)
        #expect(drain(p) == [0x1E])
    }

    @Test func translation() {
        let p = DevicePorts()
        // Every make code and its release arrive as they went in, whatever lies between.
        for code in 1..<0x60 as Range<UInt8> {
            p.machine.pressKey(scanCode: code)
            p.machine.pressKey(scanCode: code | 0x80)
            #expect(drain(p) == [code, code | 0x80])
        }
        // Untranslated: set 2. A is 1Ch, F7 is 83h, a grey key has E0h before it.
        _ = command(p, 0x60, 5)
        for code in [0x1E, 0x9E, 0x41, 0xE0, 0xC8] as [UInt8] { p.machine.pressKey(scanCode: code) }
        #expect(drain(p) == [0x1C, 0xF0, 0x1C, 0x83, 0xE0, 0xF0, 0x75])
        // Set 1 without translation.
        #expect(keyboard(p, 0xF0, 1) == [0xFA, 0xFA])
        p.machine.pressKey(scanCode: 0x9E)
        #expect(drain(p) == [0x9E])
    }

    @Test func bufferOverrun() {
        let p = DevicePorts()
        _ = command(p, 0x60, 5)
        for _ in 0..<30 { p.machine.pressKey(scanCode: 0x1E) }
        // One byte is in the controller, sixteen in the keyboard, and then it says that keys were lost.
        #expect(drain(p) == Array(repeating: 0x1C, count: 17) + [0])
    }

    @Test func disabling() {
        let p = DevicePorts()
        p[0x64] = 0xAD
        #expect(command(p, 0x20) == [0x55])
        p.machine.pressKey(scanCode: 0x1E)
        #expect(p[0x64] & 1 == 0)
        p[0x64] = 0xAE
        #expect(drain(p) == [0x1E])
        // Data for the keyboard enables it.
        p[0x64] = 0xAD
        #expect(keyboard(p, 0xEE) == [0xEE])
        #expect(command(p, 0x20) == [0x45])
        p[0x64] = 0xA7
        #expect(command(p, 0x20) == [0x65])
        p[0x64] = 0xA8
        #expect(command(p, 0x20) == [0x45])
    }

    @Test func interrupts() {
        let p = DevicePorts()
        p.machine.pressKey(scanCode: 0x1E)
        p.machine.pressKey(scanCode: 0x1F)
        #expect(p.line(1))
        p.preparePIC()
        // The second byte is an edge of its own.
        _ = p[0x60]
        #expect(p.acknowledge() == 0x31)
        _ = p[0x60]
        #expect(!p.line(1))
        _ = command(p, 0x60, 0x44)
        p.machine.pressKey(scanCode: 0x1E)
        #expect(!p.line(1))
        #expect(p[0x60] == 0x1E)
        // The mouse's, and bytes put into the buffer by command.
        _ = command(p, 0x60, 0x47)
        p[0x64] = 0xD4
        p[0x60] = 0xF4
        #expect(p.line(12) && !p.line(1))
        #expect(p[0x64] & 0x21 == 0x21)
        #expect(p[0x60] == 0xFA)
        #expect(!p.line(12))
        p[0x64] = 0xD3
        p[0x60] = 0x77
        #expect(p.line(12))
        #expect(drain(p) == [0x77])
        p[0x64] = 0xD2
        p[0x60] = 0x78
        #expect(p.line(1))
        #expect(p[0x64] & 0x21 == 1)
        #expect(drain(p) == [0x78])
        // Empty: the last byte again.
        #expect(p[0x60] == 0x78)
    }

    @Test func mouseCommands() {
        let p = DevicePorts()
        #expect(mouse(p, 0xFF) == [0xFA, 0xAA, 0])
        #expect(mouse(p, 0xF2) == [0xFA, 0])
        #expect(mouse(p, 0xE9) == [0xFA, 0, 2, 100])
        #expect(mouse(p, 0xF3, 80, 0xE8, 3, 0xE7, 0xF4, 0xF0) == Array(repeating: 0xFA, count: 7))
        #expect(mouse(p, 0xE9) == [0xFA, 0x70, 3, 80])
        #expect(mouse(p, 0xEB) == [0xFA, 8, 0, 0])
        #expect(mouse(p, 0xFE) == [0])
        #expect(mouse(p, 0xEE, 0x42, 0xEC) == [0xFA, 0x42, 0xFA])
        #expect(mouse(p, 0xE6, 0xEA, 0xF5, 0xF6, 0x10) == [0xFA, 0xFA, 0xFA, 0xFA, 0xFE])
        #expect(mouse(p, 0xE9) == [0xFA, 0, 2, 100])
    }

    @Test func answersThatNobodyReadsFillNoMemory() {
        let p = DevicePorts()
        for _ in 0..<1000 {
            p[0x60] = 0xEE
            p[0x64] = 0xD4
            p[0x60] = 0xF2
            p[0x64] = 0x20
        }
        var count = 0
        while p[0x64] & 1 != 0, count < 1000 {
            _ = p[0x60]
            count += 1
        }
        #expect(count < 100)
        #expect(keyboard(p, 0xEE) == [0xEE])
    }

    @Test func a20() {
        let p = DevicePorts()
        #expect(p.machine.isA20Enabled)
        _ = command(p, 0xD1, 0xDD)
        #expect(!p.machine.isA20Enabled)
        #expect(command(p, 0xD0) == [0xCD])
        #expect(p[0x92] & 2 == 0)
        _ = command(p, 0xD1, 0xDF)
        #expect(p.machine.isA20Enabled)
        p[0x64] = 0xDD
        #expect(!p.machine.isA20Enabled)
        p[0x64] = 0xDF
        #expect(p.machine.isA20Enabled)
    }

    @Test(arguments: [0xFE, 0xF0] as [UInt8]) func pulsesReset(_ code: UInt8) {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0xB0, code, 0xE6, 0x64])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .shutdown)
        let other = flatMachine()
        other.writePhysical(Layout.code, [0xB0, 0xFF, 0xE6, 0x64])
        #expect(other.run(until: 2, passingStopAtStart: false) == .instructionLimit)
    }

    @Test func outputPortResets() {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0xB0, 0xD1, 0xE6, 0x64, 0xB0, 0xDE, 0xE6, 0x60])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .shutdown)
    }
}
