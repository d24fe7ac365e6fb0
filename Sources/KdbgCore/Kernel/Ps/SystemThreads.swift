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
    /// The next client id; processes and threads share the numbers, which go in steps of four.
    static let nextClientId: Global = .init("PspNextClientId") { [.dword(4)] }

    /// `PsCreateSystemThread(ThreadHandle*, DesiredAccess, ObjectAttributes*, ProcessHandle, ClientId*, StartRoutine, StartContext) -> status`.
    /// The handle is optional.
    package static let createSystemThread: Routine = .init(
        "PsCreateSystemThread",
        ["ThreadHandle", "DesiredAccess", "ObjectAttributes", "ProcessHandle", "ClientId", "StartRoutine", "StartContext"]
    ) { f in
        let object = f.local(0)
        let process = f.local(initialSystemProcess.dword).as(EPROCESS.self)
        let status = f.local(
            f.call(Ob.createObject, 0, threadType.dword, f.argument(2), 0, 0, ETHREAD.size, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        let thread = object.as(ETHREAD.self)
        f.zero(thread, ETHREAD.size)
        let stack = f.call(Mm.createKernelStack, 0, 0)
        f.if(stack == 0) {
            f.call(Ob.dereferenceObject, thread)
            f.return(Status.insufficientResources)
        }
        f.set(thread.ThreadsProcess, process)
        f.set(thread.StartAddress, f.argument(5))
        f.initializeListHead(thread.IrpList.value)
        f.initializeListHead(thread.PostBlockList.value)
        f.initializeListHead(thread.ActiveTimerListHead.value)
        f.set(thread.address(of: \.Cid).dword(), process.UniqueProcessId)
        f.set(thread.address(of: \.Cid).dword(4), nextClientId.dword)
        f.add(nextClientId.dword, 4)
        f.if(f.argument(4) != 0) {
            f.set(f.argument(4).dword(), thread.address(of: \.Cid).dword())
            f.set(f.argument(4).dword(4), thread.address(of: \.Cid).dword(4))
        }
        f.call(Ke.initializeThread, process, thread, systemThreadStartup, f.argument(5), f.argument(6), stack)
        f.insertTailList(process.ThreadListHead.value, thread.ThreadListEntry.value)
        f.add(process.ActiveThreads, 1)
        f.call(Ob.referenceObject, thread)
        f.set(status, f.call(Ob.insertObject, thread, 0, f.argument(1), 0, 0, f.argument(0)))
        f.if(status.isError) { f.return(status) }
        f.call(Ke.startThread, thread)
        f.return(Status.success)
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
        let thread = f.local(currentThread)
        f.set(thread.ExitStatus, f.argument(0))
        f.removeEntryList(thread.ThreadListEntry.value)
        f.set(thread.ThreadsProcess.ActiveThreads, thread.ThreadsProcess.ActiveThreads - 1)
        f.call(Ke.terminateThread)
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
