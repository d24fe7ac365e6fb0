// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Exceptions and debug services through the guest's IDT, and KDBinit.
struct KdTrapTests {
    private func booted(_ options: String = "DEBUG DEBUGPORT=COM1") -> KdHarness {
        let kd = KdHarness(options: options)
        #expect(kd.run(to: "PsInitSystem") == .reached("PsInitSystem"))
        return kd
    }

    private func printed(_ kd: KdHarness, _ body: () -> Void) -> String {
        let before = kd.serial.utf8.count
        body()
        return String(decoding: kd.serial.utf8.dropFirst(before), as: UTF8.self)
    }

    @Test func printsGoThroughInterrupt2D() {
        let kd = booted()
        let before = kd.machine.registers
        var result: UInt32 = 0
        let text = printed(kd) { result = kd.call("DbgPrint", kd.text("%s %p\n", offset: 0x800), kd.text("value", offset: 0x900), 0xBEEF) }
        #expect(text == "value 0000BEEF\r\n")
        #expect(result == 0)
        #expect(kd.machine.registers == before)
        #expect(kd.global("KdEnteredDebugger") == 0)
    }

    @Test func printsAreCutAt512() {
        let kd = booted()
        let text = printed(kd) { kd.call("DbgPrint", kd.text("%600d", offset: 0x800), 1) }
        #expect(text == String(repeating: " ", count: 511) + "\r\n")
    }

    @Test func filterDecidesByMaskAndLevel() {
        let kd = booted()
        let string = kd.text("", offset: 0x700)
        _ = kd.machine.write32(linear: string, 0x1_0001)
        _ = kd.machine.write32(linear: string + 4, kd.text("x", offset: 0x800))
        func passes(_ component: UInt32, _ level: UInt32) -> Bool {
            !printed(kd) { kd.call("DebugPrint", string, component, level) }.isEmpty
        }
        func setMask(_ component: UInt32, _ mask: UInt32) {
            _ = kd.machine.write32(linear: kd.address(of: "KdpComponentMasks") + 4 * component, mask)
        }
        #expect(passes(3, 0))
        #expect(!passes(3, 3))
        setMask(3, 8)
        #expect(passes(3, 3))
        #expect(passes(3, 0x108))
        #expect(!passes(3, 4))
        #expect(!passes(4, 3))
        // Bit 31 does not count.
        setMask(4, 0x8000_0000)
        #expect(!passes(4, 0x8000_0000))
        #expect(!passes(154, 3))
        // An id beyond the table passes, because the answer is a status.
        #expect(passes(155, 3))
        #expect(!passes(0xFFFF_FFFF, 3))
        kd.set("Kd_WIN2000_Mask", 0x7FFF_FFFF)
        #expect(passes(9, 30))
        #expect(passes(0xFFFF_FFFF, 3))
    }

    @Test func stubStepsOverServices() {
        let kd = booted("NODEBUG")
        #expect(kd.global("KdDebuggerNotPresent") == 1)
        #expect(kd.global("KiDebugRoutine") == kd.address(of: "KdpStub"))
        let text = printed(kd) { kd.call("DbgPrint", kd.text("x", offset: 0x800)) }
        #expect(text.isEmpty)
    }

    @Test func embeddedBreakpointIsSteppedOver() {
        let kd = booted()
        kd.entryAnswer = 2
        let before = kd.machine.registers
        kd.call("DbgBreakPointWithStatus", 7)
        #expect(kd.hostCalls == ["KdbpQueryEntry", "KdbpCliMainLoop"])
        #expect(kd.exceptions == [0x8000_0003])
        #expect(kd.machine.registers == before)
        #expect(kd.global("KdbEntryCount") == 0)
        kd.entryAnswer = 1
        kd.call("DbgBreakPoint")
        #expect(kd.hostCalls.last == "KdbpQueryEntry")
    }

