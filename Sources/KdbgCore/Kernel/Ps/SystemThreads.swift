// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// System threads (spec/boot.md sections 1.6 #23, 1.7, 4.7).
extension Ps {
    package static let threadType: Global = .init("PsThreadType")
    package static let processType: Global = .init("PsProcessType")
    static let jobType: Global = .init("PsJobType")
    package static let activeProcessHead: GlobalStructure<LIST_ENTRY> = Global.listHead("PsActiveProcessHead")
    package static let initialSystemProcess: Global = .init("PsInitialSystemProcess")
    package static let idleProcess: Global = .init("PsIdleProcess")
    /// `PsCreateSystemThread(ThreadHandle*, DesiredAccess, ObjectAttributes*, ProcessHandle, ClientId*, StartRoutine, StartContext) -> status`.
    /// The handle is optional.
    package static let createSystemThread: Routine = .init(
        "PsCreateSystemThread",
        ["ThreadHandle", "DesiredAccess", "ObjectAttributes", "ProcessHandle", "ClientId", "StartRoutine", "StartContext"]
    ) { f in
        f.pagedCode()
        let object = f.local(0)
        let status = f.local(
            f.call(createThread, initialSystemProcess.dword, systemThreadStartup, f.argument(5), f.argument(6), f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        let thread = object.as(ETHREAD.self)
        // PS_CROSS_THREAD_FLAGS_SYSTEM.
        f.set(thread.CrossThreadFlags, 0x10)
        f.if(f.argument(4) != 0) { f.copy(to: f.argument(4), from: thread.address(of: \.Cid), 8) }
        // One reference is the running thread's own, until the reaper has it.
        f.call(Ob.referenceObject, thread)
        f.set(status, f.call(Ob.insertObject, thread, 0, f.argument(1), 0, 0, f.argument(0)))
        f.call(Ke.startThread, thread)
        f.return(status)
    }

    /// `PspSystemThreadStartup(StartRoutine, StartContext)`: the thread's life inside an exception frame.
    static let systemThreadStartup: Routine = .init("PspSystemThreadStartup", ["StartRoutine", "StartContext"]) { f in
        f.call(Hal.lowerIrql, 0)
        let registration = f.structure(EXCEPTION_REGISTRATION_RECORD.self)
        f.set(registration.Next, Value.fs(0))
        f.set(registration.Handler, unhandledException)
        f.set(Value.fs(0), registration)
        f.callIndirect(f.argument(0), f.argument(1))
        f.set(Value.fs(0), registration.Next)
        f.call(terminateSystemThread, 0)
        f.return()
    }

    /// `PsTerminateSystemThread(ExitStatus)`: the running thread ends.
    package static let terminateSystemThread: Routine = .init("PsTerminateSystemThread", ["ExitStatus"]) { f in
        f.call(exitThread, f.argument(0))
        f.return(Status.success)
    }

    /// The handler of that frame: two lines and BC 0x7E (spec/boot.md section 3.1).
    static let unhandledException: Routine = .init(
        "PspUnhandledExceptionInSystemThread", ["ExceptionRecord", "EstablisherFrame", "Context", "DispatcherContext"], convention: .cdecl
    ) { f in
        let record = f.argument(0, EXCEPTION_RECORD.self)
        f.print("(ntoskrnl/ps/thread.c:118) PS: Unhandled Kernel Mode Exception Pointers = 0x%p\n", f.addressOfArgument(0))
        let information = record.address(of: \.ExceptionInformation)
        f.print(
            "(ntoskrnl/ps/thread.c:125) Code %x Addr %p Info0 %p Info1 %p Info2 %p Info3 %p\n", record.ExceptionCode,
            record.ExceptionAddress, information.dword(0), information.dword(4), information.dword(8), information.dword(12))
        f.call(Ke.bugCheckEx, 0x7E, record.ExceptionCode, record.ExceptionAddress, record, f.argument(2))
        f.return(1)
    }
}

/// Virtual address of the ETHREAD that runs, from the PRCB.
package var currentThread: Pointer<ETHREAD> { Pointer(.fs(0x124)) }
