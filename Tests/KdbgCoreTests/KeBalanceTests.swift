// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The balancer, the balance-set manager and what they keep in balance: starving threads, lookaside lists, memory conditions (spec/boot.md sections 1.8 #16, 1.10).
struct KeBalanceTests {
    private static let prcb: UInt32 = 0xFFDF_F120

    /// KTHREADs of the System process whose start address is a routine.
    private func threads(_ run: KernelRun, startingAt name: String) -> [UInt32] {
        run.list(run.variable("PsInitialSystemProcess") + 0x180).map { $0 - 0x224 }.filter { run.read($0 + 0x220) == run.address(name) }
    }

    @Test func bothThreadsWaitAndAreWoken() throws {
        let run = KernelRun()
        run.run(to: "MmZeroPageThread", limit: 3_000_000_000)
        let balancer = try #require(threads(run, startingAt: "MiBalancerThread").first)
        let manager = try #require(threads(run, startingAt: "KeBalanceSetManager").first)
        for (thread, priority) in [(balancer, 17), (manager, 16)] as [(UInt32, UInt32)] {
            #expect(run.byte(thread + 0x4C) == 5 && run.byte(thread + 0x5B) == priority)
        }
        // For its event and its timer; the manager for its timer, which lies on its stack.
        let block = run.read(balancer + 0x54)
        #expect(run.read(block + 0x0C) == run.address("MiBalancerEvent"))
        #expect(run.read(run.read(block + 0x10) + 0x0C) == run.address("MiBalancerTimer"))
        let timer = run.read(run.read(manager + 0x54) + 0x0C)
        #expect(run.byte(timer) == 9 && run.read(timer + 0x24) == 1000)
        #expect(run.read(run.read(timer + 0x20) + 0x0C) == run.address("KiScanReadyQueues"))
        // More than five seconds have passed since both began.
        #expect((2...4).contains(run.variable("MiBalancerPasses")))
        #expect(run.run(to: "ExAdjustLookasideDepth", limit: 200_000_000) == "ExAdjustLookasideDepth")
        #expect(run.read(0xFFDF_F124) == manager)
    }

