// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore

/// The outside ends of a bare machine: its serial line, its debug console, its POST codes, and how it ends.
final class BareConsole {
    /// Bytes that wait at COM1 at most.
    private static let mostWaiting = 4096

    let serial: SerialLine
    private let isVerbose: Bool

    /// - Parameter isVerbose: POST codes and the end are told on standard error.
    init(serial: SerialLine, isVerbose: Bool) {
        self.serial = serial
        self.isVerbose = isVerbose
    }

    /// Brings what the guest has said to where it belongs.
    func show(_ session: Session, on output: inout StandardOutput) throws(Abort) {
        for run in session.drainOutput() {
            if run.isConsole || serial.isShared { try output.write(serial: run.bytes) } else { try serial.write(run.bytes) }
        }
        let codes = session.drainPostCodes()
        if isVerbose { for code in codes { sayOnStandardError("POST \(code.hex(2))") } }
    }

    /// Hands what has come in to COM1. A guest that does not read holds the sender up.
    /// - Parameter waits: until there is something.
    func takeInput(for session: Session, waits: Bool = false) throws(Abort) {
        guard serial.isOpen else { return }
        let bytes = try serial.read(most: Self.mostWaiting - session.serialBytesWaiting, waits: waits)
        if !bytes.isEmpty { session.receive(serial: bytes) }
    }

    /// Says how the machine has ended, or where it stands.
    func explainEnd(of session: Session) {
        guard isVerbose else { return }
        if case .dead(let ending) = session.stop { complain("the machine has stopped: \(ending.reason)") }
        sayOnStandardError(String(session.finalState.dropLast()))
    }
}
