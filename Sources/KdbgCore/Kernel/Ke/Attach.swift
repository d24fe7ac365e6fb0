// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A thread in another process's address space.
extension Ke {
    /// `KeAttachProcess(Process*)`: APCs that are queued from here belong to that process; those of before wait.
    package static let attachProcess: Routine = .init("KeAttachProcess", ["Process"]) { f in
        let thread = f.local(prcb.CurrentThread)
        f.if(thread.ApcState.Process.value == f.argument(0)) { f.return() }
        f.if(thread.ApcStateIndex != 0) { f.call(bugCheckEx, 0x05, f.argument(0), thread.ApcState.Process, thread.ApcStateIndex, 0) }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.call(moveApcState, thread.ApcState, thread.SavedApcState)
        f.initializeListHead(f.local(thread.ApcState.ApcListHead))
        f.initializeListHead(f.local(thread.ApcState.ApcListHead + 8))
        f.set(thread.ApcState.address(of: \.Process).dword(), f.argument(0))
        f.set(thread.ApcState.KernelApcInProgress, 0)
        f.set(thread.ApcState.KernelApcPending, 0)
        f.set(thread.ApcState.UserApcPending, 0)
        f.set(thread.ApcStatePointer.dword(), thread.SavedApcState)
        f.set(thread.ApcStatePointer.dword(4), thread.ApcState)
        f.set(thread.ApcStateIndex, 1)
        f.call(swapProcess, f.argument(0))
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `KeDetachProcess()`: back to the thread's own.
    package static let detachProcess: Routine = .init("KeDetachProcess") { f in
        let thread = f.local(prcb.CurrentThread)
        f.if(thread.ApcStateIndex == 0) { f.return() }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.call(moveApcState, thread.SavedApcState, thread.ApcState)
        f.set(thread.SavedApcState.address(of: \.Process).dword(), 0)
        f.set(thread.ApcStatePointer.dword(), thread.ApcState)
        f.set(thread.ApcStatePointer.dword(4), thread.SavedApcState)
        f.set(thread.ApcStateIndex, 0)
        f.call(swapProcess, thread.ApcState.Process)
        f.if(!isListEmpty(thread.ApcState.ApcListHead)) {
            f.set(thread.ApcState.KernelApcPending, 1)
            f.call(Hal.requestSoftwareInterrupt, Irql.apc)
        }
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `KiMoveApcState(Old*, New*)`: a copy whose lists are whole.
    private static let moveApcState: Routine = .init("KiMoveApcState", ["OldState", "NewState"]) { f in
        f.copy(to: f.argument(1), from: f.argument(0), KAPC_STATE.size)
        for list in [0, 8] as [Int32] {
            let old = f.local(f.argument(0) + Value(Int(list)))
            let new = f.local(f.argument(1) + Value(Int(list)))
            f.if(isListEmpty(old)) {
                f.initializeListHead(new)
            } else: {
                f.set(new.dword().dword(4), new)
                f.set(new.dword(4).dword(), new)
            }
        }
        f.return()
    }

    /// `KiSwapProcess(NewProcess*)`: its page directory, here and in the TSS.
    private static let swapProcess: Routine = .init("KiSwapProcess", ["NewProcess"]) { f in
        f.set(pcr.TSS.CR3, f.argument(0, KPROCESS.self).DirectoryTableBase.dword())
        f.load(f.argument(0, KPROCESS.self).DirectoryTableBase.dword())
        f.asm { a in a.movToControl(3, .eax) }
        f.return()
    }
}
