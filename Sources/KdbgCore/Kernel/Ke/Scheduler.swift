// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Thread switching (spec/boot.md sections 4.7 and 5.13). Everything here runs at DISPATCH_LEVEL.
extension Ke {
    /// Values of KTHREAD.State.
    enum ThreadState {
        static let initialized: Value = 0
        static let ready: Value = 1
        static let running: Value = 2
        static let standby: Value = 3
        static let terminated: Value = 4
        static let waiting: Value = 5
    }

    private static func readyList(_ priority: Value) -> Value {
        prcb.address(of: \.DispatcherReadyListHead) + (priority << 3)
    }

    /// `KiReadyThread(Thread*)`: next to run when nobody of its priority or above runs or waits to; otherwise at the end of its queue.
    static let readyThread: Routine = .init("KiReadyThread", ["Thread"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let next = f.local(prcb.NextThread)
        f.if(next.isNotNull) {
            f.if(thread.Priority.isGreaterSigned(next.Priority)) {
                f.set(next.State, ThreadState.ready)
                f.call(insertReady, next, 1)
                f.call(makeNext, thread)
                f.return()
            }
        } else: {
            let current = f.local(prcb.CurrentThread)
            f.if(thread.Priority.isGreaterSigned(current.Priority)) {
                f.call(makeNext, thread)
                f.return()
            }
        }
        f.set(thread.State, ThreadState.ready)
        f.call(insertReady, thread, 0)
        f.return()
    }

    /// `KiMakeNext(Thread*)`: it will run as soon as IRQL allows.
    static let makeNext: Routine = .init("KiMakeNext", ["Thread"]) { f in
        f.set(f.argument(0, KTHREAD.self).State, ThreadState.standby)
        f.set(prcb.NextThread, f.argument(0))
        f.call(Hal.requestSoftwareInterrupt, Irql.dispatch)
        f.return()
    }

    /// `KiInsertReady(Thread*, AtHead)`: into the ready queue of its priority. `WaitTime` says since when.
    static let insertReady: Routine = .init("KiInsertReady", ["Thread", "AtHead"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        f.set(thread.WaitTime, tickCount.dword)
        let list = f.local(readyList(thread.Priority))
        f.if(f.argument(1) != 0) {
            f.insertHeadList(list, thread.WaitListEntry.value)
        } else: {
            f.insertTailList(list, thread.WaitListEntry.value)
        }
        f.set(prcb.ReadySummary, prcb.ReadySummary | (Value(1) << thread.Priority))
        f.return()
    }

    /// `KiSelectReadyThread(LowPriority) -> Thread* or NULL`: takes the first thread of the highest non-empty queue, from that priority up.
    static let selectReadyThread: Routine = .init("KiSelectReadyThread", ["LowPriority"]) { f in
        let priority = f.local(31)
        f.while(prcb.ReadySummary != 0 && priority.isGreaterSigned(f.argument(0) - 1)) {
            f.if((prcb.ReadySummary & (Value(1) << priority)) != 0) {
                let list = f.local(readyList(priority))
                let entry = f.removeHeadList(list)
                f.if(isListEmpty(list)) { f.set(prcb.ReadySummary, prcb.ReadySummary & ~(Value(1) << priority)) }
                f.return(Pointer<KTHREAD>.containing(entry, as: \.WaitListEntry))
            }
            f.set(priority, priority - 1)
        }
        f.return(0)
    }

    /// `KiSwapThread() -> WaitStatus`: gives up the processor. The caller has put the thread where it will be found again.
    static let swapThread: Routine = .init("KiSwapThread") { f in
        let old = f.local(prcb.CurrentThread)
        let next = f.local(prcb.NextThread)
        f.if(next.isNotNull) {
            f.set(prcb.NextThread, 0)
        } else: {
            f.set(next, f.call(selectReadyThread, 0))
            f.if(next.isNull) { f.set(next, prcb.IdleThread) }
        }
        f.set(next.State, ThreadState.running)
        f.if(next.value != old.value) {
            f.call(swapContext, next, old)
            f.call(renewApcRequest, old)
        }
        f.return(old.WaitStatus)
    }

    /// `KiPreempt(AtHead)`: the next thread runs; this one goes to the head of its ready queue, having been interrupted, or to the end, having had its turn.
    static let preempt: Routine = .init("KiPreempt", ["AtHead"]) { f in
        let old = f.local(prcb.CurrentThread)
        let next = f.local(prcb.NextThread)
        f.set(prcb.NextThread, 0)
        f.set(next.State, ThreadState.running)
        f.if(old.value != prcb.IdleThread.value) {
            f.set(old.Preempted, f.argument(0))
            f.set(old.State, ThreadState.ready)
            f.call(insertReady, old, f.argument(0))
        }
        f.call(swapContext, next, old)
        f.call(renewApcRequest, old)
        f.return()
    }

    /// `KiRenewApcRequest(Thread*)`: a thread that runs again asks for its kernel APCs again: the request in the PCR belonged to another.
    private static let renewApcRequest: Routine = .init("KiRenewApcRequest", ["Thread"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        f.if(thread.ApcState.KernelApcPending != 0 && thread.SpecialApcDisable == 0) { f.call(Hal.requestSoftwareInterrupt, Irql.apc) }
        f.return()
    }

    /// `KiSwapContext(NewThread*, OldThread*)`: returns when the old thread runs again. EBP, EDI, ESI, EBX and EIP end up as words 3 to 7 of the saved
    /// stack, where KDBG looks for them (spec/kdbg.md section 1.5).
    static let swapContext: Routine = .naked("KiSwapContext", ["NewThread", "OldThread"]) { f in
        f.asm { a in
            a.push(.ebx)
            a.push(.esi)
            a.push(.edi)
            a.push(.ebp)
            a.mov(.esi, .at(.esp, 0x14))
            a.mov(.edi, .at(.esp, 0x18))
            a.call(f.symbol(swapContextInternal))
            a.pop(.ebp)
            a.pop(.edi)
            a.pop(.esi)
            a.pop(.ebx)
            a.ret(8)
        }
    }

    /// The switch itself. ESI new thread, EDI old thread; leaves and resumes a KSWITCHFRAME (spec/boot.md section 4.7).
    static let swapContextInternal: Routine = .naked("KiSwapContextInternal") { f in
        let kernelStack = Int32(offset(of: \KTHREAD.KernelStack))
        let process = Int32(offset(of: \KTHREAD.ApcState)) + Int32(offset(of: \KAPC_STATE.Process))
        f.asm { a in
            a.push(1 as UInt32)
            a.push(.fs(0))
            a.mov(.at(.edi, kernelStack), .esp)
            a.cli()
            a.mov(.esp, .at(.esi, kernelStack))
            a.mov(.fs(0x124), .esi)
            a.mov(.eax, .at(.esi, Int32(offset(of: \KTHREAD.InitialStack))))
            a.alu(.sub, .eax, 0x220)
            a.mov(.ecx, .fs(0x40))
            a.mov(.at(.ecx, Int32(offset(of: \KTSS.Esp0))), .eax)
            a.alu(.add, .at(.esi, Int32(offset(of: \KTHREAD.ContextSwitches))), 1)
            a.alu(.add, .fs(Int32(offset(of: \KPCR.ContextSwitches))), 1)
            a.mov(.eax, .at(.esi, process))
            let same = a.newLabel()
            a.alu(.cmp, .eax, .at(.edi, process))
            a.jcc(.equal, same)
            a.mov(.eax, .at(.eax, Int32(offset(of: \KPROCESS.DirectoryTableBase))))
            a.mov(.ecx, .fs(0x40))
            a.mov(.at(.ecx, Int32(offset(of: \KTSS.CR3))), .eax)
            a.movToControl(3, .eax)
            a.bind(same)
            // Selector 3B is the TEB of whoever runs.
            a.mov(.eax, .at(.esi, Int32(offset(of: \KTHREAD.Teb))))
            a.mov(.fs(Int32(offset(of: \KPCR.Used_Self))), .eax)
            a.mov(.ecx, .fs(Int32(offset(of: \KPCR.GDT))))
            a.mov(.at(.ecx, 0x3A), .eax, width: .word)
            a.shift(.shr, .eax, by: 16)
            a.mov(.at(.ecx, 0x3C), .eax, width: .byte)
            a.shift(.shr, .eax, by: 8)
            a.mov(.at(.ecx, 0x3F), .eax, width: .byte)
            a.sti()
            a.pop(.fs(0))
            a.alu(.add, .esp, 4)
            a.ret()
        }
    }

    /// First code of a new thread: ESP is at its start frame. Lowers to APC_LEVEL and calls the system routine, which returns only for a
    /// thread that goes on in user mode.
    static let threadStartup: Routine = .naked("KiThreadStartup") { f in
        f.asm { a in
            a.alu(.xor, .ebp, .ebp)
            a.push(1 as UInt32)
            a.call(.symbol("__imp_" + Hal.lowerIrqlKey(f)))
            a.pop(.eax)
            a.call(.eax)
            // What is left of the start frame says whether a user frame lies above it.
            a.pop(.ecx)
            a.test(.ecx, .ecx)
            let isUser = a.newLabel()
            a.jcc(.notEqual, isUser)
            a.int3()
            a.bind(isUser)
            a.mov(.ebp, .esp)
            a.jmp(f.symbol(exceptionExit))
        }
    }
}

extension Hal {
    /// The linker's name of `KfLowerIrql` for code by hand in the kernel.
    static func lowerIrqlKey(_ f: Function) -> String {
        f.importedSymbol(lowerIrql)
    }
}
