// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Machines with several processors (spec/boot.md sections 1.5 and 2.7): where the others stop, that KD's steps are the first one's, and what a second one sees of the
/// exchange in HalDispatchTable.
struct MultiProcessorTests {
    private func boot(_ processors: Int, script: String? = nil) -> Session {
        Session(BootConfiguration(script: script.map { Array($0.utf8) }, processors: processors))
    }

    /// Runs to the end of the boot, or to whatever stops before.
    private func finish(_ session: Session) -> [UInt8] {
        var serial: [UInt8] = []
        for _ in 0..<10_000 {
            guard case .running = session.run(.go, budget: 1_000_000) else { break }
            serial += session.drainSerial()
        }
        return serial + session.drainSerial()
    }

    @Test(arguments: [2, 4]) func othersWaitForTheFreezeLock(processors: Int) {
        let session = boot(processors)
        let serial = finish(session)
        #expect(session.stop == .bootComplete)
        let alone = boot(1)
        #expect(finish(alone) == serial)
        #expect(alone.debugLog() == session.debugLog())
        for number in 1..<processors {
            let output = session.execute("cpu \(number)").output
            #expect(output.hasPrefix("Processor \(number): <ntoskrnl.exe:") && output.contains("(KiAcquireFreezeLock))>"))
            let rows = session.timeline.filter { $0.processor == number }
            #expect(rows.map(\.step.number.description) == ["1.2", "1.2 #1", "1.2 #2", "1.2 #4", "1.2 #5", "1.2 #13"])
            #expect(rows.map { $0.left == nil } == [true, false, false, false, false, true])
        }
        #expect(session.execute("? [KeNumberProcessors]").output == alone.execute("? [KeNumberProcessors]").output)
    }

    /// Section 2.7: `KdInitSystem(0)` and everything in 2.3 run on CPU 0 only.
    @Test func stepsOfKDAreTheFirstProcessors() {
        let session = boot(4)
        _ = finish(session)
        let rows = session.timeline.filter { $0.entered != nil && ($0.step.number.section == [2, 3] || $0.step.routine.hasPrefix("Kd")) }
        #expect(rows.count > 5 && rows.allSatisfy { $0.processor == 0 })
    }

    @Test func runsAreEqualHoweverTheyAreDebugged() {
        let session = boot(3)
        let serial = finish(session)
        let again = boot(3)
        for line in ["bpx KdpInitDriver", "bpx KiAcquireFreezeLock", "bpm w dword HalDispatchTable+0x34"] {
            #expect(!again.execute(line).failed)
        }
        var text: [UInt8] = []
        var stops = 0
        var others = 0
        while again.stop != .bootComplete, stops < 10_000 {
            stops += 1
            if case .running = again.run(stops % 2 == 0 ? .step(3) : .go, budget: 1_000_000) { continue }
            if again.execute("cpu").output.contains("* 1") || again.execute("cpu").output.contains("* 2") { others += 1 }
            text += again.drainSerial()
        }
        #expect(others >= 2)
        #expect(again.stateHash == session.stateHash)
        #expect(text == serial)
    }

    /// What another processor reads in the cell of `HalInitPnpDriver` while KD exchanges it and exchanges it back: one of the two, and never anything between.
    @Test func theExchangeSeenFromAnotherProcessor() {
        let guest = Guest.boot(options: BootConfiguration.defaultBootOptions, processors: 2)
        let machine = guest.machine
        func address(_ name: String) -> UInt32 { guest.symbols.symbol(named: name)!.address }
        func go(to name: String) {
            machine.insertCodeStop(at: address(name))
            while case .vmcall = machine.run(until: .max, passingStopAtStart: true) { guest.serve()?.finish(0) }
            machine.removeCodeStop(at: address(name))
        }
        go(to: "KdDebuggerInitialize1")
        #expect(machine.currentProcessor == 0)
        // Where CPU 1 waits it gets something to do: mov eax,[cell]; cmp eax,[edi]; je loop; add edi,4; mov [edi],eax; jmp loop, in the lower part of its stack.
        var registers = machine.registers(of: 1)
        let code = registers.esp & 0xFFFF_F000 - 0x1000
        let seen = code + 0x100
        let cell = address("HalDispatchTable") + 0x34
        let bytes: [UInt8] =
            [0xA1] + (0..<4).map { UInt8(truncatingIfNeeded: cell >> (8 * $0)) } + [
                0x3B, 0x07, 0x74, 0xF7, 0x83, 0xC7, 0x04, 0x89, 0x07, 0xEB, 0xF0,
            ]
        #expect(machine.writeBytes(linear: code, bytes))
        registers.eip = code
        registers.edi = seen
        machine.setRegisters(of: 1, to: registers)
        go(to: "IopCreateArcNames")
        let values = (1..<6).map { machine.read32(linear: seen + 4 * UInt32($0)) }
        #expect(values == [address("HaliInitPnpDriver"), address("KdpInitDriver"), address("HaliInitPnpDriver"), 0, 0])
    }

    /// A processor that comes by the cell while the first is in the hook finds `InitCalled` set: STATUS_SUCCESS at once, and no second driver.
    @Test func aSecondEntryOfTheHookIsHarmless() {
        let session = boot(2)
        #expect(!session.execute("bpx IoCreateDriver").failed)
        repeat {
            _ = finish(session)
        } while session.stop == .breakpoint(0) && !session.execute("bt L 2").output.contains("(KdpInitDriver))")
        #expect(session.stop == .breakpoint(0))
        _ = session.execute("cpu 1")
        // Its return address is its own place in the loop.
        for line in ["r esp=esp-4", "ed esp KiAcquireFreezeLock", "r eip=KdpInitDriver", "r eax=1"] {
            #expect(!session.execute(line).failed)
        }
        #expect(!session.execute("bpx KiAcquireFreezeLock").failed)
        _ = finish(session)
        #expect(session.stop == .breakpoint(1))
        #expect(session.execute("cpu").output.contains("* 1  executing"))
        #expect(session.execute("? eax").output.hasPrefix("0x00000000"))
        #expect(session.providers.count == 4)
        #expect(!session.execute("bc *").failed)
        _ = finish(session)
        #expect(session.stop == .bootComplete)
    }

    /// With the lock given back by hand the code goes on as at the commit: with a PCR pointer that nobody has set (section 1.5).
    @Test func behindTheLockThereIsNoPCR() {
        let session = boot(2)
        #expect(!session.execute("bpx KdpInitDriver").failed)
        _ = finish(session)
        #expect(!session.execute("ed KiFreezeExecutionLock 0").failed)
        let serial = String(decoding: finish(session), as: UTF8.self)
        // Leaving KD queues the correction of the clock on a PRCB that nobody has filled, so the parameters' line does not come out any more.
        #expect(serial.contains("*** Fatal System Error: 0x0000000a\r\n"))
        #expect(session.execute("!analyze").output.contains("P1  00000051"))
        #expect(session.execute("!analyze").output.contains("(KiSetProcessorNumber))>"))
    }

    @Test func theCommandNamesItsProcessors() {
        let session = boot(2)
        #expect(session.execute("~").output.split(separator: "\n").map { $0.prefix(14) } == ["* 0  executing", "  1  not start"])
        #expect(session.execute("cpu 2").output.contains("There is no processor '2'.\nThey are 0 to 1."))
        #expect(session.execute("cpu -1").failed)
        #expect(session.execute("cpu 0").output.hasPrefix("Processor 0: <ntoskrnl.exe:"))
        #expect(boot(1).execute("cpu 1").output.contains("kdbg --cpus N"))
    }
}
