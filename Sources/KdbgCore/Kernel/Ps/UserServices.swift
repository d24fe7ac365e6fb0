// SPDX-License-Identifier: GPL-3.0-or-later

/// System services that are the process manager's, or for which user mode needs a form of its own.
extension Ps {
    /// `NtDelayExecution(Alertable, DelayInterval*) -> status`.
    static let ntDelayExecution: Routine = .init("NtDelayExecution", ["Alertable", "DelayInterval"]) { f in
        let interval = f.structure(LARGE_INTEGER.self)
        f.if(f.call(captureTime, f.argument(1), interval) == 0) { f.return(Status.accessViolation) }
        f.return(f.call(Ke.delayExecutionThread, currentThread.Tcb.PreviousMode, f.argument(0), interval))
    }

    /// `NtWaitForSingleObject(Handle, Alertable, Timeout* or NULL) -> status`.
    static let ntWaitForSingleObject: Routine = .init("NtWaitForSingleObject", ["Handle", "Alertable", "Timeout"]) { f in
        let time = f.structure(LARGE_INTEGER.self)
        let timeout = f.local(0)
        let object = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        f.if(f.argument(2) != 0) {
            f.if(f.call(captureTime, f.argument(2), time) == 0) { f.return(Status.accessViolation) }
            f.set(timeout, time)
        }
        let status = f.local(f.call(Ob.referenceObjectByHandle, f.argument(0), 0x10_0000, 0, mode, f.address(of: object), 0))
        f.if(status.isError) { f.return(status) }
        // What the type says is waited on: the body, something in it, or an event that is always set.
        let waited = f.local(Pointer<OBJECT_HEADER>.of(object).Type.DefaultObject)
        f.if(waited.isGreaterSigned(0) || waited == 0) { f.set(waited, waited + object) }
        f.set(status, f.call(Ke.waitForSingleObject, waited, 6, mode, f.argument(1), timeout))
        f.call(Ob.dereferenceObject, object)
        f.return(status)
    }

    /// `PspCaptureTime(User*, LARGE_INTEGER*) -> BOOLEAN`: eight bytes from the caller, if it may read them.
    private static let captureTime: Routine = .init("PspCaptureTime", ["Source", "Time"]) { f in
        f.if(currentThread.Tcb.PreviousMode != 0) {
            f.if(f.call(Ke.probeForRead, f.argument(0), 8) == 0) { f.return(0) }
        }
        f.copy(to: f.argument(1), from: f.argument(0), 8)
        f.return(1)
    }

    /// `NtDisplayString(UNICODE_STRING*) -> status`: on the boot screen, at most 255 characters.
    static let ntDisplayString: Routine = .init("NtDisplayString", ["DisplayString"]) { f in
        let string = f.argument(0, UNICODE_STRING.self)
        let text = f.buffer(256)
        f.if(currentThread.Tcb.PreviousMode != 0) {
            f.if(f.call(Ke.probeForRead, string, 8) == 0) { f.return(Status.accessViolation) }
            f.if(f.call(Ke.probeForRead, string.Buffer, string.Length) == 0) { f.return(Status.accessViolation) }
        }
        let index = f.local(0)
        f.while(index < 255 && (index << 1) < string.Length) {
            f.set((text + index).byte(), (string.Buffer + (index << 1)).word())
            f.add(index, 1)
        }
        f.set((text + index).byte(), 0)
        f.call(Misc.inbvDisplayString, text)
        f.return(Status.success)
    }

    /// `NtContinue(Context*, TestAlert) -> status`: user mode goes on as the context says, with its segments and flags made safe.
    static let ntContinue: Routine = .init("NtContinue", ["ThreadContext", "TestAlert"]) { f in
        let context = f.argument(0, CONTEXT.self)
        let frame = f.local(currentThread.Tcb.TrapFrame)
        f.if(f.call(Ke.probeForRead, context, CONTEXT.size) == 0) { f.return(Status.accessViolation) }
        f.call(Ke.continueUser, context, frame)
        f.if((f.argument(1) & 0xFF) != 0) { f.call(Ke.testAlertThread, 1) }
        f.return(frame.Eax)
    }

    /// `NtTestAlert() -> status`: 0x101 when the thread was alerted; user APCs come now.
    static let ntTestAlert: Routine = .init("NtTestAlert") { f in
        f.if(f.call(Ke.testAlertThread, currentThread.Tcb.PreviousMode) != 0) { f.return(Status.alerted) }
        f.return(Status.success)
    }

    /// `NtQuerySystemTime(SystemTime*) -> status`: units of 100 ns since 1601.
    static let ntQuerySystemTime: Routine = .init("NtQuerySystemTime", ["SystemTime"]) { f in
        f.if(currentThread.Tcb.PreviousMode != 0) {
            f.if(f.call(Ke.probeForWrite, f.argument(0), 8) == 0) { f.return(Status.accessViolation) }
        }
        f.copy(to: f.argument(0), from: Ke.sharedUserData.SystemTime, 8)
        f.return(Status.success)
    }

    /// `NtTerminateThread(ThreadHandle, ExitStatus) -> status`: the caller itself, by NULL or its pseudo-handle.
    static let ntTerminateThread: Routine = .init("NtTerminateThread", ["ThreadHandle", "ExitStatus"]) { f in
        f.if(f.argument(0) != 0 && f.argument(0) != 0xFFFF_FFFE) { f.return(Status.notImplemented) }
        f.call(exitThread, f.argument(1))
        f.return(Status.success)
    }

    /// `NtTerminateProcess(ProcessHandle, ExitStatus) -> status`: the caller's own process.
    static let ntTerminateProcess: Routine = .init("NtTerminateProcess", ["ProcessHandle", "ExitStatus"]) { f in
        f.if(f.argument(0) != 0 && f.argument(0) != 0xFFFF_FFFF) { f.return(Status.notImplemented) }
        f.call(terminateCurrentProcess, f.argument(1))
        f.return(Status.success)
    }

    /// `PspTerminateCurrentProcess(ExitStatus)`: the process of the running thread ends with it; processes here have one thread.
    static let terminateCurrentProcess: Routine = .init("PspTerminateCurrentProcess", ["ExitStatus"]) { f in
        f.set(currentThread.ThreadsProcess.ExitStatus, f.argument(0))
        f.call(exitThread, f.argument(0))
        f.return()
    }
}
