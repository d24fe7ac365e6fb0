// SPDX-License-Identifier: GPL-3.0-or-later

/// A two-button mouse that nobody moves: it answers to reset, identification, settings and status (IBM PS/2 Hardware Interface Technical Reference, "Auxiliary
/// Device"), and a read of its data says that it stands still.
struct PS2Mouse: Equatable, Sendable {
    private var queue: [UInt8] = []
    private var lastSent: UInt8 = 0
    private var command: UInt8 = 0
    private var rate: UInt8 = 100
    private var resolution: UInt8 = 2
    private var isScaled = false
    private var isEnabled = false
    private var isRemote = false
    private var isWrapping = false

    /// Its next byte for the controller.
    mutating func take() -> UInt8? {
        guard !queue.isEmpty else { return nil }
        lastSent = queue.removeFirst()
        return lastSent
    }

    /// A byte from the controller.
    mutating func receive(_ value: UInt8) {
        answer(value)
        if queue.count > PS2Keyboard.answerCapacity { queue.removeSubrange(PS2Keyboard.answerCapacity...) }
    }

    private mutating func answer(_ value: UInt8) {
        if isWrapping, value != 0xEC, value != 0xFF { return queue.append(value) }
        if command != 0 {
            if command == 0xF3 { rate = value } else { resolution = value & 3 }
            command = 0
            return queue.append(0xFA)
        }
        queue.append(0xFA)
        switch value {
        case 0xE6: isScaled = false
        case 0xE7: isScaled = true
        case 0xE8, 0xF3: command = value
        case 0xE9: queue += [(isRemote ? 0x40 : 0) | (isEnabled ? 0x20 : 0) | (isScaled ? 0x10 : 0), resolution, rate]
        case 0xEA: isRemote = false
        case 0xEB: queue += [0x08, 0, 0]
        case 0xEC: isWrapping = false
        case 0xEE: isWrapping = true
        case 0xF0: isRemote = true
        case 0xF2: queue.append(0)
        case 0xF4: isEnabled = true
        case 0xF5: isEnabled = false
        case 0xF6: setDefaults()
        case 0xFE:
            queue.removeLast()
            queue.insert(lastSent, at: 0)
        case 0xFF:
            setDefaults()
            queue = [0xFA, 0xAA, 0]
        default:
            queue.removeLast()
            queue.append(0xFE)
        }
    }

    private mutating func setDefaults() {
        (rate, resolution) = (100, 2)
        (isScaled, isEnabled, isRemote, isWrapping) = (false, false, false, false)
    }

    func hash(into hasher: inout StableHasher) {
        hasher.add(bytes: queue)
        hasher.add(UInt64(lastSent) | UInt64(command) << 8 | UInt64(rate) << 16 | UInt64(resolution) << 24)
        hasher.add([isScaled, isEnabled, isRemote, isWrapping])
    }
}
