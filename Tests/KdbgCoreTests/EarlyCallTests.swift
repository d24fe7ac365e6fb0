// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Every row of spec/boot.md section 3.6: called from KdDebuggerInitialize1, each ends as the table says.
struct EarlyCallTests {
    private enum End {
        /// The boot goes on, and the line is printed.
        case fine(String)
        /// A bugcheck whose code and first parameters are these.
        case crash([UInt32])
    }

    private static let ends: [String: End] = [
        "HalDisplayString": .fine("(lab) HalDisplayString returned"), "DbgPrint": .fine("(lab) a line of text"),
        "ExAllocatePoolWithTag": .fine("(lab) ExAllocatePoolWithTag returned 0x"),
        "PsCreateSystemThread": .fine("(lab) the early thread runs"),
        "ZwCreateKey": .fine("(lab) ZwCreateKey returned 0x00000000"), "IoCreateDriver": .crash([0x7E, 0xC000_0005]),
        "IoCreateDevice": .crash([0x7E, 0xC000_0005]),
        "IoRegisterBootDriverReinitialization": .crash([0x0A, 0, 0xFFFF_FFFF, 2]),
        "IoRegisterDriverReinitialization": .crash([0x0A, 0, 0xFFFF_FFFF, 2]), "IoRegisterFileSystem": .crash([0x7E, 0xC000_0005]),
        "IoGetDeviceObjectPointer": .fine("(lab) IoGetDeviceObjectPointer returned 0xc000003a"),
        "ZwCreateFile": .fine(#"(lab) \SystemRoot\debug.log: 0xc000003a"#), "HalDispatchTable": .fine("(lab) HalDispatchTable returned"),
        "KeSetEvent": .fine("(lab) KeSetEvent returned 0x00000000"),
        "KeWaitForSingleObject": .fine("(lab) KeWaitForSingleObject returned 0x00000102"),
        "SeInitSystem": .fine("(lab) SeInitSystem returned 0x"), "PsInitSystem": .fine("(lab) PsInitSystem returned 0x"),
        "ExQueueWorkItem": .fine("(lab) the early work item is worked off"),
        "DbgBreakPoint": .fine("(lab) DbgBreakPoint returned"), "KdEnableDebugger": .fine("(lab) KdEnableDebugger returned 0x00000000"),
    ]

    @Test func everyCallHasAnEnd() {
        #expect(EarlyCall.all.map(\.name).sorted() == Self.ends.keys.sorted())
        #expect(Set(EarlyCall.all.map(\.number)).count == EarlyCall.all.count)
    }

    @Test(arguments: EarlyCall.all.map(\.name))
    func call(name: String) throws {
        let run = try LaboratoryRun(faults: ["early:\(name)"])
        let row = try #require(run.session.timeline.first { $0.step.routine == "KdpEarly\(name)" && !$0.step.number.isFault })
        let caller = try #require(run.session.timeline.first { $0.step.routine == "KdDebuggerInitialize1" })
        #expect(row.entered! > caller.entered!)
        switch Self.ends[name] {
        case .fine(let line):
            #expect(run.isBooted && run.serial.contains(line), "\(run.serial)")
            #expect(caller.left.map { row.left! < $0 } == true)
        case .crash(let start):
            #expect(run.bugcheck?.prefix(start.count) == start[...])
            if name == "IoCreateDriver" || name == "IoCreateDevice" {
                // The read of TypeInfo.InvalidAttributes behind a NULL type, first chance.
                #expect(run.serial.contains("Memory at 0x00000064 could not be accessed") || run.session.debugger.target.system.cr2 == 0x64)
            }
        case nil: Issue.record("no end for \(name)")
        }
    }

    /// Section 3.3: what must not be called at a raised IRQL asserts, and what may be goes on.
    @Test(
        arguments: [
            ("KeSetEvent:2", nil), ("KeSetEvent:3", "KeGetCurrentIrql() <= DISPATCH_LEVEL"), ("KeWaitForSingleObject:1", nil),
            ("KeWaitForSingleObject:2", "KeGetCurrentIrql() < DISPATCH_LEVEL || "), ("ZwCreateFile:1", nil), ("ZwCreateFile:2", "FALSE"),
            ("ZwCreateKey:2", "FALSE"), ("PsCreateSystemThread:2", "FALSE"), ("DbgPrint:31", nil),
        ] as [(String, String?)])
    func atAnIrql(call: String, assertion: String?) throws {
        let run = try LaboratoryRun(faults: ["early:\(call)"])
        guard let assertion else {
            #expect(run.isBooted && !run.serial.contains("*** Assertion failed"))
            return
        }
        #expect(run.serial.contains("*** Assertion failed: \(assertion)"), "\(run.serial.suffix(600))")
        if assertion == "FALSE" { #expect(run.serial.contains("Pageable code called at IRQL > APC_LEVEL (2)")) }
    }

    @Test func irqlsThatThereAreNot() {
        for text in ["early:KeSetEvent:32", "early:KeSetEvent:x", "early:KeSetEvent:", "early:KeSetEvent:1:2"] {
            #expect(throws: FaultError.self) { _ = try Fault(parsing: text) }
        }
    }

    /// Section 3.2: the five names.
    @Test func namesThatLeadNowhere() throws {
        let run = try LaboratoryRun(faults: ["early:ZwCreateFile"])
        let expected = [
            #"\Device\Harddisk0\Partition1\debug.log: 0xc000003a"#, #"\Device\Harddisk0: 0xc0000034"#, #"\??\C:\debug.log: 0xc000003a"#,
            "debug.log: 0xc000003b", #"\SystemRoot\debug.log: 0xc000003a"#,
        ]
        for line in expected { #expect(run.serial.contains("(lab) " + line)) }
    }
}
