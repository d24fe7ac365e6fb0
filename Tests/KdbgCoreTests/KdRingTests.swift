// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// The rings of the File and KDBG providers against models of spec/kdbg.md sections 7.5 and 7.7, and what a print does to them.
struct KdRingTests {
    private static let logSize = 0x8_0000
    private static let dmesgSize = 0x2_0000

    /// A repeatable sequence of numbers.
    private struct Numbers {
        var state: UInt32 = 12345
        mutating func next(below limit: Int) -> Int {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int(state >> 8) % limit
        }
    }

    private func withRings() -> KdHarness {
        let kd = KdHarness(options: "DEBUG DEBUGPORT=COM1 DEBUGPORT=FILE")
        #expect(kd.run(to: "FsRtlInitSystem") == .reached("FsRtlInitSystem"))
        kd.call("KdDebuggerInitialize1", 0)
        return kd
    }

    private func bytes(_ kd: KdHarness, _ address: UInt32, _ count: Int) -> [UInt8] {
        kd.machine.readBytes(linear: address, count: count) ?? []
    }

    @Test func logRingFollowsItsModel() {
        let kd = withRings()
        let ring = kd.global("KdpDebugBuffer")
        var model = bytes(kd, ring, Self.logSize)
        var position = 0
        var free = Self.logSize
        var numbers = Numbers()
        for round in 0..<400 {
            let length = round % 7 == 0 ? 0 : numbers.next(below: 3000)
            let data = (0..<length).map { UInt8(truncatingIfNeeded: round + $0) }
            let source = kd.text("")
            _ = kd.machine.writeBytes(linear: source, data)
            kd.call("KdpDebugLogPrint", source, UInt32(length))
            let count = min(length, free)
            for index in 0..<count { model[(position + index) % Self.logSize] = data[index] }
            position = (position + count) % Self.logSize
            free -= count
            // The logger takes everything now and then.
            if round % 50 == 49 {
                free = Self.logSize
                kd.set("KdpFreeBytes", UInt32(free))
            }
            #expect(kd.global("KdpCurrentPosition") == UInt32(position))
            #expect(kd.global("KdpFreeBytes") == UInt32(free))
        }
        #expect(bytes(kd, ring, Self.logSize) == model)
    }

    @Test func fullLogRingDropsWhatComesLast() {
        let kd = withRings()
        kd.set("KdpCurrentPosition", UInt32(Self.logSize) - 3)
        kd.set("KdpFreeBytes", 5)
        kd.call("KdpDebugLogPrint", kd.text("abcdefgh"), 8)
        let ring = kd.global("KdpDebugBuffer")
        #expect(bytes(kd, ring + UInt32(Self.logSize) - 3, 3) == Array("abc".utf8))
        #expect(bytes(kd, ring, 2) == Array("de".utf8))
        #expect(kd.global("KdpCurrentPosition") == 2)
        #expect(kd.global("KdpFreeBytes") == 0)
        kd.call("KdpDebugLogPrint", kd.text("x"), 1)
        #expect(kd.global("KdpCurrentPosition") == 2)
        // To the very end: the position is 0 again.
        kd.set("KdpCurrentPosition", UInt32(Self.logSize) - 4)
        kd.set("KdpFreeBytes", 100)
        kd.call("KdpDebugLogPrint", kd.text("wxyz"), 4)
        #expect(kd.global("KdpCurrentPosition") == 0)
        #expect(bytes(kd, ring + UInt32(Self.logSize) - 4, 4) == Array("wxyz".utf8))
    }

    @Test func loggerWritesInOneOrTwoPieces() {
        let kd = withRings()
        let ring = kd.global("KdpDebugBuffer")
        var written: [[UInt32]] = []
        kd.replace("NtWriteFile") { arguments in
            written.append([arguments[5] - ring, arguments[6]])
            return 0
        }
        let size = UInt32(Self.logSize)
        let states: [(position: UInt32, free: UInt32)] = [(0, size), (100, size - 100), (5, size - 10), (0, size - 7), (9, 0)]
        kd.begin(kd.address(of: "KdpLoggerThread"), [0])
        for state in states {
            #expect(kd.run(to: "KeWaitForSingleObject") == .reached("KeWaitForSingleObject"))
            kd.set("KdpCurrentPosition", state.position)
            kd.set("KdpFreeBytes", state.free)
            kd.leave(0, arguments: 5)
        }
        #expect(kd.run(to: "KeWaitForSingleObject") == .reached("KeWaitForSingleObject"))
        #expect(kd.global("KdpFreeBytes") == size)
        #expect(kd.global("KdpLoggingEnabled") == 1)
        #expect(written == [[0, 100], [size - 5, 5], [0, 5], [size - 7, 7], [9, size - 9], [0, 9]])
    }

