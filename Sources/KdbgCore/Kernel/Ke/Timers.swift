// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Time and timers. A tick is `timeIncrement` units of 100 ns.
extension Ke {
    /// 10 ms in units of 100 ns.
    static let timeIncrement: UInt32 = 100_000

    /// The longest tick, and the one that is set.
    static let maximumIncrement: Global = .init("KeMaximumIncrement")
    static let currentIncrement: Global = .init("KeTimeIncrement")
    private static let minimumIncrement: Global = .init("KeMinimumIncrement")

    /// `KeSetTimeIncrement(Maximum, Minimum)`: the HAL says what its clock can do, in units of 100 ns.
    package static let setTimeIncrement: Routine = .init("KeSetTimeIncrement", ["MaxIncrement", "MinIncrement"]) { f in
        f.set(maximumIncrement.dword, f.argument(0))
        f.set(minimumIncrement.dword, f.argument(1))
        f.set(currentIncrement.dword, f.argument(0))
        f.return()
    }

    static let timeIncrementReciprocal: Global = .init("KeTimeIncrementReciprocal")
    static let timeIncrementShiftCount: Global = .init("KeTimeIncrementShiftCount")

    /// `KiComputeReciprocal(Divisor, ShiftCount*) -> reciprocal`, 32 bits with the highest one set: x / Divisor is x times the reciprocal, moved right by 32 and
    /// ShiftCount.
    static let computeReciprocal: Routine = .init("KiComputeReciprocal", ["Divisor", "ShiftCount"], section: .initialization) { f in
        let reciprocal = f.local(0)
        let remainder = f.local(1)
        let bits = f.local(0)
        f.while((reciprocal & 0x8000_0000) == 0) {
            f.set(reciprocal, reciprocal << 1)
            f.set(remainder, remainder << 1)
            f.add(bits, 1)
            f.if(remainder >= f.argument(0)) {
                f.set(remainder, remainder - f.argument(0))
                f.set(reciprocal, reciprocal | 1)
            }
        }
        f.if(remainder != 0 && reciprocal != 0xFFFF_FFFF) { f.add(reciprocal, 1) }
        f.set(f.argument(1).dword(), bits - 32)
        f.return(reciprocal)
    }
    package static let tickCount: Global = .init("KeTickCount", size: 12)
    /// 64-bit, units of 100 ns since start-up.
    package static let interruptTime: Global = .init("KeInterruptTime", size: 8, alignment: 8)
    /// 512 list heads; a timer is in the list of its due tick modulo 512.
    static let timerTable: Global = .init("KiTimerTableListHead", size: 512 * 8, alignment: 8)
    static let timerExpireDpc: GlobalStructure<KDPC> = .init("KiTimerExpireDpc")

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
        let inserted = f.local(timer.Header.Inserted)
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
        let inserted = f.local(timer.Header.Inserted)
        f.if(inserted != 0) { f.call(removeTimer, timer) }
        f.call(Hal.lowerIrql, irql)
        f.return(inserted)
    }

    /// `KiRemoveTimer(Timer*)`.
    static let removeTimer: Routine = .init("KiRemoveTimer", ["Timer"]) { f in
        let timer = f.argument(0, KTIMER.self)
        f.set(timer.Header.Inserted, 0)
        f.removeEntryList(timer.TimerListEntry.value)
        f.return()
    }

    /// `KiInsertTimer(Timer*, Low, High)`: computes the due time, as `KeInterruptTime` counts, and links the timer
    /// into its list. Negative times are relative, others are times of day.
    static let insertTimer: Routine = .init("KiInsertTimer", ["Timer", "DueTimeLow", "DueTimeHigh"]) { f in
        let timer = f.argument(0, KTIMER.self)
        f.if(f.argument(2).isLessSigned(0)) {
            f.asm { a in
                a.mov(.eax, .symbol(f.symbol(interruptTime)))
                a.mov(.edx, .symbol(f.symbol(interruptTime), 4))
                a.alu(.sub, .eax, .at(.ebp, 12))
                a.alu(.sbb, .edx, .at(.ebp, 16))
                a.mov(.at(.ebp, 12), .eax)
                a.mov(.at(.ebp, 16), .edx)
            }
        } else: {
            // A time of day: what `KeInterruptTime` will be then, or now when that is past.
            f.asm { a in
                a.mov(.eax, .at(.ebp, 12))
                a.mov(.edx, .at(.ebp, 16))
                a.alu(.sub, .eax, .symbol(f.symbol(bootTime)))
                a.alu(.sbb, .edx, .symbol(f.symbol(bootTime), 4))
                let future = a.newLabel()
                a.jcc(.greaterOrEqual, future)
                a.alu(.xor, .eax, .eax)
                a.alu(.xor, .edx, .edx)
                a.bind(future)
                a.mov(.at(.ebp, 12), .eax)
                a.mov(.at(.ebp, 16), .edx)
            }
        }
        f.set(timer.DueTime.LowPart, f.argument(1))
        f.set(timer.DueTime.HighPart, f.argument(2))
        f.call(insertTreeTimer, timer)
        f.return()
    }

    /// `KiInsertTreeTimer(Timer*)`: links a timer that knows its due time. What is due already comes with the next tick.
    static let insertTreeTimer: Routine = .init("KiInsertTreeTimer", ["Timer"]) { f in
        let timer = f.argument(0, KTIMER.self)
        f.set(timer.Header.Inserted, 1)
        f.set(timer.Header.SignalState, 0)
        let tick = f.call(tickOf, timer.DueTime.LowPart, timer.DueTime.HighPart)
        f.if((tick - tickCount.dword).isLessSigned(1)) { f.set(tick, tickCount.dword + 1) }
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
            let head = f.local(timerTable.value + ((timerExpiredTick.dword & 511) << 3))
            let entry = f.local(head.dword())
            f.while(entry != head) {
                let timer = f.local(Pointer<KTIMER>.containing(entry, as: \.TimerListEntry))
                f.set(entry, entry.dword())
                f.if(f.call(isDue, timer) != 0) {
                    f.call(expireTimer, timer)
                    // Who was released may have taken timers out of this list.
                    f.set(entry, head.dword())
                }
            }
        }
        f.return()
    }

    /// `KiIsDue(Timer*) -> BOOLEAN`: its due time is now or past.
    static let isDue: Routine = .init("KiIsDue", ["Timer"]) { f in
        let due = f.argument(0, KTIMER.self).DueTime
        f.if(due.HighPart < interruptTime.value.dword(4)) { f.return(1) }
        f.return(due.HighPart == interruptTime.value.dword(4) && due.LowPart <= interruptTime.dword)
    }

    /// `KiExpireTimer(Timer*)`: signals it, calls its DPC, and sets it again when it has a period.
    static let expireTimer: Routine = .init("KiExpireTimer", ["Timer"]) { f in
        let timer = f.argument(0, KTIMER.self)
        f.call(removeTimer, timer)
        f.set(timer.Header.SignalState, 1)
        f.call(waitTest, timer, 0)
        f.if(timer.Period != 0) { f.call(insertTimer, timer, -(timer.Period * 10_000), 0xFFFF_FFFF as Value) }
        f.if(timer.Dpc.isNotNull) { f.call(insertQueueDpc, timer.Dpc, 0, 0) }
        f.return()
    }
}
