// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Clock and CMOS memory (Motorola MC146818 data sheet).
@Suite struct CMOSTests {
    private func time(_ p: DevicePorts) -> [UInt8] { [0x32, 9, 8, 7, 6, 4, 2, 0].map { p.index(0x70, $0) } }
    private func seconds(_ n: UInt64) -> UInt64 { n * DeviceTime.instructionsPerSecond }

    @Test func startsAtAFixedDate() {
        let p = DevicePorts()
        #expect(time(p) == [0x20, 0x26, 0x01, 0x01, 5, 0, 0, 0])
        #expect(p[0x70] == 0xFF)
    }

    @Test func counts() {
        let p = DevicePorts()
        p.wait(instructions: seconds(86400 * 59 + 3600 * 13 + 60 * 59 + 58))
        #expect(time(p) == [0x20, 0x26, 0x03, 0x01, 1, 0x13, 0x59, 0x58])
        p.wait(instructions: seconds(2))
        #expect(time(p) == [0x20, 0x26, 0x03, 0x01, 1, 0x14, 0x00, 0x00])
        p.wait(instructions: seconds(86400 * 306))
        #expect(time(p) == [0x20, 0x27, 0x01, 0x01, 6, 0x14, 0x00, 0x00])
    }

    @Test func knowsLeapYearsAndCenturies() {
        let p = DevicePorts()
        for (register, value) in [(0x32, 0x20), (9, 0x28), (8, 2), (7, 0x28), (6, 2), (4, 0x23), (2, 0x59), (0, 0x59)] as [(UInt8, UInt8)] {
            p.setIndex(0x70, register, value)
        }
        p.wait(instructions: seconds(1))
        #expect(time(p) == [0x20, 0x28, 0x02, 0x29, 3, 0, 0, 0])
        for (register, value) in [(9, 0x99), (8, 0x12), (7, 0x31), (4, 0x23), (2, 0x59), (0, 0x59)] as [(UInt8, UInt8)] {
            p.setIndex(0x70, register, value)
        }
        p.wait(instructions: seconds(1))
        #expect(time(p) == [0x21, 0x00, 0x01, 0x01, 4, 0, 0, 0])
    }

    @Test func formats() {
        let p = DevicePorts()
        // Binary, 24 hours.
        p.setIndex(0x70, 0x0B, 6)
        p.setIndex(0x70, 4, 23)
        p.setIndex(0x70, 2, 59)
        p.setIndex(0x70, 0, 58)
        p.wait(instructions: seconds(1))
        #expect(p.index(0x70, 0) == 59)
        p.wait(instructions: seconds(1))
        #expect(p.index(0x70, 4) == 0)
        // 12 hours in BCD: 11 PM, 12 AM, 12 PM.
        p.setIndex(0x70, 0x0B, 0)
        p.setIndex(0x70, 4, 0x91)
        p.wait(instructions: seconds(3600))
        #expect(p.index(0x70, 4) == 0x12)
        p.wait(instructions: seconds(3600))
        #expect(p.index(0x70, 4) == 0x01)
        p.wait(instructions: seconds(3600 * 11))
        #expect(p.index(0x70, 4) == 0x92)
    }

    @Test func registerA() {
        let p = DevicePorts()
        #expect(p.index(0x70, 0x0A) == 0x26)
        // UIP: the last 244 microseconds of a second.
        p.wait(instructions: seconds(1) - 24_401)
        #expect(p.index(0x70, 0x0A) == 0x26)
        p.wait(instructions: 1)
        #expect(p.index(0x70, 0x0A) == 0xA6)
        #expect(p.index(0x70, 0) == 0)
        p.wait(instructions: 24_400)
        #expect(p.index(0x70, 0x0A) == 0x26)
        #expect(p.index(0x70, 0) == 1)
        // It cannot be written; the divider can be held, and lets the first update come half a second after it is let go.
        p.setIndex(0x70, 0x0A, 0xF6)
        #expect(p.index(0x70, 0x0A) == 0x76)
        p.wait(instructions: seconds(10))
        #expect(p.index(0x70, 0) == 1)
        p.setIndex(0x70, 0x0A, 0x26)
        p.wait(instructions: seconds(1) / 2 - 1)
        #expect(p.index(0x70, 0) == 1)
        p.wait(instructions: 1)
        #expect(p.index(0x70, 0) == 2)
    }

    @Test func setStopsTheClock() {
        let p = DevicePorts()
        p.setIndex(0x70, 0x0B, 0x92)
        // SET takes UIE away.
        #expect(p.index(0x70, 0x0B) == 0x82)
        p.wait(instructions: seconds(5))
        #expect(p.index(0x70, 0) == 0)
        #expect(p.index(0x70, 0x0A) == 0x26)
        p.setIndex(0x70, 0x0B, 0x02)
        p.wait(instructions: seconds(1))
        #expect(p.index(0x70, 0) == 1)
    }

