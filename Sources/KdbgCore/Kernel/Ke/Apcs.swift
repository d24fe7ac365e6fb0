// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Asynchronous procedure calls: what a thread is made to do in between. A kernel APC without normal routine is special and comes at once; one with a normal
/// routine waits while the thread is in a critical region; a user APC comes when the thread waits alertably and returns to user mode.
extension Ke {
    /// KAPC_ENVIRONMENT.
    package enum ApcEnvironment {
        package static let original: Value = 0
        package static let attached: Value = 1
        package static let current: Value = 2
    }

    /// `KeInitializeApc(Apc*, Thread*, Environment, KernelRoutine, RundownRoutine, NormalRoutine, ApcMode, NormalContext)`.
    package static let initializeApc: Routine = .init(
        "KeInitializeApc",
        ["Apc", "Thread", "Environment", "KernelRoutine", "RundownRoutine", "NormalRoutine", "ApcMode", "NormalContext"]
    ) { f in
        let apc = f.argument(0, KAPC.self)
        f.set(apc.Type, 0x12)
        f.set(apc.Size, KAPC.size)
        f.set(apc.address(of: \.Thread).dword(), f.argument(1))
        f.set(apc.ApcStateIndex, f.argument(2))
        f.if((f.argument(2) & 0xFF) == ApcEnvironment.current) { f.set(apc.ApcStateIndex, apc.Thread.ApcStateIndex) }
        f.set(apc.KernelRoutine, f.argument(3))
        f.set(apc.RundownRoutine, f.argument(4))
        f.set(apc.NormalRoutine, f.argument(5))
        f.set(apc.Inserted, 0)
        f.set(apc.SystemArgument1, 0)
        f.set(apc.SystemArgument2, 0)
        f.if(f.argument(5) != 0) {
            f.set(apc.ApcMode, f.argument(6))
            f.set(apc.NormalContext, f.argument(7))
        } else: {
            f.set(apc.ApcMode, 0)
            f.set(apc.NormalContext, 0)
        }
        f.return()
    }

