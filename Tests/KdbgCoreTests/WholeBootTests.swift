// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Whole boots as a front end runs them.
struct WholeBootTests {
    private static let script = Array("set syntax intel\r\nbl\r\nmod\r\nregs\r\nbt\r\n".utf8)

    /// What is left of a boot.
    private struct Outcome: Equatable {
        var stop: Stop
        var count: UInt64
        var hash: UInt64
        var serial: [UInt8]
        var log: [UInt8]?
    }

    private func finish(_ session: Session, _ goal: (Session) -> RunGoal = { _ in .go }) -> Outcome {
        var serial: [UInt8] = []
        for _ in 0..<1_000_000 {
            _ = session.run(goal(session), budget: 10_000_000)
            serial += session.drainSerial()
            if session.stop.isFinal || session.stop == .bootComplete { break }
        }
        return Outcome(
            stop: session.stop, count: session.mark.instruction, hash: session.stateHash, serial: serial, log: session.debugLog())
    }

    /// The kernel without any observer, served as the session would; nobody asks for the debugger.
    @Test func observersLeaveNoTrace() {
        let watched = Session(BootConfiguration(script: nil))
        let outcome = finish(watched)
        #expect(outcome.stop == .bootComplete)
        let guest = Guest.boot(options: BootConfiguration.defaultBootOptions)
        while guest.machine.run(until: outcome.count, passingStopAtStart: false) == .vmcall { guest.serve()?.finish(0) }
        #expect(guest.machine.instructionCount == outcome.count)
        #expect(guest.machine.stateHash() == outcome.hash)
    }

    @Test func theSameInputsGiveTheSameBytes() {
        let configuration = BootConfiguration(script: Self.script)
        let outcome = finish(Session(configuration))
        #expect(outcome.stop == .bootComplete)
        #expect(finish(Session(configuration)) == outcome)
    }

    /// Breakpoints, watchpoints, false conditions and stops at each boot step on the way (design rule 4).
    @Test func debuggingAWholeBootLeavesNoTrace() {
        let configuration = BootConfiguration(script: nil)
        let outcome = finish(Session(configuration))
        let debugged = Session(configuration)
        for line in [
            "bpx KdpInitDriver", "bpx KdpDriverReinit", "bpx ExAllocatePoolWithTag IF [esp+8] == 12345", "bpx KeSetEvent IF 0",
            "bpm w dword HalDispatchTable+0x34", "bpm rw dword KdProviders",
        ] { #expect(!debugged.execute(line).failed) }
        var stops = 0
        let result = finish(debugged) { session in
            stops += 1
            _ = session.execute("bt")
            return stops % 3 == 0 ? .step(7) : stops % 3 == 1 ? .nextBootStep : .next(3)
        }
        #expect(stops > 200)
        #expect(result == outcome)
    }

    /// Pool of KD by the kernel's own accounting: bytes in use under the tag 'KDBG'.
    private func poolInUse(_ session: Session, _ guest: Guest) -> [UInt32] {
        let table = guest.machine.read32(linear: guest.symbols.symbol(named: "PoolTrackTable")!.address)!
        for index in 0..<1024 as Range<UInt32> where guest.machine.read32(linear: table + 28 * index) == poolTag("KDBG") {
            return [12, 24].map { guest.machine.read32(linear: table + 28 * index + $0)! }
        }
        return []
    }

    /// The log's ring is given back when its path does not exist; what remains of KD's pool is the dmesg ring, 33 pages.
    @Test func aFailedLogLeavesNoPool() {
        func inUse(_ options: String) -> [UInt32] {
            let guest = Guest.boot(options: options)
            let session = Session(guest: guest, bootOptions: options)
            #expect(finish(session).stop == .bootComplete)
            return poolInUse(session, guest)
        }
        let without = inUse("DEBUG DEBUGPORT=COM1")
        #expect(without == [33 * 4096, 0])
        #expect(inUse(#"DEBUG DEBUGPORT=COM1 DEBUGPORT=FILE:\SystemRoot\nowhere\a.log"#) == without)
        #expect(inUse("DEBUG DEBUGPORT=COM1 DEBUGPORT=FILE") == [(33 + 128) * 4096, 0])
    }

    /// What the kernel was given by the loader and keeps is still there at the end.
    @Test func theTaskStateSurvivesTheBoot() {
        let guest = Guest.boot(options: "DEBUG DEBUGPORT=COM1")
        #expect(finish(Session(guest: guest)).stop == .bootComplete)
        let tss = guest.machine.registers.tr.base
        #expect(guest.machine.readBytes(linear: tss + 0x68, count: 0x2004) == [UInt8](repeating: 0xFF, count: 0x2004))
        #expect(guest.machine.read16(linear: tss + 0x66) == 0x20AC)
        #expect(guest.machine.read32(linear: guest.symbols.symbol(named: "KeLoaderBlock")!.address) == 0)
    }

    /// 2026-01-01, the date of the machine's CMOS clock, and not two minutes later.
    @Test func theSystemTimeIsThatOfTheClock() {
        let guest = Guest.boot(options: "DEBUG DEBUGPORT=COM1")
        #expect(finish(Session(guest: guest)).stop == .bootComplete)
        let time = UInt64(guest.machine.read32(linear: 0xFFDF_0018)!) << 32 | UInt64(guest.machine.read32(linear: 0xFFDF_0014)!)
        let seconds = Int64(time / 10_000_000) - 134_116_992 * 100
        #expect((0..<120).contains(seconds), "\(seconds)")
    }
}
