// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Small things that phases 0 and 1 set: the time of day, features of the processor, version strings, lists of pool and creation records (spec/boot.md sections 1.6 and 1.8).
struct KeStartTests {
    /// Days since 1601 and seconds of the day, from shared user data.
    private func time(_ run: KernelRun) -> (days: UInt64, seconds: UInt64) {
        let ticks = UInt64(run.read(0xFFDF_0014)) | UInt64(run.read(0xFFDF_0018)) << 32
        return (ticks / 864_000_000_000, ticks / 10_000_000 % 86_400)
    }

    /// 1 January of years on both sides of leap years and centuries; without the option, or with nonsense, that of the CMOS clock, 2026.
    @Test(
        arguments: [
            ("", 155_228), ("YEAR=1999", 145_366), ("YEAR=2000", 145_731), ("YEAR=2001", 146_097), ("YEAR=1601", 0), ("YEAR=1600", 155_228),
            ("YEAR=99999", 155_228), ("YEAR=x", 155_228),
        ] as [(String, UInt64)])
    func yearCanBeOverridden(option: String, days: UInt64) {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 " + option)
        run.run(to: "ObpInitPhase1", limit: 1_000_000_000)
        #expect(time(run).days == days && time(run).seconds < 10)
    }

    @Test func processorFeaturesAreTurnedOn() {
        let run = KernelRun()
        run.run(to: "KeInitSystem", limit: 1_000_000_000)
        #expect(run.machine.registers.cr4 == 0 && run.machine.registers.cr0 & 0x1_0000 == 0)
        run.run(to: "SepInitSystemPhase1", limit: 1_000_000_000)
        // DE, PSE, PGE, OSFXSR, and write protection.
        #expect(run.machine.registers.cr4 == 0x298 && run.machine.registers.cr0 & 0x1_0000 != 0)
        #expect(run.byte(run.address("KeI386FxsrPresent")) == 1)
    }

    @Test func servicePackHasAName() {
        let run = KernelRun()
        run.run(to: "ObpInitPhase0", limit: 1_000_000_000)
        #expect(run.string(run.address("CmCSDVersionString")) == "Service Pack 2")
    }

    /// Blocks for creation records that are out at the end of the boot wait on their two lists: none is lost.
    @Test func creationRecordsComeBack() {
        let run = KernelRun()
        run.run(to: "MmZeroPageThread", limit: 3_000_000_000)
        let kept = run.word(run.address("ObpCreateInfoLookasideList") + 4) + run.word(run.address("ObpProcessorCreateInfoList") + 4)
        #expect(kept > 0 && run.poolUse("ObCI").bytes == kept * 0x38)
        // Whoever keeps one has an object under way: no object of the name space has.
        for path in [#"\Device\PhysicalMemory"#, #"\Driver\Disk"#, #"\KernelObjects\LowMemoryCondition"#] {
            #expect(run.byte(run.object(path) - 9) & 1 == 0)
        }
    }
}
