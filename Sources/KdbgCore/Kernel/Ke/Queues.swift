// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Queues: entries for a set of threads, of which only so many run at a time. Worker threads and I/O completion ports are made of them.
extension Ke {
    /// `KeInitializeQueue(Queue*, Count)`: Count threads may be busy at once; 0 is one per processor.
    package static let initializeQueue: Routine = .init("KeInitializeQueue", ["Queue", "Count"]) { f in
        let queue = f.argument(0, KQUEUE.self)
        f.zero(queue, KQUEUE.size)
        f.set(queue.Header.Type, 4)
        f.set(queue.Header.Size, KQUEUE.size / 4)
        f.initializeListHead(queue.Header.WaitListHead.value)
        f.initializeListHead(queue.EntryListHead.value)
        f.initializeListHead(queue.ThreadListHead.value)
        f.set(queue.MaximumCount, f.argument(1))
        f.if(queue.MaximumCount == 0) { f.set(queue.MaximumCount, numberProcessors.dword) }
        f.return()
    }

    /// `KeReadStateQueue(Queue*) -> entries`.
    package static let readStateQueue: Routine = .init("KeReadStateQueue", ["Queue"]) { f in
        f.return(f.argument(0, KQUEUE.self).Header.SignalState)
    }

    /// `KeInsertQueue(Queue*, Entry*) -> entries before`.
    package static let insertQueue: Routine = .init("KeInsertQueue", ["Queue", "Entry"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let old = f.call(insertQueueEntry, f.argument(0), f.argument(1), 0)
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KeInsertHeadQueue(Queue*, Entry*) -> entries before`.
    package static let insertHeadQueue: Routine = .init("KeInsertHeadQueue", ["Queue", "Entry"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let old = f.call(insertQueueEntry, f.argument(0), f.argument(1), 1)
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KiInsertQueue(Queue*, Entry*, AtHead) -> entries before`: straight to the thread that began to wait last, when one waits and may run.
    private static let insertQueueEntry: Routine = .init("KiInsertQueue", ["Queue", "Entry", "AtHead"]) { f in
        let queue = f.argument(0, KQUEUE.self)
        let old = f.local(queue.Header.SignalState)
        let current = f.local(prcb.CurrentThread)
        let list = queue.Header.WaitListHead.value
        f.if(
            !isListEmpty(list) && queue.CurrentCount < queue.MaximumCount
                && (current.Queue.value != queue.value || current.WaitReason != WaitReason.queue)
        ) {
            let block = f.local(list.dword(4)).as(KWAIT_BLOCK.self)
            f.call(unwaitThread, block.Thread, f.argument(1), 0)
            f.return(old)
        }
        f.set(queue.Header.SignalState, old + 1)
        f.if(f.argument(2) != 0) {
            f.insertHeadList(queue.EntryListHead.value, f.argument(1))
        } else: {
            f.insertTailList(queue.EntryListHead.value, f.argument(1))
        }
        f.return(old)
    }

    /// `KeRemoveQueue(Queue*, WaitMode, Timeout*) -> LIST_ENTRY*`, or 0x102 (time-out), 0xC0 (user APC), 0x80 (the queue is being run down).
    package static let removeQueue: Routine = .init("KeRemoveQueue", ["Queue", "WaitMode", "Timeout"]) { f in
        let queue = f.argument(0, KQUEUE.self)
        let old = f.call(Hal.raiseIrqlToDpcLevel)
        f.call(joinQueue, prcb.CurrentThread, queue)
        f.set(prcb.CurrentThread.WaitNext, 1)
        f.set(prcb.CurrentThread.WaitIrql, old)
        emitWait(f, reason: WaitReason.queue, mode: f.argument(1), alertable: 0, timeout: f.argument(2)) { thread, finish in
            f.if(!isListEmpty(queue.EntryListHead.value) && queue.CurrentCount < queue.MaximumCount) {
                f.set(queue.Header.SignalState, queue.Header.SignalState - 1)
                f.add(queue.CurrentCount, 1)
                finish(f.removeHeadList(queue.EntryListHead.value))
            }
        } arrange: { thread in
            let block = Pointer<KWAIT_BLOCK>(thread.WaitBlock)
            f.call(initializeWaitBlock, block, thread, queue, Status.success, WaitType.any)
            f.set(block.NextWaitBlock, block)
            // Entering the wait must not count it as one that stops being busy a second time.
            f.add(queue.CurrentCount, 1)
            return block.value
        } isBusy: { busy in
            f.set(queue.CurrentCount, busy ? queue.CurrentCount + 1 : queue.CurrentCount - 1)
        }
    }

    /// `KiJoinQueue(Thread*, Queue*)`: the thread belongs to the queue from now on and is not busy; another queue loses it.
    private static let joinQueue: Routine = .init("KiJoinQueue", ["Thread", "Queue"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let previous = f.local(thread.Queue)
        f.if(previous.value == f.argument(1)) {
            f.set(previous.CurrentCount, previous.CurrentCount - 1)
            f.return()
        }
        f.if(previous.isNotNull) {
            f.removeEntryList(thread.QueueListEntry.value)
            f.call(activateWaiterQueue, previous)
        }
        f.set(thread.Queue, f.argument(1))
        f.insertTailList(f.argument(1, KQUEUE.self).ThreadListHead.value, thread.QueueListEntry.value)
        f.return()
    }

    /// `KiActivateWaiterQueue(Queue*)`: one of its threads stops being busy, so another may take an entry.
    static let activateWaiterQueue: Routine = .init("KiActivateWaiterQueue", ["Queue"]) { f in
        let queue = f.argument(0, KQUEUE.self)
        f.set(queue.CurrentCount, queue.CurrentCount - 1)
        f.if(queue.CurrentCount >= queue.MaximumCount) { f.return() }
        let list = queue.Header.WaitListHead.value
        f.if(isListEmpty(queue.EntryListHead.value) || isListEmpty(list)) { f.return() }
        let entry = f.local(f.removeHeadList(queue.EntryListHead.value))
        f.set(queue.Header.SignalState, queue.Header.SignalState - 1)
        let block = f.local(list.dword(4)).as(KWAIT_BLOCK.self)
        f.call(unwaitThread, block.Thread, entry, 0)
        f.return()
    }

    /// `KeRundownQueue(Queue*) -> LIST_ENTRY* or NULL`: its threads are released with 0x80; what it still holds is returned, a ring without a head.
    package static let rundownQueue: Routine = .init("KeRundownQueue", ["Queue"]) { f in
        let queue = f.argument(0, KQUEUE.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let first = f.local(0)
        f.if(!isListEmpty(queue.EntryListHead.value)) {
            f.set(first, queue.EntryListHead.value.dword())
            f.removeEntryList(queue.EntryListHead.value)
            f.initializeListHead(queue.EntryListHead.value)
        }
        f.set(queue.Header.SignalState, 0)
        f.forEach(in: queue.ThreadListHead.value) { entry in
            let thread = f.local(Pointer<KTHREAD>.containing(entry, as: \.QueueListEntry))
            f.removeEntryList(entry)
            f.set(thread.Queue, 0)
            f.if(thread.State == ThreadState.waiting && thread.WaitReason == WaitReason.queue) {
                f.call(unwaitThread, thread, Status.abandoned, 0)
            }
        }
        f.call(Hal.lowerIrql, irql)
        f.return(first)
    }
}
