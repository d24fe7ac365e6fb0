// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Providers, rings and reinitialization rounds, with the I/O manager's services replaced where a test wants them to fail.
struct KdProviderTests {
    private static let fileBit: UInt32 = 4
    private static let notFound: UInt32 = 0xC000_0034
    private static let pathNotFound: UInt32 = 0xC000_003A
    private static let diskFull: UInt32 = 0xC000_007F

    /// A system with pool, behind KD's phase 0, with all four providers.
    private func withPool() -> KdHarness {
        let kd = KdHarness(options: "DEBUG DEBUGPORT=SCREEN DEBUGPORT=COM1 DEBUGPORT=FILE")
        #expect(kd.run(to: "FsRtlInitSystem") == .reached("FsRtlInitSystem"))
        return kd
    }

    private func field(_ kd: KdHarness, _ index: UInt32, _ offset: UInt32) -> UInt32 { kd.dword(kd.node(index) + offset) }

    @Test func phaseZeroLinksInTableOrder() {
        let kd = withPool()
        #expect(kd.linkedProviders == ["Screen", "Serial", "File", "KDBG"])
        #expect(kd.serial.hasPrefix("(ntoskrnl/kd64/kdinit.c:74) -----------------------------------------------------\r\n"))
        #expect(kd.global("KdComPortInUse") == 0x3F8)
        for index: UInt32 in 0..<4 {
            #expect(field(kd, index, 0x10) == 0)
            #expect(field(kd, index, 0x08) == kd.global("InitRoutines") || index > 0)
        }
    }

    @Test func providersThatWereNotChosenSaySo() {
        let kd = KdHarness(options: "DEBUG DEBUGPORT=COM1")
        #expect(kd.run(to: "FsRtlInitSystem") == .reached("FsRtlInitSystem"))
        #expect(kd.linkedProviders == ["Serial", "KDBG"])
        #expect((0..<4).map { field(kd, $0, 0x10) } == [0xC000_0037, 0, 0xC000_0037, 0])
    }

    @Test func registeringTwiceKeepsTheList() {
        let kd = withPool()
        kd.call("KdDebuggerInitialize0", 0)
        #expect(kd.linkedProviders == ["Screen", "Serial", "File", "KDBG"])
    }

    // MARK: Phase 1 and the hook

    @Test func phaseOneHooksAtomically() {
        let kd = withPool()
        let cell = kd.address(of: "HalDispatchTable") + 0x34
        let before = kd.dword(cell)
        // What 1.8 #4 does, which this boot has not come to.
        kd.set("InbvBootDriverInstalled", 1)
        #expect(kd.call("KdDebuggerInitialize1", 0) == 0)
        #expect(kd.dword(cell) == kd.address(of: "KdpInitDriver"))
        #expect(kd.global("orgHalInitPnpDriver") == before)
        #expect(kd.global("NtGlobalFlag") & 1 == 1)
        // Screen and Serial are done; File and KDBG want phase 2.
        #expect((0..<4).map { field(kd, $0, 0x08) != 0 } == [false, false, true, true])
        #expect(kd.machine.textScreenLines().contains { $0.contains("File log debugging enabled") })
    }

    @Test func nobodyAsksAndNothingIsHooked() {
        let kd = withPool()
        let cell = kd.address(of: "HalDispatchTable") + 0x34
        let before = kd.dword(cell)
        kd.replace("KdbInitialize") { _ in 0xC000_0001 }
        kd.replace("KdpDebugLogInit") { _ in 0xC000_0001 }
        #expect(kd.call("KdDebuggerInitialize1", 0) == 0)
        #expect(kd.dword(cell) == before)
        kd.replace("KdpScreenInit") { _ in 0xC000_0001 }
        kd.replace("KdpSerialInit") { _ in 0xC000_0001 }
        for index: UInt32 in 0..<4 {
            _ = kd.machine.write32(linear: kd.node(index) + 8, kd.dword(kd.address(of: "InitRoutines") + 4 * index))
        }
        #expect(kd.call("KdDebuggerInitialize1", 0) == 0xC000_0001)
        #expect(kd.dword(cell) == before)
    }

    @Test func theHookRunsOnceAndRestoresBeforeItCalls() {
        let kd = withPool()
        let cell = kd.address(of: "HalDispatchTable") + 0x34
        kd.call("KdDebuggerInitialize1", 0)
        let saved = kd.machine.registers
        _ = kd.machine.write8(linear: 0xFFDF_F024, 0)
        var drivers = 0
        kd.replace("IoCreateDriver") { arguments in
            drivers += 1
            #expect(arguments[1] == kd.address(of: "KdpDriverEntry"))
            return 0xC000_0001
        }
        // The HAL's routine, as it sees the cell.
        var seen: UInt32 = 0
        kd.set("orgHalInitPnpDriver", kd.address(of: "KdpScreenAcquire"))
        kd.replace("KdpScreenAcquire") { _ in
            seen = kd.dword(cell)
            return 0x1234
        }
        #expect(kd.call(address: kd.dword(cell), []) == 0x1234)
        #expect(seen == kd.address(of: "KdpScreenAcquire"))
        #expect(drivers == 1)
        #expect(kd.call("KdpInitDriver") == 0)
        #expect(drivers == 1)
        #expect(kd.serial.contains("(ntoskrnl/kd/kdmain.c:288) IoCreateDriver failed: 0xc0000001\r\n"))
        #expect(kd.machine.registers == saved)
    }

