// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What happens to waiting threads when a dispatcher object is signalled (spec/boot.md section 5.12).
extension Ke {
    /// DISPATCHER_HEADER.Type.
    enum ObjectType {
        static let synchronizationEvent: Value = 1
        static let mutant: Value = 2
        static let semaphore: Value = 5
        static let synchronizationTimer: Value = 9
    }

    /// `KiIsSignalled(Header*, Thread*) -> BOOLEAN`: whether that thread need not wait. A mutant's owner never does.
    static let isSignalled: Routine = .init("KiIsSignalled", ["Header", "Thread"]) { f in
        let header = f.argument(0, DISPATCHER_HEADER.self)
        f.if(header.SignalState.isGreaterSigned(0)) { f.return(1) }
        f.if(header.Type == ObjectType.mutant && header.as(KMUTANT.self).OwnerThread.value == f.argument(1)) { f.return(1) }
        f.return(0)
    }

    /// `KiSatisfyWait(Header*, Thread*)`: what a thread takes from an object that it waited for.
    static let satisfyWait: Routine = .init("KiSatisfyWait", ["Header", "Thread"]) { f in
        let header = f.argument(0, DISPATCHER_HEADER.self)
        let type = f.local(header.Type)
        f.if(type == ObjectType.synchronizationEvent || type == ObjectType.synchronizationTimer) {
            f.set(header.SignalState, 0)
            f.return()
        }
        f.if(type == ObjectType.semaphore) {
            f.set(header.SignalState, header.SignalState - 1)
            f.return()
        }
        f.if(type == ObjectType.mutant) { f.call(satisfyMutant, header, f.argument(1)) }
        f.return()
    }

    /// `KiWaitTest(Header*, Increment)`: releases waiting threads, first come first served, as long as the object is signalled. Who waits for several objects
    /// at once is passed over until all are.
    static let waitTest: Routine = .init("KiWaitTest", ["Header", "Increment"]) { f in
        let header = f.argument(0, DISPATCHER_HEADER.self)
        let list = header.WaitListHead.value
        let entry = f.local(list.dword())
        f.while(header.SignalState.isGreaterSigned(0) && entry != list) {
            let block = f.local(entry).as(KWAIT_BLOCK.self)
            let thread = f.local(block.Thread)
            f.set(entry, entry.dword())
            f.if(block.WaitType == WaitType.any) {
                f.set(thread.WaitStatus, block.WaitKey)
                f.call(satisfyWait, header, thread)
                f.call(unwaitThread, thread, thread.WaitStatus, f.argument(1))
                f.set(entry, list.dword())
            } else: {
                f.if(f.call(satisfyAll, thread) != 0) {
                    f.call(unwaitThread, thread, thread.WaitStatus, f.argument(1))
                    f.set(entry, list.dword())
                }
            }
        }
        f.return()
    }

    /// `KiSatisfyAll(Thread*) -> BOOLEAN`: takes all objects of a wait for all of them, if all are signalled.
    private static let satisfyAll: Routine = .init("KiSatisfyAll", ["Thread"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let block = f.local(thread.WaitBlockList)
        f.loop {
            f.if(block.WaitType == WaitType.all && f.call(isSignalled, block.Object, thread) == 0) { f.return(0) }
            f.set(block.value, block.NextWaitBlock)
            f.if(block.value == thread.WaitBlockList.value) { f.break() }
        }
        f.set(thread.WaitStatus, Status.success)
        f.loop {
            f.if(block.WaitType == WaitType.all) { f.call(satisfyWait, block.Object, thread) }
            f.set(block.value, block.NextWaitBlock)
            f.if(block.value == thread.WaitBlockList.value) { f.break() }
        }
        f.return(1)
    }

    /// `KiUnwaitThread(Thread*, WaitStatus, Increment)`: takes it off everything it waits for, lifts its priority, and makes it ready.
    static let unwaitThread: Routine = .init("KiUnwaitThread", ["Thread", "WaitStatus", "Increment"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        f.set(thread.WaitStatus, f.argument(1))
        let first = f.local(thread.WaitBlockList)
        let block = f.local(first)
        f.if(first.isNotNull) {
            f.loop {
                f.removeEntryList(block.WaitListEntry.value)
                f.set(block.value, block.NextWaitBlock)
                f.if(block.value == first.value) { f.break() }
            }
        }
        f.if(thread.Timer.Header.Inserted != 0) { f.call(removeTimer, thread.Timer) }
        f.if(thread.Queue.isNotNull) { f.set(thread.Queue.CurrentCount, thread.Queue.CurrentCount + 1) }
        f.call(adjustUnwait, thread, f.argument(2))
        f.call(readyThread, thread)
        f.return()
    }
}
