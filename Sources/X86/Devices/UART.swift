// SPDX-License-Identifier: GPL-3.0-or-later

/// A 16550A serial port (National Semiconductor PC16550D data sheet). It sends and receives at once, whatever the divisor says: the transmitter is always empty,
/// and a character time-out follows its character immediately. What arrives while there is no room waits on the line; nothing is overrun but in loopback.
package struct UART: Device {
    private let base: UInt16
    private let irq: UInt8
    private let number: Int
    /// Bytes on their way to the receiver.
    private var wire: [UInt8] = []
    /// The receiver's FIFO, one byte deep while FIFOs are off.
    private var received: [UInt8] = []
    private var interruptEnable: UInt8 = 0
    private var lineControl: UInt8 = 0
    private var modemControl: UInt8 = 0
    private var scratch: UInt8 = 0
    private var divisor: UInt16 = 12
    /// FCR: FIFO enable and trigger level.
    private var fifoControl: UInt8 = 0
    /// LSR bits 1 to 4, which reading clears.
    private var errors: UInt8 = 0
    /// MSR bits 0 to 3, which reading clears, and the inputs in bits 4 to 7 as they were last.
    private var modemDelta: UInt8 = 0
    private var modemInputs: UInt8 = 0xB0
    private var transmitterPending = false
    /// Bytes sent since power-on.
    package private(set) var sentCount: UInt64 = 0

    /// Registers at `base` to `base` + 7; the host knows the port by `port`.
    init(base: UInt16, irq: UInt8, port: Int) {
        (self.base, self.irq, number) = (base, irq, port)
    }

    var ports: [ClosedRange<UInt16>] { [base...base + 7] }

    private var isLoopback: Bool { modemControl & 0x10 != 0 }
    private var hasFIFO: Bool { fifoControl & 1 != 0 }
    private var capacity: Int { hasFIFO ? 16 : 1 }
    /// Bytes in the FIFO at which the receiver interrupts.
    private var triggerLevel: Int {
        switch fifoControl >> 6 {
        case 0: 1
        case 1: 4
        case 2: 8
        default: 14
        }
    }
    private var dlab: Bool { lineControl & 0x80 != 0 }

    /// IIR without the FIFO bits, by priority (data sheet, table 4); bit 0 set means none pending.
    private var identification: UInt8 {
        if interruptEnable & 4 != 0, errors != 0 { return 6 }
        if interruptEnable & 1 != 0, !received.isEmpty { return received.count >= triggerLevel ? 4 : 0xC }
        if interruptEnable & 2 != 0, transmitterPending { return 2 }
        if interruptEnable & 8 != 0, modemDelta != 0 { return 0 }
        return 1
    }

    /// Drives the interrupt line, which OUT2 gates on a PC. In loopback the OUT2 pin is inactive.
    private func settle(_ bus: inout Bus) {
        let isRequesting = modemControl & 8 != 0 && !isLoopback && identification & 1 == 0
        if isRequesting != (bus.lines >> irq & 1 != 0) { bus.drive(irq, isRequesting) }
    }

    // MARK: The line

    /// Bytes that have arrived and that the guest has not read.
    package var waiting: Int { wire.count + received.count }

    /// Bytes arriving from outside.
    mutating func receive(_ bytes: [UInt8], _ bus: inout Bus) {
        wire += bytes
        fill()
        settle(&bus)
    }

    /// Takes from the line what there is room for. The line is cut off in loopback.
    private mutating func fill() {
        guard !isLoopback, !wire.isEmpty, received.count < capacity else { return }
        let count = min(wire.count, capacity - received.count)
        received += wire.prefix(count)
        wire.removeFirst(count)
    }

    private mutating func send(_ byte: UInt8, _ bus: inout Bus) {
        if isLoopback {
            if received.count < capacity { received.append(byte) } else { overrun(byte) }
        } else {
            sentCount += 1
            bus.outbox.send(byte, port: number)
        }
        // The request drops until the byte has left, so that the next one is an edge.
        transmitterPending = false
        settle(&bus)
        transmitterPending = true
    }

    /// Without FIFOs the new character replaces the old one, with them it is lost.
    private mutating func overrun(_ byte: UInt8) {
        errors |= 2
        if !hasFIFO { received = [byte] }
    }

    /// The modem inputs follow the outputs in loopback; outside, whoever is on the line is ready.
    private mutating func updateModem() {
        let m = modemControl
        let inputs: UInt8 = isLoopback ? (m & 2) << 3 | (m & 1) << 5 | (m & 4) << 4 | (m & 8) << 4 : 0xB0
        let changed = inputs ^ modemInputs
        // RI counts only when it ends.
        modemDelta |= changed >> 4 & 0b1011 | (changed & modemInputs & 0x40) >> 4
        modemInputs = inputs
    }

    // MARK: Registers

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        defer { settle(&bus) }
        switch port - base {
        case 0:
            if dlab { return UInt8(truncatingIfNeeded: divisor) }
            guard !received.isEmpty else { return 0 }
            let byte = received.removeFirst()
            settle(&bus)
            fill()
            return byte
        case 1: return dlab ? UInt8(divisor >> 8) : interruptEnable
        case 2:
            let value = identification
            if value == 2 { transmitterPending = false }
            return value | (hasFIFO ? 0xC0 : 0)
        case 3: return lineControl
        case 4: return modemControl
        case 5:
            defer { errors = 0 }
            return 0x60 | errors | (received.isEmpty ? 0 : 1) | (hasFIFO && errors & 0x1C != 0 ? 0x80 : 0)
        case 6:
            defer { modemDelta = 0 }
            return modemInputs | modemDelta
        default: return scratch
        }
    }

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        defer { settle(&bus) }
        switch port - base {
        case 0: if dlab { divisor = divisor & 0xFF00 | UInt16(value) } else { send(value, &bus) }
        case 1:
            if dlab {
                divisor = divisor & 0xFF | UInt16(value) << 8
            } else {
                if value & 2 != 0, interruptEnable & 2 == 0 { transmitterPending = true }
                interruptEnable = value & 15
            }
        case 2: writeFIFOControl(value)
        case 3:
            // A break that begins in loopback arrives as a zero with BI.
            if value & ~lineControl & 0x40 != 0, isLoopback, received.count < capacity {
                received.append(0)
                errors |= 0x10
            }
            lineControl = value
        case 4:
            modemControl = value & 0x1F
            updateModem()
            fill()
        case 7: scratch = value
        default: break
        }
    }

    /// FCR. Turning the FIFOs on or off empties them, and the other bits count only together with bit 0.
    private mutating func writeFIFOControl(_ value: UInt8) {
        if (value ^ fifoControl) & 1 != 0 { received = [] }
        fifoControl = value & 1 != 0 ? value & 0xC9 : 0
        if value & 3 == 3 { (received, errors) = ([], errors & ~0x1C) }
        if value & 5 == 5, interruptEnable & 2 != 0 { transmitterPending = true }
        fill()
    }

    func hash(into hasher: inout StableHasher) {
        hasher.add(bytes: wire)
        hasher.add(bytes: received)
        hasher.add(
            UInt64(interruptEnable) | UInt64(lineControl) << 8 | UInt64(modemControl) << 16 | UInt64(scratch) << 24 | UInt64(divisor) << 32)
        hasher.add(
            UInt64(fifoControl) | UInt64(errors) << 8 | UInt64(modemDelta) << 16 | UInt64(modemInputs) << 24
                | (transmitterPending ? 1 << 32 : 0))
        hasher.add(sentCount)
    }
}
