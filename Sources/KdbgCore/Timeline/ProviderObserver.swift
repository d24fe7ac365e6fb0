// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Notes what guest memory does not keep about the KD providers: the last BootPhase each was called with, and how many bytes each was handed.
package final class ProviderObserver {
    /// The providers in the order of the kernel's `DispatchTable`, with the guest routines that make them up (spec/boot.md section 2.1).
    package static let routines: [(name: String, initialize: String, print: String)] = [
        ("Screen", "KdpScreenInit", "KdpScreenPrint"),
        ("Serial", "KdpSerialInit", "KdpSerialPrint"),
        ("File", "KdpDebugLogInit", "KdpDebugLogPrint"),
        ("KDBG", "KdbInitialize", "KdbDebugPrint"),
    ]

    /// What is known about one provider.
    package struct Record: Equatable, Sendable {
        /// The last BootPhase; nil before the first call.
        package var phase: UInt32?
        package var bytesPrinted: UInt64 = 0
    }

    private enum Event {
        case initialize(Int)
        case print(Int)
    }

    private let machine: Machine
    /// Address of the STRING with the log file's path, and the path as it was when a provider was called last: it lies in the option buffer, which is
    /// given back with the loader block.
    private let logName: UInt32?
    package private(set) var logPath: [UInt8]?
    private var events: [UInt32: Event] = [:]
    /// By index in `DispatchTable`.
    package private(set) var records = Array(repeating: Record(), count: 4)

    package init(_ guest: Guest) {
        machine = guest.machine
        logName = guest.kernelSymbol("KdpLogFileName")?.address
        for (index, routine) in Self.routines.enumerated() {
            if let symbol = guest.kernelSymbol(routine.initialize) { events[symbol.address] = .initialize(index) }
            if let symbol = guest.kernelSymbol(routine.print) { events[symbol.address] = .print(index) }
        }
        for address in events.keys.sorted() { machine.insertCodeStop(at: address) }
    }

    private func readLogPath() {
        guard let logName, let length = machine.read16(linear: logName), let buffer = machine.read32(linear: logName &+ 4),
            let path = machine.readBytes(linear: buffer, count: Int(length))
        else { return }
        logPath = path
    }

    package func observes(_ address: UInt32) -> Bool {
        events[address] != nil
    }

    /// Reads the second argument of the routine that begins there: the BootPhase, or the number of bytes.
    package func arrived(at address: UInt32) {
        guard let event = events[address], let argument = machine.read32(linear: machine.registers.esp &+ 8) else { return }
        switch event {
        case .initialize(let index):
            records[index].phase = argument
            readLogPath()
        case .print(let index): records[index].bytesPrinted += UInt64(argument)
        }
    }
}
