// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Dispatcher objects and waiting (spec/boot.md section 5.12).
extension Ke {
    /// `KeInitializeEvent(Event*, Type, State)`: type 0 notification, 1 synchronisation (auto-reset).
    package static let initializeEvent: Routine = .init("KeInitializeEvent", ["Event", "Type", "State"]) { f in
        let header = f.argument(0, KEVENT.self).Header
        f.set(header.value.dword(), f.argument(1) & 0xFF)
        f.set(header.Size, KEVENT.size / 4)
        f.set(header.SignalState, f.argument(2) & 0xFF)
        f.initializeListHead(header.WaitListHead.value)
        f.return()
    }

    /// `KeInitializeSemaphore(Semaphore*, Count, Limit)`.
    package static let initializeSemaphore: Routine = .init("KeInitializeSemaphore", ["Semaphore", "Count", "Limit"]) { f in
        let header = f.argument(0, KSEMAPHORE.self).Header
        f.set(header.value.dword(), 5)
        f.set(header.Size, KSEMAPHORE.size / 4)
        f.set(header.SignalState, f.argument(1))
        f.initializeListHead(header.WaitListHead.value)
        f.set(f.argument(0, KSEMAPHORE.self).Limit, f.argument(2))
        f.return()
    }

    /// `KeSetEvent(Event*, Increment, Wait) -> previous state`. IRQL <= DISPATCH.
    package static let setEvent: Routine = .init("KeSetEvent", ["Event", "Increment", "Wait"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let header = f.argument(0, KEVENT.self).Header
        let old = f.local(header.SignalState)
        f.set(header.SignalState, 1)
        f.call(waitTest, header)
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KeClearEvent(Event*)`.
    package static let clearEvent: Routine = .init("KeClearEvent", ["Event"]) { f in
        f.set(f.argument(0, KEVENT.self).Header.SignalState, 0)
        f.return()
    }

    /// `KeResetEvent(Event*) -> previous state`.
    package static let resetEvent: Routine = .init("KeResetEvent", ["Event"]) { f in
        let old = f.local(f.argument(0, KEVENT.self).Header.SignalState)
        f.set(f.argument(0, KEVENT.self).Header.SignalState, 0)
        f.return(old)
    }

    /// `KeReleaseSemaphore(Semaphore*, Increment, Adjustment, Wait) -> previous count`.
    package static let releaseSemaphore: Routine = .init(
        "KeReleaseSemaphore", ["Semaphore", "Increment", "Adjustment", "Wait"]
    ) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let header = f.argument(0, KSEMAPHORE.self).Header
        let old = f.local(header.SignalState)
        f.set(header.SignalState, old + f.argument(2))
        f.call(waitTest, header)
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KiSatisfyWait(Header*)`: what a thread takes from an object that it waited for.
    static let satisfyWait: Routine = .init("KiSatisfyWait", ["Header"]) { f in
        let header = f.argument(0, DISPATCHER_HEADER.self)
        let type = f.local(header.value.byte())
        f.if(type == 1 || type == 9) { f.set(header.SignalState, 0) }
        f.if(type == 5) { f.set(header.SignalState, header.SignalState - 1) }
        f.return()
    }

    /// `KiWaitTest(Header*)`: releases waiting threads as long as the object is signalled.
    static let waitTest: Routine = .init("KiWaitTest", ["Header"]) { f in
        let header = f.argument(0, DISPATCHER_HEADER.self)
        let list = header.WaitListHead.value
        f.while(header.SignalState.isGreaterSigned(0) && !isListEmpty(list)) {
            let block = f.local(list.dword()).as(KWAIT_BLOCK.self)
            f.call(satisfyWait, header)
            f.call(unwaitThread, block.Thread, block.WaitKey)
        }
        f.return()
    }

    /// `KiUnwaitThread(Thread*, WaitStatus)`: takes it off everything it waits for and makes it ready.
    static let unwaitThread: Routine = .init("KiUnwaitThread", ["Thread", "WaitStatus"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        f.set(thread.WaitStatus, f.argument(1))
        let first = f.local(thread.WaitBlockList)
        let block = f.local(first)
        f.loop {
            f.removeEntryList(block.WaitListEntry.value)
            f.set(block, block.NextWaitBlock)
            f.if(block.value == first.value) { f.break() }
        }
        f.if(thread.Timer.Header.value.byte(3) != 0) { f.call(removeTimer, thread.Timer) }
        f.call(readyThread, thread)
        f.return()
    }

    /// `KeWaitForSingleObject(Object*, WaitReason, WaitMode, Alertable, Timeout*) -> status`. Timeout NULL waits for ever; negative
    /// time-outs are relative, in units of 100 ns.
    package static let waitForSingleObject: Routine = .init(
        "KeWaitForSingleObject", ["Object", "WaitReason", "WaitMode", "Alertable", "Timeout"]
    ) { f in
        let header = f.argument(0, DISPATCHER_HEADER.self)
        let timeout = f.argument(4, LARGE_INTEGER.self)
        let thread = f.local(prcb.CurrentThread)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.if(header.SignalState.isGreaterSigned(0)) {
            f.call(satisfyWait, header)
            f.call(Hal.lowerIrql, irql)
            f.return(Status.success)
        }
        f.if(timeout.isNotNull && (timeout.LowPart | timeout.HighPart) == 0) {
            f.call(Hal.lowerIrql, irql)
            f.return(Status.timeout)
        }
        let block = f.local(thread.address(of: \.WaitBlock)).as(KWAIT_BLOCK.self)
        f.call(initializeWaitBlock, block, thread, header, Status.success)
        f.set(block.NextWaitBlock, block)
        f.set(thread.WaitBlockList, block)
        f.if(timeout.isNotNull) {
            let second = f.local(block.value + Value(3 * KWAIT_BLOCK.size)).as(KWAIT_BLOCK.self)
            f.call(initializeWaitBlock, second, thread, thread.Timer, Status.timeout)
            f.set(block.NextWaitBlock, second)
            f.set(second.NextWaitBlock, block)
            f.call(insertTimer, thread.Timer, timeout.LowPart, timeout.HighPart)
        }
        f.set(thread.WaitReason, f.argument(1))
        f.set(thread.WaitMode, f.argument(2))
        f.set(thread.WaitIrql, irql)
        f.set(thread.WaitTime, tickCount.dword)
        f.set(thread.State, ThreadState.waiting)
        let status = f.call(swapThread)
        f.call(Hal.lowerIrql, irql)
        f.return(status)
    }

    /// `KiInitializeWaitBlock(Block*, Thread*, Header*, Key)`: links it into the object's wait list.
    static let initializeWaitBlock: Routine = .init("KiInitializeWaitBlock", ["Block", "Thread", "Header", "Key"]) { f in
        let block = f.argument(0, KWAIT_BLOCK.self)
        f.set(block.Thread, f.argument(1))
        f.set(block.Object, f.argument(2))
        f.set(block.WaitKey, f.argument(3))
        f.set(block.WaitType, 1)
        f.insertTailList(f.argument(2, DISPATCHER_HEADER.self).WaitListHead.value, block.WaitListEntry.value)
        f.return()
    }

    /// `KeDelayExecutionThread(WaitMode, Alertable, Interval*) -> status`.
    package static let delayExecutionThread: Routine = .init("KeDelayExecutionThread", ["WaitMode", "Alertable", "Interval"]) { f in
        let event = f.structure(KEVENT.self)
        f.call(initializeEvent, event, 0, 0)
        f.call(waitForSingleObject, event, 4, f.argument(0), f.argument(1), f.argument(2))
        f.return(Status.success)
    }
}
