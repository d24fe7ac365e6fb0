// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Collects what KD logs, by watching the entry of `KdLogDbgPrint(STRING*)`.
package final class LogObserver {
    private let machine: Machine
    private let entry: UInt32?
    private var complete: [LogLine] = []
    private var partial: [UInt8] = []
    private var partialMark = Mark(instruction: 0)

    package init(_ guest: Guest) {
        machine = guest.machine
        entry = guest.symbols.symbol(named: "KdLogDbgPrint")?.address
        if let entry { machine.insertCodeStop(at: entry) }
    }

    package func observes(_ address: UInt32) -> Bool {
        address == entry
    }

    /// Reads the text the routine is about to log.
    package func arrived() {
        guard let string = machine.read32(linear: machine.registers.esp &+ 4), let length = machine.read16(linear: string),
            let buffer = machine.read32(linear: string &+ 4), let bytes = machine.readBytes(linear: buffer, count: Int(length))
        else { return }
        append(bytes, at: Mark(instruction: machine.instructionCount))
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
