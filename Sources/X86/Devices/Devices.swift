// SPDX-License-Identifier: GPL-3.0-or-later

/// Every device of the PC as one value. A new device adds its property and its line in `read`, `write` and, if it interrupts, `updateLines`.
struct Devices: Sendable {
    var pic = PIC()
    var pit = PIT()
    var serial = [UART(), UART()]
    var keyboard = Keyboard()
    var cmos: CMOS
    var screen = TextScreen()
    var disk = Disk()
    /// Bytes written to port E9h and not yet taken.
    var console: [UInt8] = []
    /// What left by COM1 and port E9h in the order in which it did, the source in the upper byte; nil when nobody wants to know.
    var ordered: [UInt16]?
    var port61: UInt8 = 0
    var port80: UInt8 = 0
    /// The port POST codes are written to.
    var postPort: UInt16 = 0x80
    /// POST codes written and not yet taken.
    var postCodes: [UInt8] = []
    var port92: UInt8 = 2
    /// Code written to port F4h.
    var exitCode: UInt32?
    var wantsReset = false

    init(memoryBytes: Int) { cmos = CMOS(memoryBytes: memoryBytes) }

    /// Instruction count of the next thing a device does by itself.
    var nextEvent: UInt64 { min(pit.nextEvent, disk.nextEvent) }

    /// Does what is due at an instruction count.
    mutating func advance(to now: UInt64) {
        while pit.nextEvent <= now {
            pit.advance()
            pic.pulse(0)
        }
        if disk.nextEvent <= now { disk.complete() }
        updateLines()
    }

    /// Copies the devices' interrupt outputs to the controller's inputs.
    mutating func updateLines() {
        pic.setLine(1, keyboard.isRequesting)
        pic.setLine(4, serial[0].isRequesting)
        pic.setLine(3, serial[1].isRequesting)
        pic.setLine(14, disk.isRequesting)
    }

    /// IN of 1, 2 or 4 bytes. Ports where nothing answers read as ones.
    mutating func read(_ port: UInt16, size: Int, at now: UInt64) -> UInt32 {
        if port == 0x1F0 {
            defer { updateLines() }
            return disk.readData(size: size)
        }
        var value: UInt32 = 0
        for i in 0..<size { value |= UInt32(readByte(port &+ UInt16(i), now)) << UInt32(8 * i) }
        return value
    }

    /// OUT of 1, 2 or 4 bytes.
    mutating func write(_ port: UInt16, size: Int, _ value: UInt32, at now: UInt64) {
        if port == 0x1F0 {
            disk.writeData(size: size, value)
            return updateLines()
        }
        if port == 0xF4 {
            exitCode = value
            return
        }
        for i in 0..<size { writeByte(port &+ UInt16(i), UInt8(truncatingIfNeeded: value >> UInt32(8 * i)), now) }
    }

    /// Moves what COM1 and the debug console have sent to the common queue, when there is one.
    private mutating func orderOutput() {
        guard ordered != nil else { return }
        for byte in serial[0].drain() { ordered?.append(UInt16(byte)) }
        for byte in console { ordered?.append(0x100 | UInt16(byte)) }
        console = []
    }

    private mutating func readByte(_ port: UInt16, _ now: UInt64) -> UInt8 {
        defer { updateLines() }
        switch port {
        case 0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1: return pic.read(port)
        case 0x40...0x43: return pit.read(port, at: now)
        case 0x60, 0x64:
            // The line drops between two bytes, so that each makes an edge.
            pic.setLine(1, false)
            return keyboard.read(port)
        case 0x61: return port61 & 0xF | (PIT.ticks(at: now) / 18 & 1 != 0 ? 0x10 : 0) | (pit.speakerOutput(at: now) ? 0x20 : 0)
        case 0x70, 0x71: return cmos.read(port, at: now)
        case 0x80: return port80
        case 0x92: return port92
        case 0xE9: return 0xE9
        case 0x1F1...0x1F7, 0x3F6: return disk.readRegister(port)
        case 0x2F8...0x2FF: return serial[1].read(port - 0x2F8)
        case 0x3F8...0x3FF: return serial[0].read(port - 0x3F8)
        case 0x3D4, 0x3D5, 0x3DA: return screen.read(port)
        default: return 0xFF
        }
    }

    private mutating func writeByte(_ port: UInt16, _ value: UInt8, _ now: UInt64) {
        if port == postPort, postCodes.count < 0x1_0000 { postCodes.append(value) }
        switch port {
        case 0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1: pic.write(port, value)
        case 0x40...0x43: pit.write(port, value, at: now)
        case 0x60, 0x64: keyboard.write(port, value)
        case 0x61:
            port61 = value & 0xF
            pit.setGate2(value & 1 != 0, at: now)
        case 0x70, 0x71: cmos.write(port, value)
        case 0x80: port80 = value
        case 0x92:
            port92 = value | 2
            if value & 1 != 0 { wantsReset = true }
        case 0xE9:
            console.append(value)
            orderOutput()
        case 0x1F1...0x1F7, 0x3F6: disk.writeRegister(port, value, at: now)
        case 0x2F8...0x2FF:
            // A byte sent drops the line for a moment: the next "transmitter empty" is an edge.
            if port == 0x2F8 { pic.setLine(3, false) }
            serial[1].write(port - 0x2F8, value)
        case 0x3F8...0x3FF:
            if port == 0x3F8 { pic.setLine(4, false) }
            serial[0].write(port - 0x3F8, value)
            orderOutput()
        case 0x3D4, 0x3D5: screen.write(port, value)
        default: break
        }
        updateLines()
        if keyboard.wantsReset { wantsReset = true }
    }
}
