// SPDX-License-Identifier: GPL-3.0-or-later

/// The 8042 keyboard controller of a PS/2 at ports 60h and 64h, with a keyboard (IRQ 1) and a mouse (IRQ 12) on it (IBM PS/2 Hardware Interface Technical
/// Reference, "Keyboard and Auxiliary Device Controller"). It answers at once: its input buffer is never seen full.
struct KeyboardController: Device {
    private var keyboard = PS2Keyboard()
    private var mouse = PS2Mouse()
    /// Its RAM; byte 0 is the configuration: 0 and 1 interrupts of keyboard and mouse, 2 system flag, 4 and 5 disable them, 6 translates scan codes.
    private var ram: [UInt8] = [0x45] + Array(repeating: 0, count: 31)
    /// Bytes of the controller's own, which go first.
    private var answers: [UInt8] = []
    /// The output buffer, and whether it holds a byte of the mouse's.
    private var output: UInt8 = 0
    private var isFull = false
    private var isFromMouse = false
    /// The command whose parameter byte comes next at port 60h; 0 for none.
    private var command: UInt8 = 0
    private var lastWasCommand = false
    /// F0h came from the keyboard: the next scan code is a release.
    private var translatesRelease = false

    var ports: [ClosedRange<UInt16>] { [0x60...0x60, 0x64...0x64] }

    private var configuration: UInt8 {
        get { ram[0] }
        set { ram[0] = newValue }
    }

    // MARK: The outside

    /// A key of the keyboard goes down or up: scan code of set 1, with its E0h and E1h bytes one by one.
    mutating func press(_ code: UInt8, _ bus: inout Bus) {
        keyboard.press(code)
        settle(&bus)
    }

    // MARK: Output buffer

    /// Moves the next byte to the output buffer when that is empty, and drives the interrupt lines.
    private mutating func settle(_ bus: inout Bus) {
        if !isFull {
            if !answers.isEmpty {
                put(answers.removeFirst(), fromMouse: false)
            } else if configuration & 0x10 == 0, let byte = nextFromKeyboard() {
                put(byte, fromMouse: false)
            } else if configuration & 0x20 == 0, let byte = mouse.take() {
                put(byte, fromMouse: true)
            }
        }
        drive(1, isFull && !isFromMouse && configuration & 1 != 0, &bus)
        drive(12, isFull && isFromMouse && configuration & 2 != 0, &bus)
    }

    private func drive(_ irq: UInt8, _ high: Bool, _ bus: inout Bus) {
        if high != (bus.lines >> irq & 1 != 0) { bus.drive(irq, high) }
    }

    private mutating func put(_ byte: UInt8, fromMouse: Bool) {
        (output, isFull, isFromMouse) = (byte, true, fromMouse)
    }

    /// The keyboard's next byte, translated from set 2 to set 1 when the configuration says so.
    private mutating func nextFromKeyboard() -> UInt8? {
        while let byte = keyboard.take() {
            guard configuration & 0x40 != 0 else { return byte }
            if byte == 0xF0 {
                translatesRelease = true
                continue
            }
            defer { translatesRelease = false }
            return ScanCodes.translate(byte) | (translatesRelease ? 0x80 : 0)
        }
        return nil
    }

    // MARK: Ports

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        guard port == 0x60 else {
            return (isFull ? 1 : 0) | configuration & 4 | (lastWasCommand ? 8 : 0) | 0x10 | (isFull && isFromMouse ? 0x20 : 0)
        }
        // An empty buffer shows its last byte again.
        defer {
            isFull = false
            // The line drops between two bytes, so that each makes an edge.
            drive(1, false, &bus)
            drive(12, false, &bus)
            settle(&bus)
        }
        return output
    }

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        defer { settle(&bus) }
        lastWasCommand = port == 0x64
        if port == 0x64 {
            run(value, &bus)
            // Who never reads the answers loses them.
            if answers.count > PS2Keyboard.answerCapacity { answers.removeLast() }
            return
        }
        defer { command = 0 }
        switch command {
        case 0x60...0x7F: ram[Int(command & 31)] = value
        case 0xD1:
            if value & 1 == 0 { bus.wantsReset = true }
            bus.isA20Enabled = value & 2 != 0
        case 0xD2: put(value, fromMouse: false)
        case 0xD3: put(value, fromMouse: true)
        case 0xD4:
            configuration &= ~0x20
            mouse.receive(value)
        default:
            // Data for the keyboard opens its line.
            configuration &= ~0x10
            keyboard.receive(value)
        }
    }

    /// A command at port 64h.
    private mutating func run(_ value: UInt8, _ bus: inout Bus) {
        command = 0
        switch value {
        case 0x20...0x3F: answers.append(ram[Int(value & 31)])
        case 0x60...0x7F, 0xD1...0xD4: command = value
        // No password is installed.
        case 0xA4: answers.append(0xF1)
        case 0xA7: configuration |= 0x20
        case 0xA8: configuration &= ~0x20
        case 0xA9, 0xAB: answers.append(0)
        case 0xAA:
            configuration |= 4
            answers.append(0x55)
        case 0xAD: configuration |= 0x10
        case 0xAE: configuration &= ~0x10
        // The input port: the keyboard is not locked.
        case 0xC0: answers.append(0x80)
        case 0xD0: answers.append(0xCD | (bus.isA20Enabled ? 2 : 0) | (isFull ? isFromMouse ? 0x20 : 0x10 : 0))
        case 0xDD: bus.isA20Enabled = false
        case 0xDF: bus.isA20Enabled = true
        case 0xE0: answers.append(0)
        // Pulses output lines; that of bit 0 is reset.
        case 0xF0...0xFF: if value & 1 == 0 { bus.wantsReset = true }
        default: break
        }
    }

    func hash(into hasher: inout StableHasher) {
        keyboard.hash(into: &hasher)
        mouse.hash(into: &hasher)
        hasher.add(bytes: ram)
        hasher.add(bytes: answers)
        hasher.add(UInt64(output) << 8 | UInt64(command))
        hasher.add([isFull, isFromMouse, lastWasCommand, translatesRelease])
    }
}
