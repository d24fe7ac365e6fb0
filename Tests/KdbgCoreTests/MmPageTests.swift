// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Physical pages, pools and system PTEs at several moments of the boot: what guest memory claims is what counting gives.
struct MmPageTests {
    /// Everything adds up.
    private func check(_ run: KernelRun, _ moment: String) {
        let model = MmMemoryModel(run)
        model.checkPages()
        model.checkPools()
        _ = model.clusters(0)
        _ = model.clusters(1)
        #expect(model.defects == [], "at \(moment)")
    }

    @Test(arguments: [32, 64, 300]) func everythingAddsUp(memoryMiB: Int) {
        let run = KernelRun(memoryMiB: memoryMiB)
        for moment in ["MiReloadBootLoadedDrivers", "ExpLoadBootSymbols", "Phase1Initialization", "IoInitSystem", "MiZeroFreePages"] {
            #expect(run.run(to: moment, limit: 3_000_000_000) == moment)
            check(run, moment)
        }
        // The zero-page thread has cleared some pages when it waits.
        run.run(to: "KeWaitForSingleObject")
        check(run, "the end")
        #expect(run.variable("MmZeroedPageListHead") == 64)
    }
}