    @Test func refusedBreakpointCrashes() {
        let kd = booted()
        kd.begin(kd.address(of: "DbgBreakPoint"), [])
        #expect(kd.run(to: "KeBugCheckWithTf") == .reached("KeBugCheckWithTf"))
        // First chance, then last chance.
        #expect(kd.exceptions == [0x8000_0003, 0x8000_0003])
        let arguments = (1...3).map { kd.dword(kd.machine.registers.esp + 4 * $0) }
        #expect(arguments == [0x1E, 0x8000_0003, kd.address(of: "DbgBreakPoint")])
    }

    @Test func firstChancesNeedTheGlobalFlag() {
        let kd = booted()
        let record = kd.text("", offset: 0x800)
        let context = kd.text("", offset: 0xA00)
        _ = kd.machine.write32(linear: context + offset(of: \CONTEXT.Eip), kd.address(of: "DbgPrint"))
        func handled(_ code: UInt32, second: UInt32 = 0) -> Int {
            let before = kd.hostCalls.count
            _ = kd.machine.writeBytes(linear: record, [UInt8](repeating: 0, count: 0x50))
            _ = kd.machine.write32(linear: record, code)
            kd.call("KdpReport", 0, 0, record, context, 0, second)
            return kd.hostCalls.count - before
        }
        #expect(handled(0xC000_0005) == 0)
        #expect(handled(0xC000_0005, second: 1) == 1)
        #expect(handled(0x8000_0004) == 1)
        #expect(handled(0xC000_0420) == 1)
        kd.set("NtGlobalFlag", 1)
        #expect(handled(0xC000_0005) == 1)
        #expect(handled(0x8000_0002) == 1)
        #expect(handled(0xC000_0037) == 0)
        #expect(handled(0x4000_0005) == 0)
    }

    @Test func assertionsAskWhatToDo() {
        let kd = booted()
        kd.entryAnswer = 2
        let text = printed(kd) {
            kd.call("RtlAssert", kd.text("a == b", offset: 0x800), kd.text("file.c", offset: 0x900), 12, 0)
        }
        #expect(text.contains("\r\n*** Assertion failed: a == b\r\n***   Source File: file.c, line 12\r\n"))
        #expect(text.contains("(boipt)? \r\nkdb:> "))
        // No answer breaks once.
        #expect(kd.hostCalls == ["KdbpReadLine", "KdbpQueryEntry", "KdbpCliMainLoop"])
    }

    // MARK: KDBinit

    /// A system whose KDBinit is `text`, with what became of its handles and pool.
    private func withInitFile(_ text: String, pool: Bool = true) -> (kd: KdHarness, status: UInt32, output: String, blocks: Int) {
        let kd = booted()
        kd.entryAnswer = 2
        var blocks: Set<UInt32> = []
        let data = Array(text.utf8)
        kd.replace("NtCreateFile") { arguments in
            #expect(arguments[1] == 0x10_0001 && arguments[6] == 0 && arguments[7] == 1 && arguments[8] == 0x68)
            _ = kd.machine.write32(linear: arguments[0], 0x55)
            return 0
        }
        kd.replace("NtQueryInformationFile") { arguments in
            _ = kd.machine.write32(linear: arguments[2] + 8, UInt32(data.count))
            _ = kd.machine.write32(linear: arguments[2] + 12, 0)
            return 0
        }
        kd.replace("NtReadFile") { arguments in
            _ = kd.machine.writeBytes(linear: arguments[5], data)
            _ = kd.machine.write32(linear: arguments[4] + 4, UInt32(data.count))
            return data.isEmpty ? 0xC000_0011 : 0
        }
        var closed = 0
        kd.replace("NtClose") { arguments in
            #expect(arguments[0] == 0x55)
            closed += 1
            return 0
        }
        // Pool that counts: from a place nobody uses this early.
        kd.call("KdpAllocateLogRing", kd.node(2))
        var next = kd.global("KdpDebugBuffer")
        kd.replace("ExAllocatePoolWithTag") { arguments in
            if !pool && arguments[1] == 0x1_0000 { return 0 }
            defer { next += (arguments[1] + 15) & ~15 }
            blocks.insert(next)
            return next
        }
        kd.replace("ExFreePoolWithTag") { arguments in
            blocks.remove(arguments[0])
            return 0
        }
        var status: UInt32 = 0
        let output = printed(kd) { status = kd.call("KdbpCliInit") }
        #expect(closed == 1)
        return (kd, status, output, blocks.count)
    }

