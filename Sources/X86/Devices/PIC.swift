// SPDX-License-Identifier: GPL-3.0-or-later

/// Two cascaded 8259A interrupt controllers at ports 20h and A0h, with the edge/level registers of EISA and the PIIX at 4D0h and 4D1h (Intel 8259A data sheet).
struct PIC: Device {
    private var master = PICChip(lines: UInt8(truncatingIfNeeded: Bus.idleLines))
    private var slave = PICChip()
    /// The INTR output.
    private(set) var isRequesting = false
    /// The input lines as they were last seen.
    private(set) var lines = Bus.idleLines

    var ports: [ClosedRange<UInt16>] { [0x20...0x21, 0xA0...0xA1, 0x4D0...0x4D1] }

    /// The slave's place on the master.
    private static var cascade: UInt8 { 2 }

    /// Takes over the levels of the sixteen inputs, bit n for IRQ n; `dropped` were low in between. IRQ 2 is the slave's and has no line.
    mutating func see(lines new: UInt16, dropped: UInt16) {
        for irq in 0..<16 as Range<UInt8> where (lines ^ new | dropped) >> irq & 1 != 0 {
            if dropped >> irq & 1 != 0 { setLine(irq, false) }
            setLine(irq, new >> irq & 1 != 0)
        }
        lines = new
        settle()
    }

    private mutating func setLine(_ irq: UInt8, _ high: Bool) {
        if irq >= 8 { slave.set(irq - 8, high) } else if irq != Self.cascade || master.isSingle { master.set(irq, high) }
    }

    /// Passes the slave's request on, and the master's to the processor.
    private mutating func settle() {
        if !master.isSingle { master.set(Self.cascade, slave.pending != nil) }
        isRequesting = master.pending != nil
    }

    /// Interrupt acknowledge cycle: the vector. A request that is gone by now is answered as IRQ 7 of its chip, with no in-service bit set there ("spurious").
    mutating func acknowledge() -> UInt8 {
        defer { settle() }
        guard let n = master.pending else { return master.base | 7 }
        master.acknowledge(n)
        guard n == Self.cascade, !master.isSingle else { return master.base | n }
        guard let m = slave.pending else { return slave.base | 7 }
        slave.acknowledge(m)
        // The slave's output drops, so that its next request is an edge for the master.
        master.set(Self.cascade, false)
        return slave.base | m
    }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        defer { settle() }
        switch port {
        case 0x20: return master.read(isOdd: false)
        case 0x21: return master.read(isOdd: true)
        case 0xA0: return slave.read(isOdd: false)
        case 0xA1: return slave.read(isOdd: true)
        case 0x4D0: return master.level
        default: return slave.level
        }
    }

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        switch port {
        case 0x20: master.write(even: value, isMaster: true)
        case 0x21: master.write(odd: value)
        case 0xA0: slave.write(even: value, isMaster: false)
        case 0xA1: slave.write(odd: value)
        // IRQ 0, 1, 2, 8 and 13 are edge triggered always.
        case 0x4D0: master.setLevel(value & 0xF8)
        default: slave.setLevel(value & 0xDE)
        }
        settle()
    }

    func hash(into hasher: inout StableHasher) {
        master.hash(into: &hasher)
        slave.hash(into: &hasher)
        hasher.add(lines)
    }
}
