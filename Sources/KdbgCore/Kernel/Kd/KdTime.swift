// SPDX-License-Identifier: GPL-3.0-or-later

/// Time that passed inside the debugger. Here it does not pass: the guest's clock stands still while the machine is stopped.
extension Kd {
    /// The DPC that would queue the correction of the system time.
    static let timeSlipDpc: GlobalStructure<KDPC> = .init("KdpTimeSlipDpc")
    /// Its timer.
    static let timeSlipTimer: GlobalStructure<KTIMER> = .init("KdpTimeSlipTimer")

    /// `KdpInitializeTimeSlip()`: once, when KD starts.
    static let initializeTimeSlip: Routine = .init("KdpInitializeTimeSlip") { f in
        f.zero(timeSlipDpc, KDPC.size)
        // DpcObject; a threaded DPC would be 0x1A.
        f.set(timeSlipDpc.value.byte(), 0x13)
        f.set(timeSlipDpc.DeferredRoutine, timeSlipDpcRoutine)
        f.zero(timeSlipTimer, KTIMER.size)
        // TimerNotificationObject, in dwords.
        f.set(timeSlipTimer.Header.value.byte(), 8)
        f.set(timeSlipTimer.Header.Size, KTIMER.size / 4)
        f.initializeListHead(timeSlipTimer.Header.WaitListHead.value)
        f.return()
    }

    /// `KdpTimeSlipDpcRoutine(Dpc, DeferredContext, SystemArgument1, SystemArgument2)`: nothing to correct.
    static let timeSlipDpcRoutine: Routine = .init(
        "KdpTimeSlipDpcRoutine", ["Dpc", "DeferredContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        f.return()
    }
}

extension Hal {
    /// `KeQueryPerformanceCounter(PerformanceFrequency*) -> EDX:EAX`: the rate of the PIT, 1,193,182 per second.
    package static let queryPerformanceCounter: Routine = .init("KeQueryPerformanceCounter", ["PerformanceFrequency"], module: .hal) { f in
        f.if(f.argument(0) != 0) {
            f.set(f.argument(0).dword(), 1_193_182)
            f.set(f.argument(0).dword(4), 0)
        }
        f.asm { a in
            a.rdtsc()
        }
        f.return(f.saveEAX())
    }
}
