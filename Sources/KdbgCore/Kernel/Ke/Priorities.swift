// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Priorities: 0 to 15 are variable and rise when a wait ends, 16 to 31 are real-time and stay as they are set.
extension Ke {
    private static let lowestRealTime: Value = 16

    /// `KeSetPriorityThread(Thread*, Priority) -> old priority`. 0 is for threads whose base priority is 0; others get 1.
    package static let setPriorityThread: Routine = .init("KeSetPriorityThread", ["Thread", "Priority"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let priority = f.local(f.argument(1))
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let old = f.local(thread.Priority)
        f.set(thread.PriorityDecrement, 0)
        f.set(thread.Quantum, thread.QuantumReset)
        f.if(priority == 0 && thread.BasePriority != 0) { f.set(priority, 1) }
        f.if(priority != old) { f.call(setPriority, thread, priority) }
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KeSetBasePriorityThread(Thread*, Increment) -> old increment`: the priority that a thread falls back to, relative to its process's.
    package static let setBasePriorityThread: Routine = .init("KeSetBasePriorityThread", ["Thread", "Increment"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let base = f.local(thread.Process.BasePriority)
        let old = f.local(thread.BasePriority - base)
        let new = f.local(base + f.argument(1))
        f.if(base < lowestRealTime) {
            f.if(new.isGreaterSigned(15)) { f.set(new, 15) }
            f.if(new.isLessSigned(1)) { f.set(new, 1) }
        } else: {
            f.if(new.isGreaterSigned(31)) { f.set(new, 31) }
            f.if(new.isLessSigned(lowestRealTime)) { f.set(new, lowestRealTime) }
        }
        f.set(thread.BasePriority, new)
        f.set(thread.PriorityDecrement, 0)
        f.set(thread.Quantum, thread.QuantumReset)
        f.if(new != thread.Priority) { f.call(setPriority, thread, new) }
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KiSetPriorityThread(Thread*, Priority)`, at DISPATCH_LEVEL: a ready thread changes its queue, a running or chosen one may have to make way.
    private static let setPriority: Routine = .init("KiSetPriorityThread", ["Thread", "Priority"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let priority = f.argument(1)
        let old = f.local(thread.Priority)
        f.if(thread.State == ThreadState.ready) {
            f.call(removeReady, thread)
            f.set(thread.Priority, priority)
            f.call(readyThread, thread)
            f.return()
        }
        f.set(thread.Priority, priority)
        f.if(priority.isGreaterSigned(old)) { f.return() }
        f.if(thread.State == ThreadState.standby) {
            let better = f.call(selectReadyThread, priority + 1).as(KTHREAD.self)
            f.if(better.isNotNull) {
                f.call(makeNext, better)
                f.call(readyThread, thread)
            }
            f.return()
        }
        f.if(thread.value == prcb.CurrentThread.value && prcb.NextThread.isNull) {
            let better = f.call(selectReadyThread, priority + 1)
            f.if(better != 0) { f.call(makeNext, better) }
        }
        f.return()
    }

    /// `KiRemoveReady(Thread*)`: out of its ready queue.
    static let removeReady: Routine = .init("KiRemoveReady", ["Thread"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let priority = f.local(thread.Priority)
        f.removeEntryList(thread.WaitListEntry.value)
        f.if(isListEmpty(prcb.address(of: \.DispatcherReadyListHead) + (priority << 3))) {
            f.set(prcb.ReadySummary, prcb.ReadySummary & ~(Value(1) << priority))
        }
        f.return()
    }

    /// `KiComputeNewPriority(Thread*, Adjustment) -> priority`: a boost fades by the adjustment, down to the base.
    private static let computeNewPriority: Routine = .init("KiComputeNewPriority", ["Thread", "Adjustment"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let priority = f.local(thread.Priority)
        f.if(priority < lowestRealTime) {
            f.set(priority, priority - thread.PriorityDecrement - f.argument(1))
            f.if(priority.isLessSigned(thread.BasePriority)) { f.set(priority, thread.BasePriority) }
            f.set(thread.PriorityDecrement, 0)
        }
        f.return(priority)
    }

    /// `KiAdjustUnwait(Thread*, Increment)`: what the end of a wait does for a thread: it runs at its base plus the increment, 15 at most, for a while; and
    /// waiting costs a little of its quantum.
    static let adjustUnwait: Routine = .init("KiAdjustUnwait", ["Thread", "Increment"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        f.if(thread.Priority >= lowestRealTime) {
            f.set(thread.Quantum, thread.QuantumReset)
            f.return()
        }
        f.if(f.argument(1) != 0 && thread.PriorityDecrement == 0 && (thread.Process.ProcessFlags & 2) == 0) {
            let boosted = f.local(thread.BasePriority + f.argument(1))
            f.if(boosted.isGreaterSigned(15)) { f.set(boosted, 15) }
            f.if(boosted.isGreaterSigned(thread.Priority)) { f.set(thread.Priority, boosted) }
        }
        f.if(thread.BasePriority.isGreaterSigned(13)) {
            f.set(thread.Quantum, thread.QuantumReset)
            f.return()
        }
        f.set(thread.Quantum, thread.Quantum - 1)
        f.if(thread.Quantum.isLessSigned(1)) {
            f.set(thread.Quantum, thread.QuantumReset)
            f.set(thread.Priority, f.call(computeNewPriority, thread, 1))
        }
        f.return()
    }

    /// `KiQuantumEnd()`, at DISPATCH_LEVEL: the running thread has had its time. Its boost fades, and if somebody else of its priority is ready, it is their turn.
    static let quantumEnd: Routine = .init("KiQuantumEnd") { f in
        let thread = f.local(prcb.CurrentThread)
        f.if(thread.Quantum.isLessSigned(1)) {
            f.set(thread.Quantum, thread.QuantumReset)
            f.set(thread.Priority, f.call(computeNewPriority, thread, 1))
            f.if(prcb.NextThread.isNull) {
                let next = f.call(selectReadyThread, thread.Priority).as(KTHREAD.self)
                f.if(next.isNotNull) {
                    f.set(next.State, ThreadState.standby)
                    f.set(prcb.NextThread, next)
                }
            }
        }
        f.if(prcb.NextThread.isNotNull) { f.call(preempt, 0) }
        f.return()
    }

    /// `NtYieldExecution() -> status`: lets a thread of the same priority run; 0x40000024 when there is none.
    package static let yieldExecution: Routine = .init("NtYieldExecution") { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let thread = f.local(prcb.CurrentThread)
        f.if(prcb.NextThread.isNull) {
            let next = f.call(selectReadyThread, 1).as(KTHREAD.self)
            f.if(next.isNotNull) {
                f.set(next.State, ThreadState.standby)
                f.set(prcb.NextThread, next)
            }
        }
        f.if(prcb.NextThread.isNull) {
            f.call(Hal.lowerIrql, irql)
            f.return(0x4000_0024 as Value)
        }
        f.set(thread.Quantum, thread.QuantumReset)
        f.set(thread.Priority, f.call(computeNewPriority, thread, 1))
        f.call(preempt, 0)
        f.call(Hal.lowerIrql, irql)
        f.return(Status.success)
    }
}
