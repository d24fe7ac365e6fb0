// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgTUI
import SystemPackage

/// What is at the other end of a bare machine's COM1 (`--serial`).
final class SerialLine {
    /// Where its output goes; nil for standard output, where the debug console is too.
    private let file: (name: String, descriptor: FileDescriptor)?
    /// Whether standard input comes in by it.
    let takesInput: Bool
    private var isAtEnd = false
    private let signals: Signals
    private var terminal: TerminalMode?

    /// `stdio`, the name of a file to write, or nil for output to standard output alone.
    init(_ option: String?, signals: Signals) throws(Abort) {
        self.signals = signals
        takesInput = option == "stdio"
        guard let option, !takesInput else {
            file = nil
            if takesInput, isatty(STDIN_FILENO) != 0 { terminal = TerminalMode() }
            return
        }
        do {
            let descriptor = try FileDescriptor.open(
                FilePath(option), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            file = (option, descriptor)
        } catch {
            throw .failed(name: option, error as! Errno, status: ExitStatus.outputFailed)
        }
    }

    /// Whether output goes to standard output.
    var isShared: Bool { file == nil }

    /// Whether a screen can be in front of the machine: what is typed there goes to the prompt.
    var canShareScreen: Bool { !takesInput }

    /// Whether more may come in.
    var isOpen: Bool { takesInput && !isAtEnd }

    /// Writes to the file.
    func write(_ bytes: [UInt8]) throws(Abort) {
        guard let file else { return }
        do {
            try file.descriptor.writeAll(bytes)
        } catch {
            throw .failed(name: file.name, error as! Errno, status: ExitStatus.outputFailed)
        }
    }

    /// Lets a terminal hand over each key as it is typed, but for Ctrl-C; `endInput` puts it back.
    func beginInput() { terminal?.enter() }
    func endInput() { terminal?.leave() }

    /// What has come in.
    /// - Parameters:
    ///   - most: bytes to take.
    ///   - waits: until there is something, a signal, or nothing will come any more.
    func read(most: Int, waits: Bool) throws(Abort) -> [UInt8] {
        guard isOpen, most > 0 else { return [] }
        switch signals.wait(for: STDIN_FILENO, milliseconds: waits ? -1 : 0) {
        case .nothing: return []
        case .signal(let number): throw .signal(number)
        case .ready, .hungUp: break
        }
        do {
            let bytes = try [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
                count = try FileDescriptor.standardInput.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            isAtEnd = bytes.isEmpty
            return bytes
        } catch Errno.interrupted, Errno.resourceTemporarilyUnavailable {
            return []
        } catch Errno.ioError where terminal != nil {
            throw .signal(SIGHUP)
        } catch {
            throw .failed(name: "standard input", error as! Errno, status: ExitStatus.noInput)
        }
    }
}

/// The terminal's line discipline, which a program that types into a machine must do without.
struct TerminalMode {
    private var usual = termios()

    init() { tcgetattr(STDIN_FILENO, &usual) }

    /// No echo, no lines; Enter is CR; signals stay.
    func enter() {
        var raw = usual
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        raw.c_iflag &= ~tcflag_t(ICRNL)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
    }

    func leave() {
        var usual = usual
        tcsetattr(STDIN_FILENO, TCSADRAIN, &usual)
    }
}
