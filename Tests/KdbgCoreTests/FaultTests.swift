// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Faults as inputs: reading them, when they come, and that nothing else changes.
struct FaultTests {
    @Test(
        arguments: [
            ("pol:KDBG", 1, "there is no fault 'pol'", "Did you mean 'pool'?"),
            ("xyzzy:1", 1, "there is no fault 'xyzzy'", "'kdbg faults' lists them."),
            ("", 1, "the kind of fault is missing", nil), ("pool", 5, "a pool tag is missing", nil),
            ("pool:", 6, "a pool tag is missing", nil),
            ("pool:TOOLONG", 6, "a pool tag has at most four characters", nil),
            ("pool:KDBG:0", 11, "0 is not between 1 and 4294967295", nil),
            ("pool:KDBG:x", 11, "'x' is not a count: N, N+, N-M or *", nil), ("pool:KDBG:3-2", 13, "2 is before 3", nil),
            ("pool:KDBG:1:2", 13, "nothing more is expected here", nil),
            ("pool:KDBG@", 11, "a routine's name is missing behind the @", nil), ("status:NtCreateFile", 20, "a status is missing", nil),
            ("status:NtCreateFile:STATUS_DISK_FUL", 21, "'STATUS_DISK_FUL' is not a status", "Did you mean 'STATUS_DISK_FULL'?"),
            ("status:NtCreateFile:0x1_0", 21, "'0x1_0' is not a status", nil),
            ("status:NtCreateFile:0x100000000", 21, "0x100000000 is not between", nil),
            ("missing:", 9, "a path is missing", nil), (#"missing:\"#, 9, "a path is missing", nil),
            (#"missing:"C:\x"#, 9, "the quotation mark has no other", nil), (#"missing:"C:\x"y"#, 15, "a colon must follow", nil),
            (#"missing:"C:\x""#, 10, "without a drive letter", nil), (#"missing:\ReactOS"#, 9, "nothing can be booted", nil),
            ("disk:-1", 6, "'-1' is not a sector's number", nil), ("disk:#0", 6, "0 is not between 1", nil),
            ("disk:1:wriet", 8, "'wriet'", "Did you mean 'write'?"),
            ("no-uart:COM3", 9, "'COM3' is not in this PC", nil), ("full-volume:x", 13, "'x' is not a number of bytes", nil),
            ("early:IoCreateDrivr", 7, "there is no early call", "Did you mean 'IoCreateDriver'?"),
            ("defect:x", 8, "there is no defect 'x'", "'kdbg faults' lists them."),
        ] as [(String, Int, String, String?)])
    func mistakes(text: String, column: Int, message: String, hint: String?) {
        do throws(FaultError) {
            _ = try Fault(parsing: text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.column == column && error.message.contains(message) && error.hint == hint, "\(error)")
        }
    }

    @Test(
        arguments: [
            ("status:NtCreteFile:0", 8, "no routine is called 'NtCreteFile'"), ("status:KdProviders:0", 8, "is a variable"),
            ("status:KiHaltForever@Nowhere:0", 22, "no routine is called 'Nowhere'"),
            ("status:beep!BeepOpn:0", 8, "no routine is called 'beep!BeepOpn'"),
            ("status:nosuch!DriverEntry:0", 8, "no routine is called 'nosuch!DriverEntry'"),
            (#"missing:\ReactOS\x.sys"#, 9, "'x.sys' is not on the boot volume"),
            ("early:DbgPrint@DbgBreakPoint", 16, "is not a routine of the kernel's that calls could be added to"),
            ("early:DbgPrint@Nowhere", 16, "no routine is called 'Nowhere'"),
        ])
    func whatThisKernelDoesNotHave(text: String, column: Int, message: String) throws {
        let fault = try Fault(parsing: text)
        #expect { try BootConfiguration(faults: [fault]).check() } throws: {
            guard let error = $0 as? FaultError else { return false }
            return error.column == column && error.message.contains(message)
        }
    }

    /// A driver that comes from the volume is waited for; a routine of it that is misspelt is not.
    @Test func driversThatComeLater() throws {
        let run = try LaboratoryRun(faults: ["status:beep!DriverEntry:STATUS_NO_MEMORY", "status:DbgPrint@beep!DriverEntry:0"])
        #expect(run.isBooted && run.serial.contains(#"'\Driver\Beep' initialization failed, status (0xc0000017)"#))
        #expect(run.session.faultReports[0].state == .fired)
        let firing = try #require(run.session.faultReports[0].firings.first)
        #expect(firing.routine == "DriverEntry" && firing.result == 0xC000_0017)
        // The caller is there, but does not call that.
        #expect(run.session.faultReports[1].complaint == "never reached: there were 0 calls of that kind")
        // Of an image that does not come at all.
        let without = try LaboratoryRun(faults: ["status:beep!DriverEntry:0xC0000017", #"status:MmLoadSystemImage:0xC0000034:*"#])
        #expect(without.session.faultReports[0].complaint == "never reached: beep.sys was not loaded")
        #expect(!without.session.execute("faults").failed)
    }

    /// A hint comes from all images, not only from those that are loaded.
    @Test func hintsKnowEveryImage() throws {
        let fault = try Fault(parsing: "status:BeepDeviceContrl:0")
        #expect { try BootConfiguration(faults: [fault]).check() } throws: {
            ($0 as? FaultError)?.hint == "Did you mean 'BeepDeviceControl'?"
        }
    }

    @Test func exampleOfEveryKind() throws {
        for kind in FaultKind.all {
            let fault = try Fault(parsing: kind.example)
            #expect(fault.kind == kind.name)
            #expect(kind.usage.hasPrefix(kind.name))
            try BootConfiguration(script: [], faults: [fault]).check()
        }
    }

    @Test func quotation() throws {
        #expect(try Fault(parsing: #"missing:"a""b:c""#).effect == .missing([#"a"b:c"#]))
        #expect(
            try Fault(parsing: "status:A@B:STATUS_DISK_FULL:2+").effect
                == .returns(
                    RoutineCalls(routine: .init(name: "A", column: 8), caller: .init(name: "B", column: 10), numbers: 2...Int(UInt32.max)),
                    0xC000_007F))
    }

    /// The n-th call and no other, by its caller; each firing has its mark and a row in the timeline.
    @Test func theNthCall() throws {
        let plain = try LaboratoryRun(faults: ["status:NtCreateFile@KdpOpenLogFile:0xC000003A:1000"])
        guard case .waiting(let calls) = plain.session.faultReports[0].state else { return #expect(Bool(false), "it came") }
        #expect(calls == 3)
        #expect(plain.session.faultReports[0].complaint == "never reached: there were 3 calls of that kind")
        let run = try LaboratoryRun(faults: ["status:NtCreateFile@KdpOpenLogFile:0xC000003A:3"])
        let report = run.session.faultReports[0]
        #expect(report.state == .fired && report.firings.count == 1 && report.complaint == nil)
        #expect(run.provider("File").phase == 5 && run.provider("File").status == 0)
        let rows = run.session.timeline
        let index = try #require(rows.firstIndex { $0.step.number.isFault })
        #expect(rows[index].entered == report.firings[0].mark && rows[index].result == 0xC000_003A)
        #expect(
            rows[index].step.title == "Fault: status:NtCreateFile@KdpOpenLogFile:0xC000003A:3" && "\(rows[index].step.number)" == "fault 1")
        #expect(rows.map(\.id) == Array(rows.indices))
        #expect(rows[..<index].last!.entered! <= rows[index].entered!)
    }

    /// The host's stops change nothing but what was asked for: breakpoints, steps and slices on the way give the same end (design rules 3 and 4).
    @Test(
        arguments: [
            ["pool:KDBG@KdpAllocateLogRing", "status:NtReadFile@KdbpReadInitFile:STATUS_IO_DEVICE_ERROR"],
            ["disk:#1:write", "early:DbgPrint"],
        ])
    func debuggingLeavesNoTrace(texts: [String]) throws {
        let faults = try texts.map { try Fault(parsing: $0) }
        func finish(_ lines: [String], budget: UInt64, steps: Bool = false) -> (UInt64, UInt64, Int) {
            let session = Session(BootConfiguration(script: Array("? 1\n".utf8), faults: faults))
            for line in lines { #expect(!session.execute(line).failed) }
            var stops = 0
            for _ in 0..<1_000_000 {
                var goal = RunGoal.go
                if steps, case .breakpoint = session.stop { goal = .step(3) }
                guard case .stopped(let stop, _) = session.run(goal, budget: budget) else { continue }
                stops += 1
                if stop == .bootComplete || stop.isFinal { break }
            }
            #expect(session.faultReports.allSatisfy { $0.state == .fired })
            return (session.mark.instruction, session.stateHash, stops)
        }
        let (count, hash, _) = finish([], budget: 1_000_000_000)
        let breakpoints = ["bpx NtReadFile", "bpx ExAllocatePoolWithTag IF [esp+0xC] == 0x4742444B", "bpm w dword KdProviders"]
        let other = finish(breakpoints, budget: 12_345)
        #expect((other.0, other.1) == (count, hash) && other.2 > 3)
        let stepped = finish(breakpoints, budget: 1_000_000, steps: true)
        #expect((stepped.0, stepped.1) == (count, hash))
    }

    @Test func aRestartKeepsThem() throws {
        let once = try LaboratoryRun(faults: ["pool:KDBG:1"])
        let again = try LaboratoryRun(faults: ["pool:KDBG:1"], reboots: 1)
        #expect(again.session.faultReports == once.session.faultReports)
        #expect(again.session.stateHash == once.session.stateHash)
    }

    @Test func sessionsShowThem() throws {
        let run = try LaboratoryRun(faults: ["pool:KDBG:1", "no-uart:COM2", "status:NtClose:0:60000"])
        let lines = run.session.execute("faults").output.split(separator: "\n").map(String.init)
        #expect(lines.count == 4 && lines[0] == "1  pool:KDBG:1: has come" && lines[2] == "2  no-uart:COM2: in force")
        #expect(lines[1].contains("ExAllocatePoolWithTag: Call 1 from KdpAllocateLogRing returns 0x00000000 and does nothing."))
        #expect(lines[3].hasPrefix("3  status:NtClose:0:60000: not reached yet, "))
        #expect(Session(BootConfiguration()).execute("faults").output.contains("No faults were asked for"))
    }

    @Test func aFullVolumeIsFull() throws {
        let run = try LaboratoryRun(faults: ["full-volume:4096"])
        #expect(run.isBooted)
        // Two clusters of 2 KiB, of which the log gets what it needs.
        let free = try LaboratoryRun(faults: [])
        #expect(run.session.debugLog() == free.session.debugLog())
    }

    /// With both rings refused nothing of the tag is left at all.
    @Test func noKDBGPoolOutstanding() throws {
        let run = try LaboratoryRun(faults: ["pool:KDBG@KdpAllocateDmesg", "status:NtCreateFile@KdpOpenLogFile:STATUS_ACCESS_DENIED"])
        #expect(run.isBooted && run.driverIsGone && run.poolInUse == 0)
    }

    @Test func catalogueIsComplete() {
        let text = FaultCatalogue.text
        for name in FaultKind.all.map(\.usage) + EarlyCall.all.map(\.name) + Defect.all.map(\.name) + FaultScenario.all.map(\.name) {
            #expect(text.contains("  " + name + "\n"))
        }
        for name in FaultCatalogue.names { #expect(FaultCatalogue.text(of: name) != nil) }
        #expect(FaultCatalogue.text(of: "nothing") == nil)
        #expect(FaultCatalogue.suggestion(for: "pol") == "pool")
    }
}
