// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Collects what KD logs, by watching the entries of `KdLogDbgPrint(STRING*)`, through which every print of the kernel's goes, and of
/// `KdbpPrint(Text*, Length)`, through which KDBG's own go.
package final class LogObserver {
    private let machine: Machine
    private let kernelPrint: UInt32?
    private let debuggerPrint: UInt32?
    private var complete: [LogLine] = []
    private var partial: [UInt8] = []
    private var partialMark = Mark(instruction: 0)

    package init(_ guest: Guest) {
        machine = guest.machine
        kernelPrint = guest.kernelSymbol("KdLogDbgPrint")?.address
        debuggerPrint = guest.kernelSymbol("KdbpPrint")?.address
        for address in [kernelPrint, debuggerPrint] { address.map { machine.insertCodeStop(at: $0) } }
    }

    package func observes(_ address: UInt32) -> Bool {
        address == kernelPrint || address == debuggerPrint
    }

    /// Reads the text that the routine at the address is about to log.
    package func arrived(at address: UInt32) {
        guard let text = address == debuggerPrint ? debuggerText() : kernelText(),
            let bytes = machine.readBytes(linear: text.address, count: Int(text.length))
        else { return }
        append(bytes, at: Mark(instruction: machine.instructionCount))
    }

    private func kernelText() -> (address: UInt32, length: UInt32)? {
        guard let string = argument(0), let length = machine.read16(linear: string), let buffer = machine.read32(linear: string &+ 4) else {
            return nil
        }
        return (buffer, UInt32(length))
    }

    /// The length is the guest's claim; no output of a command is longer than the bound.
    private func debuggerText() -> (address: UInt32, length: UInt32)? {
        guard let text = argument(0), let length = argument(1) else { return nil }
        return (text, min(length, 0x10_0000))
    }

    private func argument(_ index: UInt32) -> UInt32? {
        machine.read32(linear: machine.registers.esp &+ 4 &+ 4 * index)
    }

    /// Every line so far; the last one may still grow.
    package var lines: [LogLine] {
        partial.isEmpty ? complete : complete + [LogLine(mark: partialMark, text: Self.text(partial))]
    }

    private func append(_ bytes: [UInt8], at mark: Mark) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                complete.append(LogLine(mark: partial.isEmpty ? mark : partialMark, text: Self.text(partial)))
                partial = []
            } else {
                if partial.isEmpty { partialMark = mark }
                partial.append(byte)
            }
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }
}
