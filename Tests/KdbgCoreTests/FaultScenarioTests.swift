// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Every scenario of `kdbg faults`, and what must come of it (spec/boot.md sections 1.3, 2.4, 3; spec/kdbg.md section 7.5).
struct FaultScenarioTests {
    private typealias Check = @Sendable (LaboratoryRun) -> Void

    /// Bytes of pool that the ring of dmesg takes, which stays as long as the kernel: whole pages.
    private static let dmesg: UInt32 = 0x2_1000
    private static let ring: UInt32 = 0x8_0000

    /// Nothing is left of the File provider: mode bit, node, ring, handle.
    private static func expectReleased(_ run: LaboratoryRun, dmesg: UInt32 = dmesg) {
        #expect(run.isBooted && run.driverIsGone)
        #expect(run.global("KdpDebugMode") & 4 == 0)
        #expect(!run.provider("File").isRegistered)
        #expect(run.global("KdpDebugBuffer") == 0 && run.global("KdpFreeBytes") == 0 && run.global("KdpLogFileHandle") == 0)
        #expect(run.poolInUse == dmesg)
    }

    private static let checks: [String: Check] = [
        "early-phase-0": { run in
            // Prcb.PPLookasideList[3] is NULL; its TotalAllocates is read.
            #expect(run.bugcheck?.prefix(4) == [0x0A, 0x0C, 0xFFFF_FFFF, 0])
            let symbols = run.session.debugger.target.symbols
            #expect(symbols.symbol(containing: run.bugcheck?[4] ?? 0)?.name == "ExAllocateFromPPLookasideList")
        },
        "early-no-directory": { run in
            #expect(run.isBooted)
            #expect(run.serial.contains("(lab) IoCreateDriver returned 0xc000003a"))
            #expect(run.serial.contains(#"Deleting driver object '\Driver\Early'"#))
        },
        "early-no-root": { run in
            #expect(run.bugcheck?.prefix(2) == [0x1E, 0xC000_0005])
        },
        "old-loader": { run in #expect(run.bugcheck == [0x79, 3, 0x84, 5, 2]) },
        "no-acpi": { run in #expect(run.bugcheck == [0xA5, 0xC000_0225, 0, 0, 0]) },
        "no-hal": { run in #expect(run.bugcheck?[0] == 0x5C) },
        "no-bus-handlers": { run in #expect(run.bugcheck == [0x61, 0, 0, 0, 0]) },
        "no-banner": { run in #expect(run.bugcheck == [0x32, 0xC000_0109, 7, 0, 0]) },
        "no-processor-text": { run in #expect(run.bugcheck == [0x32, 0xC000_0109, 4, 0, 0]) },
        "premature-reinit": { run in #expect(run.bugcheck?.prefix(4) == [0x0A, 0, 0xFFFF_FFFF, 2]) },
        "no-log-ring": { run in
            expectReleased(run)
            #expect(run.provider("File").status == 0xC000_0017)
            #expect(run.session.debugLog() == nil)
        },
        "no-dmesg": { run in
            #expect(run.isBooted && run.global("KdpDmesgBuffer") == 0 && run.provider("KDBG").status == 0)
            #expect(run.poolInUse == ring)
        },
        "no-log-path": { run in
            expectReleased(run)
            #expect(run.provider("File").status == 0xC000_0017 && run.provider("File").phase == 2)
        },
        "log-refused": { run in
            expectReleased(run)
            #expect(run.provider("File").status == 0xC000_0022 && run.provider("File").phase == 2)
            #expect(run.serial.contains("Failed to open log file: 0xc0000022"))
        },
        "log-nowhere": { run in
            expectReleased(run)
            #expect(run.provider("File").status == 0xC000_003A && run.provider("File").phase == 5)
            #expect(run.serial.components(of: "Failed to open log file: 0xc000003a") == 4)
        },
        "log-nowhere-kept": { run in
            #expect(run.isBooted && run.driverIsGone)
            #expect(run.provider("File").isRegistered && run.provider("File").phase == 5)
            #expect(run.poolInUse == ring + dmesg)
        },
        "no-log-thread": { run in
            expectReleased(run)
            #expect(run.provider("File").status == 0xC000_009A && run.provider("File").phase == 4)
            #expect(run.serial.contains("Failed to create log file thread: 0xc000009a"))
        },
        "no-uart": { run in
            #expect(run.isBooted && run.serial.isEmpty)
            #expect(run.provider("Serial").status == 0xC000_00C0 && !run.provider("Serial").isRegistered)
            #expect(run.global("KdpDebugMode") == 1 && run.global("KdComPortInUse") == 0)
        },
        "no-script": { run in
            #expect(run.isBooted && run.driverIsGone)
            #expect(run.provider("KDBG").phase == 5 && run.provider("KDBG").status == 0)
            #expect(!run.session.hasBegunScript)
        },
        "script-unreadable": { run in
            #expect(run.isBooted && run.driverIsGone && !run.session.hasBegunScript)
            #expect(run.serial.contains("KDB: KDBinit cannot be read: 0xc0000185"))
            #expect(run.provider("KDBG").phase == 4 && run.poolInUse == ring + dmesg)
        },
        "no-script-pool": { run in
            #expect(run.isBooted && run.driverIsGone && !run.session.hasBegunScript)
            #expect(run.serial.contains("KDB: KDBinit cannot be read: 0xc000009a"))
            #expect(run.provider("KDBG").phase == 4 && run.poolInUse == ring + dmesg)
        },
        "hook-fails": { run in
            #expect(run.isBooted && !run.driverIsGone)
            #expect(run.serial.contains("(ntoskrnl/kd/kdmain.c:288) IoCreateDriver failed: 0xc000009a"))
            #expect(run.provider("File").phase == 1 && run.provider("KDBG").phase == 1)
            // The HAL's routine is back in its cell.
            let target = run.session.debugger.target
            let cell = target.symbols.symbol(named: "HalDispatchTable")!.address + 0x34
            #expect(target.read32(cell) == run.global("orgHalInitPnpDriver"))
        },
        "full-volume": { run in
            #expect(run.isBooted && run.session.debugLog()?.isEmpty == true)
            #expect(run.provider("File").status == 0)
        },
        "bad-boot-sector": { run in
            #expect(run.bugcheck.map { [$0[0], $0[2]] } == [0x7B, 0xC000_009C])
            #expect(run.session.faultReports[0].state == .fired)
        },
        "log-sector": { run in
            expectReleased(run)
            #expect(run.provider("File").status == 0xC000_0015)
        },
        "dangling-arc": { run in #expect(run.bugcheck.map { [$0[0], $0[2]] } == [0x7B, 0xC000_0034]) },
        "no-file-system": { run in #expect(run.bugcheck?[0] == 0x7B) },
        "no-raw": { run in
            #expect(run.bugcheck?[0] == 0x7B)
            #expect(!run.serial.contains("BOOT DRIVERS LOADED"))
        },
        "io-init-fails": { run in #expect(run.bugcheck == [0x69, 0, 0, 0, 0]) },
        "no-ntdll": { run in
            #expect(run.bugcheck == [0x69, 0, 0, 0, 0])
            #expect(run.serial.contains("PsLocateSystemDll: ntdll.dll cannot be used, status 0xc0000034"))
        },
        "no-ntdll-section": { run in
            #expect(run.bugcheck == [0x69, 0, 0, 0, 0])
            #expect(run.serial.contains("PsLocateSystemDll: ntdll.dll cannot be used, status 0xc000009a"))
        },
        "no-ntdll-entry": { run in #expect(run.bugcheck == [0x6B, 0, 0, 0, 0]) },
        "security-phase-2": { run in #expect(run.bugcheck == [0x33, 0, 2, 0, 0]) },
        "processes-phase-2": { run in #expect(run.bugcheck == [0x33, 1, 2, 0, 0]) },
        "no-sids": { run in #expect(run.bugcheck == [0x5F, 0, 0, 0, 0]) },
        "no-token": { run in #expect(run.bugcheck == [0x5F, 0, 0, 0, 0]) },
        "no-shared-resources": { run in #expect(run.bugcheck == [0x68, 0, 0, 0, 0]) },
        "no-port-type": { run in #expect(run.bugcheck == [0x6A, 0, 0, 0, 0]) },
        "no-lid-notification": { run in #expect(run.bugcheck == [0xA0, 0, 0, 0, 0]) },
        "no-reference-monitor": { run in #expect(run.bugcheck == [0x6B, 0, 0, 0, 0]) },
        "no-lsa-event": { run in #expect(run.bugcheck == [0x63, 0, 0, 0, 0]) },
        "no-process-phase-1": { run in #expect(run.bugcheck == [0x6B, 0, 0, 0, 0]) },
        "no-smss-parameters": { run in #expect(run.bugcheck == [0x6D, 0xC000_009A, 0, 0, 0]) },
        "no-smss-environment": { run in #expect(run.bugcheck == [0x6E, 0xC000_009A, 0, 0, 0]) },
        "no-smss": { run in #expect(run.bugcheck == [0x6F, 0xC000_0034, 0, 0, 0]) },
        "smss-stays-suspended": { run in #expect(run.bugcheck == [0x70, 0xC000_0022, 0, 0, 0]) },
        "unexpected-break": { run in
            #expect(run.isBooted && run.global("KdDebuggerEnabled") & 0xFF == 1)
            #expect(run.serial.components(of: "(ntoskrnl/kd64/kdinit.c:74) ----") == 2)
            #expect(run.serial.contains("(lab) DbgBreakPoint returned"))
        },
        "late-break": { run in
            #expect(run.isBooted && run.global("KdDebuggerEnabled") & 0xFF == 1)
            // The second banner knows no memory, no options, no paths.
            #expect(run.serial.components(of: "(ntoskrnl/kd64/kdinit.c:76)") == 2)
            #expect(run.serial.components(of: "(ntoskrnl/kd64/kdinit.c:80)") == 1)
        },
        "late-break-defect": { run in #expect(!run.isBooted && run.global("KeLoaderBlock") == 0) },
        "reenable": { run in
            #expect(run.isBooted && run.session.providers.allSatisfy(\.isRegistered))
            #expect(run.serial.contains("(lab) KdEnableDebugger returned 0x00000000"))
            #expect(run.session.providers.allSatisfy { $0.status == 0 })
        },
        "reenable-defect": { run in #expect(run.isBooted && run.session.providers.allSatisfy(\.isRegistered)) },
        "one-provider-circle": { run in
            #expect(run.session.stop != .bootComplete && run.bugcheck == nil)
            let node = run.provider("KDBG").address
            #expect(run.session.debugger.target.read32(node) == node)
            let round = run.session.timeline.last { $0.step.routine == "KdpDriverReinit" && $0.entered != nil }
            #expect(round != nil && round?.left == nil)
        },
        "crash-enables": { run in
            #expect(run.bugcheck?.prefix(2) == [0x7E, 0xC000_0005])
            #expect(run.global("KdDebuggerEnabled") & 0xFF == 1)
            #expect(run.serial.hasPrefix("(ntoskrnl/kd64/kdinit.c:74) ----"))
        },
    ]

    @Test func everyScenarioHasACheck() {
        #expect(FaultScenario.all.map(\.name).sorted() == Self.checks.keys.sorted())
    }

    @Test(arguments: FaultScenario.all.map(\.name))
    func scenario(name: String) throws {
        let scenario = FaultScenario.all.first { $0.name == name }!
        let run = try LaboratoryRun(
            options: scenario.bootOptions, faults: scenario.faults, instructions: name == "one-provider-circle" ? 60_000_000 : 2_000_000_000
        )
        Self.checks[name]?(run)
        #expect(run.session.faultReports.allSatisfy { $0.complaint == nil }, "a fault has not come")
    }
}
