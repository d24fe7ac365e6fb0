// SPDX-License-Identifier: GPL-3.0-or-later

/// System control port A, 92h: bit 0 resets the machine when it rises, bit 1 is the A20 gate; the others are only remembered (IBM PS/2 Hardware Interface
/// Technical Reference, "System Control Port A").
struct SystemControl: Device {
    private var value: UInt8 = 0

    var ports: [ClosedRange<UInt16>] { [0x92...0x92] }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 { value & ~2 | (bus.isA20Enabled ? 2 : 0) }

    mutating func write(_ port: UInt16, _ new: UInt8, _ bus: inout Bus) {
        if new & 1 != 0, value & 1 == 0 { bus.wantsReset = true }
        bus.isA20Enabled = new & 2 != 0
        value = new & ~2
    }

    func hash(into hasher: inout StableHasher) { hasher.add(value) }
}
