// SPDX-License-Identifier: GPL-3.0-or-later

/// The 8042 keyboard controller at ports 60h and 64h with a PS/2 keyboard; IRQ 1. There is no mouse.
struct Keyboard: Hashable, Sendable {
    private var queue: [UInt8] = []
    private var configuration: UInt8 = 0x45
    private var command: UInt8 = 0
    private var deviceParameter = false
    private var isDisabled = false
    private var lastWasCommand = false
    /// The guest pulsed the reset line.
    private(set) var wantsReset = false

    /// Output buffer full and interrupts enabled.
    var isRequesting: Bool { !queue.isEmpty && configuration & 1 != 0 && !isDisabled }

    /// A scan code from the keyboard, set 1.
    mutating func press(_ code: UInt8) {
        if queue.count < 16 { queue.append(code) }
    }

    /// IN from 60h or 64h.
    mutating func read(_ port: UInt16) -> UInt8 {
        if port == 0x64 { return (queue.isEmpty ? 0 : 1) | 0x14 | (lastWasCommand ? 8 : 0) }
        return queue.isEmpty ? 0 : queue.removeFirst()
    }

    /// OUT to 60h or 64h.
    mutating func write(_ port: UInt16, _ value: UInt8) {
        lastWasCommand = port == 0x64
        if port == 0x60 { return data(value) }
        command = 0
        switch value {
        case 0x20: queue.append(configuration)
        case 0xAA: queue.append(0x55)
        case 0xAB: queue.append(0)
        case 0xA9: queue.append(1)
        case 0xAD: isDisabled = true
        case 0xAE: isDisabled = false
        case 0xC0: queue.append(0x80)
        case 0xD0: queue.append(0x03)
        case 0x60, 0xD1, 0xD2, 0xD3, 0xD4: command = value
        case 0xF0...0xFF: if value & 1 == 0 { wantsReset = true }
        default: break
        }
    }

    private mutating func data(_ value: UInt8) {
        switch command {
        case 0x60: configuration = value
        case 0xD1: if value & 1 == 0 { wantsReset = true }
        case 0xD2: queue.append(value)
        case 0xD3, 0xD4: break
        default: return device(value)
        }
        command = 0
    }

    /// A byte for the keyboard itself.
    private mutating func device(_ value: UInt8) {
        if deviceParameter {
            deviceParameter = false
            queue.append(0xFA)
            return
        }
        switch value {
        case 0xFF: queue += [0xFA, 0xAA]
        case 0xF2: queue += [0xFA, 0xAB, 0x83]
        case 0xEE: queue.append(0xEE)
        case 0xED, 0xF0, 0xF3:
            deviceParameter = true
            queue.append(0xFA)
        default: queue.append(0xFA)
        }
    }
}
