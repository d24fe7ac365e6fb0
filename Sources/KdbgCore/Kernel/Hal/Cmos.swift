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
    static let readCmos: Routine = .init("HalpReadCmos", ["Register"], module: .hal, section: .initialization) { f in
        let value = f.call(getCmosByte, f.argument(0))
        f.return((value >> 4) * 10 + (value & 15))
    }

    /// `HalpReadCmosMinutes(Year) -> minutes since 1601` of the CMOS clock, whose years are those from 2000, or in another year when one is given.
    static let readCmosMinutes: Routine = .init("HalpReadCmosMinutes", ["Year"], module: .hal, section: .initialization) { f in
        let year = f.local(f.argument(0))
        f.if(year == 0) { f.set(year, f.call(readCmos, 9) + 2000) }
        let years = f.local(year - 1601)
        let days = f.local(years * 365 + years / 4 - years / 100 + years / 400)
        f.set(days, days + f.call(readCmos, 7) - 1)
        let month = f.call(readCmos, 8)
        let past = f.local(1)
        f.while(past < month) {
            // January to July and August to December alternate between 31 and 30 days.
            f.set(days, days + 31 - (((past - 1) % 7) & 1))
            f.if(past == 2) {
                f.set(days, days - 2)
                f.if((year & 3) == 0 && (year % 100 != 0 || year % 400 == 0)) { f.set(days, days + 1) }
            }
            f.add(past, 1)
        }
        f.return((days * 24 + f.call(readCmos, 4)) * 60 + f.call(readCmos, 2))
    }
}
