// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// How a thread waits (spec/boot.md sections 3.3 and 5.12). Time-outs are units of 100 ns, negative ones relative; a NULL time-out is for ever.
extension Ke {
    /// KWAIT_BLOCK.WaitType.
    package enum WaitType {
        package static let all: Value = 0
        package static let any: Value = 1
    }

    /// KTHREAD.WaitReason.
    package enum WaitReason {
        package static let executive: Value = 0
        package static let delayExecution: Value = 4
        package static let suspended: Value = 5
        package static let queue: Value = 15
    }

    /// `KeWaitForSingleObject(Object*, WaitReason, WaitMode, Alertable, Timeout*) -> status`: 0, 0x80 (abandoned mutant), 0xC0 (user APC), 0x101 (alerted)
    /// or 0x102 (time-out).
    package static let waitForSingleObject: Routine = .init(
        "KeWaitForSingleObject", ["Object", "WaitReason", "WaitMode", "Alertable", "Timeout"]
    ) { f in
        let header = f.argument(0, DISPATCHER_HEADER.self)
        emitWait(f, reason: f.argument(1), mode: f.argument(2), alertable: f.argument(3), timeout: f.argument(4)) { thread, finish in
            f.if(f.call(isSignalled, header, thread) != 0) {
                f.set(thread.WaitStatus, Status.success)
                f.call(satisfyWait, header, thread)
                finish(thread.WaitStatus)
            }
        } arrange: { thread in
            let block = Pointer<KWAIT_BLOCK>(thread.WaitBlock)
            f.call(initializeWaitBlock, block, thread, header, Status.success, WaitType.any)
            f.set(block.NextWaitBlock, block)
            return block.value
        }
    }

    /// `KeWaitForMultipleObjects(Count, Objects[], WaitType, WaitReason, WaitMode, Alertable, Timeout*, WaitBlocks* or NULL) -> status`: with WaitType 1 the
    /// index of the object that ended it, with 0 success when all are signalled at once. Without blocks of the caller's up to three objects, with them 64;
    /// more is BC 0x0C.
    package static let waitForMultipleObjects: Routine = .init(
        "KeWaitForMultipleObjects",
        ["Count", "Object", "WaitType", "WaitReason", "WaitMode", "Alertable", "Timeout", "WaitBlockArray"]
    ) { f in
        let count = f.argument(0)
        let objects = f.argument(1)
        let blocks = f.local(f.argument(7))
        f.if((f.argument(7) == 0 && count > 3) || count > 64 || count == 0) { f.call(bugCheck, 0x0C) }
        f.if(blocks == 0) { f.set(blocks, prcb.CurrentThread.WaitBlock) }
        let index = f.local(0)
        emitWait(f, reason: f.argument(3), mode: f.argument(4), alertable: f.argument(5), timeout: f.argument(6)) { thread, finish in
            let missing = f.local(0)
            f.set(index, 0)
            f.while(index < count) {
                let header = f.local((objects + (index << 2)).dword())
                f.if(f.call(isSignalled, header, thread) == 0) {
                    f.add(missing, 1)
                } else: {
                    f.if(f.argument(2) != WaitType.all) {
                        f.set(thread.WaitStatus, index)
                        f.call(satisfyWait, header, thread)
                        finish(thread.WaitStatus)
                    }
                }
                f.add(index, 1)
            }
            f.if(missing == 0) {
                f.set(thread.WaitStatus, Status.success)
                f.set(index, 0)
                f.while(index < count) {
                    f.call(satisfyWait, (objects + (index << 2)).dword(), thread)
                    f.add(index, 1)
                }
                finish(thread.WaitStatus)
            }
        } arrange: { thread in
            let block = f.local(KWAIT_BLOCK.self)
            f.set(index, 0)
            f.set(block.value, blocks)
            f.loop {
                let key = f.local(index)
                f.if(f.argument(2) == WaitType.all) { f.set(key, 0) }
                f.call(initializeWaitBlock, block, thread, (objects + (index << 2)).dword(), key, f.argument(2))
                f.add(index, 1)
                f.if(index >= count) { f.break() }
                f.set(block.NextWaitBlock, block.value + Value(KWAIT_BLOCK.size))
                f.set(block.value, block.NextWaitBlock)
            }
            f.set(block.NextWaitBlock, blocks)
            return blocks
        }
    }

