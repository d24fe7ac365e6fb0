// SPDX-License-Identifier: GPL-3.0-or-later

/// The threads by which memory is kept in balance (spec/boot.md section 1.8 #16).
extension Mm {
    /// Set when memory has become scarce.
    static let balancerEvent: GlobalStructure<KEVENT> = .init("MiBalancerEvent")
    static let balancerTimer: GlobalStructure<KTIMER> = .init("MiBalancerTimer")
    private static let balancerThread: Global = .init("MiBalancerThreadHandle")
    private static let balancerThreadId: Global = .init("MiBalancerThreadId", size: 8)
    /// How often the balancer has run.
    private static let balancerPasses: Global = .init("MiBalancerPasses")
    /// Both objects it waits for.
    private static let balancerObjects: Global = .init("MiBalancerWaitObjects", size: 8) {
        [.address(balancerEvent), .address(balancerTimer)]
    }

    /// `MiInitBalancerThread()`.
    static let initBalancerThread: Routine = .init(
        "MiInitBalancerThread", section: .initialization,
        step: .init(
            "1.8 #16", "Balancer thread",
            "A system thread of priority 17 that wakes every two seconds, and at once when memory becomes scarce. In ReactOS it asks the users of memory to give pages back; here nothing is paged out, and what is left is to bring the memory-condition events up to date."
        )
    ) { f in
        f.call(Ke.initializeEvent, balancerEvent, 1, 0)
        f.call(Ke.initializeTimerEx, balancerTimer, 1)
        f.call(Ke.setTimerEx, balancerTimer, (0 as UInt32) &- 20_000_000, 0xFFFF_FFFF as Value, 2000, 0)
        let status = f.local(
            f.call(Ps.createSystemThread, balancerThread, 0x1F_03FF, 0, 0, balancerThreadId, balancerThreadRoutine, 0))
        let thread = f.local(0)
        f.if(status.isError) { f.return(status) }
        f.set(
            status, f.call(Ob.referenceObjectByHandle, balancerThread.dword, 0x20, Ps.threadType.dword, 0, f.address(of: thread), 0))
        f.if(status.isError) { f.return(status) }
        f.call(Ke.setPriorityThread, thread, 17)
        f.call(Ob.dereferenceObject, thread)
        f.return(status)
    }

    /// `MiBalancerThread(Context)`.
    private static let balancerThreadRoutine: Routine = .init("MiBalancerThread", ["Context"]) { f in
        f.loop {
            f.call(Ke.waitForMultipleObjects, 2, balancerObjects, 1, 0, 0, 0, 0, 0)
            f.add(balancerPasses.dword, 1)
            f.call(notifyMemoryEvents)
            f.call(notifyPoolEvents)
        }
    }

    /// `MmInitBsmThread() -> status`: starts `KeBalanceSetManager`.
    static let initBalanceSetManager: Routine = .init(
        "MmInitBsmThread", section: .initialization,
        step: .init(
            "1.8 #16", "Balance-set manager",
            "A system thread of priority 16 that a timer wakes every second. It makes lookaside lists deeper or shallower by how they were used, and the timer's DPC, KiScanReadyQueues, lifts threads that have been ready for three seconds without running to priority 15."
        )
    ) { f in
        let handle = f.local(0)
        let attributes = f.objectAttributes(0, ObjectAttribute.kernelHandle)
        let status = f.call(Ps.createSystemThread, f.address(of: handle), 0x1F_03FF, attributes, 0, 0, Ke.balanceSetManager, 0)
        f.if(status.isSuccess) { f.call(Ob.ntClose, handle) }
        f.return(status)
    }
}
