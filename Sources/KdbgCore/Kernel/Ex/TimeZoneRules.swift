// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Whether standard or daylight time is in force.
extension Ex {
    /// `ExpTimeZoneInForce(TimeZoneInformation*, SystemTime*) -> 0, 1 or 2`: no daylight time, standard time, daylight time at that moment; units of 100 ns since
    /// 1601, universal.
    static let timeZoneInForce: Routine = .native("ExpTimeZoneInForce", ["TimeZoneInformation", "SystemTime"]) { call in
        TimeZoneRules(call.machine, at: call.argument(0)).inForce(at: TimeZoneRules.read64(call.machine, call.argument(1)))
    }
}

/// The rules of a time zone, as RTL_TIME_ZONE_INFORMATION has them.
struct TimeZoneRules {
    /// TIME_FIELDS.
    private struct Start {
        let year, month, day, hour, minute, second, weekday: Int64
    }

    /// Minutes.
    private let standardBias, daylightBias: Int64
    private let standard, daylight: Start

    /// - Parameter address: of the structure, virtual.
    init(_ machine: Machine, at address: UInt32) {
        func minutes(_ offset: UInt32) -> Int64 { Int64(Int32(bitPattern: machine.read32(linear: address &+ offset) ?? 0)) }
        func start(_ offset: UInt32) -> Start {
            let fields = (0..<8).map { index -> Int64 in
                let word = machine.read32(linear: address &+ offset &+ 2 * UInt32(index)) ?? 0
                return Int64(Int16(truncatingIfNeeded: word))
            }
            return Start(
                year: fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4], second: fields[5], weekday: fields[7]
            )
        }
        let bias = minutes(offset(of: \RTL_TIME_ZONE_INFORMATION.Bias))
        standardBias = bias + minutes(offset(of: \RTL_TIME_ZONE_INFORMATION.StandardBias))
        daylightBias = bias + minutes(offset(of: \RTL_TIME_ZONE_INFORMATION.DaylightBias))
        standard = start(offset(of: \RTL_TIME_ZONE_INFORMATION.StandardStart))
        daylight = start(offset(of: \RTL_TIME_ZONE_INFORMATION.DaylightStart))
    }

    static func read64(_ machine: Machine, _ address: UInt32) -> Int64 {
        let low = machine.read32(linear: address) ?? 0
        let high = machine.read32(linear: address &+ 4) ?? 0
        return Int64(bitPattern: UInt64(high) << 32 | UInt64(low))
    }

    /// 0 without rules, 1 standard time, 2 daylight time.
    func inForce(at time: Int64) -> UInt32 {
        let now = time / 10_000_000
        let year = Self.year(ofDay: (now - standardBias * 60).quotient(86400))
        // Each change is told in the time that it ends.
        guard let toStandard = seconds(standard, year), let toDaylight = seconds(daylight, year) else { return 0 }
        let standardStart = toStandard + daylightBias * 60
        let daylightStart = toDaylight + standardBias * 60
        if daylightStart < standardStart { return now >= daylightStart && now < standardStart ? 2 : 1 }
        return now >= standardStart && now < daylightStart ? 1 : 2
    }

    /// The moment of a change in a year, local time, in seconds since 1601; nil when there is none.
    private func seconds(_ start: Start, _ year: Int64) -> Int64? {
        guard (1...12).contains(start.month), (1...31).contains(start.day), (0...6).contains(start.weekday) else { return nil }
        let first = Self.days(year, start.month, 1)
        var day = first + start.day - 1
        if start.year == 0 {
            guard start.day <= 5 else { return nil }
            // 1 January 1601 was a Monday.
            day = first + (start.weekday - first - 1).remainder(7) + 7 * (start.day - 1)
            let next = start.month == 12 ? Self.days(year + 1, 1, 1) : Self.days(year, start.month + 1, 1)
            if day >= next { day -= 7 }
        }
        return day * 86400 + start.hour * 3600 + start.minute * 60 + start.second
    }

    /// Days from 1 January 1601 to a day.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let lengths: [Int64] = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let past = year - 1601
        return 365 * past + past.quotient(4) - past.quotient(100) + past.quotient(400) + lengths.prefix(Int(month - 1)).reduce(0, +) + day
            - 1
    }

    private static func year(ofDay day: Int64) -> Int64 {
        var year = 1601 + (day * 400).quotient(146_097)
        while days(year + 1, 1, 1) <= day { year += 1 }
        while days(year, 1, 1) > day { year -= 1 }
        return year
    }

    private static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
}

extension Int64 {
    /// Rounded down, also for negative numbers.
    fileprivate func quotient(_ divisor: Int64) -> Int64 { (self - remainder(divisor)) / divisor }

    /// From 0 on.
    fileprivate func remainder(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
