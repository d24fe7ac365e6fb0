// SPDX-License-Identifier: GPL-3.0-or-later

/// Time that passes inside the debugger, where interrupts are off and no tick is taken (spec/boot.md sections 1.3 #9 and 1.8 #27). Leaving KD queues a DPC, that a
/// worker, and that sets the clock by the CMOS clock, which went on; then, three minutes later, the DPC looks again.
///
/// While the host has stopped the machine no time passes for the guest at all.
extension Kd {
    /// How many times KD was left since the last correction; 1 at first, which keeps the DPC out of start-up until step 1.8 #27.
    static let timeSlipPending: Global = .init("KdpTimeSlipPending") { [.dword(1)] }
    static let timeSlipDpc: GlobalStructure<KDPC> = .init("KdpTimeSlipDpc")
    /// Until the next correction.
    static let timeSlipTimer: GlobalStructure<KTIMER> = .init("KdpTimeSlipTimer")
    static let timeSlipWorkItem: GlobalStructure<WORK_QUEUE_ITEM> = .init("KdpTimeSlipWorkItem")

    /// When KD was entered last; 0 when that is not known. 64 bits, as the next two.
    static let timerStop: Global = .init("KdTimerStop", size: 8, alignment: 8)
    /// When it was left.
    package static let timerStart: Global = .init("KdTimerStart", size: 8, alignment: 8)
    /// What had passed outside when it was entered.
    static let timerDifference: Global = .init("KdTimerDifference", size: 8, alignment: 8)

    /// `KdpInitializeTimeSlip()`: once, when KD starts.
    static let initializeTimeSlip: Routine = .init("KdpInitializeTimeSlip") { f in
        f.call(Ke.initializeDpc, timeSlipDpc, timeSlipDpcRoutine, 0)
        f.call(Ke.initializeTimerEx, timeSlipTimer, 0)
        f.set(timeSlipWorkItem.value.dword(), 0)
        f.set(timeSlipWorkItem.WorkerRoutine, timeSlipWork)
        f.set(timeSlipWorkItem.Parameter, 0)
        f.return()
    }

    /// `KdpStopTimer(TrapFrame*)`: KD is entered. Where interrupts were off already, or who came is not known, the time is not asked for.
    static let stopTimer: Routine = .init("KdpStopTimer", ["TrapFrame"]) { f in
        f.zero(timerStop, 8)
        f.if(f.argument(0) == 0) { f.return() }
        f.if((f.argument(0, KTRAP_FRAME.self).EFlags & 0x200) == 0) { f.return() }
        f.call(queryTimer, timerStop)
        let low = f.local(timerStop.dword - timerStart.dword)
        let high = f.local(timerStop.value.dword(4) - timerStart.value.dword(4))
        f.if(timerStop.dword < timerStart.dword) { f.add(high, 0xFFFF_FFFF as Value) }
        f.set(timerDifference.dword, low)
        f.set(timerDifference.value.dword(4), high)
        f.return()
    }

    /// `KdpStartTimer()`: KD is left. The first time since the last correction a DPC is queued for the next.
    static let startTimer: Routine = .init("KdpStartTimer") { f in
        f.zero(timerStart, 8)
        f.if((timerStop.dword | timerStop.value.dword(4)) != 0) { f.call(queryTimer, timerStart) }
        f.if(f.exchangeAdd(timeSlipPending.dword, 1) == 0) {
            f.exchangeAdd(timeSlipPending.dword, 1)
            f.call(Ke.insertQueueDpc, timeSlipDpc, 0, 0)
        }
        f.return()
    }

    /// `KdpQueryPerformanceCounter(Counter*)`.
    private static let queryTimer: Routine = .init("KdpQueryPerformanceCounter", ["Counter"]) { f in
        let low = f.call(Hal.queryPerformanceCounter, 0)
        f.asm { a in
            a.mov(.ecx, .at(.ebp, 8))
            a.mov(.at(.ecx, 4), .edx)
        }
        f.set(f.argument(0).dword(), low)
        f.return()
    }

    /// `KdpTimeSlipDpcRoutine(Dpc, DeferredContext, SystemArgument1, SystemArgument2)`: when KD was left since the last time, a worker corrects the clock, and
    /// one is left pending for the timer; otherwise the next time that KD is left brings the DPC again.
    static let timeSlipDpcRoutine: Routine = .init(
        "KdpTimeSlipDpcRoutine", ["Dpc", "DeferredContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        let left = f.local(0)
        f.loop {
            let pending = f.local(timeSlipPending.dword)
            f.set(left, pending > 1)
            f.if(f.compareExchange(timeSlipPending.dword, left, comparand: pending) == pending) { f.break() }
        }
        f.if(left != 0) { f.call(Ex.queueWorkItem, timeSlipWorkItem, 1) }
        f.return()
    }

    /// `KdpTimeSlipWork(Context)`: the clock is set by the CMOS clock, and three minutes later the DPC comes again.
    static let timeSlipWork: Routine = .init("KdpTimeSlipWork", ["Context"]) { f in
        f.call(Ex.updateSystemTimeFromCmos, 0, 0)
        f.call(Ke.setTimerEx, timeSlipTimer, (0 as UInt32) &- 1_800_000_000, 0xFFFF_FFFF as Value, 0, timeSlipDpc)
        f.return()
    }
}
