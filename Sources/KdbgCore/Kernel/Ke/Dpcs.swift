// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Deferred procedure calls: what an interrupt leaves for DISPATCH_LEVEL.
extension Ke {
    /// KDPC.Importance.
    package enum DpcImportance {
        package static let low: Value = 0
        package static let medium: Value = 1
        package static let high: Value = 2
    }

    private static var dpcData: Pointer<KDPC_DATA> { Pointer(prcb.address(of: \.DpcData)) }

    /// `KeInitializeDpc(Dpc*, Routine, Context)`. The routine is `Deferred(Dpc*, Context, SystemArgument1, SystemArgument2)`.
    package static let initializeDpc: Routine = .init("KeInitializeDpc", ["Dpc", "DeferredRoutine", "DeferredContext"]) { f in
        let dpc = f.argument(0, KDPC.self)
        f.zero(dpc, KDPC.size)
        f.set(dpc.Type, 0x13)
        f.set(dpc.Importance, DpcImportance.medium)
        f.set(dpc.DeferredRoutine, f.argument(1))
        f.set(dpc.DeferredContext, f.argument(2))
        f.return()
    }

    /// `KeSetImportanceDpc(Dpc*, Importance)`: 2 goes to the head of the queue, 0 waits for company or for the next tick.
    package static let setImportanceDpc: Routine = .init("KeSetImportanceDpc", ["Dpc", "Importance"]) { f in
        f.set(f.argument(0, KDPC.self).Importance, f.argument(1))
        f.return()
    }

    /// `KeInsertQueueDpc(Dpc*, Argument1, Argument2) -> BOOLEAN`, from any IRQL: false when it is queued already.
    package static let insertQueueDpc: Routine = .init("KeInsertQueueDpc", ["Dpc", "SystemArgument1", "SystemArgument2"]) { f in
        let dpc = f.argument(0, KDPC.self)
        let data = dpcData
        let irql = f.call(Hal.raiseIrql, Irql.high)
        f.if(dpc.DpcData != 0) {
            f.call(Hal.lowerIrql, irql)
            f.return(0)
        }
        f.set(dpc.DpcData, data)
        f.set(dpc.SystemArgument1, f.argument(1))
        f.set(dpc.SystemArgument2, f.argument(2))
        f.add(data.DpcQueueDepth, 1)
        f.add(data.DpcCount, 1)
        f.if(dpc.Importance == DpcImportance.high) {
            f.insertHeadList(data.DpcListHead.value, dpc.DpcListEntry.value)
        } else: {
            f.insertTailList(data.DpcListHead.value, dpc.DpcListEntry.value)
        }
        f.if(prcb.DpcRoutineActive == 0 && prcb.DpcInterruptRequested == 0) {
            f.if(
                dpc.Importance != DpcImportance.low || data.DpcQueueDepth >= prcb.MaximumDpcQueueDepth
                    || prcb.DpcRequestRate < prcb.MinimumDpcRate
            ) {
                f.set(prcb.DpcInterruptRequested, 1)
                f.call(Hal.requestSoftwareInterrupt, Irql.dispatch)
            }
        }
        f.call(Hal.lowerIrql, irql)
        f.return(1)
    }

    /// `KeRemoveQueueDpc(Dpc*) -> BOOLEAN`: whether it was queued.
    package static let removeQueueDpc: Routine = .init("KeRemoveQueueDpc", ["Dpc"]) { f in
        let dpc = f.argument(0, KDPC.self)
        let irql = f.call(Hal.raiseIrql, Irql.high)
        let queued = f.local(dpc.DpcData)
        f.if(queued != 0) {
            f.set(dpcData.DpcQueueDepth, dpcData.DpcQueueDepth - 1)
            f.removeEntryList(dpc.DpcListEntry.value)
            f.set(dpc.DpcData, 0)
        }
        f.call(Hal.lowerIrql, irql)
        f.return(queued != 0)
    }

    /// `KiRetireDpcList()`, at DISPATCH_LEVEL with interrupts on: due timers, then every queued DPC, first to last, until neither is left.
    static let retireDpcList: Routine = .init("KiRetireDpcList") { f in
        let data = dpcData
        let head = data.DpcListHead.value
        f.asm { a in a.cli() }
        f.set(prcb.DpcRoutineActive, 1)
        f.loop {
            f.if(prcb.TimerRequest != 0) {
                f.set(prcb.TimerRequest, 0)
                f.asm { a in a.sti() }
                f.call(timerExpiration, timerExpireDpc, 0, prcb.TimerHand, 0)
                f.asm { a in a.cli() }
            }
            f.if(isListEmpty(head)) { f.break() }
            let dpc = f.local(Pointer<KDPC>.containing(f.removeHeadList(head), as: \.DpcListEntry))
            let context = f.local(dpc.DeferredContext)
            let first = f.local(dpc.SystemArgument1)
            let second = f.local(dpc.SystemArgument2)
            let routine = f.local(dpc.DeferredRoutine)
            f.set(dpc.DpcData, 0)
            f.set(data.DpcQueueDepth, data.DpcQueueDepth - 1)
            f.asm { a in a.sti() }
            f.callIndirect(routine, dpc, context, first, second)
            f.asm { a in a.cli() }
        }
        f.set(prcb.DpcRoutineActive, 0)
        f.set(prcb.DpcInterruptRequested, 0)
        f.asm { a in a.sti() }
        f.return()
    }

    /// Whether the DISPATCH interrupt has DPCs or timers to see to.
    static var hasDeferredWork: Value { !isListEmpty(dpcData.DpcListHead.value) || prcb.TimerRequest != 0 }

    /// `KiDispatchInterrupt()`, the DISPATCH software interrupt: retires DPCs on their own stack, then ends a used-up quantum or lets the next thread
    /// preempt this one.
    package static let dispatchInterrupt: Routine = .init("KiDispatchInterrupt") { f in
        f.if(hasDeferredWork) {
            // EBP still leads to the interrupted frames, so a debugger walks through.
            f.asm { a in
                a.push(.fs(0))
                a.mov(.eax, 0xFFFF_FFFF)
                a.mov(.fs(0), .eax)
                a.mov(.eax, .esp)
                a.mov(.esp, .fs(0x120 + Int32(offset(of: \KPRCB.DpcStack))))
                a.push(.eax)
                a.call(f.symbol(retireDpcList))
                a.pop(.eax)
                a.mov(.esp, .eax)
                a.pop(.fs(0))
            }
        }
        f.if(prcb.QuantumEnd != 0) {
            f.set(prcb.QuantumEnd, 0)
            f.call(quantumEnd)
        } else: {
            f.if(prcb.NextThread.isNotNull) { f.call(preempt, 1) }
        }
        f.return()
    }
}
