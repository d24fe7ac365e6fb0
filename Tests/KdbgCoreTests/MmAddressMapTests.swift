// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// The address map of spec/boot.md section 4.1: sizes by the rules there, computed once more here, and what is mapped where.
struct MmAddressMapTests {
    /// The sizing rules in plain numbers.
    struct Sizes: Equatable {
        var initial: UInt32
        var maximum: UInt32
        var expansionStart: UInt32
        var systemStart: UInt32
        var pagedPoolEnd: UInt32
        var poolStart: UInt32

        init(physical: UInt32, free: UInt32, highest: UInt32) {
            let megabytes = (free - 1024) / 256
            initial = physical <= 65280 ? 2 << 20 : min(256 << 10 + megabytes * (32 << 10), 128 << 20)
            let database = (highest + 1) * 36 & ~0xFFF
            maximum = 1 << 20 + database + megabytes * ((free >= 0x1F000 ? 200 : 400) << 10)
            if free >= 0x1F000 { maximum = max(maximum, 128 << 20) }
            maximum = min(maximum, 256 << 20)
            expansionStart = 0xFFBE_0000 - maximum + initial
            let ptes: UInt32 = physical < 19 * 256 ? 7000 : physical > 65536 ? 44000 : physical > 32 * 256 ? 22000 : 11000
            systemStart = max((expansionStart - (ptes + 1) * 4096) & ~0x3F_FFFF, 0xEB00_0000)
            pagedPoolEnd = min(0xE100_0000 + (max(32 << 20, 2 * maximum) + 0x3F_FFFF) & ~0x3F_FFFF, systemStart) - 1
            poolStart = 0xB000_0000 + (((highest + 1) * 36 + 2 * 64 * 12) >> 12 + 1) << 12
        }

        init(_ run: KernelRun) {
            self.init(physical: 4096, free: 2048, highest: 4095)
            initial = run.variable("MmSizeOfNonPagedPoolInBytes")
            maximum = run.variable("MmMaximumNonPagedPoolInBytes")
            expansionStart = run.variable("MmNonPagedPoolExpansionStart")
            systemStart = run.variable("MmNonPagedSystemStart")
            pagedPoolEnd = run.variable("MmPagedPoolEnd")
            poolStart = run.variable("MmNonPagedPoolStart")
        }
    }

    /// The example of the specification: more than 65280 pages, 60000 free, the highest 0xFFFF.
    @Test func theRulesGiveTheWorkedExample() {
        let sizes = Sizes(physical: 65300, free: 60000, highest: 0xFFFF)
        #expect(sizes.initial == 0x77_0000 && sizes.maximum == 0x5D1_8000)
        #expect(sizes.expansionStart == 0xFA63_8000 && sizes.systemStart == 0xF500_0000)
        #expect(sizes.pagedPoolEnd == 0xECBF_FFFF && sizes.poolStart == 0xB024_1000)
    }

    /// The guest's routine on the example's numbers.
    @Test func theKernelComputesTheWorkedExample() {
        let harness = KdHarness()
        harness.run(to: "MiComputeNonPagedPoolVa")
        harness.set("MmNumberOfPhysicalPages", 65300)
        harness.set("MmHighestPhysicalPage", 0xFFFF)
        harness.set("MmNumberOfSystemPtes", 22000)
        _ = harness.machine.write32(linear: harness.machine.registers.esp + 4, 60000)
        harness.finish()
        #expect(harness.global("MmSizeOfNonPagedPoolInBytes") == 0x77_0000)
        #expect(harness.global("MmMaximumNonPagedPoolInBytes") == 0x5D1_8000)
        #expect(harness.global("MmNonPagedPoolExpansionStart") == 0xFA63_8000)
        #expect(harness.global("MmNonPagedSystemStart") == 0xF500_0000)
        #expect(harness.global("MmNonPagedPoolStart") == 0xB024_1000)
    }

    @Test(arguments: [18, 24, 32, 64, 128, 256, 300, 600, 1024]) func sizesFollowTheRules(memoryMiB: Int) {
        let run = KernelRun(memoryMiB: memoryMiB)
        #expect(run.run(to: "ExpLoadBootSymbols", limit: 400_000_000) == "ExpLoadBootSymbols")
        let expected = Sizes(
            physical: run.variable("MmNumberOfPhysicalPages"), free: run.variable("MiNumberOfFreePages"),
            highest: run.variable("MmHighestPhysicalPage"))
        #expect(Sizes(run) == expected)
        #expect(run.variable("MmHighestPhysicalPage") == UInt32(memoryMiB) * 256 - 1)
    }

    @Test func everythingIsWhereTheMapSays() {
        let run = KernelRun()
        run.run(to: "MiZeroFreePages", limit: 3_000_000_000)
        func isMapped(_ address: UInt32) -> Bool { run.machine.read8(linear: address) != nil }
        // The user half is empty but for the code pages and ntdll.dll, and the loader's low mapping is gone.
        #expect(isMapped(0x1_0000) && !isMapped(0x1_1000))
        for pde in 1..<512 as Range<UInt32> where pde != NtDll.module.linkBase >> 22 { #expect(run.read(0xC030_0000 + 4 * pde) == 0) }
        #expect(run.read(0xC030_0C00) & ~0xFFF == run.machine.registers.cr3)
        for address in [0xC050_1000, 0xC050_2000, 0xC0C0_0000, 0xB000_0000, 0xE100_0000, 0xFFDF_0000, 0xFFDF_F000, 0xB940_0000] as [UInt32]
        {
            #expect(isMapped(address), "\(String(address, radix: 16))")
        }
        for address in [0, 0x7FFE_0000, 0xB940_1000, 0xBB40_0000, 0xC040_0000, 0xC050_0000, 0xC100_0000, 0xFFBF_F000] as [UInt32] {
            #expect(!isMapped(address), "\(String(address, radix: 16))")
        }
        #expect(run.variable("MmDebugPte") == 0xC03F_EFFC)
        #expect(run.variable("MmSystemRangeStart") == 0x8000_0000 && run.variable("MmSessionBase") == 0xBB40_0000)
        // A second view of the page directory.
        #expect(run.read(run.variable("MmSystemPagePtes") + 0xC00) == run.read(0xC030_0C00))
        #expect(run.variable("MmPagedPoolStart") == 0xE100_0000)
        // Twelve lines, and each area's bounds are true.
        let lines = run.serial.split(whereSeparator: \.isNewline).filter { $0.contains("mminit.c:131") }
        #expect(lines.count == 12)
        #expect(
            lines.contains {
                $0.contains(String(run.variable("MmNonPagedSystemStart"), radix: 16, uppercase: true)) && $0.hasSuffix("System PTE Space")
            })
    }

    /// Too little memory for the tables that come first: BC 0x7D.
    @Test func tooLittleMemoryIsABugcheck() {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 BURNMEMORY=64", memoryMiB: 24)
        #expect(run.run(to: "Phase1Initialization") == "KeBugCheckWithTf")
        #expect(run.argument(0) == 0x7D && run.argument(1) == run.variable("MmNumberOfPhysicalPages"))
    }

    /// Pages that an option takes away are on the list of bad ones.
    @Test func burntMemoryIsBad() {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 BURNMEMORY=8", memoryMiB: 40)
        #expect(run.run(to: "Phase1Initialization") == "Phase1Initialization")
        let model = MmMemoryModel(run)
        model.checkPages()
        #expect(model.defects == [])
        #expect(run.variable("MmNumberOfPhysicalPages") < 32 * 256)
    }
}
