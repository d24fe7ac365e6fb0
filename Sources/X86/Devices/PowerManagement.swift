// SPDX-License-Identifier: GPL-3.0-or-later

/// The fixed hardware of ACPI at ports 400h to 40Bh (ACPI specification 2.0, section 4.7): PM1a status and enable at 400h and 402h, control at 404h, the 24-bit timer of 3.579545 MHz at
/// 408h. Nothing sets a status bit, SCI_EN is always set, and asking for a sleeping state is only remembered.
struct PowerManagement: Device {
    static var base: UInt16 { 0x400 }
    private static var frequency: UInt64 { 3_579_545 }

    private var enable: UInt16 = 0
    private var control: UInt16 = 0

    var ports: [ClosedRange<UInt16>] { [Self.base...Self.base + 0x0B] }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        let offset = port - Self.base
        switch offset {
        case 2, 3: return UInt8(truncatingIfNeeded: enable >> (8 * (offset - 2)))
        case 4, 5: return UInt8(truncatingIfNeeded: (control | 1) >> (8 * (offset - 4)))
        case 8...10:
            let ticks = bus.now.multipliedFullWidth(by: Self.frequency)
            let count = DeviceTime.instructionsPerSecond.dividingFullWidth((ticks.high, ticks.low)).quotient
            return UInt8(truncatingIfNeeded: count >> (8 * UInt64(offset - 8)))
        default: return 0
        }
    }

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        let offset = port - Self.base
        switch offset {
        case 2, 3: Self.set(&enable, byte: offset - 2, value)
        case 4, 5: Self.set(&control, byte: offset - 4, value)
        default: break
        }
    }

    private static func set(_ register: inout UInt16, byte: UInt16, _ value: UInt8) {
        register = register & ~(0xFF << (8 * byte)) | UInt16(value) << (8 * byte)
    }

    func hash(into hasher: inout StableHasher) {
        hasher.add(UInt64(enable))
        hasher.add(UInt64(control))
    }
}
