// SPDX-License-Identifier: GPL-3.0-or-later

/// System worker threads. On a uniprocessor none of them runs before the priority-31 phase-1 thread waits (spec/boot.md section 8 #10).
///
/// Three queues: critical work at priority 13, delayed work at 12, hyper-critical work at 15. Of each queue's threads one per processor is busy at a time; when
/// that one waits for something, another takes the next item. Where all wait, the balance manager makes dynamic threads, up to 16.
extension Ex {
    /// WORK_QUEUE_TYPE.
    package enum WorkQueueType {
        package static let critical: Value = 0
        package static let delayed: Value = 1
        package static let hyperCritical: Value = 2
    }

    /// `ExWorkerQueue`, by type.
    static let workerQueue: GlobalStructure<EX_WORK_QUEUE> = .init("ExWorkerQueue", count: 3)
    /// Set when a queue could use another thread.
    private static let threadSetManagerEvent: GlobalStructure<KEVENT> = .init("ExpThreadSetManagerEvent")
    private static let mostDynamicThreads: Value = 16
    /// Threads that each queue has from the start, by type, and what they stand above priority 8.
    private static let kinds: [(threads: Int, priority: UInt32)] = [(5, 5), (3, 4), (1, 7)]

    private static func queue(_ type: Value) -> Pointer<EX_WORK_QUEUE> { Pointer(workerQueue.value + type * Value(EX_WORK_QUEUE.size)) }

    /// `ExpInitializeWorkerThreads()`.
    static let initializeWorkerThreads: Routine = .init("ExpInitializeWorkerThreads", section: .initialization) { f in
        f.zero(workerQueue, 3 * EX_WORK_QUEUE.size)
        f.call(Ke.initializeEvent, threadSetManagerEvent, 1, 0)
        for (type, kind) in kinds.enumerated() {
            let entry = f.local(queue(Value(type)))
            f.call(Ke.initializeQueue, entry.WorkerQueue, 0)
            // MakeThreadsAsNecessary; hyper-critical work has its one thread.
            f.set(entry.Info, type == 2 ? 0 : 2)
            let count = f.local(Value(kind.threads))
            f.while(count != 0) {
                f.call(createWorkerThread, Value(type), 0)
                f.set(count, count - 1)
            }
        }
        let handle = f.local(0)
        let status = f.call(Ps.createSystemThread, f.address(of: handle), 0, 0, 0, 0, balanceManager, 0)
        f.if(status.isSuccess) { f.call(Ob.ntClose, handle) }
        f.return()
    }

    /// `ExpCreateWorkerThread(QueueType, Dynamic)`.
    private static let createWorkerThread: Routine = .init("ExpCreateWorkerThread", ["QueueType", "Dynamic"]) { f in
        let handle = f.local(0)
        let thread = f.local(0)
        let context = f.local(f.argument(0))
        f.if(f.argument(1) != 0) {
            f.set(context, context | 0x8000_0000)
            f.exchangeAdd(queue(f.argument(0)).DynamicThreadCount, 1)
        }
        let status = f.call(Ps.createSystemThread, f.address(of: handle), 0x1F_03FF, 0, 0, 0, workerThreadEntry, context)
        f.if(status.isError) {
            f.if(f.argument(1) != 0) { f.exchangeAdd(queue(f.argument(0)).DynamicThreadCount, 0xFFFF_FFFF as Value) }
            f.return()
        }
        f.call(Ob.referenceObjectByHandle, handle, 0x20, Ps.threadType.dword, 0, f.address(of: thread), 0)
        for (type, kind) in kinds.enumerated() {
            f.if(f.argument(0) == Value(type)) { f.call(Ke.setBasePriorityThread, thread, Value(kind.priority)) }
        }
        f.call(Ob.dereferenceObject, thread)
        f.call(Ob.ntClose, handle)
        f.return()
    }

