// SPDX-License-Identifier: GPL-3.0-or-later

/// One counter of the 8254 (Intel 8254 data sheet, "Mode Definitions"). It is not clocked: what it shows at a tick follows from the tick at which the count
/// was loaded. A count or a trigger takes effect with the tick after the one at which it came.
struct PITChannel: Equatable, Sendable {
    private var mode: UInt8 = 3
    /// 1: low byte, 2: high byte, 3: low then high.
    private var access: UInt8 = 3
    private var isBCD = false
    private var gate: Bool
    /// The count in force, 1...65536.
    private var count: UInt64 = 0x1_0000
    /// The tick at which the counter holds `count`; in the future while the load is yet to come.
    private var origin: Int64 = 0
    /// A count was loaded, or will be with the next tick.
    private var isRunning = false
    /// Where the counter stands while a low gate stops it, in ticks since the load.
    private var held: Int64?
    /// A count that comes into force with the next trigger or, in modes 2 and 3, at `switchTick`.
    private var next: UInt64?
    private var switchTick: Int64 = .max
    /// `switchTick` ends a high half of mode 3.
    private var switchesToLow = false
    /// What counter and output showed when the load that is to come was asked for.
    private var before: UInt16 = 0
    private var outputBefore = true

    private var lowByte: UInt8?
    private var readsHigh = false
    private var latch: UInt16?
    private var status: UInt8?

    init(gate: Bool = true) { self.gate = gate }

    private var modulus: UInt64 { isBCD ? 10000 : 0x1_0000 }
    private func position(_ now: UInt64) -> Int64 { held ?? Int64(now) - origin }
    /// Ticks of the high part of mode 3.
    private func high(_ count: UInt64) -> UInt64 { (count + 1) / 2 }

    // MARK: What it shows

    /// The counting element, in BCD if so programmed.
    private func value(_ now: UInt64) -> UInt16 {
        let position = position(now)
        guard isRunning, position >= 0 else { return before }
        let p = UInt64(position)
        var value: UInt64
        switch mode {
        case 2: value = count - p % count
        case 3:
            let phase = p % count
            let inHalf = phase < high(count) ? phase : phase - high(count)
            value = count & ~1 &- 2 * inHalf
        default: value = (count + modulus - p % modulus) % modulus
        }
        value %= modulus
        guard isBCD else { return UInt16(value) }
        return UInt16((value / 1000) << 12 | (value / 100 % 10) << 8 | (value / 10 % 10) << 4 | value % 10)
    }

    /// The OUT pin.
    func output(_ now: UInt64) -> Bool {
        var channel = self
        channel.update(now)
        return channel.pin(now)
    }

    private func pin(_ now: UInt64) -> Bool {
        guard isRunning else { return mode != 0 }
        let position = position(now)
        guard position >= 0 else { return mode == 0 ? false : mode == 1 ? outputBefore : true }
        let p = UInt64(position)
        switch mode {
        case 0: return p >= count && lowByte == nil
        case 1: return p >= count
        case 2: return !gate || p % count != count - 1
        case 3: return !gate || p % count < high(count)
        default: return p != count
        }
    }

    /// The tick after `now` at which the output changes next; nil when it never does by itself.
    func nextEdge(after now: UInt64) -> UInt64? {
        var channel = self
        channel.update(now)
        return channel.edge(Int64(now)).map { UInt64($0) }
    }

    private func edge(_ now: Int64) -> Int64? {
        guard isRunning, held == nil else { return nil }
        let n = Int64(count)
        let position = now - origin
        let phase = max(position, 0) % n
        switch mode {
        case 0: return lowByte == nil && position < n ? origin + n : nil
        case 1: return position < 0 && outputBefore ? origin : position < n ? origin + n : nil
        case 2:
            guard n > 1 else { return nil }
            return max(now, origin) + (phase < n - 1 ? n - 1 - phase : 1)
        case 3:
            guard n > 1 else { return nil }
            let half = Int64(high(count))
            return max(now, origin) + (phase < half ? half : n) - phase
        default: return position < n ? origin + n : position == n ? origin + n + 1 : nil
        }
    }

    // MARK: What it is told

    /// A count that waited for the end of the period comes into force.
    private mutating func update(_ now: UInt64) {
        guard let new = next, Int64(now) >= switchTick else { return }
        origin = switchTick - (switchesToLow ? Int64(high(new)) : 0)
        count = new
        next = nil
        switchTick = .max
    }

