// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Time, timers and DPCs. A tick is `timeIncrement` units of 100 ns.
extension Ke {
    /// 10 ms in units of 100 ns.
    static let timeIncrement: UInt32 = 100_000
    package static let tickCount: Global = .init("KeTickCount", size: 12)
    /// 64-bit, units of 100 ns since start-up.
    package static let interruptTime: Global = .init("KeInterruptTime", size: 8, alignment: 8)
    /// 512 list heads; a timer is in the list of its due tick modulo 512.
    static let timerTable: Global = .init("KiTimerTableListHead", size: 512 * 8, alignment: 8)
    static let timerExpireDpc: GlobalStructure<KDPC> = .init("KiTimerExpireDpc")

    /// `KeInitializeDpc(Dpc*, Routine, Context)`.
    package static let initializeDpc: Routine = .init("KeInitializeDpc", ["Dpc", "DeferredRoutine", "DeferredContext"]) { f in
        let dpc = f.argument(0, KDPC.self)
        f.zero(dpc, KDPC.size)
        f.set(dpc.value.byte(), 0x13)
        f.set(dpc.Importance, 1)
        f.set(dpc.DeferredRoutine, f.argument(1))
        f.set(dpc.DeferredContext, f.argument(2))
        f.return()
    }

    /// `KeInsertQueueDpc(Dpc*, Argument1, Argument2) -> BOOLEAN`: false when it is queued already.
    package static let insertQueueDpc: Routine = .init("KeInsertQueueDpc", ["Dpc", "SystemArgument1", "SystemArgument2"]) { f in
        let dpc = f.argument(0, KDPC.self)
        let irql = f.call(Hal.raiseIrql, Irql.high)
        f.if(dpc.DpcData != 0) {
            f.call(Hal.lowerIrql, irql)
            f.return(0)
        }
        let data = f.local(prcb.address(of: \.DpcData)).as(KDPC_DATA.self)
        f.set(dpc.DpcData, data)
        f.set(dpc.SystemArgument1, f.argument(1))
        f.set(dpc.SystemArgument2, f.argument(2))
        f.insertTailList(data.DpcListHead.value, dpc.DpcListEntry.value)
        f.add(data.DpcQueueDepth, 1)
        f.add(data.DpcCount, 1)
        f.call(Hal.requestSoftwareInterrupt, Irql.dispatch)
        f.call(Hal.lowerIrql, irql)
        f.return(1)
    }

    /// `KiRetireDpcList()`: calls every queued DPC routine at DISPATCH_LEVEL.
    static let retireDpcList: Routine = .init("KiRetireDpcList") { f in
        let data = f.local(prcb.address(of: \.DpcData)).as(KDPC_DATA.self)
        let head = data.DpcListHead.value
        f.set(prcb.DpcRoutineActive, 1)
        f.loop {
            f.asm { a in a.cli() }
            f.if(isListEmpty(head)) { f.break() }
            let dpc = f.local(Pointer<KDPC>.containing(f.removeHeadList(head), as: \.DpcListEntry))
            f.set(dpc.DpcData, 0)
            f.set(data.DpcQueueDepth, data.DpcQueueDepth - 1)
            f.asm { a in a.sti() }
            f.callIndirect(dpc.DeferredRoutine, dpc, dpc.DeferredContext, dpc.SystemArgument1, dpc.SystemArgument2)
        }
        f.set(prcb.DpcRoutineActive, 0)
        f.set(prcb.DpcInterruptRequested, 0)
        f.asm { a in a.sti() }
        f.return()
    }

    /// `KeInitializeTimerEx(Timer*, Type)`: type 0 notification, 1 synchronisation.
    package static let initializeTimerEx: Routine = .init("KeInitializeTimerEx", ["Timer", "Type"]) { f in
        let timer = f.argument(0, KTIMER.self)
        f.zero(timer, KTIMER.size)
        f.set(timer.Header.value.byte(), f.argument(1) + 8)
        f.set(timer.Header.Size, KTIMER.size / 4)
        f.initializeListHead(timer.Header.WaitListHead.value)
        f.return()
    }