    /// `KeDelayExecutionThread(WaitMode, Alertable, Interval*) -> status`: waits for nothing but the time; 0xC0 or 0x101 when it ended sooner.
    package static let delayExecutionThread: Routine = .init("KeDelayExecutionThread", ["WaitMode", "Alertable", "Interval"]) { f in
        emitWait(
            f, reason: WaitReason.delayExecution, mode: f.argument(0), alertable: f.argument(1), timeout: f.argument(2),
            onTimeout: Status.success, test: { _, _ in }, arrange: { _ in 0 })
    }

    /// The way of every wait: whatever the caller's test finds ends it at once; else blocks are linked and the processor is given up. A kernel APC ends it
    /// for a moment only.
    ///
    /// - Parameters:
    ///   - onTimeout: what a time-out returns.
    ///   - test: emits the check of the objects; calls `finish` with a status where the wait is over.
    ///   - arrange: emits the linking of wait blocks into a ring and yields the first; 0 when there are none.
    ///   - isBusy: emits what a queue must know when its thread leaves without having waited (true), or tries again (false).
    static func emitWait(
        _ f: Function, reason: Value, mode: Value, alertable: Value, timeout: Value, onTimeout: Value = Status.timeout,
        test: (Pointer<KTHREAD>, _ finish: (Value) -> Void) -> Void, arrange: (Pointer<KTHREAD>) -> Value,
        isBusy: (Bool) -> Void = { _ in }
    ) {
        let thread = f.local(prcb.CurrentThread)
        let time = timeout.as(LARGE_INTEGER.self)
        let irql = f.local()
        let isAgain = f.local(0)
        let status = f.local()
        let finish: (Value) -> Void = { value in
            f.set(status, value)
            f.call(Hal.lowerIrql, irql)
            f.return(status)
        }
        f.if(thread.WaitNext != 0) {
            f.set(thread.WaitNext, 0)
            f.set(irql, thread.WaitIrql)
        } else: {
            // At DISPATCH_LEVEL a thread may look whether an object is signalled, which is a time-out of zero, but not wait.
            let limit = f.local(Irql.dispatch)
            f.if(timeout != 0) { f.if((time.LowPart | time.HighPart) == 0) { f.set(limit, Irql.dispatch + 1) } }
            f.assert(
                pcr.Irql < limit,
                "KeGetCurrentIrql() < DISPATCH_LEVEL || (KeGetCurrentIrql() == DISPATCH_LEVEL && Timeout && Timeout->QuadPart == 0)")
            f.set(irql, f.call(Hal.raiseIrqlToDpcLevel))
        }
        f.loop {
            f.if(thread.ApcState.KernelApcPending != 0 && thread.SpecialApcDisable == 0 && irql == Irql.passive) {
                f.call(Hal.requestSoftwareInterrupt, Irql.apc)
                f.call(Hal.lowerIrql, irql)
                f.call(Hal.raiseIrqlToDpcLevel)
                f.continue()
            }
            test(thread, finish)
            f.set(status, f.call(checkAlertability, thread, alertable, mode))
            f.if(status != 0) {
                isBusy(true)
                finish(status)
            }
            f.if(timeout != 0) {
                f.if(isAgain == 0) {
                    f.set(status, (time.LowPart | time.HighPart) == 0)
                } else: {
                    f.set(status, f.call(isDue, thread.Timer))
                }
                f.if(status != 0) {
                    isBusy(true)
                    finish(onTimeout)
                }
            }
            let first = f.local(arrange(thread)).as(KWAIT_BLOCK.self)
            f.if(timeout != 0) {
                let last = f.local(thread.WaitBlock + Value(3 * KWAIT_BLOCK.size)).as(KWAIT_BLOCK.self)
                f.call(linkTimerBlock, thread, first, last)
                f.if(first.isNull) { f.set(first.value, last) }
                f.if(isAgain == 0) {
                    f.call(insertTimer, thread.Timer, time.LowPart, time.HighPart)
                } else: {
                    f.call(insertTreeTimer, thread.Timer)
                }
            }
            f.set(thread.WaitBlockList, first)
            f.set(thread.WaitReason, reason)
            f.set(thread.WaitMode, mode)
            f.set(thread.Alertable, alertable)
            f.set(thread.WaitIrql, irql)
            f.set(thread.WaitTime, tickCount.dword)
            f.set(thread.State, ThreadState.waiting)
            f.if(thread.Queue.isNotNull) { f.call(activateWaiterQueue, thread.Queue) }
            f.set(status, f.call(swapThread))
            f.if(status == Status.timeout) { finish(onTimeout) }
            f.if(status != Status.kernelApc) { finish(status) }
            f.set(isAgain, 1)
            isBusy(false)
            f.call(Hal.lowerIrql, irql)
            f.call(Hal.raiseIrqlToDpcLevel)
        }
    }

