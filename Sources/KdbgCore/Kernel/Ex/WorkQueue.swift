// SPDX-License-Identifier: GPL-3.0-or-later

/// System worker threads. On a uniprocessor none of them runs before the priority-31 phase-1 thread waits (spec/boot.md section 8 #10).
extension Ex {
    static let workQueueHead: GlobalStructure<LIST_ENTRY> = Global.listHead("ExWorkerQueue")
    static let workQueueSemaphore: GlobalStructure<KSEMAPHORE> = .init("ExWorkerSemaphore")

    /// `ExpInitializeWorkerThreads()`.
    static let initializeWorkerThreads: Routine = .init("ExpInitializeWorkerThreads", section: .initialization) { f in
        f.initializeListHead(workQueueHead.value)
        f.call(Ke.initializeSemaphore, workQueueSemaphore, 0, 0x7FFF_FFFF as Value)
        let handle = f.local(0)
        f.call(Ps.createSystemThread, f.address(of: handle), 0, 0, 0, 0, workerThreadEntry, 0)
        f.return()
    }

    /// `ExQueueWorkItem(WorkItem*, QueueType)`.
    package static let queueWorkItem: Routine = .init("ExQueueWorkItem", ["WorkItem", "QueueType"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.insertTailList(workQueueHead.value, f.argument(0))
        f.call(Ke.releaseSemaphore, workQueueSemaphore, 0, 1, 0)
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `ExpWorkerThreadEntryPoint(Context)`: priority 12; takes items as they come, for ever.
    static let workerThreadEntry: Routine = .init("ExpWorkerThreadEntryPoint", ["Context"]) { f in
        f.call(Ke.setPriorityThread, Ke.prcb.CurrentThread, 12)
        f.loop {
            f.call(Ke.waitForSingleObject, workQueueSemaphore, 0, 0, 0, 0)
            let irql = f.call(Hal.raiseIrqlToDpcLevel)
            let item = f.local(f.removeHeadList(workQueueHead.value)).as(WORK_QUEUE_ITEM.self)
            f.call(Hal.lowerIrql, irql)
            f.callIndirect(item.WorkerRoutine, item.Parameter)
        }
    }
}
