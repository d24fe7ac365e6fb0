// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import SystemPackage

/// What the process says to whoever started it; the numbers above 63 are those of sysexits.h.
enum ExitStatus {
    static let success: Int32 = 0
    /// A line of the script, or a command from standard input, was not accepted.
    static let scriptFailed: Int32 = 1
    static let bugcheck: Int32 = 3
    static let usage: Int32 = 64
    static let noInput: Int32 = 66
    static let outputFailed: Int32 = 74
    /// Somebody else uses the disk; later it may go.
    static let inUse: Int32 = 75
    /// What `kdbg bare` says of the end of a machine: a debug exit decides itself.
    static func bare(_ ending: Ending) -> Int32 {
        switch ending {
        case .debugExit(let value): Int32(truncatingIfNeeded: (value << 1 | 1) & 0xFF)
        case .halted: success
        case .shutdown: 4
        case .instructionLimit: 5
        case .asleep: 6
        }
    }

    /// As a shell shows a process that died of a signal.
    static func signal(_ number: Int32) -> Int32 { 128 + number }
}

/// Why kdbg stops at once, before the machine did.
enum Abort: Error {
    /// SIGINT, SIGTERM or SIGHUP.
    case signal(Int32)
    /// Nobody reads standard output any more.
    case outputClosed
    /// A named file or standard output failed.
    case failed(name: String, Errno, status: Int32)
    /// A named input is not what it should be.
    case refused(name: String, reason: String, status: Int32)

    /// Says why, where there is something to say, and gives the exit status.
    func report() -> Int32 {
        switch self {
        case .signal(let number): return ExitStatus.signal(number)
        case .outputClosed: return ExitStatus.signal(SIGPIPE)
        case .failed(let name, let error, let status):
            complain("\(name): \(error)")
            return status
        case .refused(let name, let reason, let status):
            complain("\(name): \(reason)")
            return status
        }
    }
}

/// A message on standard error, with the program's name before it.
func complain(_ message: String) {
    sayOnStandardError("kdbg: \(message)")
}

/// A line on standard error, without control characters, whatever names it repeats. When even that fails there is nobody left to tell.
func sayOnStandardError(_ line: String) {
    _ = try? FileDescriptor.standardError.writeAll((line.harmless(keepingLines: true) + "\n").utf8)
}
