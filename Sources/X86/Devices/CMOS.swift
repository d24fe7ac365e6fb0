// SPDX-License-Identifier: GPL-3.0-or-later

/// The MC146818 clock and CMOS memory at ports 70h and 71h. The clock starts at a fixed date, 1 January 2026 00:00:00, and runs on device time.
struct CMOS: Hashable, Sendable {
    private var index: UInt8 = 0
    private var ram: [UInt8]

    init(memoryBytes: Int) {
        ram = Array(repeating: 0, count: 128)
        ram[0x0A] = 0x26
        ram[0x0B] = 0x02
        ram[0x0D] = 0x80
        ram[0x14] = 0x0D
        let extended = max(0, min(memoryBytes / 1024 - 1024, 0xFFFF))
        let high = max(0, min((memoryBytes - 16 << 20) / 65536, 0xFFFF))
        (ram[0x15], ram[0x16]) = (0x80, 0x02)
        for base in [0x17, 0x30] { (ram[base], ram[base + 1]) = (UInt8(extended & 0xFF), UInt8(extended >> 8)) }
        (ram[0x34], ram[0x35]) = (UInt8(high & 0xFF), UInt8(high >> 8))
        ram[0x32] = 0x20
    }

    /// Describes the disk, or its absence, to those who ask the CMOS.
    mutating func setDisk(present: Bool) {
        ram[0x12] = present ? 0xF0 : 0
        ram[0x19] = present ? 47 : 0
    }

    /// OUT to 70h or 71h.
    mutating func write(_ port: UInt16, _ value: UInt8) {
        if port == 0x70 { index = value & 0x7F } else if index > 9, index != 0x0C, index != 0x0D { ram[Int(index)] = value }
    }

    /// IN from 70h or 71h.
    mutating func read(_ port: UInt16, at count: UInt64) -> UInt8 {
        guard port == 0x71 else { return 0xFF }
        let seconds = Int(count / DeviceTime.instructionsPerSecond)
        switch index {
        case 0: return encode(seconds % 60)
        case 2: return encode(seconds / 60 % 60)
        case 4: return encode(seconds / 3600 % 24)
        case 6: return encode((4 + seconds / 86400) % 7 + 1)
        case 7: return encode(date(seconds).day)
        case 8: return encode(date(seconds).month)
        case 9: return encode(date(seconds).year)
        case 0x0C: return 0
        default: return ram[Int(index)]
        }
    }

    /// BCD unless register B asks for binary.
    private func encode(_ value: Int) -> UInt8 { UInt8(ram[0x0B] & 4 != 0 ? value : value / 10 * 16 + value % 10) }

    private func date(_ seconds: Int) -> (day: Int, month: Int, year: Int) {
        var days = seconds / 86400
        var year = 26
        while true {
            let lengths = [31, year % 4 == 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            for (month, length) in lengths.enumerated() {
                if days < length { return (days + 1, month + 1, year) }
                days -= length
            }
            year += 1
        }
    }
}