    @Test func dmesgOverwritesItsOldest() {
        let kd = withRings()
        let ring = kd.global("KdpDmesgBuffer")
        var model = bytes(kd, ring, Self.dmesgSize)
        var position = Int(kd.global("KdpDmesgCurrentPosition"))
        var total = kd.global("KdbDmesgTotalWritten")
        var numbers = Numbers()
        for round in 0..<200 {
            let length = numbers.next(below: 3000)
            let data = (0..<length).map { UInt8(truncatingIfNeeded: round &* 3 &+ $0) }
            let source = kd.text("")
            _ = kd.machine.writeBytes(linear: source, data)
            kd.call("KdbDebugPrint", source, UInt32(length))
            for index in 0..<length { model[(position + index) % Self.dmesgSize] = data[index] }
            position = (position + length) % Self.dmesgSize
            total += UInt32(length)
        }
        #expect(bytes(kd, ring, Self.dmesgSize) == model)
        #expect(kd.global("KdpDmesgCurrentPosition") == UInt32(position))
        #expect(kd.global("KdbDmesgTotalWritten") == total)
        #expect(kd.global("KdpDmesgFreeBytes") == UInt32(Self.dmesgSize))
        kd.set("KdbpIsInDmesgMode", 1)
        kd.call("KdbDebugPrint", kd.text("more"), 4)
        #expect(kd.global("KdbDmesgTotalWritten") == total)
    }

    @Test func theEventIsOnlySignalledAtDispatchAndBelow() {
        let kd = withRings()
        var signals = 0
        kd.replace("KeSetEvent") { _ in
            signals += 1
            return 0
        }
        let irql: UInt32 = 0xFFDF_F024
        kd.call("KdpDebugLogPrint", kd.text("x"), 1)
        #expect(signals == 0)
        kd.set("KdpLoggingEnabled", 1)
        for (level, expected) in [(UInt8(0), 1), (1, 2), (2, 3), (3, 3), (31, 3)] {
            _ = kd.machine.write8(linear: irql, level)
            kd.call("KdpDebugLogPrint", kd.text("x"), 1)
            #expect(signals == expected)
            #expect(kd.machine.read8(linear: irql) == level)
        }
        // A whole print is at DISPATCH_LEVEL in the providers, wherever it comes from below.
        _ = kd.machine.write8(linear: irql, 0)
        kd.call("KdpPrintString", stringAt(kd, "hello"))
        #expect(signals == 4)
    }

    /// A STRING in guest memory.
    private func stringAt(_ kd: KdHarness, _ text: String) -> UInt32 {
        let buffer = kd.text(text, offset: 0x800)
        let place = kd.text("", offset: 0x700)
        _ = kd.machine.write32(linear: place, UInt32(text.utf8.count) | UInt32(text.utf8.count) << 16)
        _ = kd.machine.write32(linear: place + 4, buffer)
        return place
    }

    @Test func circularLogCountsItsRollovers() {
        let kd = withRings()
        let buffer = kd.global("KdPrintCircularBuffer")
        kd.set("KdPrintWritePointer", buffer + 0x8000 - 2)
        kd.set("KdPrintRolloverCount", 0xFFFF_FFFF)
        kd.call("KdLogDbgPrint", stringAt(kd, "abcd"))
        #expect(kd.global("KdPrintWritePointer") == buffer + 2)
        #expect(kd.global("KdPrintRolloverCount") == 1)
        #expect(bytes(kd, buffer + 0x7FFE, 2) == Array("ab".utf8))
        #expect(bytes(kd, buffer, 2) == Array("cd".utf8))
    }

    @Test func serialPutsCRInFrontOfLF() {
        let kd = withRings()
        let before = kd.serial.utf8.count
        kd.call("KdpSerialPrint", kd.text("a\nb\0c"), 5)
        #expect(String(decoding: kd.serial.utf8.dropFirst(before), as: UTF8.self) == "a\r\nb")
    }

    @Test func screenShowsLinesAndBackspaces() {
        let kd = KdHarness(options: "DEBUG DEBUGPORT=SCREEN")
        #expect(kd.run(to: "FsRtlInitSystem") == .reached("FsRtlInitSystem"))
        // Boot video is installed later; white on blue.
        kd.set("InbvDisplayState", 0)
        kd.set("InbvDisplayDebugStrings", 1)
        kd.call("VidSolidColorFill", 0, 0, 639, 479, 4)
        kd.call("VidSetTextColor", 15)
        kd.call("KdpScreenPrint", kd.text("one\ntw"), 6)
        kd.call("KdpScreenPrint", kd.text("o\u{8}\u{8}e"), 4)
        #expect(kd.machine.textScreenLines()[0].hasPrefix("one"))
        #expect(kd.machine.textScreenLines()[1].hasPrefix("te"))
        #expect(kd.machine.textScreenCursor?.row == 1)
        #expect(kd.machine.textScreenCursor?.column == 2)
        // 25 more lines scroll.
        for line in 0..<25 { kd.call("KdpScreenPrint", kd.text("\nline \(line)"), UInt32("\nline \(line)".utf8.count)) }
        #expect(kd.machine.textScreenLines()[24].hasPrefix("line 24"))
        #expect(kd.machine.textScreenLines()[0].hasPrefix("line 0"))
        #expect(kd.machine.textScreenCells()[1] == 0x1F)
    }

    @Test func absentPortLeavesTheProviderOut() {
        let kd = KdHarness(options: "DEBUG DEBUGPORT=COM:0x5000")
        #expect(kd.run(to: "HalDisplayString") == .reached("HalDisplayString"))
        let text = kd.machine.readBytes(linear: kd.dword(kd.machine.registers.esp + 4), count: 80) ?? []
        #expect(String(decoding: text, as: UTF8.self).contains("Serial port not found"))
        #expect(kd.run(to: "FsRtlInitSystem") == .reached("FsRtlInitSystem"))
        #expect(kd.linkedProviders == ["KDBG"])
        #expect(kd.dword(kd.node(1) + 0x10) == 0xC000_00C0)
        #expect(kd.global("KdpDebugMode") == 0)
    }
}
