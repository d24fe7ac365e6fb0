// SPDX-License-Identifier: GPL-3.0-or-later

/// The balance-set manager: once a second, what keeps a running system in shape (spec/boot.md section 1.8 #16).
extension Ke {
    /// Where KiScanReadyQueues may boost to, how many threads it looks at and boosts in a pass, and how long one must have been ready, in ticks.
    private enum Scan {
        static let boostPriority: UInt32 = 15
        static let threads: Value = 16
        static let boosts: Value = 10
        static let patience: Value = 300
        /// What a boosted thread may run before it falls back.
        static let quantum: UInt32 = 2
    }

    /// `KeBalanceSetManager(Context)`: a system thread at priority 16, woken by its timer every second. Its work is the depth of lookaside lists; the
    /// timer's DPC looks for threads that starve. Nothing is swapped out, so there are no working sets to trim and no stacks to write away.
    package static let balanceSetManager: Routine = .init(
        "KeBalanceSetManager", ["Context"]
    ) { f in
        let timer = f.structure(KTIMER.self)
        let dpc = f.structure(KDPC.self)
        let object = f.local(timer.value)
        f.call(setPriorityThread, prcb.CurrentThread, 16)
        f.call(initializeTimerEx, timer, 1)
        f.call(initializeDpc, dpc, scanReadyQueues, 0)
        f.call(setTimerEx, timer, (0 as UInt32) &- 10_000_000, 0xFFFF_FFFF as Value, 1000, dpc)
        f.loop {
            f.call(waitForMultipleObjects, 1, f.address(of: object), 1, 0, 0, 0, 0, 0)
            f.call(Ex.adjustLookasideDepth)
        }
    }

    /// `KiScanReadyQueues(Dpc, Context, Argument1, Argument2)`, at DISPATCH_LEVEL: threads of priorities 1 to 14 that have been ready for three seconds run
    /// at 15 for a short while. `Prcb.QueueIndex` is the queue where the next pass begins, when this one did not get round.
    static let scanReadyQueues: Routine = .init(
        "KiScanReadyQueues", ["Dpc", "DeferredContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        let index = f.local(prcb.QueueIndex)
        let boosts = f.local(Scan.boosts)
        let threads = f.local(Scan.threads)
        f.if(index == 0 || index >= Scan.boostPriority.value) { f.set(index, 1) }
        let summary = f.local(prcb.ReadySummary & Value((1 << Scan.boostPriority) - 2))
        f.while(summary != 0 && boosts != 0 && threads != 0) {
            let bit = f.local(Value(1) << index)
            f.if((summary & bit) != 0) {
                f.set(summary, summary & ~bit)
                f.forEach(in: prcb.address(of: \.DispatcherReadyListHead) + (index << 3)) { entry in
                    let thread = f.local(Pointer<KTHREAD>.containing(entry, as: \.WaitListEntry))
                    f.if(threads == 0 || boosts == 0) { f.break() }
                    f.set(threads, threads - 1)
                    f.if((tickCount.dword - thread.WaitTime).isGreaterSigned(Scan.patience - 1)) {
                        f.call(boostStarving, thread)
                        f.set(boosts, boosts - 1)
                    }
                }
            }
            f.add(index, 1)
            f.if(index >= Scan.boostPriority.value) { f.set(index, 1) }
        }
        f.if(boosts != 0 && threads != 0) { f.set(index, 1) }
        f.set(prcb.QueueIndex, index)
        f.return()
    }

    /// `KiBoostStarvingThread(Thread*)`: a ready thread runs at 15 until its quantum ends; PriorityDecrement is what it loses then.
    private static let boostStarving: Routine = .init("KiBoostStarvingThread", ["Thread"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        f.call(removeReady, thread)
        f.set(thread.PriorityDecrement, thread.PriorityDecrement + Scan.boostPriority.value - thread.Priority)
        f.set(thread.Priority, Scan.boostPriority)
        f.set(thread.Quantum, Scan.quantum)
        f.call(readyThread, thread)
        f.return()
    }
}