    // MARK: Rounds

    /// Runs rounds as the I/O manager does, with providers that ask as long as `asking` says, and yields what happened.
    private func rounds(_ asking: @escaping (_ provider: UInt32, _ phase: UInt32) -> Bool) -> [String] {
        let kd = withPool()
        kd.call("KdDebuggerInitialize1", 0)
        _ = kd.machine.write8(linear: 0xFFDF_F024, 0)
        var events: [String] = []
        var next: UInt32?
        for index: UInt32 in 0..<4 {
            let routine = Kd.providers[Int(index)].initialize.name
            let node = kd.node(index)
            _ = kd.machine.write32(linear: node + 8, asking(index, 2) ? kd.address(of: routine) : 0)
            kd.replace(routine) { arguments in
                #expect(arguments[0] == node)
                #expect(kd.dword(node + 8) == 0)
                events.append("\(index):\(arguments[1])")
                if asking(index, arguments[1] + 1) { _ = kd.machine.write32(linear: node + 8, kd.address(of: routine)) }
                return 0x1000 + arguments[1]
            }
        }
        kd.replace("IoRegisterBootDriverReinitialization") { arguments in
            events.append("boot")
            next = arguments[2]
            return 0
        }
        kd.replace("IoRegisterDriverReinitialization") { arguments in
            events.append("driver")
            next = arguments[2]
            return 0
        }
        kd.replace("ObMakeTemporaryObject") { _ in
            events.append("temporary")
            return 0
        }
        kd.replace("IoDeleteDriver") { _ in
            events.append("delete")
            return 0
        }
        let driver = kd.address(of: "KdpMessageBuffer")
        #expect(kd.call("KdpDriverEntry", driver, 0) == 0)
        #expect(kd.dword(driver + 8) & 0x10 == 0x10)
        var count: UInt32 = 0
        while let context = next, count < 10 {
            next = nil
            count += 1
            kd.call("KdpDriverReinit", driver, context, count)
        }
        return events
    }

    @Test func noProviderAsks() {
        #expect(rounds { _, _ in false } == ["boot", "temporary", "delete"])
    }

    @Test func oneProviderAsksOnce() {
        #expect(rounds { provider, phase in provider == 3 && phase <= 3 } == ["boot", "3:2", "boot", "3:3", "temporary", "delete"])
    }

    @Test func allProvidersAskForEver() {
        let phases: [[String]] = (2...5).map { phase in (0..<4).map { "\($0):\(phase)" } }
        let expected: [[String]] = [
            ["boot"], phases[0], ["boot"], phases[1], ["driver"], phases[2], ["driver"], phases[3], ["temporary", "delete"],
        ]
        #expect(rounds { _, _ in true } == expected.flatMap { $0 })
    }

    // MARK: The log file's failures

    /// Phase 1 of the File provider, and a count of KD's blocks of pool.
    private func withRing() -> (kd: KdHarness, blocks: () -> Int) {
        let kd = withPool()
        var blocks: [UInt32: Bool] = [:]
        kd.call("KdDebuggerInitialize1", 0)
        let ring = kd.global("KdpDebugBuffer")
        #expect(ring != 0 && kd.global("KdpFreeBytes") == 0x8_0000)
        blocks[ring] = true
        kd.replace("ExFreePoolWithTag") { arguments in
            blocks[arguments[0]] = nil
            return 0
        }
        kd.replace("RtlAnsiStringToUnicodeString") { _ in 0 }
        return (kd, { blocks.count })
    }

    /// Nothing is left of the File provider.
    private func expectReleased(_ kd: KdHarness, _ blocks: Int) {
        #expect(kd.global("KdpDebugMode") & Self.fileBit == 0)
        #expect(kd.linkedProviders == ["Screen", "Serial", "KDBG"])
        #expect(kd.global("KdpDebugBuffer") == 0)
        #expect(kd.global("KdpFreeBytes") == 0)
        #expect(kd.global("KdpLogFileHandle") == 0)
        #expect(field(kd, 2, 0x08) == 0)
        #expect(blocks == 0)
    }

    @Test func noPoolForTheRing() {
        let kd = withPool()
        kd.replace("ExAllocatePoolWithTag") { _ in 0 }
        #expect(kd.call("KdpDebugLogInit", kd.node(2), 1) == 0xC000_0017)
        #expect(kd.global("KdpDebugMode") & Self.fileBit == 0)
        #expect(kd.linkedProviders == ["Screen", "Serial", "KDBG"])
        #expect(kd.call("KdpDebugLogInit", kd.node(2), 2) == 0xC000_0037)
    }

