// SPDX-License-Identifier: GPL-3.0-or-later

/// How simulated time relates to instructions. The one place where it is said.
package enum DeviceTime {
    /// Instructions per microsecond of device time.
    package static var instructionsPerMicrosecond: UInt64 { 100 }
    package static var instructionsPerSecond: UInt64 { instructionsPerMicrosecond * 1_000_000 }
}

/// The 8254 timer: channel 0 drives IRQ 0, channel 2 is seen through port 61h (Intel 8254 data sheet). Modes 0, 2 and 3 are exact; 1, 4 and 5 count like 0.
struct PIT: Hashable, Sendable {
    static var frequency: UInt64 { 1_193_182 }

    /// Timer ticks at an instruction count.
    static func ticks(at count: UInt64) -> UInt64 { scale(count, frequency, DeviceTime.instructionsPerSecond) }
    /// The first instruction count at which the tick has happened.
    static func count(ofTick tick: UInt64) -> UInt64 { scale(tick, DeviceTime.instructionsPerSecond, frequency) + 1 }

    private static func scale(_ value: UInt64, _ numerator: UInt64, _ denominator: UInt64) -> UInt64 {
        denominator.dividingFullWidth(value.multipliedFullWidth(by: numerator)).quotient
    }

    private struct Channel: Hashable, Sendable {
        var mode: UInt8 = 3
        /// 1...65536, the count as programmed.
        var reload: UInt64 = 0x1_0000
        var start: UInt64 = 0
        var loaded = false
        var access: UInt8 = 3
        var bcd = false
        var writeLow: UInt8?
        var readHigh = false
        var latch: UInt16?
        var status: UInt8?
        var gate = true

        var isPeriodic: Bool { mode == 2 || mode == 3 }

        func counter(_ now: UInt64) -> UInt16 {
            guard loaded else { return 0 }
            let elapsed = now - start
            switch mode {
            case 2: return UInt16(truncatingIfNeeded: reload - elapsed % reload)
            case 3: return UInt16(truncatingIfNeeded: reload - (elapsed * 2) % reload) & 0xFFFE
            default: return UInt16(truncatingIfNeeded: reload &- elapsed)
            }
        }

        func output(_ now: UInt64) -> Bool {
            guard loaded else { return mode != 0 }
            let elapsed = now - start
            switch mode {
            case 2: return elapsed % reload != reload - 1
            case 3: return elapsed % reload < (reload + 1) / 2
            default: return elapsed >= reload
            }
        }
    }

    private var channels = [Channel(), Channel(), Channel()]
    /// Ticks of channel 0's interrupts so far delivered: the tick of the next one, or nil.
    private(set) var nextInterruptTick: UInt64?

    /// Instruction count of the next IRQ 0; `.max` when none comes.
    var nextEvent: UInt64 { nextInterruptTick.map(Self.count(ofTick:)) ?? .max }

    /// IRQ 0 happened: computes the next one.
    mutating func advance() {
        guard let tick = nextInterruptTick else { return }
        nextInterruptTick = channels[0].isPeriodic ? tick + channels[0].reload : nil
    }

    /// Output of channel 2, bit 5 of port 61h.
    func speakerOutput(at count: UInt64) -> Bool { channels[2].output(Self.ticks(at: count)) }

    /// Gate of channel 2, bit 0 of port 61h. A rising edge restarts it.
    mutating func setGate2(_ high: Bool, at count: UInt64) {
        if high, !channels[2].gate { channels[2].start = Self.ticks(at: count) }
        channels[2].gate = high
    }

    /// OUT to 40h-43h.
    mutating func write(_ port: UInt16, _ value: UInt8, at count: UInt64) {
        let now = Self.ticks(at: count)
        if port == 0x43 { return control(value, now) }
        let n = Int(port - 0x40)
        switch channels[n].access {
        case 1: load(n, UInt64(value), now)
        case 2: load(n, UInt64(value) << 8, now)
        default:
            if let low = channels[n].writeLow {
                channels[n].writeLow = nil
                load(n, UInt64(low) | UInt64(value) << 8, now)
            } else {
                channels[n].writeLow = value
            }
        }
    }

    private mutating func load(_ n: Int, _ value: UInt64, _ now: UInt64) {
        var reload = value
        if channels[n].bcd { reload = (0..<4).reduce(0) { $0 * 10 + value >> UInt64(12 - 4 * $1) & 15 } }
        channels[n].reload = reload == 0 ? (channels[n].bcd ? 10000 : 0x1_0000) : reload
        channels[n].start = now
        channels[n].loaded = true
        if n == 0 { nextInterruptTick = now + channels[0].reload }
    }

    private mutating func control(_ value: UInt8, _ now: UInt64) {
        if value >> 6 == 3 {
            // Read-back command.
            for n in 0..<3 where value >> UInt8(n + 1) & 1 != 0 {
                if value & 0x20 == 0, channels[n].latch == nil { channels[n].latch = channels[n].counter(now) }
                if value & 0x10 == 0 {
                    let c = channels[n]
                    channels[n].status = (c.output(now) ? 0x80 : 0) | (c.loaded ? 0 : 0x40) | c.access << 4 | c.mode << 1 | (c.bcd ? 1 : 0)
                }
            }
            return
        }
        let n = Int(value >> 6)
        let access = value >> 4 & 3
        if access == 0 {
            if channels[n].latch == nil { channels[n].latch = channels[n].counter(now) }
            return
        }
        let mode = value >> 1 & 7
        channels[n].mode = mode > 5 ? mode - 4 : mode
        channels[n].access = access
        channels[n].bcd = value & 1 != 0
        channels[n].writeLow = nil
        channels[n].readHigh = false
        channels[n].latch = nil
        channels[n].loaded = false
        if n == 0 { nextInterruptTick = nil }
    }

    /// IN from 40h-43h.
    mutating func read(_ port: UInt16, at count: UInt64) -> UInt8 {
        guard port < 0x43 else { return 0xFF }
        let n = Int(port - 0x40)
        if let status = channels[n].status {
            channels[n].status = nil
            return status
        }
        let value = channels[n].latch ?? channels[n].counter(Self.ticks(at: count))
        switch channels[n].access {
        case 1:
            channels[n].latch = nil
            return UInt8(truncatingIfNeeded: value)
        case 2:
            channels[n].latch = nil
            return UInt8(value >> 8)
        default:
            channels[n].readHigh.toggle()
            if channels[n].readHigh { return UInt8(truncatingIfNeeded: value) }
            channels[n].latch = nil
            return UInt8(value >> 8)
        }
    }
}
