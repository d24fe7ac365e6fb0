// SPDX-License-Identifier: GPL-3.0-or-later

/// The wires between the devices, the processor and the outside, as a device sees them during one access.
struct Bus: Equatable, Sendable {
    /// The time, in instructions.
    private(set) var now: UInt64 = 0
    /// Levels of the sixteen interrupt lines, bit n for IRQ n.
    private(set) var lines = Bus.idleLines
    /// At power-on: only the timer's output is high.
    static var idleLines: UInt16 { 1 }
    /// Lines that were low at some time since the interrupt controller last looked, so that a line that rose again makes an edge.
    private(set) var dropped: UInt16 = 0
    /// The A20 gate is open: addresses keep their bit 20. Port 92h and the keyboard controller both set it; the last one wins.
    var isA20Enabled = true
    /// Somebody pulled the reset line.
    var wantsReset = false
    /// Code written to the debug-exit port, until the machine has stopped for it.
    var exitCode: UInt32?
    /// The last POST code.
    var postCode: UInt8 = 0
    /// What left the machine. Not part of its state.
    var outbox = Outbox()

    /// Time goes on.
    mutating func setTime(_ count: UInt64) { now = count }

    /// Drives an interrupt line.
    mutating func drive(_ irq: UInt8, _ high: Bool) {
        let bit = UInt16(1) << irq
        if high {
            lines |= bit
        } else {
            lines &= ~bit
            dropped |= bit
        }
    }

    /// The interrupt controller has looked at the lines.
    mutating func clearDropped() { dropped = 0 }

    /// State that differs differs here; `now` is the machine's count, and the outbox is the host's.
    static func == (a: Bus, b: Bus) -> Bool {
        a.lines == b.lines && a.isA20Enabled == b.isA20Enabled && a.wantsReset == b.wantsReset && a.exitCode == b.exitCode
            && a.postCode == b.postCode
    }

    func hash(into hasher: inout StableHasher) {
        hasher.add(lines)
        hasher.add(UInt64(postCode) << 2 | (isA20Enabled ? 2 : 0) | (wantsReset ? 1 : 0))
        hasher.add(exitCode.map { UInt64($0) + 1 } ?? 0)
    }
}
