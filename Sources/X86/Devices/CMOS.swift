// SPDX-License-Identifier: GPL-3.0-or-later

/// The MC146818 clock and its battery-backed memory at ports 70h and 71h, IRQ 8 (Motorola MC146818 data sheet; IBM PC AT Technical Reference for the bytes from
/// 0Eh on). The clock starts at a fixed date, Thursday 1 January 2026 00:00:00, and runs on device time. It is brought up to date when somebody looks, so it
/// costs nothing while no interrupt of it is enabled.
struct CMOS: Device {
    private var index: UInt8 = 0
    /// All 128 bytes, the clock's registers included. Register C is here without being read away.
    private var ram = [UInt8](repeating: 0, count: 128)
    /// Instruction count of the next update of the time registers.
    private var nextSecond = DeviceTime.instructionsPerSecond
    /// Instruction count at which the divider chain last started, and the 32768 Hz tick since then up to which the periodic flag is known.
    private var dividerStart: UInt64 = 0
    private var periodicSeen: UInt64 = 0
    private(set) var nextEvent: UInt64 = .max

    init(memoryBytes: Int) {
        ram[0x0A] = 0x26
        ram[0x0B] = 0x02
        ram[0x0D] = 0x80
        // Equipment: coprocessor, PS/2 mouse, display with a BIOS of its own; no floppy.
        ram[0x14] = 0x06
        (ram[0x07], ram[0x08], ram[0x09], ram[0x32], ram[0x06]) = (0x01, 0x01, 0x26, 0x20, 5)
        let extended = max(0, min(memoryBytes / 1024 - 1024, 0xFFFF))
        let high = max(0, min((memoryBytes - 16 << 20) / 65536, 0xFFFF))
        (ram[0x15], ram[0x16]) = (0x80, 0x02)
        for base in [0x17, 0x30] { (ram[base], ram[base + 1]) = (UInt8(extended & 0xFF), UInt8(extended >> 8)) }
        (ram[0x34], ram[0x35]) = (UInt8(high & 0xFF), UInt8(high >> 8))
        setChecksum()
    }

    var ports: [ClosedRange<UInt16>] { [0x70...0x71] }

    /// Describes the disk, or its absence, to those who ask the CMOS.
    mutating func setDisk(present: Bool) {
        ram[0x12] = present ? 0xF0 : 0
        ram[0x19] = present ? 47 : 0
        setChecksum()
    }

    /// Bytes 2Eh and 2Fh: the sum of 10h to 2Dh.
    private mutating func setChecksum() {
        let sum = ram[0x10...0x2D].reduce(0) { $0 + UInt16($1) }
        (ram[0x2E], ram[0x2F]) = (UInt8(sum >> 8), UInt8(sum & 0xFF))
    }

    // MARK: Ports

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        guard port == 0x71 else {
            // Bit 7 masks the NMI, which nothing here raises.
            index = value & 0x7F
            return
        }
        update(bus.now)
        switch index {
        case 0x0A:
            let wasReset = ram[0x0A] & 0x70 > 0x20
            ram[0x0A] = value & 0x7F
            // The first update comes half a second after the divider is let go.
            if wasReset, !isReset {
                nextSecond = bus.now + DeviceTime.instructionsPerSecond / 2
                dividerStart = bus.now
            }
            periodicSeen = ticks(bus.now)
        // SET takes the update interrupt away.
        case 0x0B: ram[0x0B] = value & 0x80 != 0 ? value & ~0x10 : value
        case 0x0C, 0x0D: break
        default: ram[Int(index)] = value
        }
        settle(&bus)
    }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        guard port == 0x71 else { return 0xFF }
        update(bus.now)
        switch index {
        case 0x0A: return ram[0x0A] | (isUpdating(bus.now) ? 0x80 : 0)
        case 0x0C:
            defer {
                ram[0x0C] = 0
                settle(&bus)
            }
            return ram[0x0C] | (isInterrupting ? 0x80 : 0)
        default: return ram[Int(index)]
        }
    }

    /// UIP: within 244 microseconds the time registers change.
    private func isUpdating(_ now: UInt64) -> Bool { isCounting && now + 244 * DeviceTime.instructionsPerMicrosecond >= nextSecond }

    // MARK: Time

    private var isReset: Bool { ram[0x0A] & 0x70 > 0x20 }
    private var isCounting: Bool { !isReset && ram[0x0B] & 0x80 == 0 }
    /// A flag is set whose interrupt is enabled: flags and enables stand at the same bits.
    private var isInterrupting: Bool { ram[0x0B] & ram[0x0C] & 0x70 != 0 }

    /// 32768 Hz ticks since the divider started; 3125000 of the instructions per 1024.
    private func ticks(_ now: UInt64) -> UInt64 { (now - dividerStart) * 1024 / (DeviceTime.instructionsPerSecond / 32) }
    private func count(ofTick tick: UInt64) -> UInt64 {
        let unit = DeviceTime.instructionsPerSecond / 32
        return dividerStart + (tick * unit + 1023) / 1024
    }

    /// Ticks between periodic interrupts, by the rate in register A (data sheet, table 5); nil when there are none.
    private var period: UInt64? {
        let rate = ram[0x0A] & 15
        return rate == 0 ? nil : 1 << UInt64(rate < 3 ? rate + 6 : rate - 1)
    }

    /// Brings registers and flags up to date.
    private mutating func update(_ now: UInt64) {
        guard !isReset else { return }
        let tick = ticks(now)
        if let period, tick / period != periodicSeen / period { ram[0x0C] |= 0x40 }
        periodicSeen = tick
        guard now >= nextSecond else { return }
        let seconds = (now - nextSecond) / DeviceTime.instructionsPerSecond + 1
        nextSecond += seconds * DeviceTime.instructionsPerSecond
        guard isCounting else { return }
        ram[0x0C] |= 0x10
        // An alarm comes once a day at least, so a longer gap need not be walked through.
        let walked = min(seconds, 86400)
        if seconds > walked { CMOSTime.advance(&ram, by: seconds - walked) }
        for _ in 0..<walked {
            CMOSTime.advance(&ram, by: 1)
            if CMOSTime.isAlarm(ram) { ram[0x0C] |= 0x20 }
        }
    }

    mutating func advance(_ bus: inout Bus) {
        update(bus.now)
        settle(&bus)
    }

    /// Drives IRQ 8 and finds the next moment at which it could rise.
    private mutating func settle(_ bus: inout Bus) {
        if isInterrupting != (bus.lines >> 8 & 1 != 0) { bus.drive(8, isInterrupting) }
        nextEvent = .max
        guard !isInterrupting, !isReset else { return }
        if ram[0x0B] & 0x30 != 0, isCounting { nextEvent = nextSecond }
        if ram[0x0B] & 0x40 != 0, let period { nextEvent = min(nextEvent, count(ofTick: (periodicSeen / period + 1) * period)) }
    }

    func hash(into hasher: inout StableHasher) {
        hasher.add(UInt64(index))
        hasher.add(bytes: ram)
        for word in [nextSecond, dividerStart, periodicSeen, nextEvent] { hasher.add(word) }
    }
}
