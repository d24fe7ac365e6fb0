// SPDX-License-Identifier: GPL-3.0-or-later

/// Thread objects: how they are made, how they end, what becomes of them.
extension Ps {
    /// `PspCreateThread(Process*, SystemRoutine, StartRoutine, StartContext, Thread**) -> status`: a thread object that has not started: stack, id, its
    /// place in the process. The caller owns the reference.
    static let createThread: Routine = .init(
        "PspCreateThread", ["Process", "SystemRoutine", "StartRoutine", "StartContext", "Thread"]
    ) { f in
        let object = f.local(0)
        let process = f.argument(0, EPROCESS.self)
        let status = f.call(Ob.createObject, 0, threadType.dword, 0, 0, 0, ETHREAD.size, 0, 0, f.address(of: object))
        f.if(status.isError) { f.return(status) }
        let thread = object.as(ETHREAD.self)
        f.zero(thread, ETHREAD.size)
        f.call(Ob.referenceObject, process)
        f.set(thread.address(of: \.ThreadsProcess).dword(), process)
        let stack = f.call(Mm.createKernelStack, 0, 0)
        f.set(thread.Tcb.InitialStack, stack)
        let id = f.call(Ob.exCreateHandle, cidTable.dword, thread, 0)
        f.set(thread.address(of: \.Cid).dword(), process.UniqueProcessId)
        f.set(thread.address(of: \.Cid).dword(4), id)
        f.if(stack == 0 || id == 0) {
            f.call(Ob.dereferenceObject, thread)
            f.return(Status.insufficientResources)
        }
        f.set(thread.StartAddress, f.argument(2))
        f.set(thread.ExitStatus, Status.pending)
        f.copy(to: thread.CreateTime, from: Ke.sharedUserData.SystemTime, 8)
        f.initializeListHead(thread.IrpList.value)
        f.initializeListHead(thread.PostBlockList.value)
        f.initializeListHead(thread.ActiveTimerListHead.value)
        f.call(Ke.initializeSemaphore, thread.LpcReplySemaphore, 0, 1)
        f.call(Ke.initializeThread, process, thread, f.argument(1), f.argument(2), f.argument(3), stack)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.insertTailList(process.ThreadListHead.value, thread.ThreadListEntry.value)
        f.add(process.ActiveThreads, 1)
        f.call(Hal.lowerIrql, irql)
        f.set(f.argument(4).dword(), thread)
        f.return(Status.success)
    }

    /// `PspExitThread(ExitStatus)`: the running thread ends. With the last one of a process the process ends: its handles are closed, its user memory goes, and
    /// who waits for it is released.
    static let exitThread: Routine = .init("PspExitThread", ["ExitStatus"]) { f in
        let thread = f.local(currentThread)
        let process = f.local(thread.ThreadsProcess)
        f.set(thread.ExitStatus, f.argument(0))
        f.copy(to: thread.ExitTime, from: Ke.sharedUserData.SystemTime, 8)
        f.set(process.LastThreadExitStatus, f.argument(0))
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.removeEntryList(thread.ThreadListEntry.value)
        f.set(process.ActiveThreads, process.ActiveThreads - 1)
        f.call(Hal.lowerIrql, irql)
        f.if(process.ActiveThreads == 0 && process.value != initialSystemProcess.dword) { f.call(exitProcess, process, f.argument(0)) }
        f.call(Ke.rundownThread)
        f.call(Ke.terminateThread)
        f.return()
    }

