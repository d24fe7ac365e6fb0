// SPDX-License-Identifier: GPL-3.0-or-later

/// The calendar in the MC146818's registers: 0 seconds, 2 minutes, 4 hours, 6 day of the week, 7 day, 8 month, 9 year, 32h century; 1, 3, 5 the alarm.
enum CMOSTime {
    private static func isBinary(_ ram: [UInt8]) -> Bool { ram[0x0B] & 4 != 0 }
    private static func is24Hour(_ ram: [UInt8]) -> Bool { ram[0x0B] & 2 != 0 }

    private static func get(_ ram: [UInt8], _ register: Int) -> Int {
        let value = Int(ram[register])
        return isBinary(ram) ? value : (value >> 4) * 10 + value & 15
    }

    private static func set(_ ram: inout [UInt8], _ register: Int, _ value: Int) {
        ram[register] = UInt8(isBinary(ram) ? value : (value / 10) << 4 | value % 10)
    }

    /// Hour 0 to 23 out of either format; bit 7 is PM.
    private static func hour(_ ram: [UInt8]) -> Int {
        guard !is24Hour(ram) else { return get(ram, 4) }
        let isPM = ram[4] & 0x80 != 0
        let value = Int(ram[4] & 0x7F)
        let hour = isBinary(ram) ? value : (value >> 4) * 10 + value & 15
        return hour % 12 + (isPM ? 12 : 0)
    }

    private static func setHour(_ ram: inout [UInt8], _ hour: Int) {
        guard !is24Hour(ram) else { return set(&ram, 4, hour) }
        set(&ram, 4, hour % 12 == 0 ? 12 : hour % 12)
        if hour >= 12 { ram[4] |= 0x80 }
    }

    private static func days(inMonth month: Int, _ year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Adds seconds. Registers that hold no time (the guest wrote nonsense) are brought into range by the carry.
    static func advance(_ ram: inout [UInt8], by seconds: UInt64) {
        let time = get(ram, 0) + 60 * (get(ram, 2) + 60 * hour(ram)) + Int(seconds)
        set(&ram, 0, time % 60)
        set(&ram, 2, time / 60 % 60)
        setHour(&ram, time / 3600 % 24)
        let passed = time / 86400
        guard passed > 0 else { return }
        set(&ram, 6, (max(get(ram, 6), 1) - 1 + passed) % 7 + 1)
        var year = get(ram, 0x32) * 100 + get(ram, 9)
        var month = min(max(get(ram, 8), 1), 12)
        var day = max(get(ram, 7), 1) + passed
        while day > days(inMonth: month, year) {
            day -= days(inMonth: month, year)
            month += 1
            if month > 12 { (month, year) = (1, year + 1) }
        }
        set(&ram, 7, day)
        set(&ram, 8, month)
        set(&ram, 9, year % 100)
        set(&ram, 0x32, year / 100 % 100)
    }

    /// The alarm registers match the time; C0h and more match everything.
    static func isAlarm(_ ram: [UInt8]) -> Bool {
        (0..<3).allSatisfy { ram[2 * $0 + 1] >= 0xC0 || ram[2 * $0 + 1] == ram[2 * $0] }
    }
}
