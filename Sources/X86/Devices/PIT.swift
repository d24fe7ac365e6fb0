// SPDX-License-Identifier: GPL-3.0-or-later

/// The 8254 timer at ports 40h to 43h, and port 61h, through which its third channel is seen and heard (Intel 8254 data sheet). Channel 0 drives IRQ 0, the
/// gates of channels 0 and 1 are always open.
struct PIT: Device {
    /// Ticks per second.
    static var frequency: UInt64 { 1_193_182 }

    /// Timer ticks at an instruction count.
    static func ticks(at count: UInt64) -> UInt64 { scale(count, frequency, DeviceTime.instructionsPerSecond, 0) }
    /// The first instruction count at which the tick has happened.
    static func count(ofTick tick: UInt64) -> UInt64 { scale(tick, DeviceTime.instructionsPerSecond, frequency, frequency - 1) }

    private static func scale(_ value: UInt64, _ numerator: UInt64, _ denominator: UInt64, _ rounding: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: numerator)
        let (low, carry) = product.low.addingReportingOverflow(rounding)
        return denominator.dividingFullWidth((product.high + (carry ? 1 : 0), low)).quotient
    }

    private var channels = [PITChannel(), PITChannel(), PITChannel(gate: false)]
    /// Bits 0 to 3 of port 61h: gate of channel 2, speaker, and two check enables that nothing looks at.
    private var control: UInt8 = 0
    /// Instruction count of the next edge of channel 0's output.
    private(set) var nextEvent: UInt64 = .max

    var ports: [ClosedRange<UInt16>] { [0x40...0x43, 0x61...0x61] }

    /// Drives IRQ 0 and finds the next edge.
    private mutating func settle(_ bus: inout Bus) {
        let now = Self.ticks(at: bus.now)
        let output = channels[0].output(now)
        if output != (bus.lines & 1 != 0) { bus.drive(0, output) }
        nextEvent = channels[0].nextEdge(after: now).map(Self.count(ofTick:)) ?? .max
    }

    mutating func advance(_ bus: inout Bus) {
        // More than one edge may lie behind: the interrupt controller gets to know that the line was low.
        let now = Self.ticks(at: bus.now)
        var seen = Self.ticks(at: nextEvent)
        while seen <= now {
            bus.drive(0, channels[0].output(seen))
            guard let next = channels[0].nextEdge(after: seen), next <= now else { break }
            seen = next
        }
        settle(&bus)
    }

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        let now = Self.ticks(at: bus.now)
        switch port {
        case 0x40...0x42: channels[Int(port - 0x40)].write(value, now)
        case 0x61:
            control = value & 0xF
            channels[2].setGate(value & 1 != 0, now)
        default:
            if value >> 6 == 3 {
                for n in 0..<3 where value >> UInt8(n + 1) & 1 != 0 { channels[n].readBack(value, now) }
            } else {
                channels[Int(value >> 6)].control(value, now)
            }
        }
        settle(&bus)
    }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        let now = Self.ticks(at: bus.now)
        switch port {
        case 0x40...0x42: return channels[Int(port - 0x40)].read(now)
        // Bit 4 toggles with each memory refresh, about every 15 microseconds; bit 5 is the output of channel 2.
        case 0x61: return control | (now / 18 & 1 != 0 ? 0x10 : 0) | (channels[2].output(now) ? 0x20 : 0)
        default: return 0xFF
        }
    }

    func hash(into hasher: inout StableHasher) {
        for channel in channels { channel.hash(into: &hasher) }
        hasher.add(UInt64(control))
        hasher.add(nextEvent)
    }
}
