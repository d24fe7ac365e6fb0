// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Time of day: units of 100 ns since 1601.
extension Ke {
    /// 64-bit: the time of day when `KeInterruptTime` was 0.
    static let bootTime: Global = .init("KeBootTime", size: 8, alignment: 8)

    /// `KiSetBootTime(Minutes, Seconds)`: the time of day from minutes since 1601; what has passed since start-up is taken off for `KeBootTime`.
    static let setBootTime: Routine = .init("KiSetBootTime", ["Minutes", "Seconds"]) { f in
        f.asm { a in
            a.mov(.eax, .at(.ebp, 12))
            a.mov(.ecx, 10_000_000)
            a.mul(.ecx)
            a.push(.eax)
            a.mov(.eax, .at(.ebp, 8))
            a.mov(.ecx, 600_000_000)
            a.mul(.ecx)
            a.pop(.ecx)
            a.alu(.add, .eax, .ecx)
            a.alu(.adc, .edx, 0)
            a.alu(.sub, .eax, .symbol(f.symbol(interruptTime)))
            a.alu(.sbb, .edx, .symbol(f.symbol(interruptTime), 4))
            a.mov(.symbol(f.symbol(bootTime)), .eax)
            a.mov(.symbol(f.symbol(bootTime), 4), .edx)
        }
        f.call(publishSystemTime)
        f.return()
    }

    /// `KiPublishSystemTime()`: boot time and interrupt time are the system time in shared user data. The high part is written twice, so that a reader
    /// notices a change.
    static let publishSystemTime: Routine = .init("KiPublishSystemTime") { f in
        f.asm { a in
            a.mov(.eax, .symbol(f.symbol(bootTime)))
            a.mov(.edx, .symbol(f.symbol(bootTime), 4))
            a.alu(.add, .eax, .symbol(f.symbol(interruptTime)))
            a.alu(.adc, .edx, .symbol(f.symbol(interruptTime), 4))
            a.mov(.ecx, 0xFFDF_0014)
            a.mov(.at(.ecx, 8), .edx)
            a.mov(.at(.ecx, 0), .eax)
            a.mov(.at(.ecx, 4), .edx)
        }
        f.return()
    }
}

extension Ex {
    /// The year that YEAR= puts in the place of the CMOS clock's; 0 without.
    static let yearOverride: Global = .init("ExpYearOverride")

    /// `ExUpdateSystemTimeFromCmos(UpdateInterruptTime, MaxSepInSeconds) -> BOOLEAN`: the CMOS clock becomes the system time, whatever the difference. FALSE: the
    /// clock shows no time.
    static let updateSystemTimeFromCmos: Routine = .init(
        "ExUpdateSystemTimeFromCmos", ["UpdateInterruptTime", "MaxSepInSeconds"]
    ) { f in
        let time = f.structure(TIME_FIELDS.self)
        f.if(f.call(Hal.queryRealTimeClock, time) == 0) { f.return(0) }
        f.if(yearOverride.dword != 0) { f.set(time.Year, yearOverride.dword) }
        // Local time, unless the registry says otherwise.
        let bias = f.local(0)
        f.if(realTimeIsUniversal.dword == 0) { f.set(bias, lastTimeZoneBias.dword) }
        f.call(Ke.setBootTime, f.call(Ke.minutesSince1601, time) + bias, time.Second)
        f.return(1)
    }
}

extension Ke {
    /// `KiMinutesSince1601(TimeFields*) -> minutes`.
    static let minutesSince1601: Routine = .init("KiMinutesSince1601", ["TimeFields"]) { f in
        let time = f.argument(0, TIME_FIELDS.self)
        let year = f.local(time.Year)
        let years = f.local(year - 1601)
        let days = f.local(years * 365 + years / 4 - years / 100 + years / 400 + time.Day - 1)
        let past = f.local(1)
        f.while(past < time.Month) {
            // January to July and August to December alternate between 31 and 30 days.
            f.set(days, days + 31 - (((past - 1) % 7) & 1))
            f.if(past == 2) {
                f.set(days, days - 2)
                f.if((year & 3) == 0 && (year % 100 != 0 || year % 400 == 0)) { f.set(days, days + 1) }
            }
            f.add(past, 1)
        }
        f.return((days * 24 + time.Hour) * 60 + time.Minute)
    }
}
