// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The four mechanisms, each as spec/boot.md section 2 describes it, and the comparison.
struct MechanismTests {
    private func record(
        _ mechanism: Mechanism, options: String = BootConfiguration.defaultBootOptions, faults: [String] = []
    ) throws -> MechanismRecord {
        try MechanismRecord.boot(
            BootConfiguration(
                bootOptions: options, script: Array("# nothing\n".utf8), faults: try faults.map { try Fault(parsing: $0) },
                mechanism: mechanism))
    }

    private func steps(_ record: MechanismRecord, _ kind: MechanismEvent.Kind) -> [String] {
        record.events.filter { $0.kind == kind }.map { "\($0.subject) \($0.routine) \($0.step)" }
    }

    @Test func theHookPatchesOneCellAndNothingElse() throws {
        let record = try record(.hook)
        #expect(record.stop == .bootComplete || record.log != nil)
        let patched = record.events.filter { $0.kind == .patched }
        #expect(patched.map(\.routine) == ["KdpHookInitPnpDriver", "KdpInitDriver"])
        #expect(!record.events.contains { $0.kind == .linked && $0.subject.hasSuffix("ListHead") && !$0.subject.contains("Reinit") })
        #expect(!record.events.contains { $0.kind == .allocated && $0.routine.hasPrefix("KdpInsert") })
        #expect(record.events.filter { $0.kind == .object }.map(\.subject) == [#"\Driver\KdDriver"#])
        #expect(record.events.first { $0.kind == .object }?.routine == "IoCreateDriver")
    }

    @Test func loadOrderIsCalledBeforeTheBootDrivers() throws {
        let record = try record(.loadOrder)
        #expect(!record.events.contains { $0.kind == .patched })
        let lists = record.events.filter { ($0.kind == .linked || $0.kind == .unlinked) && $0.subject == "LoadOrderListHead" }
        #expect(lists.map(\.kind) == [.linked, .unlinked])
        #expect(record.events.first { $0.routine == "KdpDllInitialize" }?.step == "1.9.1 #3")
        #expect(record.events.first { $0.kind == .object }?.routine == "IoCreateDriver")
        // Everything it took is given back.
        #expect(record.poolInUse == (try self.record(.hook)).poolInUse)
    }

    @Test func theBootDriverIsStartedByTheIOManager() throws {
        let record = try record(.bootDriver)
        #expect(!record.events.contains { $0.kind == .patched })
        for list in ["PsLoadedModuleList", "BootDriverListHead"] {
            let changes = record.events.filter { ($0.kind == .linked || $0.kind == .unlinked) && $0.subject == list }
            // Behind the entry of PsLoadedModuleList there are system drivers by then: the list's head does not change when it goes.
            #expect(changes.map(\.kind) == [.linked, .unlinked], "\(list)")
            #expect(Set(changes.map(\.number)).count == 1)
        }
        let registry = record.events.filter { $0.kind == .registry && $0.routine == "KdpMakeServiceKey" }
        #expect(
            registry.contains { $0.subject.hasSuffix("CreateKey") && $0.status == 0 }
                && registry.contains { $0.subject.hasSuffix("SetValueKey") })
        let object = try #require(record.events.first { $0.kind == .object })
        #expect(object.subject == #"\Driver\KdDriver"# && object.routine == "IopInitializeDriverModule" && object.step == "1.9.1 #5")
        #expect(record.poolInUse == (try self.record(.hook)).poolInUse)
    }

    /// The three that become a driver run the same rounds with the same statuses and have the same log.
    @Test func threeOfThemEndAlike() throws {
        let records = try [Mechanism.hook, .loadOrder, .bootDriver].map { try record($0) }
        let phases = records.map {
            $0.events.filter { $0.kind == .phase && $0.number >= 2 }.map { "\($0.number) \($0.routine) \($0.status ?? 1)" }
        }
        #expect(phases[0] == phases[1] && phases[0] == phases[2] && phases[0].count == 6)
        #expect(records[0].log == records[1].log && records[0].log == records[2].log)
        #expect(records.allSatisfy { $0.events.contains { $0.kind == .script } })
    }

    /// Section 2.2: KDBinit behind the boot drivers, no phase after 1, and no log until something prints when smss is there.
    @Test func theCallbackHasItsTwoDefects() throws {
        let record = try record(.callback)
        #expect(record.events.contains { $0.kind == .script })
        #expect(!record.events.contains { $0.kind == .phase && $0.number >= 2 || $0.kind == .object || $0.kind == .patched })
        let late = try self.record(
            .callback, options: "DEBUG DEBUGPORT=COM1 DEBUGPORT=FILE", faults: ["early:DbgPrint@MmZeroPageThread"])
        let opened = try #require(late.events.first { $0.kind == .phase && $0.number == 3 })
        #expect(opened.routine == "KdpDebugLogInit" && opened.status == 0 && opened.step == "1.8 #39")
        #expect(late.log.map { String(decoding: $0, as: UTF8.self).contains("(lab) a line of text") } == true)
    }

    /// What the callback's failures leave behind (section 2.2 #4).
    @Test func theCallbackLeaks() throws {
        let fault = "status:NtCreateFile@KdpOpenLogFile:STATUS_ACCESS_DENIED:*"
        let run = try LaboratoryRun(
            options: "DEBUG DEBUGPORT=COM1 DEBUGPORT=FILE", faults: [fault, "early:DbgPrint@MmZeroPageThread"], mechanism: .callback)
        #expect(run.provider("File").isRegistered && run.global("KdpDebugMode") & 4 != 0 && run.global("KdpDebugBuffer") != 0)
        #expect(run.poolInUse == 0x8_0000 + 0x2_1000)
    }

    @Test func comparisonsSayWhatWasSeen() throws {
        let comparison = MechanismComparison(try [Mechanism.hook, .callback].map { try record($0) })
        let rows = Dictionary(uniqueKeysWithValues: comparison.rows.map { ($0.title, $0.cells) })
        #expect(rows["Cells patched"]?[1] == ["none"] && rows["Cells patched"]?[0].count == 2)
        #expect(rows["Log file opened"]?[1] == ["never"])
        let text = comparison.text(columns: 100)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { $0.count <= 100 })
        #expect(text.contains("hook") && text.contains("callback"))
        #expect(comparison.json.text().hasPrefix("{\n  \"mechanisms\": ["))
    }

    @Test func losses() {
        func find(_ printed: String, _ log: String) -> [String] {
            LogLoss.find(printed: Array(printed.utf8), log: Array(log.utf8)).map { "\($0.range) \($0.lines)" }
        }
        #expect(find("a\nb\nc\n", "a\nb\nc\n").isEmpty)
        #expect(find("a\nb\nc\n", "b\nc\n") == ["0..<2 1...1"])
        #expect(find("a\nb\nc\nd\n", "b\nd\n") == ["0..<2 1...1", "4..<6 3...3"])
        #expect(find("a\nb", "") == ["0..<3 1...2"])
    }

    @Test func optionsThatLeaveKDOff() {
        for (options, isProblem) in [
            ("DEBUG", false), ("DEBUG=DISABLE", false), ("NODEBUG", true), ("CRASHDEBUG", true), ("SOS", true), ("", true),
        ] {
            #expect((BootConfiguration(bootOptions: options).mechanismProblem != nil) == isProblem, "\(options)")
        }
    }
}