    @Test func starvingThreadsAreBoosted() throws {
        let run = KernelRun()
        // The phase-1 thread has not waited since the balance-set manager came into being.
        run.run(to: "IoInitSystem", limit: 1_000_000_000)
        let thread = try #require(threads(run, startingAt: "KeBalanceSetManager").first)
        #expect(run.byte(thread + 0x4C) == 1 && run.byte(thread + 0x5B) == 8)
        let ready = run.list(Self.prcb + 0x9F0 + 8 * 8)
        #expect(ready.contains(thread + 0x60))
        let now = run.variable("KeTickCount")
        #expect(now &- run.read(thread + 0x6C) < 300)
        run.invoke("KiScanReadyQueues", 0, 0, 0, 0)
        #expect(run.byte(thread + 0x5B) == 8)
        run.write(thread + 0x6C, run.variable("KeTickCount") &- 300)
        run.invoke("KiScanReadyQueues", 0, 0, 0, 0)
        #expect(run.byte(thread + 0x5B) == 15 && run.byte(thread + 0x122) == 7 && run.byte(thread + 0x15D) == 2)
        #expect(
            run.list(Self.prcb + 0x9F0 + 15 * 8).contains(thread + 0x60) && run.list(Self.prcb + 0x9F0 + 8 * 8).count == ready.count - 1)
        #expect(run.read(Self.prcb + 0x9E8) & 0x8000 != 0)
        #expect(run.read(Self.prcb + 0x9E8) & 0x100 == (ready.count > 1 ? 0x100 : 0))
        // It was for a while: the boost is gone when it has run.
        run.run(to: "ExAdjustLookasideDepth", limit: 1_000_000_000)
        #expect(run.byte(thread + 0x5B) == 16 && run.byte(thread + 0x122) == 0)
    }

    @Test func noMoreThanTenThreadsAPass() throws {
        let run = KernelRun()
        run.run(to: "IoInitSystem", limit: 1_000_000_000)
        for _ in 0..<25 {
            run.invoke("PsCreateSystemThread", run.scratch(4), 0, 0, 0, 0, run.address("ExpWorkerThreadBalanceManager"), 0)
        }
        let queue = Self.prcb + 0x9F0 + 8 * 8
        let count = run.list(queue).count
        #expect(count >= 25)
        let long = run.variable("KeTickCount") &- 1000
        for entry in run.list(queue) { run.write(entry + 0x0C, long) }
        run.invoke("KiScanReadyQueues", 0, 0, 0, 0)
        #expect(run.list(queue).count == count - 10)
        // The next pass goes on behind that queue and comes round.
        #expect(run.read(Self.prcb + 0x9EC) == 9)
        run.invoke("KiScanReadyQueues", 0, 0, 0, 0)
        #expect(run.list(queue).count == count - 20)
    }

    // MARK: Lookaside lists

    @Test func depthFollowsUse() throws {
        let run = KernelRun()
        run.run(to: "IoInitSystem", limit: 1_000_000_000)
        let list = run.scratch(0x48)
        run.invoke("ExInitializeNPagedLookasideList", list, 0, 0, 0, 64, poolTag("Test"), 0)
        /// Allocations and misses since the last look; yields the depth after the next one.
        func look(_ allocates: UInt32, _ misses: UInt32) -> UInt32 {
            run.write(list + 0x0C, run.read(list + 0x0C) + allocates)
            run.write(list + 0x10, run.read(list + 0x10) + misses)
            for _ in 0..<4 { run.invoke("ExAdjustLookasideDepth") }
            return run.word(list + 8)
        }
        #expect(run.word(list + 8) == 4)
        // Half of them missed: half of half of the room above, and five.
        #expect(look(1000, 500) == 4 + 500 * 252 / 2000 + 5)
        #expect(look(1000, 4) == 71)
        #expect(look(24, 24) == 61)
        #expect(look(10_000, 10_000) == 61 + 195 / 2 + 5)
        for _ in 0..<40 { _ = look(1000, 1000) }
        #expect(run.word(list + 8) == 256)
        for _ in 0..<40 { _ = look(0, 0) }
        #expect(run.word(list + 8) == 4)
    }

    // MARK: Memory conditions

    private static let conditions = ["Memory", "PagedPool", "NonPagedPool"]

    /// Whether the low and the high event of each condition are set.
    private func states(_ run: KernelRun) -> [[UInt32]] {
        Self.conditions.map { name in ["Low", "High"].map { run.read(run.object(#"\KernelObjects\"# + $0 + name + "Condition") + 4) } }
    }

    /// What the counts say they should be.
    private func wanted(_ run: KernelRun) -> [[UInt32]] {
        let free = [
            run.variable("MmAvailablePages"),
            run.variable("MmSizeOfPagedPoolInBytes") >> 12 &- run.read(run.address("MmPagedPoolInfo") + 0x1C),
            run.variable("MmMaximumNonPagedPoolInBytes") >> 12 &- run.variable("MmAllocatedNonPagedPool"),
        ]
        let thresholds = [
            ("MmLowMemoryThreshold", "MmHighMemoryThreshold"), ("MiLowPagedPoolThreshold", "MiHighPagedPoolThreshold"),
            ("MiLowNonPagedPoolThreshold", "MiHighNonPagedPoolThreshold"),
        ]
        return zip(free, thresholds).map { free, names in
            [free < run.variable(names.0) ? 1 : 0, free >= run.variable(names.1) ? 1 : 0]
        }
    }

    @Test func thresholdsComeFromTheSizeOfMemory() {
        for (megabytes, low) in [(64, 400), (128, 400), (256, 4096 + (65536 - 32768) / 32)] as [(Int, UInt32)] {
            let run = KernelRun(memoryMiB: megabytes)
            run.run(to: "CcInitializeCacheManager", limit: 1_000_000_000)
            // A page or two less than all are memory.
            let difference = Int(run.variable("MmLowMemoryThreshold")) - Int(low)
            #expect((-8...0).contains(difference), "\(megabytes) MB: \(run.variable("MmLowMemoryThreshold"))")
            #expect(run.variable("MmHighMemoryThreshold") == 3 * run.variable("MmLowMemoryThreshold"))
            #expect(states(run) == wanted(run))
        }
    }

    @Test(arguments: [0, 1] as [UInt32]) func eventsFollowTheCounts(pool: UInt32) {
        let run = KernelRun(memoryMiB: 32)
        run.run(to: "IoInitSystem", limit: 1_000_000_000)
        var seen: Set<[UInt32]> = []
        var blocks: [UInt32] = []
        while let block = run.invoke("ExAllocatePoolWithTag", pool, 0x3_0000, poolTag("Test")), block != 0 {
            blocks.append(block)
            let states = states(run)
            #expect(states == wanted(run), "after \(blocks.count) allocations")
            seen.insert(states[pool == 0 ? 2 : 0])
        }
        #expect(blocks.count > 20)
        // Nonpaged pool ends before memory does, paged pool with it. Each was plentiful, then neither, then scarce.
        #expect(seen == [[0, 1], [0, 0], [1, 0]])
        for block in blocks.reversed() {
            run.invoke("ExFreePoolWithTag", block, poolTag("Test"))
            #expect(states(run) == wanted(run))
        }
        #expect(states(run)[0] == [0, 1])
    }

    @Test func scarceMemoryWakesTheBalancer() {
        let run = KernelRun(memoryMiB: 32)
        run.run(to: "IoInitSystem", limit: 1_000_000_000)
        #expect(run.read(run.address("MiBalancerEvent") + 4) == 0)
        let passes = run.variable("MiBalancerPasses")
        while run.read(run.object(#"\KernelObjects\LowMemoryCondition"#) + 4) == 0 {
            guard run.invoke("ExAllocatePoolWithTag", 1, 0x3_0000, poolTag("Test")) ?? 0 != 0 else { break }
        }
        #expect(run.read(run.address("MiBalancerEvent") + 4) == 1)
        // It runs as soon as the phase-1 thread waits.
        let interval = run.scratch(8)
        run.write(interval, 0 &- 200_000)
        run.write(interval + 4, 0xFFFF_FFFF)
        run.invoke("KeDelayExecutionThread", 0, 0, interval)
        #expect(run.variable("MiBalancerPasses") == passes + 1)
    }
}
