// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The CMOS clock with its memory, ports 70h and 71h. Which register the data port means is one state for everybody, so each access is made under a lock with interrupts off.
extension Hal {
    /// The lock: 0 free, 1 held.
    static let cmosLock: Global = .init("HalpSystemHardwareLock", module: .hal)
    /// EFLAGS of who holds it.
    static let cmosFlags: Global = .init("HalpSystemHardwareFlags", module: .hal)
    /// Register of the century, as the FADT says.
    static let cmosCenturyOffset: Global = .init("HalpCmosCenturyOffset", module: .hal)

    /// `HalpInitializeCmos()`: the lock is free; the century is at 32h, unless the FADT knows better.
    static let initializeCmos: Routine = .init("HalpInitializeCmos", module: .hal) { f in
        f.set(cmosLock.dword, 0)
        f.set(cmosCenturyOffset.dword, 0x32)
        f.if(fixedAcpiTable.Century != 0) { f.set(cmosCenturyOffset.dword, fixedAcpiTable.Century) }
        f.return()
    }

    /// `HalpAcquireCmosSpinLock()`: interrupts are off until it is released.
    static let acquireCmosLock: Routine = .init("HalpAcquireCmosSpinLock", module: .hal) { f in
        f.asm { a in
            a.pushfd()
            a.pop(.eax)
            a.cli()
        }
        let flags = f.saveEAX()
        f.loop {
            f.if(f.exchange(cmosLock.dword, with: 1 as Value) == 0) { f.break() }
            f.asm { a in a.pause() }
        }
        f.set(cmosFlags.dword, flags)
        f.return()
    }

    /// `HalpReleaseCmosSpinLock()`.
    static let releaseCmosLock: Routine = .init("HalpReleaseCmosSpinLock", module: .hal) { f in
        let flags = f.local(cmosFlags.dword)
        f.set(cmosLock.dword, 0)
        f.load(flags)
        f.asm { a in
            a.push(.eax)
            a.popfd()
        }
        f.return()
    }

    /// `HalpGetCmosByte(Register) -> byte`.
    static let getCmosByte: Routine = .init("HalpGetCmosByte", ["Register"], module: .hal) { f in
        f.call(acquireCmosLock)
        f.output(0x70, f.argument(0))
        let value = f.input(0x71)
        f.call(releaseCmosLock)
        f.return(value)
    }

    /// `HalpSetCmosByte(Register, Value)`.
    static let setCmosByte: Routine = .init("HalpSetCmosByte", ["Register", "Value"], module: .hal) { f in
        f.call(acquireCmosLock)
        f.output(0x70, f.argument(0))
        f.output(0x71, f.argument(1))
        f.call(releaseCmosLock)
        f.return()
    }

    /// `HalStopProfileInterrupt(ProfileSource)`: the clock's periodic interrupt, bit 6 of register B, is disabled.
    package static let stopProfileInterrupt: Routine = .init("HalStopProfileInterrupt", ["ProfileSource"], module: .hal) { f in
        f.call(setCmosByte, 0x0B, f.call(getCmosByte, 0x0B) & ~Value(0x40))
        f.return()
    }

    /// `HalpReadCmos(Register) -> number`: a BCD register of the clock.
    private static let readCmos: Routine = .init("HalpReadCmos", ["Register"], module: .hal) { f in
        let value = f.call(getCmosByte, f.argument(0))
        f.return((value >> 4) * 10 + (value & 15))
    }

    /// `HalQueryRealTimeClock(TimeFields*) -> BOOLEAN`: the CMOS clock, read while it is not being updated. Its years are those from 2000.
    package static let queryRealTimeClock: Routine = .init("HalQueryRealTimeClock", ["Time"], module: .hal) { f in
        f.loop {
            f.if((f.call(getCmosByte, 0x0A) & 0x80) == 0) { f.break() }
        }
        let time = f.argument(0, TIME_FIELDS.self)
        f.set(time.Year, f.call(readCmos, 9) + 2000)
        f.set(time.Month, f.call(readCmos, 8))
        f.set(time.Day, f.call(readCmos, 7))
        f.set(time.Hour, f.call(readCmos, 4))
        f.set(time.Minute, f.call(readCmos, 2))
        f.set(time.Second, f.call(readCmos, 0))
        f.set(time.Milliseconds, 0)
        f.set(time.Weekday, f.call(readCmos, 6) - 1)
        f.return(1)
    }
}
