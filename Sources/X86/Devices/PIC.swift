// SPDX-License-Identifier: GPL-3.0-or-later

/// Two cascaded 8259A interrupt controllers at ports 20h and A0h, with the edge/level registers at 4D0h and 4D1h (Intel 8259A data sheet).
struct PIC: Hashable, Sendable {
    private struct Chip: Hashable, Sendable {
        var irr: UInt8 = 0
        var isr: UInt8 = 0
        var imr: UInt8 = 0xFF
        var lines: UInt8 = 0
        var level: UInt8 = 0
        var base: UInt8 = 0
        /// The next ICW expected at the odd port; 0 when initialised.
        var step = 0
        var needsICW4 = false
        var autoEOI = false
        var readISR = false
        var specialMask = false
        var lowest: UInt8 = 7
        var rotateOnAutoEOI = false

        /// The highest-priority request that may interrupt now, 0...7.
        var pending: UInt8? {
            let requests = (irr | lines & level) & ~imr
            guard requests != 0 else { return nil }
            for k in 1...8 {
                let n = (lowest &+ UInt8(k)) & 7
                let bit = UInt8(1) << n
                if isr & bit != 0, !specialMask { return nil }
                if requests & bit != 0, isr & bit == 0 { return n }
            }
            return nil
        }

        mutating func set(_ line: UInt8, _ high: Bool) {
            let bit = UInt8(1) << line
            if high {
                if lines & bit == 0 { irr |= bit }
                lines |= bit
            } else {
                lines &= ~bit
                if level & bit != 0 { irr &= ~bit }
            }
        }

        mutating func acknowledge(_ n: UInt8) {
            let bit = UInt8(1) << n
            irr &= ~bit
            if autoEOI {
                if rotateOnAutoEOI { lowest = n }
            } else {
                isr |= bit
            }
        }

        mutating func write(even value: UInt8) {
            if value & 0x10 != 0 {
                // ICW1.
                imr = 0
                isr = 0
                irr = 0
                lowest = 7
                readISR = false
                specialMask = false
                needsICW4 = value & 1 != 0
                autoEOI = false
                step = 2
            } else if value & 8 != 0 {
                // OCW3.
                if value & 2 != 0 { readISR = value & 1 != 0 }
                if value & 0x40 != 0 { specialMask = value & 0x20 != 0 }
            } else {
                endOfInterrupt(value)
            }
        }

        /// OCW2.
        private mutating func endOfInterrupt(_ value: UInt8) {
            var n = value & 7
            switch value >> 5 {
            case 1, 5:
                guard let found = (1...8).map({ (lowest &+ UInt8($0)) & 7 }).first(where: { isr >> $0 & 1 != 0 }) else { return }
                n = found
                isr &= ~(1 << n)
                if value >> 5 == 5 { lowest = n }
            case 3, 7:
                isr &= ~(1 << n)
                if value >> 5 == 7 { lowest = n }
            case 6: lowest = n
            case 4: rotateOnAutoEOI = true
            case 0: rotateOnAutoEOI = false
            default: break
            }
        }

        mutating func write(odd value: UInt8) {
            switch step {
            case 2:
                base = value & 0xF8
                step = 3
            case 3: step = needsICW4 ? 4 : 0
            case 4:
                autoEOI = value & 2 != 0
                step = 0
            default: imr = value
            }
        }
    }

    private var master = Chip()
    private var slave = Chip()

    /// Drives an interrupt input, 0...15.
    mutating func setLine(_ irq: UInt8, _ high: Bool) {
        if irq < 8 { master.set(irq, high) } else { slave.set(irq - 8, high) }
        cascade()
    }

    /// Requests an edge-triggered interrupt once.
    mutating func pulse(_ irq: UInt8) {
        setLine(irq, false)
        setLine(irq, true)
        setLine(irq, false)
    }

    private mutating func cascade() {
        let request = slave.pending != nil
        if request { master.irr |= 4 } else { master.irr &= ~4 }
    }

    /// The INTR output.
    var isRequesting: Bool { master.pending != nil }

    /// Interrupt acknowledge cycle: the vector. A request that is gone is answered with a spurious IRQ 7.
    mutating func acknowledge() -> UInt8 {
        guard let n = master.pending else { return master.base | 7 }
        master.acknowledge(n)
        guard n == 2 else { return master.base | n }
        defer { cascade() }
        guard let m = slave.pending else { return slave.base | 7 }
        slave.acknowledge(m)
        return slave.base | m
    }

    /// IN from a port of either chip.
    mutating func read(_ port: UInt16) -> UInt8 {
        switch port {
        case 0x20: master.readISR ? master.isr : master.irr
        case 0x21: master.imr
        case 0xA0: slave.readISR ? slave.isr : slave.irr
        case 0xA1: slave.imr
        case 0x4D0: master.level
        default: slave.level
        }
    }

    /// OUT to a port of either chip.
    mutating func write(_ port: UInt16, _ value: UInt8) {
        switch port {
        case 0x20: master.write(even: value)
        case 0x21: master.write(odd: value)
        case 0xA0: slave.write(even: value)
        case 0xA1: slave.write(odd: value)
        case 0x4D0: master.level = value & 0xF8
        default: slave.level = value & 0xDE
        }
        cascade()
    }
}
