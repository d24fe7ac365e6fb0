// SPDX-License-Identifier: GPL-3.0-or-later

/// A 16550A serial port (National Semiconductor PC16550D). Sends at once, so its transmitter is always empty.
package struct UART: Hashable, Sendable {
    /// Bytes sent and not yet drained by the host.
    package private(set) var output: [UInt8] = []
    private var input: [UInt8] = []
    private var interruptEnable: UInt8 = 0
    private var lineControl: UInt8 = 0
    private var modemControl: UInt8 = 0
    private var scratch: UInt8 = 0
    private var divisor: UInt16 = 12
    private var fifoControl: UInt8 = 0
    private var transmitterPending = false

    private var isLoopback: Bool { modemControl & 0x10 != 0 }

    /// The interrupt output, gated by OUT2.
    var isRequesting: Bool { modemControl & 8 != 0 && !isLoopback && identification & 1 == 0 }

    /// IIR without the FIFO bits; bit 0 set means none pending.
    private var identification: UInt8 {
        if interruptEnable & 1 != 0, !input.isEmpty { return 4 }
        if interruptEnable & 2 != 0, transmitterPending { return 2 }
        return 1
    }

    /// Takes what was sent.
    mutating func drain() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// Bytes arriving on the line.
    mutating func receive(_ bytes: [UInt8]) { input += bytes }

    /// Reads register 0...7.
    mutating func read(_ register: UInt16) -> UInt8 {
        switch register {
        case 0:
            if lineControl & 0x80 != 0 { return UInt8(truncatingIfNeeded: divisor) }
            return input.isEmpty ? 0 : input.removeFirst()
        case 1: return lineControl & 0x80 != 0 ? UInt8(divisor >> 8) : interruptEnable
        case 2:
            let value = identification
            if value == 2 { transmitterPending = false }
            return value | (fifoControl & 1 != 0 ? 0xC0 : 0)
        case 3: return lineControl
        case 4: return modemControl
        case 5: return 0x60 | (input.isEmpty ? 0 : 1)
        case 6:
            guard isLoopback else { return 0xB0 }
            return (modemControl & 2) << 3 | (modemControl & 1) << 5 | (modemControl & 4) << 4 | (modemControl & 8) << 4
        default: return scratch
        }
    }

    /// Writes register 0...7.
    mutating func write(_ register: UInt16, _ value: UInt8) {
        switch register {
        case 0:
            if lineControl & 0x80 != 0 {
                divisor = divisor & 0xFF00 | UInt16(value)
            } else {
                if isLoopback { input.append(value) } else { output.append(value) }
                transmitterPending = true
            }
        case 1:
            if lineControl & 0x80 != 0 {
                divisor = divisor & 0xFF | UInt16(value) << 8
            } else {
                if value & 2 != 0, interruptEnable & 2 == 0 { transmitterPending = true }
                interruptEnable = value & 15
            }
        case 2:
            fifoControl = value
            if value & 2 != 0 { input = [] }
        case 3: lineControl = value
        case 4: modemControl = value & 0x1F
        case 7: scratch = value
        default: break
        }
    }
}
