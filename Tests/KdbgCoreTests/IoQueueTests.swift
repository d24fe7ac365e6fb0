// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// controller.c, adapter.c, iotimer.c, iowork.c, and the lookaside lists of iomgr.c, called as a driver calls them.
struct IoQueueTests {
    @Test func lookasideListsKeepBlocks() throws {
        let run = KernelRun()
        run.run(to: "IopInitializeQueues")
        let prcb: UInt32 = 0xFFDF_F120
        #expect(run.read(prcb + 0xB24) == 512)
        for (index, name, size, depth) in [
            (0, "IoSmallIrpLookaside", 0x94, 32), (1, "IoLargeIrpLookaside", 0x190, 64), (2, "IopMdlLookasideList", 0x78, 128),
            (6, "IoCompletionPacketLookaside", 0x28, 32),
        ] as [(UInt32, String, UInt32, UInt32)] {
            let own = run.read(prcb + 0x5E0 + 8 * index)
            let common = run.read(prcb + 0x5E4 + 8 * index)
            #expect(common == run.address(name))
            #expect([run.read(common + 0x24), run.word(common + 8), run.word(common + 10)] == [size, 4, depth])
            #expect(run.read(own + 0x24) == size)
            // The processor's own list is on the system's list, the common one on that of all lists.
            #expect(run.list(run.address("ExSystemLookasideListHead")).contains(own + 0x30))
            #expect(run.list(run.address("ExNPagedLookasideListHead")).contains(common + 0x30))
        }
        let own = run.read(prcb + 0x5E0 + 8 * 6)
        let blocks = try (0..<10).map { _ in try #require(run.invoke("ExAllocateFromPPLookasideList", 6)) }
        #expect(Set(blocks).count == 10 && run.read(own + 0x10) == 10)
        for block in blocks { run.invoke("ExFreeToPPLookasideList", 6, block) }
        // Four on each list; two went back to the pool.
        let common = run.address("IoCompletionPacketLookaside")
        #expect([run.word(own + 4), run.word(common + 4), run.read(common + 0x18)] == [4, 4, 2])
        #expect(run.poolUse("Icp ").frees == 2)
        // Last in, first out, and no new block.
        #expect(run.invoke("ExAllocateFromPPLookasideList", 6) == blocks[3])
        #expect(run.poolUse("Icp ").allocations == 10)
    }

    @Test func controllerServesOneDeviceAtATime() throws {
        let run = KernelRun.probe()
        let device = run.variable("ProbeDevice")
        let other = run.object(#"\Device\RawDisk"#)
        let routine = run.address("ProbeExecution")
        let controller = try #require(run.invoke("IoCreateController", 32))
        #expect([run.word(controller), run.word(controller + 2), run.read(controller + 4)] == [2, 0x48, controller + 0x28])
        #expect(run.counts(controller) == [1, 0])
        #expect(run.read(controller - 0x18 + 8) == run.variable("IoControllerObjectType"))
        let irql = run.invoke("KfRaiseIrql", 2)
        // KeepObject: the second device waits.
        run.write(run.address("ProbeAnswer"), 1)
        run.invoke("IoAllocateController", controller, device, routine, 0x11)
        #expect(run.notes() == [0x11] && run.byte(controller + 0x18) == 1)
        run.invoke("IoAllocateController", controller, other, routine, 0x22)
        #expect(run.notes().isEmpty)
        #expect(run.list(controller + 0x0C) == [other + 0x34])
        // DeallocateObject: the controller is free as soon as the routine returns.
        run.write(run.address("ProbeAnswer"), 2)
        run.invoke("IoFreeController", controller)
        #expect(run.notes() == [0x22] && run.byte(controller + 0x18) == 0)
        run.invoke("KfLowerIrql", try #require(irql))
        let type = run.variable("IoControllerObjectType")
        #expect(run.read(type + 0x50) == 1)
        run.invoke("IoDeleteController", controller)
        #expect(run.read(type + 0x50) == 0)
    }

    @Test func adapterOfTheHal() throws {
        let run = KernelRun.probe()
        let cell = run.read(run.address("HalDispatchTable") + 0x3C)
        #expect(cell == run.address("HalpGetDmaAdapter"))
        let description = run.scratch(0x28)
        run.write(description + 4, 0x0101)
        run.write(description + 0x20, 0x10000)
        let pages = run.scratch(4)
        let adapter = try #require(run.invoke("IoGetDmaAdapter", run.variable("ProbeDevice"), description, pages))
        #expect(run.read(pages) == 17)
        #expect(run.read(adapter - 0x18 + 8) == run.variable("IoAdapterObjectType"))
        let table = run.read(adapter + 4)
        #expect(run.read(table + 0x10) == run.address("IoAllocateAdapterChannel") && run.read(table) == 0x34)
        let irql = try #require(run.invoke("KfRaiseIrql", 2))
        run.write(run.address("ProbeAnswer"), 1)
        let device = run.variable("ProbeDevice")
        #expect(run.invoke("IoAllocateAdapterChannel", adapter, device, 4, run.address("ProbeExecution"), 0x33) == 0)
        #expect(run.notes() == [0x33] && run.read(adapter + 0x0C) == device + 0x34)
        #expect(run.invoke("IoAllocateAdapterChannel", adapter, device, 99, run.address("ProbeExecution"), 0) == 0xC000_009A)
        let other = run.object(#"\Device\RawDisk"#)
        run.invoke("IoAllocateAdapterChannel", adapter, other, 1, run.address("ProbeExecution"), 0x44)
        #expect(run.notes().isEmpty)
        run.write(run.address("ProbeAnswer"), 3)
        run.invoke("IoFreeAdapterChannel", adapter)
        #expect(run.notes() == [0x44] && run.read(adapter + 0x0C) == 0 && run.byte(adapter + 0x20) == 0)
        run.invoke("KfLowerIrql", irql)
        let physical = run.scratch(8)
        let buffer = try #require(run.invoke("HalAllocateCommonBuffer", adapter, 0x2000, physical, 0))
        // What the page table says.
        #expect(run.read(0xC000_0000 + (buffer >> 12) << 2) & 0xFFFF_F000 == run.read(physical))
        run.invoke("HalFreeCommonBuffer", adapter, 0x2000, run.read(physical), 0, buffer, 0)
        run.invoke("HalPutDmaAdapter", adapter)
        #expect(run.read(run.variable("IoAdapterObjectType") + 0x50) == 0)
    }

    /// Channel 2, the diskette's: address, page and count are in the 8237A.
    @Test func channelIsProgrammed() throws {
        let run = KernelRun.probe()
        let description = run.scratch(0x28)
        run.write(description + 0x10, 2)
        run.write(description + 0x20, 0x1000)
        let adapter = try #require(run.invoke("HalGetAdapter", description, 0))
        #expect(run.invoke("HalGetAdapter", description, 0) == adapter)
        let mdl = run.scratch(0x1C + 8)
        run.write(mdl + 0x10, 0x8000_0000)
        run.write(mdl + 0x1C, 0x123)
        run.write(mdl + 0x20, 0x456)
        let length = run.scratch(4)
        run.write(length, 0x1000)
        // Two pages that do not follow each other: the first transfer ends with its page.
        #expect(run.invoke("IoMapTransfer", adapter, mdl, 0, 0x8000_0200, length, 1) == 0x12_3200)
        #expect(run.read(length) == 0xE00)
        #expect(run.invoke("HalReadDmaCounter", adapter) == 0xE00)
        run.write(description + 0x10, 4)
        #expect(run.invoke("HalGetAdapter", description, 0) == 0)
    }

    @Test func deviceTimersFireOncePerSecond() throws {
        let run = KernelRun.probe()
        let device = run.variable("ProbeDevice")
        // Other drivers have timers as well.
        let others = run.list(run.address("IopTimerQueueHead"))
        let running = run.variable("IopTimerCount")
        #expect(run.invoke("IoInitializeTimer", device, run.address("ProbeTimer"), 0x77) == 0)
        let timer = run.read(device + 0x18)
        #expect([run.word(timer), run.word(timer + 2), run.read(timer + 0x14)] == [9, 0, device])
        #expect(run.list(run.address("IopTimerQueueHead")) == others + [timer + 4])
        #expect(run.variable("IopTimerCount") == running)
        run.invoke("IoStartTimer", device)
        run.invoke("IoStartTimer", device)
        #expect(run.variable("IopTimerCount") == running + 1 && run.word(timer + 2) == 1)
        run.pause(milliseconds: 3500)
        let notes = run.notes()
        #expect(notes.count == 6 || notes.count == 8)
        #expect(stride(from: 0, to: notes.count, by: 2).allSatisfy { notes[$0] == 0x77 && notes[$0 + 1] == 2 })
        run.invoke("IoStopTimer", device)
        #expect(run.variable("IopTimerCount") == running)
        run.pause(milliseconds: 2500)
        #expect(run.notes().isEmpty)
        run.invoke("IoStartTimer", device)
        let driver = run.read(device + 8)
        run.invoke("IoDeleteDevice", device)
        #expect(run.list(run.address("IopTimerQueueHead")) == others && run.variable("IopTimerCount") == running)
        #expect(run.read(driver + 4) == 0)
    }

    @Test func workItemHoldsItsDevice() throws {
        let run = KernelRun.probe()
        let device = run.variable("ProbeDevice")
        let before = run.counts(device)[0]
        let item = try #require(run.invoke("IoAllocateWorkItem", device))
        run.invoke("IoQueueWorkItem", item, run.address("ProbeWork"), 1, 0x55)
        #expect(run.counts(device)[0] == before + 1 && run.notes().isEmpty)
        let interval = run.scratch(8)
        run.write(interval, (0 as UInt32) &- 1_000_000)
        run.write(interval + 4, ~0)
        run.invoke("KeDelayExecutionThread", 0, 0, interval, limit: 100_000_000)
        #expect(run.notes() == [0x55, before + 1])
        #expect(run.counts(device)[0] == before)
        run.invoke("IoFreeWorkItem", item)
        #expect(run.poolUse("IoWI").bytes == 0)
    }
}
