// SPDX-License-Identifier: GPL-3.0-or-later

/// Suspended threads wait for their own semaphore in a kernel APC.
extension Ke {
    /// The kernel routine of that APC: the thread owns it.
    static let suspendNop: Routine = .init(
        "KiSuspendNop", ["Apc", "NormalRoutine", "NormalContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        f.return()
    }

    /// `KiSuspendThread(NormalContext, SystemArgument1, SystemArgument2)`, its normal routine.
    static let suspendThreadApc: Routine = .init("KiSuspendThread", ["NormalContext", "SystemArgument1", "SystemArgument2"]) { f in
        f.call(waitForSingleObject, prcb.CurrentThread.SuspendSemaphore, WaitReason.suspended, 0, 0, 0)
        f.return()
    }

    /// `KeSuspendThread(Thread*) -> previous count`. The thread stops when it next takes kernel APCs.
    package static let suspendThread: Routine = .init("KeSuspendThread", ["Thread"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let old = f.local(thread.SuspendCount)
        f.if(thread.ApcQueueable != 0 && old.isLessSigned(127)) {
            f.set(thread.SuspendCount, old + 1)
            f.if(old == 0) {
                f.if(f.call(insertQueueApc, thread.SuspendApc, 0, 0, 0) == 0) {
                    f.set(thread.SuspendSemaphore.Header.SignalState, thread.SuspendSemaphore.Header.SignalState - 1)
                }
            }
        }
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KeResumeThread(Thread*) -> previous count`: at 0 it goes on.
    package static let resumeThread: Routine = .init("KeResumeThread", ["Thread"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let old = f.local(thread.SuspendCount)
        f.if(old != 0) {
            f.set(thread.SuspendCount, old - 1)
            f.if(thread.SuspendCount == 0) {
                f.set(thread.SuspendSemaphore.Header.SignalState, thread.SuspendSemaphore.Header.SignalState + 1)
                f.call(waitTest, thread.SuspendSemaphore, 0)
            }
        }
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }
}
