// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The timer, mode by mode (Intel 8254 data sheet). A count written during tick t is loaded at t + 1. Channel 2 is looked at through port 61h, whose bit 0 is
/// its gate and bit 5 its output.
@Suite struct PITTests {
    /// Channel 2 with a control word, its gate as told, at the start of a tick.
    private func channel2(_ control: UInt8, gate: Bool = true) -> DevicePorts {
        let p = DevicePorts()
        p.wait(untilTick: 1000)
        p[0x61] = gate ? 1 : 0
        p[0x43] = control
        return p
    }

    private func load(_ p: DevicePorts, _ count: Int) { p.write(0x42, UInt8(count & 0xFF), UInt8(count >> 8)) }
    private func out(_ p: DevicePorts) -> Bool { p[0x61] & 0x20 != 0 }
    /// The count of channel 2, by its latch command.
    private func count(_ p: DevicePorts) -> Int {
        p[0x43] = 0x80
        return Int(p[0x42]) | Int(p[0x42]) << 8
    }

    /// Levels of the output at ticks from now on.
    private func outputs(_ p: DevicePorts, _ ticks: Int) -> String {
        let start = p.tick
        return (1...ticks).map {
            p.wait(untilTick: start + UInt64($0))
            return out(p) ? "1" : "0"
        }.joined()
    }

    private func counts(_ p: DevicePorts, _ ticks: Int) -> [Int] {
        let start = p.tick
        return (1...ticks).map {
            p.wait(untilTick: start + UInt64($0))
            return count(p)
        }
    }

    @Test func mode0() {
        let p = channel2(0xB0)
        #expect(!out(p))
        load(p, 4)
        #expect(outputs(p, 7) == "0000111")
        // It goes on counting down after the end.
        #expect(counts(p, 2) == [0xFFFD, 0xFFFC])
        // A new count; the first of its bytes stops and lowers the output at once.
        p[0x42] = 6
        #expect(!out(p))
        #expect(outputs(p, 3) == "000")
        p[0x42] = 0
        #expect(counts(p, 3) == [6, 5, 4])
        // The gate holds it.
        p[0x61] = 0
        #expect(counts(p, 2) == [4, 4])
        p[0x61] = 1
        #expect(outputs(p, 4) == "0001")
    }

    @Test func mode0LoadsWhileTheGateIsLow() {
        let p = channel2(0xB0, gate: false)
        load(p, 3)
        #expect(counts(p, 2) == [3, 3])
        p[0x61] = 1
        #expect(outputs(p, 4) == "0011")
    }

    @Test func mode1() {
        let p = channel2(0xB2, gate: false)
        #expect(out(p))
        load(p, 3)
        #expect(outputs(p, 3) == "111")
        p[0x61] = 1
        #expect(outputs(p, 5) == "00011")
        // Retriggered while low; the gate's falling changes nothing.
        p[0x61] = 0
        p[0x61] = 1
        #expect(outputs(p, 2) == "00")
        p[0x61] = 0
        p[0x61] = 1
        #expect(outputs(p, 5) == "00011")
        // A new count waits for the trigger.
        load(p, 2)
        #expect(outputs(p, 3) == "111")
        p[0x61] = 0
        p[0x61] = 1
        #expect(outputs(p, 4) == "0011")
    }

    @Test func mode2() {
        let p = channel2(0xB4)
        #expect(out(p))
        load(p, 3)
        #expect(counts(p, 7) == [3, 2, 1, 3, 2, 1, 3])
        #expect(outputs(p, 6) == "101101")
        // A new count comes into force at the end of the period.
        load(p, 4)
        #expect(counts(p, 6) == [2, 1, 4, 3, 2, 1])
        // The gate raises the output and restarts the period.
        #expect(!out(p))
        p[0x61] = 0
        #expect(out(p))
        #expect(outputs(p, 5) == "11111")
        p[0x61] = 1
        #expect(counts(p, 5) == [4, 3, 2, 1, 4])
    }

    @Test func mode3() {
        let p = channel2(0xB6)
        load(p, 4)
        #expect(counts(p, 5) == [4, 2, 4, 2, 4])
        #expect(outputs(p, 8) == "10011001")
        let odd = channel2(0xB6)
        load(odd, 5)
        #expect(outputs(odd, 11) == "11100111001")
        #expect(counts(odd, 6) == [2, 0, 4, 2, 4, 2])
        // A new count comes into force with the next half.
        load(odd, 8)
        #expect(outputs(odd, 9) == "100001111")
    }

    @Test func mode4() {
        let p = channel2(0xB8)
        load(p, 3)
        #expect(outputs(p, 7) == "1110111")
        // Written again it starts again; the gate holds it.
        load(p, 3)
        #expect(outputs(p, 2) == "11")
        p[0x61] = 0
        #expect(outputs(p, 3) == "111")
        p[0x61] = 1
        #expect(outputs(p, 4) == "1011")
    }