    /// `KeSetTimerEx(Timer*, DueTimeLow, DueTimeHigh, Period, Dpc*) -> was set`. Negative times are relative; the period is in milliseconds.
    package static let setTimerEx: Routine = .init("KeSetTimerEx", ["Timer", "DueTimeLow", "DueTimeHigh", "Period", "Dpc"]) { f in
        let timer = f.argument(0, KTIMER.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let inserted = f.local(timer.Header.value.byte(3))
        f.if(inserted != 0) { f.call(removeTimer, timer) }
        f.set(timer.Dpc, f.argument(4))
        f.set(timer.Period, f.argument(3))
        f.set(timer.Header.SignalState, 0)
        f.call(insertTimer, timer, f.argument(1), f.argument(2))
        f.call(Hal.lowerIrql, irql)
        f.return(inserted)
    }

    /// `KeCancelTimer(Timer*) -> was set`.
    package static let cancelTimer: Routine = .init("KeCancelTimer", ["Timer"]) { f in
        let timer = f.argument(0, KTIMER.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let inserted = f.local(timer.Header.value.byte(3))
        f.if(inserted != 0) { f.call(removeTimer, timer) }
        f.call(Hal.lowerIrql, irql)
        f.return(inserted)
    }

    /// `KiRemoveTimer(Timer*)`.
    static let removeTimer: Routine = .init("KiRemoveTimer", ["Timer"]) { f in
        let timer = f.argument(0, KTIMER.self)
        f.set(timer.Header.value.byte(3), 0)
        f.removeEntryList(timer.TimerListEntry.value)
        f.return()
    }

    /// `KiInsertTimer(Timer*, Low, High)`: computes the absolute due time and links the timer into its list.
    static let insertTimer: Routine = .init("KiInsertTimer", ["Timer", "DueTimeLow", "DueTimeHigh"]) { f in
        let timer = f.argument(0, KTIMER.self)
        f.set(timer.Header.value.byte(3), 1)
        f.set(timer.Header.SignalState, 0)
        f.if(f.argument(2).isLessSigned(0)) {
            f.asm { a in
                a.mov(.eax, .symbol(f.symbol(interruptTime)))
                a.mov(.edx, .symbol(f.symbol(interruptTime), 4))
                a.alu(.sub, .eax, .at(.ebp, 12))
                a.alu(.sbb, .edx, .at(.ebp, 16))
                a.mov(.at(.ebp, 12), .eax)
                a.mov(.at(.ebp, 16), .edx)
            }
        }
        f.set(timer.DueTime.LowPart, f.argument(1))
        f.set(timer.DueTime.HighPart, f.argument(2))
        let tick = f.call(tickOf, f.argument(1), f.argument(2))
        f.insertTailList(timerTable.value + ((tick & 511) << 3), timer.TimerListEntry.value)
        f.return()
    }

    /// `KiTickOf(Low, High)`: the first tick at or after an interrupt time; times beyond 2^32 ticks wrap.
    static let tickOf: Routine = .init("KiTickOf", ["Low", "High"]) { f in
        f.asm { a in
            a.mov(.eax, .at(.ebp, 8))
            a.mov(.edx, .at(.ebp, 12))
            a.alu(.add, .eax, timeIncrement - 1)
            a.alu(.adc, .edx, 0)
            a.mov(.ecx, timeIncrement)
            a.push(.eax)
            a.mov(.eax, .edx)
            a.alu(.xor, .edx, .edx)
            a.div(.ecx)
            a.pop(.eax)
            a.div(.ecx)
        }
        f.return(f.saveEAX())
    }

    /// The last tick whose timers were looked at.
    static let timerExpiredTick: Global = .init("KiTimerExpiredTick")

    /// `KiTimerExpiration(Dpc, Context, Argument1, Argument2)`: signals the timers that have become due since it last ran.
    static let timerExpiration: Routine = .init(
        "KiTimerExpiration", ["Dpc", "DeferredContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        f.while(timerExpiredTick.dword != tickCount.dword) {
            f.add(timerExpiredTick.dword, 1)
            f.forEach(in: f.local(timerTable.value + ((timerExpiredTick.dword & 511) << 3))) { entry in
                let timer = f.local(Pointer<KTIMER>.containing(entry, as: \.TimerListEntry))
                let isDue = f.local(timer.DueTime.HighPart < interruptTime.value.dword(4))
                f.if(timer.DueTime.HighPart == interruptTime.value.dword(4) && timer.DueTime.LowPart <= interruptTime.dword) {
                    f.set(isDue, 1)
                }
                f.if(isDue != 0) { f.call(expireTimer, timer) }
            }
        }
        f.return()
    }

    /// `KiExpireTimer(Timer*)`: signals it, calls its DPC, and sets it again when it has a period.
    static let expireTimer: Routine = .init("KiExpireTimer", ["Timer"]) { f in
        let timer = f.argument(0, KTIMER.self)
        f.call(removeTimer, timer)
        f.set(timer.Header.SignalState, 1)
        f.call(waitTest, timer)
        f.if(timer.Period != 0) { f.call(insertTimer, timer, -(timer.Period * 10_000), 0xFFFF_FFFF as Value) }
        f.if(timer.Dpc.isNotNull) { f.call(insertQueueDpc, timer.Dpc, 0, 0) }
        f.return()
    }

    /// `KeUpdateSystemTime()`: one tick; called at CLOCK_LEVEL by the HAL's interrupt handler.
    package static let updateSystemTime: Routine = .init("KeUpdateSystemTime") { f in
        f.asm { a in
            a.alu(.add, .symbol(f.symbol(interruptTime)), timeIncrement)
            a.alu(.adc, .symbol(f.symbol(interruptTime), 4), 0)
        }
        f.add(tickCount.dword, 1)
        f.add(prcb.InterruptCount, 1)
        f.set(sharedUserData.address(of: \.InterruptTime).dword(), interruptTime.dword)
        f.set(sharedUserData.address(of: \.InterruptTime).dword(4), interruptTime.value.dword(4))
        f.set(sharedUserData.TickCountLowDeprecated, tickCount.dword)
        f.call(publishSystemTime)
        f.if(!isListEmpty(timerTable.value + ((tickCount.dword & 511) << 3))) {
            f.call(insertQueueDpc, timerExpireDpc, tickCount.dword, 0)
        }
        f.return()
    }
}