    /// Remembers what shows until the coming load, and has it happen with the next tick.
    private mutating func load(_ new: UInt64, _ now: UInt64) {
        (before, outputBefore) = (value(now), pin(now))
        count = new
        next = nil
        switchTick = .max
        origin = Int64(now) + 1
        held = nil
        isRunning = true
    }

    /// The GATE pin. Its rising edge is the trigger of modes 1, 2, 3 and 5; while low it stops modes 0, 2, 3 and 4.
    mutating func setGate(_ new: Bool, _ now: UInt64) {
        guard new != gate else { return }
        update(now)
        let isTriggered = mode == 1 || mode == 5
        if new {
            gate = true
            if isTriggered || mode == 2 || mode == 3 {
                if isRunning || next != nil { load(next ?? count, now) }
            } else if let position = held {
                origin = Int64(now) - position
                held = nil
            }
        } else {
            if !isTriggered, isRunning { held = max(position(now), 0) }
            switchTick = .max
            gate = false
        }
    }

    /// The control word of this counter, or its latch command.
    mutating func control(_ value: UInt8, _ now: UInt64) {
        update(now)
        guard value >> 4 & 3 != 0 else { return latchCount(now) }
        before = self.value(now)
        mode = value >> 1 & 7
        if mode > 5 { mode -= 4 }
        access = value >> 4 & 3
        isBCD = value & 1 != 0
        (lowByte, readsHigh, latch, status) = (nil, false, nil, nil)
        (isRunning, held, next, switchTick) = (false, nil, nil, .max)
    }

    private mutating func latchCount(_ now: UInt64) {
        if latch == nil { latch = value(now) }
    }

    /// The read-back command, which has chosen this counter.
    mutating func readBack(_ command: UInt8, _ now: UInt64) {
        update(now)
        if command & 0x20 == 0 { latchCount(now) }
        guard command & 0x10 == 0, status == nil else { return }
        let isNull = !isRunning || next != nil || position(now) < 0
        status = (pin(now) ? 0x80 : 0) | (isNull ? 0x40 : 0) | access << 4 | mode << 1 | (isBCD ? 1 : 0)
    }

    /// OUT to the counter's port.
    mutating func write(_ value: UInt8, _ now: UInt64) {
        update(now)
        switch access {
        case 1: setCount(UInt64(value), now)
        case 2: setCount(UInt64(value) << 8, now)
        default:
            guard let low = lowByte else {
                // In mode 0 the first byte stops the counter.
                if mode == 0, isRunning, held == nil { held = max(position(now), 0) }
                lowByte = value
                return
            }
            lowByte = nil
            setCount(UInt64(low) | UInt64(value) << 8, now)
        }
    }

    private mutating func setCount(_ written: UInt64, _ now: UInt64) {
        var new = written
        if isBCD { new = (0..<4).reduce(0) { $0 * 10 + written >> UInt64(12 - 4 * $1) & 15 } }
        if new == 0 || new > modulus { new = modulus }
        switch mode {
        case 1, 5: next = new
        case 2 where isRunning, 3 where isRunning:
            next = new
            guard gate else { return }
            let p = max(Int64(now) - origin, 0)
            let (phase, n, half) = (p % Int64(count), Int64(count), Int64(high(count)))
            switchesToLow = mode == 3 && phase < half
            switchTick = max(Int64(now), origin) - phase + (switchesToLow ? half : n)
        default:
            load(new, now)
            if !gate { held = 0 }
        }
    }

    /// IN from the counter's port: latched status, latched count, or the count as it runs.
    mutating func read(_ now: UInt64) -> UInt8 {
        update(now)
        if let status {
            self.status = nil
            return status
        }
        let value = latch ?? value(now)
        let isHigh = access == 2 || access == 3 && readsHigh
        if access == 3 { readsHigh.toggle() }
        if isHigh || access != 3 { latch = nil }
        return UInt8(truncatingIfNeeded: isHigh ? value >> 8 : value)
    }

    func hash(into hasher: inout StableHasher) {
        hasher.add(UInt64(mode) | UInt64(access) << 8 | UInt64(before) << 16)
        hasher.add([isBCD, gate, isRunning, switchesToLow, outputBefore, readsHigh])
        for word in [count, UInt64(bitPattern: origin), UInt64(bitPattern: switchTick), UInt64(bitPattern: held ?? -1), next ?? 0] {
            hasher.add(word)
        }
        hasher.add(
            UInt64(lowByte.map { UInt64($0) + 1 } ?? 0) | (latch.map { UInt64($0) + 1 } ?? 0) << 16 | (status.map { UInt64($0) + 1 } ?? 0)
                << 40)
    }
}
