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
        let old = f.local(0)
        f.call(trySuspendThread, f.argument(0), f.address(of: old))
        f.return(old)
    }

    /// `KiTrySuspendThread(Thread*, PreviousCount*) -> status`: the same; 0xC000004A: it is suspended 127 times already; 0xC000004B: it is ending, or has not begun.
    static let trySuspendThread: Routine = .init("KiTrySuspendThread", ["Thread", "PreviousCount"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let old = f.local(thread.SuspendCount)
        let status = f.local(Status.success)
        f.if(!old.isLessSigned(127)) { f.set(status, 0xC000_004A as Value) }
        f.if(thread.ApcQueueable == 0) { f.set(status, 0xC000_004B as Value) }
        f.if(status.isSuccess) {
            f.set(thread.SuspendCount, old + 1)
            f.if(old == 0) {
                f.if(f.call(insertQueueApc, thread.SuspendApc, 0, 0, 0) == 0) {
                    f.set(thread.SuspendSemaphore.Header.SignalState, thread.SuspendSemaphore.Header.SignalState - 1)
                }
            }
        }
        f.call(Hal.lowerIrql, irql)
        f.set(f.argument(1).dword(), old)
        f.return(status)
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