    @Test func initFileRunsLineByLine() {
        let run = withInitFile("bl\n? 1\n")
        #expect(run.status == 0)
        #expect(run.output == "KDB: Executing KDBinit file...\r\n<bl>\r\n<? 1>\r\nKDB: KDBinit executed\r\n")
        #expect(run.kd.scriptLines == ["bl", "? 1"])
        #expect(!run.kd.hostCalls.contains("KdbpQueryEntry"))
        #expect(run.blocks == 0)
        #expect(run.kd.global("KdbInitFileBuffer") == 0)
        #expect(run.kd.global("KdbEntryCount") == 0)
    }

    @Test func breakLinesOpenThePrompt() {
        let run = withInitFile("one\nbreak\ntwo\n")
        #expect(run.kd.hostCalls.filter { $0 == "KdbpCliMainLoop" }.count == 1)
        #expect(run.kd.scriptLines == ["one", "break", "two"])
        #expect(run.output.hasSuffix("<two>\r\nKDB: KDBinit executed\r\n"))
    }

    @Test func emptyInitFile() {
        let run = withInitFile("")
        #expect(run.status == 0)
        #expect(run.output == "KDB: Executing KDBinit file...\r\nKDB: KDBinit executed\r\n")
        #expect(run.blocks == 0)
    }

    @Test func longOutputGoesOutInPieces() {
        let line = String(repeating: "x", count: 3000)
        let run = withInitFile(line + "\n")
        #expect(run.output.contains("<" + line + ">\r\n"))
    }

    @Test func shortPoolUsesTheSmallBuffer() {
        let run = withInitFile(String(repeating: "y", count: 3000) + "\nz\n", pool: false)
        #expect(run.output.contains("<" + String(repeating: "y", count: 1023)))
        #expect(run.output.contains("<z>\r\n"))
        #expect(run.blocks == 0)
    }

    @Test func providerAsksAgainOnlyWhileThePathIsNotFound() {
        let kd = booted()
        for (status, again) in [(UInt32(0xC000_0034), true), (0xC000_003A, true), (0xC000_0022, false), (0xC000_000D, false)] {
            kd.replace("NtCreateFile") { _ in status }
            _ = kd.machine.write32(linear: kd.node(3) + 8, 0)
            var result: UInt32 = 1
            let text = printed(kd) { result = kd.call("KdbInitialize", kd.node(3), 2) }
            #expect(result == 0)
            #expect(text.isEmpty)
            #expect((kd.dword(kd.node(3) + 8) != 0) == again)
        }
    }
}

// MARK: Callbacks

extension KdTrapTests {
    /// Drivers' commands have ten slots (spec/kdbg.md section 1.9).
    @Test func slotsOfCallbacks() {
        let kd = KdHarness()
        kd.run(to: "KdpInitDriver")
        let slots = kd.address(of: "KdbCliCallbacks")
        for slot in 0..<UInt32(10) {
            #expect(kd.call("KdSystemDebugControl", 0x5262_644B, 0x1000 + slot, 0, 0, 0, 0, 0) == 0)
            #expect(kd.dword(slots + 4 * slot) == 0x1000 + slot)
        }
        #expect(kd.call("KdSystemDebugControl", 0x5262_644B, 0x2000, 0, 0, 0, 0, 0) == 0xC000_0001)
        #expect(kd.call("KdSystemDebugControl", 0x5262_644B, 0x1003, 1, 0, 0, 0, 0) == 0)
        #expect(kd.dword(slots + 12) == 0)
        #expect(kd.call("KdSystemDebugControl", 0x5262_644B, 0x1003, 1, 0, 0, 0, 0) == 0xC000_0001)
        #expect(kd.call("KdSystemDebugControl", 0x5262_644B, 0x3000, 0, 0, 0, 0, 0) == 0)
        #expect(kd.dword(slots + 12) == 0x3000)
        #expect(kd.call("KdSystemDebugControl", 0, 0x4000, 0, 0, 0, 0, 0) == 0xC000_0002)
    }
}