    @Test func mode5() {
        let p = channel2(0xBA, gate: false)
        load(p, 3)
        #expect(outputs(p, 3) == "111")
        p[0x61] = 1
        #expect(outputs(p, 6) == "111011")
        // The gate's falling does not stop it, a second edge restarts it.
        p[0x61] = 0
        p[0x61] = 1
        #expect(outputs(p, 2) == "11")
        p[0x61] = 0
        #expect(outputs(p, 3) == "101")
    }

    /// Modes 6 and 7 are 2 and 3.
    @Test func unusedModes() {
        let p = channel2(0xBC)
        load(p, 3)
        #expect(outputs(p, 6) == "110110")
        p[0x43] = 0xE8
        #expect(p[0x42] & 0x0E == 4)
    }

    @Test func bcd() {
        let p = channel2(0xB5)
        load(p, 0x1000)
        #expect(counts(p, 3) == [0x1000, 0x0999, 0x0998])
        load(p, 0)
        p.wait(untilTick: p.tick + 997)
        #expect(counts(p, 2) == [0x0000, 0x9999])
    }

    @Test func accessModes() {
        let p = DevicePorts()
        p[0x61] = 1
        p[0x43] = 0x94
        p[0x42] = 0x21
        p.wait(untilTick: 1)
        #expect(p[0x42] == 0x21)
        p.wait(untilTick: 2)
        #expect(p.read(0x42, 2) == [0x20, 0x20])
        p[0x43] = 0xA4
        p[0x42] = 0x21
        p.wait(untilTick: 3)
        #expect(p.read(0x42, 2) == [0x21, 0x21])
        p.wait(untilTick: 4)
        #expect(p[0x42] == 0x20)
        // Port 43h cannot be read.
        #expect(p[0x43] == 0xFF)
    }

    @Test func latches() {
        let p = channel2(0xB4)
        load(p, 0x8000)
        p.wait(untilTick: p.tick + 0x11)
        p[0x43] = 0x80
        p.wait(untilTick: p.tick + 0x500)
        // A second latch command changes nothing.
        p[0x43] = 0x80
        #expect(p.read(0x42, 2) == [0xF0, 0x7F])
        // Unlatched reads see the counter run, low byte then high.
        #expect(p.read(0x42, 2) == [0xF0, 0x7A])
    }

    @Test func readBack() {
        let p = channel2(0xB6)
        p[0x43] = 0xE8
        // Null count, output high, low then high byte, mode 3.
        #expect(p[0x42] == 0xF6)
        load(p, 1000)
        p[0x43] = 0xE8
        #expect(p[0x42] == 0xF6)
        p.wait(untilTick: p.tick + 1)
        // Status and count of all three at once: the status comes first.
        p.write(0x43, 0x14)
        p[0x40] = 7
        p.wait(untilTick: p.tick + 1)
        p[0x43] = 0xCE
        #expect(p.read(0x42, 3) == [0xB6, 0xE6, 0x03])
        #expect(p.read(0x40, 2) == [0x94, 7])
        p.wait(untilTick: p.tick + 499)
        p[0x43] = 0xE8
        #expect(p[0x42] == 0x36)
    }

    @Test func channel0Interrupts() {
        let p = DevicePorts()
        p.preparePIC()
        p.wait(untilTick: 100)
        // Mode 2: one edge a period; the output is low for one tick before it.
        p[0x43] = 0x34
        p.write(0x40, 10, 0)
        p.wait(untilTick: 110)
        #expect(!p.line(0))
        #expect(!p.isRequesting)
        p.wait(untilTick: 111)
        #expect(p.line(0))
        #expect(p.acknowledge() == 0x30)
        p[0x20] = 0x20
        p.wait(untilTick: 120)
        #expect(!p.isRequesting)
        p.wait(untilTick: 121)
        #expect(p.isRequesting)
        // Mode 0: once.
        p[0x43] = 0x30
        #expect(!p.isRequesting)
        p.write(0x40, 5, 0)
        p.wait(untilTick: 127)
        #expect(p.acknowledge() == 0x30)
        p[0x20] = 0x20
        p.wait(untilTick: 100_000)
        #expect(!p.isRequesting)
        #expect(p.machine.devices.nextEvent == .max)
    }

    @Test func port61() {
        let p = DevicePorts()
        p[0x61] = 0xFF
        #expect(p[0x61] & 0xCF == 0x0F)
        p[0x61] = 0
        #expect(p[0x61] & 0xCF == 0)
        // Bit 4 follows the memory refresh.
        p.wait(untilTick: 18)
        #expect(p[0x61] & 0x10 != 0)
        p.wait(untilTick: 36)
        #expect(p[0x61] & 0x10 == 0)
    }
}