    @Test func updateInterrupt() {
        let p = DevicePorts()
        // The flag comes without the interrupt too.
        p.wait(instructions: seconds(1))
        #expect(p.index(0x70, 0x0C) & 0x90 == 0x10)
        #expect(p.index(0x70, 0x0C) & 0x90 == 0)
        #expect(!p.line(8))
        p.setIndex(0x70, 0x0B, 0x12)
        p.wait(instructions: seconds(1) - 1)
        #expect(!p.line(8))
        p.wait(instructions: 1)
        #expect(p.line(8))
        #expect(p.index(0x70, 0x0C) & 0xB0 == 0x90)
        #expect(!p.line(8))
    }

    @Test func alarm() {
        let p = DevicePorts()
        for (register, value) in [(1, 0x05), (3, 0x01), (5, 0xFF), (0x0B, 0x22)] as [(UInt8, UInt8)] { p.setIndex(0x70, register, value) }
        p.wait(instructions: seconds(64))
        #expect(!p.line(8))
        p.wait(instructions: seconds(1))
        #expect(p.line(8))
        #expect(p.index(0x70, 0x0C) & 0xA0 == 0xA0)
        // Every hour again; and every second when nothing is left to compare.
        p.wait(instructions: seconds(3599))
        #expect(!p.line(8))
        p.wait(instructions: seconds(1))
        #expect(p.line(8))
        _ = p.index(0x70, 0x0C)
        p.setIndex(0x70, 1, 0xC0)
        p.setIndex(0x70, 3, 0xC0)
        p.wait(instructions: seconds(1))
        #expect(p.line(8))
    }

    @Test func periodicInterrupt() {
        let p = DevicePorts()
        p.preparePIC()
        // Rate 6: 1024 a second, counted by what an interrupt handler would see.
        p.setIndex(0x70, 0x0B, 0x42)
        var interrupts = 0
        for _ in 0..<1_000_000 / 100 {
            p.wait(microseconds: 100)
            guard p.line(8) else { continue }
            interrupts += 1
            #expect(p.index(0x70, 0x0C) & 0xC0 == 0xC0)
        }
        #expect(interrupts == 1024)
        // Rate 15 is 2 a second, rate 1 is 256, rate 0 none.
        for (rate, period) in [(0x2F, 500_000), (0x21, 3907)] as [(UInt8, UInt64)] {
            p.setIndex(0x70, 0x0A, 0x76)
            p.setIndex(0x70, 0x0A, rate)
            _ = p.index(0x70, 0x0C)
            p.wait(microseconds: period - 2)
            #expect(!p.line(8))
            p.wait(microseconds: 2)
            #expect(p.line(8))
        }
        p.setIndex(0x70, 0x0A, 0x20)
        _ = p.index(0x70, 0x0C)
        p.wait(instructions: seconds(1))
        #expect(!p.line(8))
    }

    @Test func registerD() {
        let p = DevicePorts()
        p.setIndex(0x70, 0x0D, 0)
        #expect(p.index(0x70, 0x0D) == 0x80)
    }

    @Test func memorySizeAndEquipment() {
        let p = DevicePorts(memory: 64 << 20)
        let words = [0x15, 0x17, 0x30, 0x34].map { Int(p.index(0x70, $0)) | Int(p.index(0x70, $0 + 1)) << 8 }
        #expect(words == [640, 63 * 1024, 63 * 1024, 768])
        #expect(p.index(0x70, 0x12) == 0)
        p.machine.disk.attach(bytes: [], size: 1 << 20)
        #expect(p.index(0x70, 0x12) == 0xF0)
        #expect(p.index(0x70, 0x19) == 47)
        let sum = (0x10...0x2D).reduce(0) { $0 + Int(p.index(0x70, $1)) }
        #expect(Int(p.index(0x70, 0x2E)) << 8 | Int(p.index(0x70, 0x2F)) == sum)
    }

    @Test func memoryIsMemory() {
        let p = DevicePorts()
        for index in 0x0E..<0x80 as Range<UInt8> where index != 0x32 { p.setIndex(0x70, index, index ^ 0x55) }
        for index in 0x0E..<0x80 as Range<UInt8> where index != 0x32 { #expect(p.index(0x70, index) == index ^ 0x55) }
        // Bit 7 of the index is the NMI mask.
        #expect(p.index(0x70, 0x8E) == 0x0E ^ 0x55)
    }
}
