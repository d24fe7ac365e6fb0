// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The time zone: how local time, which the CMOS clock has, and universal time, which the system has, differ (spec/boot.md section 1.8 #7 and #20).
extension Ex {
    /// What the registry says.
    static let timeZoneInformation: GlobalStructure<RTL_TIME_ZONE_INFORMATION> = .init("ExpTimeZoneInformation")
    /// Units of 100 ns, 64 bits, to be added to local time.
    static let timeZoneBias: Global = .init("ExpTimeZoneBias", size: 8, alignment: 8)
    /// The bias that was in force when this was last looked at, minutes: from the hive at first.
    static let lastTimeZoneBias: Global = .init("ExpLastTimeZoneBias")
    /// 0: the zone has no daylight time; 1: standard time, 2: daylight time is in force.
    static let timeZoneId: Global = .init("ExpTimeZoneId")
    /// Whether the CMOS clock has universal time.
    static let realTimeIsUniversal: Global = .init("ExpRealTimeIsUniversal")

    private static let key = #"\Registry\Machine\System\CurrentControlSet\Control\TimeZoneInformation"#

    /// `ExRefreshTimeZoneInformation(CurrentUniversalTime*) -> BOOLEAN`: reads the rules again, and puts the bias in force where everybody looks for it. FALSE when
    /// the registry has none; nothing changes then.
    package static let refreshTimeZoneInformation: Routine = .init(
        "ExRefreshTimeZoneInformation", ["CurrentUniversalTime"],
        step: .init(
            "1.8 #20", "Time zone",
            """
            The key TimeZoneInformation says how far local time is behind universal time, and from when to when there is daylight time. The bias in force goes to \
            ExpTimeZoneBias and to shared user data, and back to the registry as ActiveTimeBias; the clock is set right if start-up assumed another one.
            """)
    ) { f in
        let information = timeZoneInformation.pointer
        f.if(f.call(readTimeZone, information).isError) { f.return(0) }
        f.set(timeZoneId.dword, f.call(timeZoneInForce, information, f.argument(0)))
        f.set(Ke.sharedUserData.TimeZoneId, timeZoneId.dword)
        let bias = f.local(information.Bias)
        f.if(timeZoneId.dword == 1) { f.set(bias, bias + information.StandardBias) }
        f.if(timeZoneId.dword == 2) { f.set(bias, bias + information.DaylightBias) }
        f.call(setTimeZoneBias, bias)
        f.if(bias != lastTimeZoneBias.dword) {
            f.if(realTimeIsUniversal.dword == 0) { f.call(Ke.moveBootTime, bias - lastTimeZoneBias.dword) }
            f.set(lastTimeZoneBias.dword, bias)
            let handle = f.local(0)
            f.if(f.call(Io.openRegistryKeyEx, f.address(of: handle), 0, f.unicode(key), 0x2_0006).isSuccess) {
                f.call(Cm.zwSetValueKey, handle, f.unicode("ActiveTimeBias"), 0, ValueType.number, f.address(of: bias), 4)
                f.call(Ob.zwClose, handle)
            }
        }
        f.return(1)
    }

    /// `ExpSetTimeZoneBias(Minutes)`: in the kernel's own variable and in shared user data, whose high part is written twice.
    static let setTimeZoneBias: Routine = .init("ExpSetTimeZoneBias", ["Minutes"]) { f in
        f.call(Ke.minutesToTime, f.argument(0), timeZoneBias)
        let shared = Ke.sharedUserData.TimeZoneBias
        f.set(shared.dword(8), timeZoneBias.value.dword(4))
        f.set(shared.dword(0), timeZoneBias.dword)
        f.set(shared.dword(4), timeZoneBias.value.dword(4))
        f.return()
    }

    /// `ExpReadTimeZone(TimeZoneInformation*) -> status`. Names are not needed; without starts there is no daylight time.
    private static let readTimeZone: Routine = .init("ExpReadTimeZone", ["TimeZoneInformation"]) { f in
        let information = f.argument(0, RTL_TIME_ZONE_INFORMATION.self)
        let handle = f.local(0)
        let status = f.local(f.call(Io.openRegistryKeyEx, f.address(of: handle), 0, f.unicode(key), 0x20019))
        f.if(status.isError) { f.return(status) }
        f.zero(information, RTL_TIME_ZONE_INFORMATION.size)
        for (name, field, size) in [
            ("StandardName", information.StandardName, 64), ("StandardBias", information.address(of: \.StandardBias), 4),
            ("StandardStart", information.StandardStart, 16), ("DaylightName", information.DaylightName, 64),
            ("DaylightBias", information.address(of: \.DaylightBias), 4), ("DaylightStart", information.DaylightStart, 16),
        ] as [(String, Value, UInt32)] {
            f.call(readTimeZoneValue, handle, f.unicode(name), field, size)
        }
        f.set(status, f.call(readTimeZoneValue, handle, f.unicode("Bias"), information.address(of: \.Bias), 4))
        f.call(Ob.zwClose, handle)
        f.return(status)
    }

    /// `ExpReadTimeZoneValue(Key, ValueName*, Buffer*, Size) -> status`: at most that many bytes.
    private static let readTimeZoneValue: Routine = .init("ExpReadTimeZoneValue", ["Key", "ValueName", "Buffer", "Size"]) { f in
        let value = f.local(0)
        let status = f.call(Io.queryRegistryValue, f.argument(0), f.argument(1), f.address(of: value))
        f.if(status.isError) { f.return(status) }
        let length = f.local(value.dword(0x0C))
        f.if(length > f.argument(3)) { f.set(length, f.argument(3)) }
        f.copy(to: f.argument(2), from: value + value.dword(8), length)
        f.call(freePoolWithTag, value, Value.tag("Io  "))
        f.return(status)
    }
}

extension Ke {
    /// `KiMinutesToTime(Minutes, Time*)`: signed; units of 100 ns, 64 bits.
    static let minutesToTime: Routine = .init("KiMinutesToTime", ["Minutes", "Time"]) { f in
        let minutes = f.local(f.argument(0))
        let isNegative = f.local(minutes.isLessSigned(0))
        f.if(isNegative != 0) { f.set(minutes, -minutes) }
        f.load(minutes)
        f.asm { a in
            a.mov(.ecx, 600_000_000)
            a.mul(.ecx)
            a.mov(.ecx, .at(.ebp, 12))
            a.mov(.at(.ecx, 0), .eax)
            a.mov(.at(.ecx, 4), .edx)
        }
        let time = f.argument(1)
        f.if(isNegative != 0) {
            f.set(time.dword(), -time.dword())
            f.set(time.dword(4), ~time.dword(4))
            f.if(time.dword() == 0) { f.add(time.dword(4), 1) }
        }
        f.return()
    }

    /// `KiMoveBootTime(Minutes)`: the time of day is that much later, or earlier.
    static let moveBootTime: Routine = .init("KiMoveBootTime", ["Minutes"]) { f in
        let time = f.structure(LARGE_INTEGER.self)
        f.call(minutesToTime, f.argument(0), time)
        let low = f.local(bootTime.dword)
        f.set(bootTime.dword, low + time.LowPart)
        f.set(bootTime.value.dword(4), bootTime.value.dword(4) + time.HighPart)
        f.if(bootTime.dword < low) { f.add(bootTime.value.dword(4), 1) }
        f.call(publishSystemTime)
        f.return()
    }
}
