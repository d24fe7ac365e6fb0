// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The running thread does its APCs.
extension Ke {
    /// `KiDeliverApc(DeliveryMode, ExceptionFrame*, TrapFrame*)`, at APC_LEVEL: all kernel APCs that may come; with DeliveryMode 1 one user APC, which changes
    /// the trap frame so that user mode goes on in its dispatcher. Kernel routines get `(Apc*, NormalRoutine**, NormalContext**, Argument1**,
    /// Argument2**)` and own the APC.
    package static let deliverApc: Routine = .init("KiDeliverApc", ["DeliveryMode", "ExceptionFrame", "TrapFrame"]) { f in
        let thread = f.local(prcb.CurrentThread)
        let frame = f.local(thread.TrapFrame)
        f.if(f.argument(2) != 0) { f.set(thread.address(of: \.TrapFrame).dword(), f.argument(2)) }
        f.set(thread.ApcState.KernelApcPending, 0)
        f.if(thread.SpecialApcDisable == 0) {
            f.loop { f.if(f.call(deliverKernelApc, thread) == 0) { f.break() } }
            f.if((f.argument(0) & 0xFF) == 1 && thread.ApcState.UserApcPending != 0) {
                f.if(!isListEmpty(thread.ApcState.ApcListHead + 8)) { f.call(deliverUserApc, thread, f.argument(1), f.argument(2)) }
            }
        }
        f.set(thread.address(of: \.TrapFrame).dword(), frame)
        f.return()
    }

    /// What a queued APC says, in the frame where its kernel routine may change it.
    private struct Call {
        let apc, kernel, normal, context, first, second: Value

        init(_ f: Function, _ apc: Pointer<KAPC>) {
            self.apc = f.local(apc.value)
            kernel = f.local(apc.KernelRoutine)
            normal = f.local(apc.NormalRoutine)
            context = f.local(apc.NormalContext)
            first = f.local(apc.SystemArgument1)
            second = f.local(apc.SystemArgument2)
        }

        /// Calls the kernel routine, at APC_LEVEL.
        func prepare(_ f: Function) {
            f.callIndirect(
                kernel, apc, f.address(of: normal), f.address(of: context), f.address(of: first), f.address(of: second))
        }
    }

    /// `KiDeliverKernelApc(Thread*) -> BOOLEAN`: the first one; false when there is none that may come.
    private static let deliverKernelApc: Routine = .init("KiDeliverKernelApc", ["Thread"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let head = f.local(thread.ApcState.ApcListHead)
        f.if(isListEmpty(head)) {
            f.call(Hal.lowerIrql, irql)
            f.return(0)
        }
        let apc = f.local(Pointer<KAPC>.containing(head.dword(), as: \.ApcListEntry))
        f.if(apc.NormalRoutine != 0 && (thread.KernelApcDisable != 0 || thread.ApcState.KernelApcInProgress != 0)) {
            f.call(Hal.lowerIrql, irql)
            f.return(0)
        }
        let call = Call(f, apc)
        f.removeEntryList(apc.ApcListEntry.value)
        f.set(apc.Inserted, 0)
        f.call(Hal.lowerIrql, irql)
        call.prepare(f)
        f.if(call.normal != 0) {
            f.set(thread.ApcState.KernelApcInProgress, 1)
            f.call(Hal.lowerIrql, Irql.passive)
            f.callIndirect(call.normal, call.context, call.first, call.second)
            f.call(Hal.raiseIrql, Irql.apc)
            f.set(thread.ApcState.KernelApcInProgress, 0)
        }
        f.return(1)
    }

    /// `KiDeliverUserApc(Thread*, ExceptionFrame*, TrapFrame*)`: the first user APC.
    private static let deliverUserApc: Routine = .init("KiDeliverUserApc", ["Thread", "ExceptionFrame", "TrapFrame"]) { f in
        let thread = f.argument(0, KTHREAD.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.set(thread.ApcState.UserApcPending, 0)
        let apc = f.local(
            Pointer<KAPC>.containing(f.removeHeadList(thread.ApcState.ApcListHead + 8), as: \.ApcListEntry))
        let call = Call(f, apc)
        f.set(apc.Inserted, 0)
        f.call(Hal.lowerIrql, irql)
        call.prepare(f)
        f.if(call.normal == 0) {
            f.call(testAlertThread, 1)
        } else: {
            f.call(initializeUserApc, f.argument(1), f.argument(2), call.normal, call.context, call.first, call.second)
        }
        f.return()
    }

    /// `KeUserApcDispatcher`: where user mode takes APCs, in its system DLL; 0 before phase 1 of Ps.
    package static let userApcDispatcher: Global = .init("KeUserApcDispatcher")

    /// `KiInitializeUserApc(ExceptionFrame*, TrapFrame*, NormalRoutine, NormalContext, Argument1, Argument2)`: what user mode was doing goes on its stack as a
    /// CONTEXT, under the four words its dispatcher calls the routine with. A process without a stack for it ends.
    static let initializeUserApc: Routine = .init(
        "KiInitializeUserApc",
        ["ExceptionFrame", "TrapFrame", "NormalRoutine", "NormalContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        let frame = f.argument(1, KTRAP_FRAME.self)
        let context = f.structure(CONTEXT.self)
        f.zero(context, CONTEXT.size)
        f.set(context.ContextFlags, 0x1_0007)
        f.call(trapFrameToContext, frame, f.argument(0), context)
        let stack = f.local((context.Esp & ~Value(3)) - Value(CONTEXT.size + 16))
        f.if(f.call(probeForWrite, stack, CONTEXT.size + 16) == 0) {
            f.call(Hal.lowerIrql, Irql.passive)
            f.call(Ps.terminateCurrentProcess, Status.accessViolation)
        }
        f.copy(to: stack + 16, from: context, CONTEXT.size)
        for index in 0..<4 { f.set(stack.dword(Int32(4 * index)), f.argument(2 + index)) }
        f.set(frame.Eip, userApcDispatcher.dword)
        f.set(frame.HardwareEsp, stack)
        f.return()
    }
}
