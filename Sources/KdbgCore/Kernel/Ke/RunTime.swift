// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What a clock interrupt does: time goes on, and whoever was interrupted has used some of it.
extension Ke {
    /// What a tick takes off a thread's quantum.
    static let quantumPerTick: Value = 3

    /// `KeUpdateSystemTime(TrapFrame*, Increment, Irql)`: one tick of `Increment` units of 100 ns, at CLOCK_LEVEL; `Irql` is the interrupted level.
    package static let updateSystemTime: Routine = .init("KeUpdateSystemTime", ["TrapFrame", "Increment", "Irql"]) { f in
        f.load(f.argument(1))
        f.asm { a in
            a.alu(.add, .symbol(f.symbol(interruptTime)), .eax)
            a.alu(.adc, .symbol(f.symbol(interruptTime), 4), 0)
        }
        f.add(tickCount.dword, 1)
        f.set(sharedUserData.address(of: \.InterruptTime).dword(), interruptTime.dword)
        f.set(sharedUserData.address(of: \.InterruptTime).dword(4), interruptTime.value.dword(4))
        f.set(sharedUserData.TickCountLowDeprecated, tickCount.dword)
        f.call(publishSystemTime)
        f.if(prcb.TimerRequest == 0 && !isListEmpty(timerTable.value + ((tickCount.dword & 511) << 3))) {
            f.set(prcb.TimerRequest, f.argument(0))
            f.set(prcb.TimerHand, tickCount.dword & 511)
            f.call(Hal.requestSoftwareInterrupt, Irql.dispatch)
        }
        f.call(updateRunTime, f.argument(0), f.argument(2))
        f.return()
    }

    /// `KeUpdateRunTime(TrapFrame*, Irql)`: books the tick on processor, thread and process; sees to DPCs that were not urgent; takes from the quantum.
    package static let updateRunTime: Routine = .init("KeUpdateRunTime", ["TrapFrame", "Irql"]) { f in
        let thread = f.local(prcb.CurrentThread)
        let process = f.local(thread.ApcState.Process)
        f.add(prcb.InterruptCount, 1)
        f.if((f.argument(0, KTRAP_FRAME.self).SegCs & 1) != 0) {
            f.add(prcb.UserTime, 1)
            f.add(thread.UserTime, 1)
            f.add(process.UserTime, 1)
        } else: {
            f.add(prcb.KernelTime, 1)
            f.if(f.argument(1) > Irql.dispatch) {
                f.add(prcb.InterruptTime, 1)
            } else: {
                f.if(f.argument(1) == Irql.dispatch && prcb.DpcRoutineActive != 0) {
                    f.add(prcb.DpcTime, 1)
                } else: {
                    f.add(thread.KernelTime, 1)
                    f.add(process.KernelTime, 1)
                }
            }
        }
        f.call(updateDpcRate)
        f.if(thread.value != prcb.IdleThread.value) {
            f.set(thread.Quantum, thread.Quantum - quantumPerTick)
            f.if(thread.Quantum.isLessSigned(1)) {
                f.set(prcb.QuantumEnd, 1)
                f.call(Hal.requestSoftwareInterrupt, Irql.dispatch)
            }
        }
        f.return()
    }

    /// `KiUpdateDpcRate()`: how many DPCs a tick brings, and with it how long the queue of the unimportant ones may grow before it is an interrupt.
    private static let updateDpcRate: Routine = .init("KiUpdateDpcRate") { f in
        let data = f.local(prcb.address(of: \.DpcData)).as(KDPC_DATA.self)
        f.set(prcb.DpcRequestRate, (data.DpcCount - prcb.DpcLastCount + prcb.DpcRequestRate) >> 1)
        f.set(prcb.DpcLastCount, data.DpcCount)
        f.if(data.DpcQueueDepth != 0 && prcb.DpcRoutineActive == 0 && prcb.DpcInterruptRequested == 0) {
            f.set(prcb.AdjustDpcThreshold, 20)
            f.set(prcb.DpcInterruptRequested, 1)
            f.call(Hal.requestSoftwareInterrupt, Irql.dispatch)
            f.if(prcb.DpcRequestRate < 20 && prcb.MaximumDpcQueueDepth > 1) {
                f.set(prcb.MaximumDpcQueueDepth, prcb.MaximumDpcQueueDepth - 1)
            }
        } else: {
            f.set(prcb.AdjustDpcThreshold, prcb.AdjustDpcThreshold - 1)
            f.if(prcb.AdjustDpcThreshold == 0) {
                f.set(prcb.AdjustDpcThreshold, 20)
                f.if(prcb.MaximumDpcQueueDepth < 4) { f.add(prcb.MaximumDpcQueueDepth, 1) }
            }
        }
        f.return()
    }
}
