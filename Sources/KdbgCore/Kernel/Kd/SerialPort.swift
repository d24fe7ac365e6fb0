// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The port driver of the Serial provider: a 16550 UART programmed by polling.
extension Kd {
    /// Registers of the UART, as offsets from its base port.
    private enum Register {
        static let data: Value = 0
        static let interruptEnable: Value = 1
        static let fifoControl: Value = 2
        static let lineControl: Value = 3
        static let modemControl: Value = 4
        static let lineStatus: Value = 5
        static let modemStatus: Value = 6
        static let scratch: Value = 7
    }

    /// Base ports of COM1 to COM4.
    static let comPorts: Global = .init("KdpComPorts", size: 16, section: .constants) {
        [.dword(0x3F8), .dword(0x2F8), .dword(0x3E8), .dword(0x2E8)]
    }
    /// Baud rate of the KD port, whatever `BAUDRATE=` says.
    static let defaultBaudRate: UInt32 = 115_200

    /// `KdPortInitializeEx(PortInformation*, ComPortNumber) -> BOOLEAN`: number 1 to 4, or 0 for the address in the port information. FALSE when
    /// no UART answers.
    package static let portInitializeEx: Routine = .init("KdPortInitializeEx", ["PortInformation", "ComPortNumber"]) { f in
        let port = f.argument(0, CPPORT.self)
        let number = f.argument(1)
        f.if(number > 4) { f.return(0) }
        f.if(number != 0) { f.set(port.Address, (comPorts.value + ((number - 1) << 2)).dword()) }
        f.if(port.Address == 0) { f.return(0) }
        f.if(port.BaudRate == 0) { f.set(port.BaudRate, defaultBaudRate) }
        f.if(f.call(doesPortExist, port.Address) == 0) { f.return(0) }
        f.call(programPort, port.Address, port.BaudRate)
        f.return(1)
    }

    /// `CpDoesPortExist(Address) -> BOOLEAN`: the scratch register keeps what is written to it, or, on a UART without one, the modem lines
    /// can be looped back. An empty port reads 0xFF whatever was written.
    static let doesPortExist: Routine = .init("CpDoesPortExist", ["Address"]) { f in
        let port = f.argument(0)
        f.output(port + Register.scratch, 0x55)
        let first = f.local(f.input(port + Register.scratch))
        f.output(port + Register.scratch, 0xAA)
        let second = f.local(f.input(port + Register.scratch))
        f.if(first == 0x55 && second == 0xAA) { f.return(1) }
        let saved = f.local(f.input(port + Register.modemControl))
        // Loopback with RTS and OUT2: CTS and DCD must follow.
        f.output(port + Register.modemControl, 0x1A)
        let looped = f.local(f.input(port + Register.modemStatus))
        f.output(port + Register.modemControl, saved)
        f.return((looped & 0xF0) == 0x90)
    }.copied(as: "CpDoesPortExist")

    /// `CpProgramPort(Address, BaudRate)`: no interrupts, eight bits, no parity, one stop bit, FIFOs on, DTR and RTS.
    static let programPort: Routine = .init("CpProgramPort", ["Address", "BaudRate"]) { f in
        let port = f.argument(0)
        let divisor = f.local(Value(115_200) / f.argument(1))
        f.if(divisor == 0) { f.set(divisor, 1) }
        f.output(port + Register.interruptEnable, 0)
        f.output(port + Register.lineControl, 0x80)
        f.output(port + Register.data, divisor & 0xFF)
        f.output(port + Register.interruptEnable, divisor >> 8)
        f.output(port + Register.lineControl, 0x03)
        f.output(port + Register.fifoControl, 0xC7)
        f.output(port + Register.modemControl, 0x03)
        f.return()
    }.copied(as: "CpProgramPort")

    /// `KdPortPutByteEx(PortInformation*, Byte)`: waits until the transmitter takes it.
    package static let portPutByteEx: Routine = .init("KdPortPutByteEx", ["PortInformation", "Byte"]) { f in
        let port = f.argument(0, CPPORT.self)
        f.loop {
            f.if((f.input(port.Address + Register.lineStatus) & 0x20) != 0) { f.break() }
            f.asm { $0.pause() }
        }
        f.output(port.Address + Register.data, f.argument(1))
        f.return()
    }.copied(as: "CpPutByte")
}
