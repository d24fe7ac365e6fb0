// SPDX-License-Identifier: GPL-3.0-or-later

/// System services that stop threads and let them go on.
extension Ps {
    /// THREAD_SUSPEND_RESUME.
    private static let suspendResume: Value = 2

    private static func service(_ name: String, _ routine: Routine, isSuspending: Bool = false) -> Routine {
        .init(name, ["ThreadHandle", "PreviousSuspendCount"]) { f in
            let thread = f.local(0)
            let mode = f.local(currentThread.Tcb.PreviousMode)
            f.if(f.argument(1) != 0 && mode != 0) {
                f.if(f.call(Ke.probeForWrite, f.argument(1), 4) == 0) { f.return(Status.accessViolation) }
            }
            let status = f.call(Ob.referenceObjectByHandle, f.argument(0), suspendResume, threadType.dword, mode, f.address(of: thread), 0)
            f.if(status.isError) { f.return(status) }
            if isSuspending {
                let target = thread.as(KTHREAD.self)
                f.if(target.ApcQueueable == 0) { f.set(status, 0xC000_004B as Value) }
                f.if(status.isSuccess && !target.SuspendCount.isLessSigned(127)) { f.set(status, 0xC000_004A as Value) }
                f.if(status.isError) {
                    f.call(Ob.dereferenceObject, thread)
                    f.return(status)
                }
            }
            let old = f.call(routine, thread)
            f.call(Ob.dereferenceObject, thread)
            f.if(f.argument(1) != 0) { f.set(f.argument(1).dword(), old) }
            f.return(Status.success)
        }
    }

    /// `NtResumeThread(ThreadHandle, PreviousSuspendCount* or NULL) -> status`.
    package static let ntResumeThread = service("NtResumeThread", Ke.resumeThread)
    /// `NtSuspendThread(ThreadHandle, PreviousSuspendCount* or NULL) -> status`. 0xC000004A: suspended 127 times already; 0xC000004B: it is ending.
    package static let ntSuspendThread = service("NtSuspendThread", Ke.suspendThread, isSuspending: true)
}