    /// `PspExitProcess(Process*, ExitStatus)`, on its last thread.
    private static let exitProcess: Routine = .init("PspExitProcess", ["Process", "ExitStatus"]) { f in
        let process = f.argument(0, EPROCESS.self)
        f.if(process.ExitStatus == Status.pending) { f.set(process.ExitStatus, f.argument(1)) }
        f.copy(to: process.ExitTime, from: Ke.sharedUserData.SystemTime, 8)
        f.call(Ob.killProcess, process)
        f.call(Mm.cleanProcessAddressSpace, process)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.set(process.Pcb.State, 0)
        f.set(process.Pcb.Header.SignalState, 1)
        f.call(Ke.waitTest, process, 0)
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// Threads that have ended, chained where termination ports would be.
    static let reaperListHead: Global = .init("PsReaperListHead")
    static let reaperWorkItem: GlobalStructure<WORK_QUEUE_ITEM> = .init("PsReaperWorkItem")

    /// `PspReapRoutine(Context)`, a work item: takes the stacks of ended threads away and lets go of them.
    static let reapThreads: Routine = .init("PspReapRoutine", ["Context"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let thread = f.local(reaperListHead.dword).as(ETHREAD.self)
        f.set(reaperListHead.dword, 0)
        f.call(Hal.lowerIrql, irql)
        f.while(thread.isNotNull) {
            let next = f.local(thread.TerminationPort)
            f.set(thread.TerminationPort, 0)
            f.call(Mm.deleteKernelStack, thread.Tcb.StackBase, thread.Tcb.LargeStack)
            f.set(thread.Tcb.InitialStack, 0)
            f.call(Ob.dereferenceObject, thread)
            f.set(thread.value, next)
        }
        f.return()
    }

    /// `PspDeleteThread(Thread*)`, the type's delete procedure.
    static let deleteThread: Routine = .init("PspDeleteThread", ["ObjectBody"]) { f in
        let thread = f.argument(0, ETHREAD.self)
        let process = f.local(thread.ThreadsProcess)
        f.if(thread.Tcb.InitialStack != 0) { f.call(Mm.deleteKernelStack, thread.Tcb.InitialStack, 0) }
        let id = f.local(thread.address(of: \.Cid).dword(4))
        f.if(id != 0) { f.call(Ob.destroyHandle, cidTable.dword, id) }
        f.if(process.isNotNull) { f.call(Ob.dereferenceObject, process) }
        f.return()
    }
}

extension Ke {
    /// `KeRundownThread()`: the running thread's mutants are abandoned, its APCs are let go.
    static let rundownThread: Routine = .init("KeRundownThread") { f in
        let thread = f.local(prcb.CurrentThread)
        f.loop {
            let head = thread.MutantListHead.value
            f.if(isListEmpty(head)) { f.break() }
            f.call(releaseMutant, Pointer<KMUTANT>.containing(head.dword(), as: \.MutantListEntry), 0, 1, 0)
        }
        f.set(thread.ApcQueueable, 0)
        f.loop {
            let irql = f.call(Hal.raiseIrqlToDpcLevel)
            let head = f.local(thread.ApcState.ApcListHead + 8)
            f.if(isListEmpty(head)) {
                f.call(Hal.lowerIrql, irql)
                f.break()
            }
            let apc = f.local(Pointer<KAPC>.containing(f.removeHeadList(head), as: \.ApcListEntry))
            f.set(apc.Inserted, 0)
            f.call(Hal.lowerIrql, irql)
            f.if(apc.RundownRoutine != 0) { f.callIndirect(apc.RundownRoutine, apc) }
        }
        f.return()
    }

    /// `KeTerminateThread()`: the running thread is signalled, put on the reaper's list, and never runs again.
    static let terminateThread: Routine = .init("KeTerminateThread") { f in
        f.call(Hal.raiseIrqlToDpcLevel)
        let thread = f.local(prcb.CurrentThread)
        let body = thread.as(ETHREAD.self)
        let first = f.local(Ps.reaperListHead.dword)
        f.set(body.TerminationPort, first)
        f.set(Ps.reaperListHead.dword, thread)
        f.if(first == 0) {
            f.set(Ps.reaperWorkItem.WorkerRoutine, Ps.reapThreads)
            f.set(Ps.reaperWorkItem.Parameter, 0)
            f.call(Ex.queueWorkItem, Ps.reaperWorkItem, 0)
        }
        f.if(thread.Queue.isNotNull) {
            f.removeEntryList(thread.QueueListEntry.value)
            f.call(activateWaiterQueue, thread.Queue)
            f.set(thread.address(of: \.Queue).dword(), 0)
        }
        f.set(thread.Header.SignalState, 1)
        f.call(waitTest, thread, 0)
        f.set(thread.State, ThreadState.terminated)
        f.removeEntryList(thread.ThreadListEntry.value)
        f.call(swapThread)
        f.return()
    }
}