    /// `KeInsertQueueApc(Apc*, SystemArgument1, SystemArgument2, Increment) -> BOOLEAN`: false when it is queued already or the thread takes none any more.
    package static let insertQueueApc: Routine = .init(
        "KeInsertQueueApc", ["Apc", "SystemArgument1", "SystemArgument2", "PriorityBoost"]
    ) { f in
        let apc = f.argument(0, KAPC.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.if(apc.Thread.ApcQueueable == 0 || apc.Inserted != 0) {
            f.call(Hal.lowerIrql, irql)
            f.return(0)
        }
        f.set(apc.SystemArgument1, f.argument(1))
        f.set(apc.SystemArgument2, f.argument(2))
        f.set(apc.Inserted, 1)
        f.call(linkApc, apc)
        f.call(announceApc, apc, f.argument(3))
        f.call(Hal.lowerIrql, irql)
        f.return(1)
    }

    /// `KiLinkApc(Apc*)`: special ones stand before the first that is not; the others at the end.
    private static let linkApc: Routine = .init("KiLinkApc", ["Apc"]) { f in
        let apc = f.argument(0, KAPC.self)
        let state = f.local((apc.Thread.ApcStatePointer + (apc.ApcStateIndex << 2)).dword())
        let head = f.local(state + (apc.ApcMode << 3))
        f.if(apc.NormalRoutine != 0) {
            f.insertTailList(head, apc.ApcListEntry.value)
            f.return()
        }
        let entry = f.local(head.dword(4))
        f.while(entry != head && Pointer<KAPC>.containing(entry, as: \.ApcListEntry).NormalRoutine != 0) { f.set(entry, entry.dword(4)) }
        f.insertHeadList(entry, apc.ApcListEntry.value)
        f.return()
    }

    /// `KiAnnounceApc(Apc*, Increment)`: the thread is told: by the APC interrupt when it runs, by the end of its wait when it waits for such a thing.
    private static let announceApc: Routine = .init("KiAnnounceApc", ["Apc", "Increment"]) { f in
        let apc = f.argument(0, KAPC.self)
        let thread = f.local(apc.Thread)
        f.if(apc.ApcStateIndex != thread.ApcStateIndex) { f.return() }
        f.if(apc.ApcMode == 0) {
            f.set(thread.ApcState.KernelApcPending, 1)
            f.if(thread.value == prcb.CurrentThread.value) {
                f.if(thread.SpecialApcDisable == 0) { f.call(Hal.requestSoftwareInterrupt, Irql.apc) }
                f.return()
            }
            f.if(thread.State != ThreadState.waiting || thread.WaitIrql != 0 || thread.SpecialApcDisable != 0) { f.return() }
            f.if(
                apc.NormalRoutine == 0 || (thread.KernelApcDisable == 0 && thread.ApcState.KernelApcInProgress == 0)
            ) { f.call(unwaitThread, thread, Status.kernelApc, f.argument(1)) }
            f.return()
        }
        f.if(thread.State == ThreadState.waiting && thread.WaitMode != 0) {
            f.if(thread.Alertable != 0 || thread.ApcState.UserApcPending != 0) {
                f.set(thread.ApcState.UserApcPending, 1)
                f.call(unwaitThread, thread, Status.userApc, f.argument(1))
            }
        }
        f.return()
    }

    /// `KeRemoveQueueApc(Apc*) -> BOOLEAN`: whether it was queued.
    package static let removeQueueApc: Routine = .init("KeRemoveQueueApc", ["Apc"]) { f in
        let apc = f.argument(0, KAPC.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let was = f.local(apc.Inserted)
        f.if(was != 0) {
            f.set(apc.Inserted, 0)
            f.removeEntryList(apc.ApcListEntry.value)
        }
        f.call(Hal.lowerIrql, irql)
        f.return(was)
    }

    /// `KeAlertThread(Thread*, AlertMode) -> was alerted`: ends an alertable wait with 0x101, or the next one.
    package static let alertThread: Routine = .init("KeAlertThread", ["Thread", "AlertMode"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let mode = f.local(f.argument(1) & 1)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let cell = f.local(thread.address(of: \.Alerted) + mode)
        let old = f.local(cell.byte())
        f.if(old == 0) {
            f.if(thread.State == ThreadState.waiting && thread.Alertable != 0 && mode <= thread.WaitMode) {
                f.call(unwaitThread, thread, Status.alerted, 2)
            } else: {
                f.set(cell.byte(), 1)
            }
        }
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KeTestAlertThread(AlertMode) -> was alerted`; a user APC that is waiting may come now.
    package static let testAlertThread: Routine = .init("KeTestAlertThread", ["AlertMode"]) { f in
        let thread = f.local(prcb.CurrentThread)
        let mode = f.local(f.argument(0) & 1)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let cell = f.local(thread.address(of: \.Alerted) + mode)
        let old = f.local(cell.byte())
        f.set(cell.byte(), 0)
        f.if(old == 0 && mode == 1 && !isListEmpty(thread.ApcState.ApcListHead + 8)) { f.set(thread.ApcState.UserApcPending, 1) }
        f.call(Hal.lowerIrql, irql)
        f.return(old)
    }

    /// `KeEnterCriticalRegion()`: no normal kernel APCs from here.
    package static let enterCriticalRegion: Routine = .init("KeEnterCriticalRegion") { f in
        f.set(prcb.CurrentThread.KernelApcDisable, prcb.CurrentThread.KernelApcDisable - 1)
        f.return()
    }

    /// `KeLeaveCriticalRegion()`: what waited for it comes now.
    package static let leaveCriticalRegion: Routine = .init("KeLeaveCriticalRegion") { f in
        let thread = f.local(prcb.CurrentThread)
        f.set(thread.KernelApcDisable, thread.KernelApcDisable + 1)
        f.if(thread.KernelApcDisable == 0 && !isListEmpty(thread.ApcState.ApcListHead) && thread.SpecialApcDisable == 0) {
            f.set(thread.ApcState.KernelApcPending, 1)
            f.call(Hal.requestSoftwareInterrupt, Irql.apc)
        }
        f.return()
    }
}
