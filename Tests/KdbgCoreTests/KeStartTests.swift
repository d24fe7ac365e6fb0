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
        run.run(to: "SepInitializationPhase1", limit: 1_000_000_000)
        // DE, PSE, PGE, OSFXSR, and write protection.
        #expect(run.machine.registers.cr4 == 0x298 && run.machine.registers.cr0 & 0x1_0000 != 0)
        #expect(run.byte(run.address("KeI386FxsrPresent")) == 1)
    }

    /// Section 1.8 #12: a second processor that lacks a feature of the first, where `missing` is not 0; with the same features it is welcome.
    @Test(arguments: [0, 1, 0x100_0000] as [UInt32]) func processorsMustHaveTheSameFeatures(missing: UInt32) {
        let run = KernelRun()
        run.run(to: "KeInitSystem", limit: 1_000_000_000)
        let features = KPRCB.layout.FeatureBits.offset
        let first = run.read(run.address("KiProcessorBlock"))
        // Memory that nobody uses before a double fault stands in for its control block.
        let second = run.address("KiDoubleFaultStackData")
        run.write(run.address("KiProcessorBlock") + 4, second)
        run.write(second + features, run.read(first + features) & ~missing)
        run.write(run.address("KeActiveProcessors"), 3)
        if missing == 0 {
            #expect(run.run(to: "SepInitializationPhase1", "KeBugCheckEx", limit: 1_000_000_000) == "SepInitializationPhase1")
        } else {
            #expect(run.run(to: "SepInitializationPhase1", "KeBugCheckEx", limit: 1_000_000_000) == "KeBugCheckEx")
            #expect((0..<5).map { run.argument($0) } == [0x3E, 0, 0, 0, 0])
        }
    }

    /// Section 1.6 #26: the milliseconds of a tick times 2^24, and NtProductWinNt. Section 1.5 #5 and #12: node and reciprocal.
    @Test func sharedDataAndReciprocal() {
        let run = KernelRun()
        run.run(to: "ObpInitPhase1", limit: 1_000_000_000)
        #expect(run.read(0xFFDF_0004) == 0x0A00_0000 && run.read(0xFFDF_0264) == 1)
        let reciprocal = UInt64(run.read(run.address("KeTimeIncrementReciprocal")))
        let shift = UInt64(run.read(run.address("KeTimeIncrementShiftCount")))
        let increment = UInt64(run.read(run.address("KeMaximumIncrement")))
        #expect(increment == 100_000)
        for x in [0, 1, 99_999, 100_000, 123_456_789, 0xFFFF_FFFF] as [UInt64] {
            #expect((x * reciprocal) >> (32 + shift) == x / increment)
        }
        let node = run.read(run.read(run.address("KiProcessorBlock")) + KPRCB.layout.ParentNode.offset)
        #expect(node == run.address("KiNode0") && run.read(node) == 1)
    }

    /// Section 1.6 #9: a boot path that is too long for NtSystemRoot.
    @Test func systemRootMustFit() throws {
        let run = try LaboratoryRun(faults: ["status:ExpSetSystemRoot:STATUS_BUFFER_TOO_SMALL"])
        #expect(run.bugcheck == [0x6F, 0, 0, 0, 0])
    }

    /// Section 1.8 #15: which of the two strings there is no memory for.
    @Test func stringsOfSystemRoot() throws {
        let run = try LaboratoryRun(faults: ["pool:USTR@RtlAnsiStringToUnicodeString"])
        #expect(run.bugcheck?.prefix(3) == [0x64, 0xC000_0017, 3])
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
