// SPDX-License-Identifier: GPL-3.0-or-later

/// One 8259A (Intel 8259A data sheet; order number 231468).
struct PICChip: Equatable, Sendable {
    private var irr: UInt8 = 0
    private var isr: UInt8 = 0
    private var imr: UInt8 = 0xFF
    private var lines: UInt8 = 0
    /// Level-triggered inputs, from the edge/level register.
    private(set) var level: UInt8 = 0
    /// ICW1 asked for level triggering on all inputs.
    private var isLevelTriggered = false
    /// Bits 3 to 7 of the vectors.
    private(set) var base: UInt8 = 0
    /// No slaves: input 2 is like the others.
    private(set) var isSingle = false
    /// The initialisation word expected next at the odd port, 2 to 4; 0 when initialised.
    private var step = 0
    private var needsICW4 = false
    private var skipsICW3 = false
    private var isAutoEOI = false
    private var isSpecialFullyNested = false
    private var readsISR = false
    private var isPolled = false
    private var isSpecialMask = false
    /// The input of lowest priority.
    private var lowest: UInt8 = 7
    private var rotatesOnAutoEOI = false

    /// Inputs that are high at power-on have made no edge.
    init(lines: UInt8 = 0) { self.lines = lines }

    private var levels: UInt8 { isLevelTriggered ? 0xFF : level }

    /// The highest-priority request that may interrupt now, 0...7.
    var pending: UInt8? {
        let requests = irr & ~imr
        guard requests != 0 else { return nil }
        // In special mask mode a masked level in service holds nothing off.
        let blocking = isSpecialMask ? isr & ~imr : isr
        for k in 1...8 as ClosedRange<UInt8> {
            let n = (lowest &+ k) & 7
            let bit = UInt8(1) << n
            if blocking & bit != 0 {
                // Special fully nested: the slave may interrupt its own service with a higher request.
                return isSpecialFullyNested && n == 2 && requests & bit != 0 ? n : nil
            }
            if requests & bit != 0, isr & bit == 0 { return n }
        }
        return nil
    }

    /// Drives an input. A request is latched by the rising edge and stays as long as the input is high; a level-triggered one follows the input.
    mutating func set(_ input: UInt8, _ high: Bool) {
        let bit = UInt8(1) << input
        if high {
            if lines & bit == 0 || levels & bit != 0 { irr |= bit }
            lines |= bit
        } else {
            lines &= ~bit
            irr &= ~bit
        }
    }

    mutating func setLevel(_ value: UInt8) {
        level = value
        irr |= lines & level
    }

    /// The processor takes input n.
    mutating func acknowledge(_ n: UInt8) {
        let bit = UInt8(1) << n
        if levels & bit == 0 { irr &= ~bit }
        if isAutoEOI {
            if rotatesOnAutoEOI { lowest = n }
        } else {
            isr |= bit
        }
    }

    /// IN. After a poll command any read is an acknowledge.
    mutating func read(isOdd: Bool) -> UInt8 {
        if isPolled {
            isPolled = false
            guard let n = pending else { return 0 }
            acknowledge(n)
            return 0x80 | n
        }
        return isOdd ? imr : readsISR ? isr : irr
    }

    /// OUT to the even port: ICW1, OCW2 or OCW3.
    mutating func write(even value: UInt8, isMaster: Bool) {
        if value & 0x10 != 0 {
            initialize(value, isMaster: isMaster)
        } else if value & 8 != 0 {
            if value & 4 != 0 { isPolled = true } else if value & 2 != 0 { readsISR = value & 1 != 0 }
            if value & 0x40 != 0 { isSpecialMask = value & 0x20 != 0 }
        } else {
            endOfInterrupt(value)
        }
    }

    /// ICW1. Edge detection starts afresh: inputs that are high now request nothing until they rise again.
    private mutating func initialize(_ value: UInt8, isMaster: Bool) {
        isLevelTriggered = value & 8 != 0
        // A slave is told by its wiring, not by SNGL.
        isSingle = isMaster && value & 2 != 0
        needsICW4 = value & 1 != 0
        imr = 0
        isr = 0
        irr = lines & levels
        lowest = 7
        (readsISR, isPolled, isSpecialMask) = (false, false, false)
        (isAutoEOI, isSpecialFullyNested, rotatesOnAutoEOI) = (false, false, false)
        skipsICW3 = value & 2 != 0
        step = 2
    }

    /// OCW2.
    private mutating func endOfInterrupt(_ value: UInt8) {
        let n = value & 7
        switch value >> 5 {
        case 0: rotatesOnAutoEOI = false
        case 4: rotatesOnAutoEOI = true
        case 1, 5:
            // Not specific: the highest in service, in special mask mode not one that is masked.
            let candidates = isSpecialMask ? isr & ~imr : isr
            guard let found = (1...8).map({ (lowest &+ UInt8($0)) & 7 }).first(where: { candidates >> $0 & 1 != 0 }) else { return }
            isr &= ~(1 << found)
            if value >> 5 == 5 { lowest = found }
        case 3: isr &= ~(1 << n)
        case 7:
            isr &= ~(1 << n)
            lowest = n
        case 6: lowest = n
        default: break
        }
    }

    /// OUT to the odd port: ICW2, ICW3, ICW4, or the mask.
    mutating func write(odd value: UInt8) {
        switch step {
        case 2:
            base = value & 0xF8
            step = skipsICW3 ? (needsICW4 ? 4 : 0) : 3
        // Who is on which input is wired.
        case 3: step = needsICW4 ? 4 : 0
        case 4:
            isAutoEOI = value & 2 != 0
            isSpecialFullyNested = value & 0x10 != 0
            step = 0
        default: imr = value
        }
    }

    func hash(into hasher: inout StableHasher) {
        hasher.add(UInt64(irr) | UInt64(isr) << 8 | UInt64(imr) << 16 | UInt64(lines) << 24)
        hasher.add(UInt64(level) | UInt64(base) << 8 | UInt64(lowest) << 16 | UInt64(step) << 24)
        hasher.add([
            isLevelTriggered, isSingle, needsICW4, isAutoEOI, isSpecialFullyNested, readsISR, isPolled, isSpecialMask, rotatesOnAutoEOI,
            skipsICW3,
        ])
    }
}