    /// `ExQueueWorkItem(WorkItem*, QueueType)`, at or below DISPATCH_LEVEL.
    package static let queueWorkItem: Routine = .init("ExQueueWorkItem", ["WorkItem", "QueueType"]) { f in
        let entry = f.local(queue(f.argument(1)))
        f.call(Ke.insertQueue, entry.WorkerQueue, f.argument(0))
        let worker = entry.WorkerQueue
        f.if((entry.Info & 2) != 0 && !isListEmpty(worker.EntryListHead.value) && worker.CurrentCount < worker.MaximumCount) {
            f.if(entry.DynamicThreadCount < mostDynamicThreads) { f.call(Ke.setEvent, threadSetManagerEvent, 0, 0) }
        }
        f.return()
    }

    /// `ExpWorkerThreadEntryPoint(Context)`: takes items as they come. Dynamic threads (bit 31 of the context) end after ten minutes without any.
    static let workerThreadEntry: Routine = .init("ExpWorkerThreadEntryPoint", ["Context"]) { f in
        let entry = f.local(queue(f.argument(0) & 3))
        let time = f.structure(LARGE_INTEGER.self)
        let timeout = f.local(0)
        f.if(f.argument(0).isLessSigned(0)) {
            f.set(time.LowPart, UInt32(truncatingIfNeeded: -6_000_000_000))
            f.set(time.HighPart, UInt32(truncatingIfNeeded: -6_000_000_000 >> 32))
            f.set(timeout, time)
        }
        f.loop {
            let result = f.local(f.call(Ke.removeQueue, entry.WorkerQueue, 0, timeout))
            f.if(result == Status.timeout) { f.break() }
            let item = f.local(result).as(WORK_QUEUE_ITEM.self)
            f.set(item.value.dword(), 0)
            f.exchangeAdd(entry.WorkItemsProcessed, 1)
            f.callIndirect(item.WorkerRoutine, item.Parameter)
        }
        f.exchangeAdd(entry.DynamicThreadCount, 0xFFFF_FFFF as Value)
        f.return()
    }

    /// `ExpWorkerThreadBalanceManager(Context)`: once a second it looks for queues that have not moved, and at once when it is told of one that could.
    private static let balanceManager: Routine = .init("ExpWorkerThreadBalanceManager", ["Context"]) { f in
        let second = f.structure(LARGE_INTEGER.self)
        f.set(second.LowPart, (0 as UInt32) &- 10_000_000)
        f.set(second.HighPart, 0xFFFF_FFFF as Value)
        f.call(Ke.setBasePriorityThread, Ke.prcb.CurrentThread, 7)
        f.loop {
            let status = f.call(Ke.waitForSingleObject, threadSetManagerEvent, 0, 0, 0, second)
            let type = f.local(0)
            f.while(type < 3) {
                f.if(status == Status.timeout) {
                    f.call(detectDeadlock, type)
                } else: {
                    f.call(checkThreadCount, type)
                }
                f.add(type, 1)
            }
        }
    }

    /// `ExpDetectWorkerThreadDeadlock(QueueType)`: items that waited a second ago still wait and none was done since: another thread.
    private static let detectDeadlock: Routine = .init("ExpDetectWorkerThreadDeadlock", ["QueueType"]) { f in
        let entry = f.local(queue(f.argument(0)))
        f.if(
            entry.QueueDepthLastPass != 0 && entry.WorkItemsProcessed == entry.WorkItemsProcessedLastPass
                && entry.DynamicThreadCount < mostDynamicThreads
        ) { f.call(createWorkerThread, f.argument(0), 1) }
        f.set(entry.WorkItemsProcessedLastPass, entry.WorkItemsProcessed)
        f.set(entry.QueueDepthLastPass, entry.WorkerQueue.Header.SignalState)
        f.return()
    }

    /// `ExpCheckDynamicThreadCount(QueueType)`: items wait, and all of the queue's threads wait for something else: another thread.
    private static let checkThreadCount: Routine = .init("ExpCheckDynamicThreadCount", ["QueueType"]) { f in
        let entry = f.local(queue(f.argument(0)))
        let worker = entry.WorkerQueue
        f.if((entry.Info & 2) == 0 || isListEmpty(worker.EntryListHead.value)) { f.return() }
        f.if(worker.CurrentCount < worker.MaximumCount && entry.DynamicThreadCount < mostDynamicThreads) {
            f.call(createWorkerThread, f.argument(0), 1)
        }
        f.return()
    }
}
