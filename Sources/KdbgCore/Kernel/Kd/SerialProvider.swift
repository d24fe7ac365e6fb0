// SPDX-License-Identifier: GPL-3.0-or-later

extension KdProvider {
    /// Debug output on a serial line: `DEBUGPORT=COM1` to `COM4`, `DEBUGPORT=COM:address`, `KDSERIAL`, or no DEBUGPORT at all.
    package static let serial: KdProvider = KdProvider(
        name: "Serial", modeBit: 2, portWord: "COM", readPort: Kd.readSerialPort, initialize: Kd.serialInit)
}

/// The Serial provider (spec/kdbg.md section 7.5).
extension Kd {
    /// Address and speed of the port.
    package static let serialPortInfo: GlobalStructure<CPPORT> = .init("SerialPortInfo") { [.dword(0), .dword(defaultBaudRate)] }
    /// 1 to 4, or 0 when the options gave an address. COM2 when they gave nothing.
    package static let serialPortNumber: Global = .init("SerialPortNumber") { [.dword(2)] }
    /// Base port of the line that KD uses; the HAL claims it (spec/boot.md 1.8 #22).
    package static let comPortInUse: Global = .init("KdComPortInUse")
    static let serialSpinLock: Global = .init("KdpSerialSpinLock")

    /// `KdpReadSerialPort(Text*) -> BOOLEAN`: what follows `COM`: a number from 1 to 4, or a colon and an address.
    static let readSerialPort: Routine = .init("KdpReadSerialPort", ["Text"]) { f in
        let text = f.argument(0)
        f.if(text.byte() == 0x3A) {
            let address = f.call(parseNumber, text + 1)
            f.if(address == 0) { f.return(0) }
            f.set(serialPortNumber.dword, 0)
            f.set(serialPortInfo.Address, address)
            f.return(1)
        }
        f.if(text.byte() < 0x31 || text.byte() > 0x39) { f.return(0) }
        let number = f.call(parseNumber, text)
        f.if(number > 4) { f.return(0) }
        f.set(serialPortNumber.dword, number)
        f.return(1)
    }

    /// `KdpSerialInit(DispatchTable*, BootPhase) -> status`.
    package static let serialInit: Routine = Routine(
        "KdpSerialInit", ["DispatchTable", "BootPhase"],
        step: .init(
            "2.4 #2", "Serial provider",
            """
            Phase 0: the UART is looked for and programmed; if none answers, the provider is as if it had not been chosen. Phase 1: it signs on, on \
            the screen. It asks for no further phase.
            """)
    ) { f in
        let chosen = Value(KdProvider.serial.modeBit)
        f.if((debugMode.dword & chosen) == 0) { f.return(Status.portDisconnected) }
        f.if(f.argument(1) == 0) {
            f.if(f.call(portInitializeEx, serialPortInfo, serialPortNumber.dword) == 0) {
                f.set(debugMode.dword, debugMode.dword & ~chosen)
                f.call(Hal.displayString, f.text("\r\n   Serial port not found\r\n\r\n"))
                f.return(Status.deviceDoesNotExist)
            }
            f.set(comPortInUse.dword, serialPortInfo.Address)
            f.set(serialSpinLock.dword, 0)
            f.call(registerProvider, f.argument(0), serialPrint, serialInit)
        } else: {
            f.if(f.argument(1) == 1) { f.call(Hal.displayString, f.text("\r\n   Serial debugging enabled\r\n\r\n")) }
        }
        f.return(Status.success)
    }

    /// `KdpSerialPrint(String*, Length)`: byte by byte, a CR in front of each LF; stops at a zero.
    package static let serialPrint: Routine = .init("KdpSerialPrint", ["String", "Length"]) { f in
        let text = f.local(f.argument(0))
        let end = f.local(text + f.argument(1))
        let old = f.call(acquireLock, serialSpinLock)
        f.while(text < end && text.byte() != 0) {
            f.if(text.byte() == 0x0A) { f.call(portPutByteEx, serialPortInfo, 0x0D) }
            f.call(portPutByteEx, serialPortInfo, text.byte())
            f.add(text, 1)
        }
        f.call(releaseLock, serialSpinLock, old)
        f.return()
    }
}
