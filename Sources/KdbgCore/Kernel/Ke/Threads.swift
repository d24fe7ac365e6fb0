// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Making threads (spec/boot.md sections 4.7 and 5.13).
extension Ke {
    /// `KeInitializeThread(Process*, Thread*, SystemRoutine, StartRoutine, StartContext, KernelStack)`: fills the KTHREAD and, when there is
    /// a system routine, writes start and switch frame on the stack. `KernelStack` is the stack's upper end.
    static let initializeThread: Routine = .init(
        "KeInitializeThread", ["Process", "Thread", "SystemRoutine", "StartRoutine", "StartContext", "KernelStack"]
    ) { f in
        let process = f.argument(0, KPROCESS.self)
        let thread = f.argument(1, KTHREAD.self)
        f.set(thread.Header.value.dword(), 6)
        f.set(thread.Header.Size, KTHREAD.size / 4)
        f.set(thread.Header.SignalState, 0)
        f.initializeListHead(thread.Header.WaitListHead.value)
        f.initializeListHead(thread.MutantListHead.value)
        f.initializeListHead(thread.ApcState.ApcListHead)
        f.initializeListHead(thread.ApcState.ApcListHead + 8)
        f.set(thread.ApcState.Process, process)
        f.set(thread.Process, process)
        f.set(thread.ApcQueueable, 1)
        f.set(thread.EnableStackSwap, 1)
        f.set(thread.KernelStackResident, 1)
        f.set(thread.NpxState, 0xA)
        f.call(initializeTimerEx, thread.Timer, 0)
        f.set(thread.InitialStack, f.argument(5))
        f.set(thread.StackBase, f.argument(5))
        f.set(thread.StackLimit, f.argument(5) - 0x3000)
        f.set(thread.BasePriority, process.BasePriority)
        f.set(thread.Priority, process.BasePriority)
        f.set(thread.Affinity, process.Affinity)
        f.set(thread.UserAffinity, process.Affinity)
        f.set(thread.State, ThreadState.initialized)
        f.set(thread.ApcStatePointer.dword(), thread.ApcState)
        f.set(thread.ApcStatePointer.dword(4), thread.SavedApcState)
        f.initializeListHead(thread.SavedApcState.ApcListHead)
        f.initializeListHead(thread.SavedApcState.ApcListHead + 8)
        f.call(initializeApc, thread.SuspendApc, thread, 0, suspendNop, 0, suspendThreadApc, 0, 0)
        f.call(initializeSemaphore, thread.SuspendSemaphore, 0, 2)
        f.set(thread.QuantumReset, process.QuantumReset)
        f.set(thread.Quantum, process.QuantumReset)
        f.set(thread.ServiceTable, serviceDescriptorTable)
        f.if(f.argument(2) != 0) {
            let stack = f.local(f.argument(5) - (0x210 + 0x10 + 0x0C))
            f.set(stack.dword(0x00), 0xFFFF_FFFF as Value)
            f.set(stack.dword(0x04), 1)
            f.set(stack.dword(0x08), threadStartup)
            f.set(stack.dword(0x0C), f.argument(2))
            f.set(stack.dword(0x10), f.argument(3))
            f.set(stack.dword(0x14), f.argument(4))
            f.set(stack.dword(0x18), 0)
            f.set(thread.KernelStack, stack)
        }
        f.insertTailList(process.ThreadListHead.value, thread.ThreadListEntry.value)
        f.return()
    }

    /// `KeStartThread(Thread*)`: makes a new thread ready.
    static let startThread: Routine = .init("KeStartThread", ["Thread"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.call(readyThread, f.argument(0))
        f.call(Hal.lowerIrql, irql)
        f.return()
    }
}
