// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import SystemPackage

/// The files that the debugger's `source` and `log` name. It belongs to the front end; the session only borrows it.
final class DebuggerFiles: HostFiles {
    private var logFile: FileDescriptor?

    func read(_ name: String) throws(HostFileError) -> [UInt8] {
        guard name != "-" else { throw HostFileError("Standard input is where the commands come from") }
        do throws(Abort) {
            return try InputFile.read(name)
        } catch {
            switch error {
            case .failed(_, let errno, _): throw HostFileError("\(errno)")
            case .refused(_, let reason, _): throw HostFileError(reason)
            default: throw HostFileError("It cannot be read")
            }
        }
    }

    func openLog(_ name: String) throws(HostFileError) {
        do {
            let file = try FileDescriptor.open(
                FilePath(name), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try? logFile?.close()
            logFile = file
        } catch {
            throw HostFileError("\(error)")
        }
    }

    func writeLog(_ text: String) throws(HostFileError) {
        do {
            try logFile?.writeAll(text.utf8)
        } catch {
            throw HostFileError("\(error)")
        }
    }

    func closeLog() throws(HostFileError) {
        guard let file = logFile else { return }
        logFile = nil
        do {
            try file.close()
        } catch {
            throw HostFileError("\(error)")
        }
    }

    /// Closes the log when kdbg ends.
    func finish() {
        do throws(HostFileError) {
            try closeLog()
        } catch {
            complain("the log of the session: \(error.reason)")
        }
    }
}
