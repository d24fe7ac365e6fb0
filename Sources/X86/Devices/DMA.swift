// SPDX-License-Identifier: GPL-3.0-or-later

/// The two 8237A DMA controllers (00h-0Fh; C0h-DFh, a register at every second port) and the page registers (80h-8Fh), of which no device here makes use: no
/// channel ever requests, and what a BIOS or kernel programs reads back as it does on a PC (Intel 8237A data sheet).
struct DMA: Device {
    private struct Controller: Equatable, Sendable {
        /// Address and count of four channels, in port order: base as written, which is also the current value.
        var words: [UInt16] = Array(repeating: 0, count: 8)
        var command: UInt8 = 0
        var mask: UInt8 = 0x0F
        var modes: [UInt8] = [0, 0, 0, 0]
        var requests: UInt8 = 0
        /// The next byte of a word is its high one.
        var flipFlop = false

        mutating func read(_ register: Int) -> UInt8 {
            switch register {
            case 0...7:
                defer { flipFlop.toggle() }
                return UInt8(truncatingIfNeeded: words[register] >> (flipFlop ? 8 : 0))
            // Status: no terminal count was reached; software requests show.
            case 8: return requests << 4
            case 0xF: return 0xF0 | mask
            default: return 0
            }
        }

        mutating func write(_ register: Int, _ value: UInt8) {
            let bit = UInt8(1) << (value & 3)
            switch register {
            case 0...7:
                words[register] = flipFlop ? words[register] & 0xFF | UInt16(value) << 8 : words[register] & 0xFF00 | UInt16(value)
                flipFlop.toggle()
            case 8: command = value
            case 9: requests = value & 4 != 0 ? requests | bit : requests & ~bit
            case 0xA: mask = value & 4 != 0 ? mask | bit : mask & ~bit
            case 0xB: modes[Int(value & 3)] = value & 0xFC
            case 0xC: flipFlop = false
            case 0xD: (command, requests, mask, flipFlop) = (0, 0, 0x0F, false)
            case 0xE: mask = 0
            default: mask = value & 0x0F
            }
        }

        func hash(into hasher: inout StableHasher) {
            for word in words { hasher.add(word) }
            for mode in modes { hasher.add(mode) }
            hasher.add(UInt64(command) << 24 | UInt64(mask) << 16 | UInt64(requests) << 8 | (flipFlop ? 1 : 0))
        }
    }

    private var first = Controller()
    private var second = Controller()
    private var pages = [UInt8](repeating: 0, count: 16)

    var ports: [ClosedRange<UInt16>] { [0x00...0x0F, 0x80...0x8F, 0xC0...0xDF] }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        switch port {
        case 0x00...0x0F: first.read(Int(port))
        case 0x80...0x8F: pages[Int(port & 15)]
        default: second.read(Int(port - 0xC0) / 2)
        }
    }

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        switch port {
        case 0x00...0x0F: first.write(Int(port), value)
        case 0x80...0x8F: pages[Int(port & 15)] = value
        default: second.write(Int(port - 0xC0) / 2, value)
        }
    }

    func hash(into hasher: inout StableHasher) {
        first.hash(into: &hasher)
        second.hash(into: &hasher)
        for page in pages { hasher.add(page) }
    }
}
