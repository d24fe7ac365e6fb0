// SPDX-License-Identifier: GPL-3.0-or-later

/// The outside ends of the devices.
extension Machine {
    /// The serial ports: 0 is COM1 (3F8h), 1 is COM2 (2F8h).
    package var serial: [UART] { devices.all(UART.self).map(\.pointee) }

    /// Takes a serial port out of the PC: nothing answers at its ports any more. A property of the hardware, so no snapshot holds it.
    package func removeSerial(port: Int) { devices.detach(UART.self, port) }

    /// Takes what the guest sent on a port.
    package func drainSerial(port: Int) -> [UInt8] { devices.bus.pointee.outbox.drainSerial(port: port) }

    /// Bytes arriving at a port.
    package func receiveSerial(port: Int, _ bytes: [UInt8]) { use(UART.self, port) { $0.receive(bytes, &$1) } }

    /// Takes what the guest wrote to the debug console, port E9h.
    package func drainConsole() -> [UInt8] { devices.bus.pointee.outbox.drainConsole() }

    /// Whether the order between what COM1 and port E9h send is kept; then `drainOutput` is the way to get both.
    package var ordersOutput: Bool {
        get { devices.bus.pointee.outbox.ordered != nil }
        set { devices.bus.pointee.outbox.ordered = newValue ? devices.bus.pointee.outbox.ordered ?? [] : nil }
    }

    /// Takes what COM1 and port E9h have sent, in order.
    /// - Returns: runs of bytes of one source.
    package func drainOutput() -> [(isConsole: Bool, bytes: [UInt8])] {
        var runs: [(isConsole: Bool, bytes: [UInt8])] = []
        for item in devices.bus.pointee.outbox.ordered ?? [] {
            let isConsole = item & 0x100 != 0
            if runs.last?.isConsole != isConsole { runs.append((isConsole, [])) }
            runs[runs.count - 1].bytes.append(UInt8(truncatingIfNeeded: item))
        }
        devices.bus.pointee.outbox.ordered?.removeAll()
        return runs
    }

    /// The last POST code.
    package var postCode: UInt8 { devices.bus.pointee.postCode }

    /// The port whose writes are POST codes; 80h when nothing is said. A device that is there as well sees the write too.
    package var postPort: UInt16 {
        get { devices.bus.pointee.outbox.postPort }
        set { devices.bus.pointee.outbox.postPort = newValue }
    }

    /// Takes the POST codes written since the last call.
    package func drainPostCodes() -> [UInt8] { devices.bus.pointee.outbox.drainPostCodes() }

    /// The A20 gate is open: addresses keep their bit 20. Ports 92h and 64h switch it.
    package var isA20Enabled: Bool { devices.bus.pointee.isA20Enabled }

    /// The ATA disk.
    package var disk: Disk {
        get { devices.disk }
        _modify {
            yield &devices.disk
            let isPresent = devices.disk.isPresent
            use(CMOS.self) { clock, _ in clock.setDisk(present: isPresent) }
        }
    }

    /// A scan code (set 1) from the keyboard.
    package func pressKey(scanCode: UInt8) { use(KeyboardController.self) { $0.press(scanCode, &$1) } }

    /// Lets the host do something to a device, the n-th of its type.
    private func use<D: Device>(_: D.Type, _ n: Int = 0, _ body: (inout D, inout Bus) -> Void) {
        body(&devices.all(D.self)[n].pointee, &devices.bus.pointee)
        devices.settle()
        // A run that goes on looks at the interrupt controller first.
        cpu.pointee.deadline = 0
    }

    private var screen: TextScreen { devices.one(TextScreen.self).pointee }

    /// Character codes and attributes of the 80x25 cells, row by row, two bytes each.
    package func textScreenCells() -> [UInt8] {
        readPhysical(TextScreen.address &+ UInt32(screen.start * 2 & 0x7FFF), count: TextScreen.columns * TextScreen.rows * 2)
    }

    /// The 25 lines of text with trailing blanks removed; codes outside ASCII are code page 437 and shown as a dot.
    package func textScreenLines() -> [String] {
        let cells = textScreenCells()
        return (0..<TextScreen.rows).map { row in
            var line = ""
            for column in 0..<TextScreen.columns {
                let code = cells[(row * TextScreen.columns + column) * 2]
                line.append(code == 0 ? " " : (0x20..<0x7F).contains(code) ? Character(UnicodeScalar(code)) : ".")
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// Where the cursor is; nil when hidden or outside the screen.
    package var textScreenCursor: (row: Int, column: Int)? {
        let screen = screen
        let cell = screen.cursor - screen.start
        guard screen.isCursorVisible, (0..<TextScreen.columns * TextScreen.rows).contains(cell) else { return nil }
        return (cell / TextScreen.columns, cell % TextScreen.columns)
    }
}
