// SPDX-License-Identifier: GPL-3.0-or-later

/// System services that stop threads and let them go on.
extension Ps {
    /// THREAD_SUSPEND_RESUME.
    private static let suspendResume: Value = 2

    /// `change` takes a thread and a local for the count that it had, and yields a status.
    private static func service(_ name: String, _ change: @escaping @Sendable (_ f: Function, _ thread: Value, _ old: Value) -> Value)
        -> Routine
    {
        .init(name, ["ThreadHandle", "PreviousSuspendCount"]) { f in
            let thread = f.local(0)
            let old = f.local(0)
            let mode = f.local(currentThread.Tcb.PreviousMode)
            Ke.probe(f, optional: f.argument(1), 4, write: true)
            let status = f.local(
                f.call(Ob.referenceObjectByHandle, f.argument(0), suspendResume, threadType.dword, mode, f.address(of: thread), 0))
            f.if(status.isError) { f.return(status) }
            f.set(status, change(f, thread, old))
            f.call(Ob.dereferenceObject, thread)
            f.if(status.isSuccess && f.argument(1) != 0) { f.set(f.argument(1).dword(), old) }
            f.return(status)
        }
    }

    /// `NtResumeThread(ThreadHandle, PreviousSuspendCount* or NULL) -> status`.
    package static let ntResumeThread = service("NtResumeThread") { f, thread, old in
        f.set(old, f.call(Ke.resumeThread, thread))
        return Status.success
    }
    /// `NtSuspendThread(ThreadHandle, PreviousSuspendCount* or NULL) -> status`. 0xC000004A: suspended 127 times already; 0xC000004B: it is ending.
    package static let ntSuspendThread = service("NtSuspendThread") { f, thread, old in
        f.call(Ke.trySuspendThread, thread, f.address(of: old))
    }
}
