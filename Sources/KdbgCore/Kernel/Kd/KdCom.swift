// SPDX-License-Identifier: GPL-3.0-or-later

/// kdcom.dll, the transport that the boot loader always brings along: KD packets on a serial line. A kernel with KDBG sends and receives by routines of its own and
/// asks this one only when the port goes to sleep or wakes (spec/boot.md section 0.3). Packets are in `KdComPackets.swift`.
enum KdCom {
    /// What other images may import.
    static let exports: [any Item] = [
        debuggerInitialize0, debuggerInitialize1, d0Transition, d3Transition, save, restore, sendPacket, receivePacket,
    ]

    /// The port; address 0 until `KdDebuggerInitialize0`.
    static let port: GlobalStructure<CPPORT> = .init("KdComPort", module: .kdcom)

    /// `KdDebuggerInitialize0(LoaderBlock* or NULL) -> status`: the port of DEBUGPORT=COMn, else COM1, with the rate of BAUDRATE=, else 115200, is looked for and
    /// programmed. 0xC00000C0: there is none.
    static let debuggerInitialize0: Routine = .init("KdDebuggerInitialize0", ["LoaderBlock"], module: .kdcom) { f in
        let number = f.local(1)
        f.set(port.BaudRate, Kd.defaultBaudRate)
        f.if(f.argument(0) != 0) {
            let options = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOptions)
            f.if(options != 0) {
                let word = f.call(Rtl.strstr, options, f.text("DEBUGPORT=COM"))
                f.if(word != 0) { f.call(readNumber, word + 13, f.address(of: number)) }
                f.set(word, f.call(Rtl.strstr, options, f.text("BAUDRATE=")))
                f.if(word != 0) { f.call(readNumber, word + 9, port.pointer.address(of: \.BaudRate)) }
            }
        }
        f.if(number == 0 || number > 4) { f.set(number, 1) }
        let address = f.local((ports.value + (number << 2) - 4).dword())
        f.if(f.call(Kd.doesPortExist, address) == 0) { f.return(Status.deviceDoesNotExist) }
        f.call(Kd.programPort, address, port.BaudRate)
        f.set(port.Address, address)
        f.set(Kd.comPortInUse.dword, address)
        f.call(resetPacketIds)
        f.return(Status.success)
    }

    /// Base ports of COM1 to COM4.
    private static let ports: Global = .init("KdComPorts", size: 16, module: .kdcom, section: .constants) {
        [.dword(0x3F8), .dword(0x2F8), .dword(0x3E8), .dword(0x2E8)]
    }

    /// `KdpReadNumber(Text*, Number*)`: digits; without any the number stays. At most 6 of them count.
    private static let readNumber: Routine = .init("KdpReadNumber", ["Text", "Number"], module: .kdcom) { f in
        let text = f.local(f.argument(0))
        let number = f.local(0)
        f.while(text.byte() >= 0x30 && text.byte() <= 0x39 && number < 100_000) {
            f.set(number, number * 10 + text.byte() - 0x30)
            f.add(text, 1)
        }
        f.if(number != 0) { f.set(f.argument(1).dword(), number) }
        f.return()
    }

    /// `KdDebuggerInitialize1(LoaderBlock*) -> status`: nothing is left to do.
    static let debuggerInitialize1 = status("KdDebuggerInitialize1", ["LoaderBlock"])
    /// `KdD3Transition() -> status`: the port goes to sleep; what it was programmed with stands in `KdComPort`.
    static let d3Transition = status("KdD3Transition", [])
    /// `KdSave(SleepTransition) -> status`.
    static let save = status("KdSave", ["SleepTransition"])
    /// `KdD0Transition() -> status`: the port has woken.
    static let d0Transition = reprogram("KdD0Transition", [])
    /// `KdRestore(SleepTransition) -> status`.
    static let restore = reprogram("KdRestore", ["SleepTransition"])

    private static func status(_ name: String, _ parameters: [String]) -> Routine {
        Routine(name, parameters, module: .kdcom) { f in f.return(Status.success) }
    }

    /// A port that was without power has forgotten what it was programmed with.
    private static func reprogram(_ name: String, _ parameters: [String]) -> Routine {
        Routine(name, parameters, module: .kdcom) { f in
            f.if(port.Address != 0) { f.call(Kd.programPort, port.Address, port.BaudRate) }
            f.return(Status.success)
        }
    }
}