    /// `KiLinkTimerBlock(Thread*, First*, Last*)`: the thread's fourth block waits for its timer, behind those of the objects.
    private static let linkTimerBlock: Routine = .init("KiLinkTimerBlock", ["Thread", "First", "Last"]) { f in
        let first = f.argument(1, KWAIT_BLOCK.self)
        let last = f.argument(2, KWAIT_BLOCK.self)
        let thread = f.argument(0, KTHREAD.self)
        f.call(initializeWaitBlock, last, thread, thread.Timer, Status.timeout, WaitType.any)
        f.set(last.NextWaitBlock, last)
        f.if(first.isNull) { f.return() }
        let block = f.local(first)
        f.while(block.NextWaitBlock.value != first.value) { f.set(block.value, block.NextWaitBlock) }
        f.set(block.NextWaitBlock, last)
        f.set(last.NextWaitBlock, first)
        f.return()
    }

    /// `KiInitializeWaitBlock(Block*, Thread*, Header*, Key, WaitType)`: links it into the object's wait list. The key is what the wait returns.
    static let initializeWaitBlock: Routine = .init(
        "KiInitializeWaitBlock", ["Block", "Thread", "Header", "Key", "WaitType"]
    ) { f in
        let block = f.argument(0, KWAIT_BLOCK.self)
        f.set(block.Thread, f.argument(1))
        f.set(block.Object, f.argument(2))
        f.set(block.WaitKey, f.argument(3))
        f.set(block.WaitType, f.argument(4))
        f.insertTailList(f.argument(2, DISPATCHER_HEADER.self).WaitListHead.value, block.WaitListEntry.value)
        f.return()
    }

    /// `KiCheckAlertability(Thread*, Alertable, WaitMode) -> status`: whether an alert or a user APC forbids to wait at all; 0 when nothing does.
    static let checkAlertability: Routine = .init("KiCheckAlertability", ["Thread", "Alertable", "WaitMode"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let alerted = thread.address(of: \.Alerted)
        f.if((f.argument(1) & 0xFF) != 0) {
            let cell = f.local(alerted + (f.argument(2) & 1))
            f.if(cell.byte() != 0) {
                f.set(cell.byte(), 0)
                f.return(Status.alerted)
            }
            f.if((f.argument(2) & 1) != 0 && !isListEmpty(thread.ApcState.ApcListHead + 8)) {
                f.set(thread.ApcState.UserApcPending, 1)
                f.return(Status.userApc)
            }
            f.if(alerted.byte() != 0) {
                f.set(alerted.byte(), 0)
                f.return(Status.alerted)
            }
        } else: {
            f.if((f.argument(2) & 1) != 0 && thread.ApcState.UserApcPending != 0) { f.return(Status.userApc) }
        }
        f.return(0)
    }
}