    @Test(arguments: [UInt32(0xC000_0034), 0xC000_003A])
    func pathNotFoundAsksAgainAndKeepsEverything(_ status: UInt32) {
        let (kd, blocks) = withRing()
        kd.replace("NtCreateFile") { _ in status }
        for phase: UInt32 in 2...4 {
            _ = kd.machine.write32(linear: kd.node(2) + 8, 0)
            #expect(kd.call("KdpDebugLogInit", kd.node(2), phase) == status)
            #expect(field(kd, 2, 0x08) == kd.address(of: "KdpDebugLogInit"))
        }
        #expect(blocks() == 1)
        #expect(kd.global("KdpDebugBuffer") != 0)
        #expect(kd.linkedProviders.contains("File"))
        #expect(kd.serial.components(of: "Failed to open log file: 0x" + String(status, radix: 16)) == 3)
        // Nobody is asked after phase 5.
        _ = kd.machine.write32(linear: kd.node(2) + 8, 0)
        #expect(kd.call("KdpDebugLogInit", kd.node(2), 5) == status)
        expectReleased(kd, blocks())
    }

    @Test func pathConversionFails() {
        let (kd, blocks) = withRing()
        kd.replace("RtlAnsiStringToUnicodeString") { _ in 0xC000_0017 }
        _ = kd.machine.write32(linear: kd.node(2) + 8, 0)
        #expect(kd.call("KdpDebugLogInit", kd.node(2), 2) == 0xC000_0017)
        expectReleased(kd, blocks())
    }

    @Test func fileCannotBeOpened() {
        let (kd, blocks) = withRing()
        kd.replace("NtCreateFile") { _ in Self.diskFull }
        _ = kd.machine.write32(linear: kd.node(2) + 8, 0)
        #expect(kd.call("KdpDebugLogInit", kd.node(2), 4) == Self.diskFull)
        expectReleased(kd, blocks())
        // What is printed later goes elsewhere and touches nothing.
        kd.call("KdpDebugLogPrint", kd.text("late"), 4)
        #expect(kd.global("KdpCurrentPosition") < 0x8_0000)
    }

    @Test func threadCannotBeMade() {
        let (kd, blocks) = withRing()
        var closed: [UInt32] = []
        kd.replace("NtCreateFile") { arguments in
            _ = kd.machine.write32(linear: arguments[0], 0x44)
            return 0
        }
        kd.replace("NtQueryInformationFile") { _ in 0xC000_0002 }
        kd.replace("PsCreateSystemThread") { _ in 0xC000_009A }
        kd.replace("NtClose") { arguments in
            closed.append(arguments[0])
            return 0
        }
        _ = kd.machine.write32(linear: kd.node(2) + 8, 0)
        #expect(kd.call("KdpDebugLogInit", kd.node(2), 4) == 0xC000_009A)
        #expect(closed == [0x44])
        expectReleased(kd, blocks())
    }

    @Test func logOpensOnce() {
        let (kd, blocks) = withRing()
        kd.replace("NtCreateFile") { arguments in
            // FILE_APPEND_DATA | SYNCHRONIZE, share read, FILE_OPEN_IF, and the four create options.
            #expect(arguments[1] == 0x10_0004 && arguments[6] == 1 && arguments[7] == 3 && arguments[8] == 0x66)
            #expect(kd.dword(arguments[2] + 0x0C) == 0x240)
            _ = kd.machine.write32(linear: arguments[0], 0x44)
            return 0
        }
        var position: UInt32 = 0
        kd.replace("NtQueryInformationFile") { arguments in
            _ = kd.machine.write32(linear: arguments[2] + 8, 0x777)
            _ = kd.machine.write32(linear: arguments[2] + 12, 0)
            return 0
        }
        kd.replace("NtSetInformationFile") { arguments in
            #expect(arguments[4] == 14)
            position = kd.dword(arguments[2])
            return 0
        }
        var start: UInt32 = 0
        kd.replace("PsCreateSystemThread") { arguments in
            start = arguments[5]
            return 0
        }
        kd.replace("ObReferenceObjectByHandle") { _ in 0 }
        kd.replace("ObfDereferenceObject") { _ in 0 }
        var priority: UInt32 = 0
        kd.replace("KeSetPriorityThread") { arguments in
            priority = arguments[1]
            return 8
        }
        kd.replace("NtClose") { _ in 0 }
        _ = kd.machine.write32(linear: kd.node(2) + 8, 0)
        #expect(kd.call("KdpDebugLogInit", kd.node(2), 4) == 0)
        #expect(position == 0x777)
        #expect(start == kd.address(of: "KdpLoggerThread"))
        #expect(priority == 31)
        // The event is auto-reset and signalled.
        #expect(kd.global("KdpLoggerThreadEvent") & 0xFF == 1)
        #expect(kd.dword(kd.address(of: "KdpLoggerThreadEvent") + 4) == 1)
        #expect(field(kd, 2, 0x08) == 0)
        kd.replace("NtCreateFile") { _ in
            Issue.record("opened twice")
            return 0
        }
        #expect(kd.call("KdpDebugLogInit", kd.node(2), 5) == 0)
        #expect(blocks() == 1)
    }
}

extension String {
    /// How often a text occurs.
    func components(of text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
