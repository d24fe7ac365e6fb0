// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgTUI
import SystemPackage

/// Standard output: a terminal gets nothing it could obey, a pipe or file gets every byte as it is.
///
/// Nothing is buffered here, so nothing is lost when the process ends; and a signal is seen even while a slow reader holds a write up.
struct StandardOutput {
    /// Whether a person looks at it.
    let isTerminal = isatty(STDOUT_FILENO) != 0
    private let signals: Signals
    private let hasStyles: Bool
    /// The beginning of a character whose rest has not come yet.
    private var incomplete: [UInt8] = []

    init(signals: Signals) {
        self.signals = signals
        hasStyles = terminalIsCapable()
    }

    /// Writes what the guest sent on its serial line.
    mutating func write(serial bytes: [UInt8]) throws(Abort) {
        guard isTerminal else { return try write(bytes) }
        let text = incomplete + bytes
        let whole = text.count - Self.incompleteTail(of: text)
        incomplete = Array(text[whole...])
        try write(Array(Self.harmless(String(decoding: text[..<whole], as: UTF8.self), styles: .shown).utf8))
    }

    /// Writes text of the debugger's, in which `ESC[7m`, `ESC[1m` and `ESC[0m` are meant.
    func write(_ text: String) throws(Abort) {
        try write(Array((isTerminal ? Self.harmless(text, styles: hasStyles ? .kept : .dropped) : text).utf8))
    }

    private func write(_ bytes: [UInt8]) throws(Abort) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // A pipe that can be written at all takes PIPE_BUF bytes without blocking.
            if case .signal(let number) = signals.wait(for: STDOUT_FILENO, toWrite: true) { throw .signal(number) }
            do {
                let count = try rest.prefix(4096).withUnsafeBytes { bytes in try FileDescriptor.standardOutput.write(bytes) }
                rest = rest.dropFirst(count)
            } catch Errno.interrupted, Errno.resourceTemporarilyUnavailable {
                continue
            } catch Errno.brokenPipe {
                throw .outputClosed
            } catch {
                throw .failed(name: "standard output", error as! Errno, status: ExitStatus.outputFailed)
            }
        }
    }

    /// How many bytes at the end are a UTF-8 sequence that lacks some.
    private static func incompleteTail(of bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            switch bytes[bytes.count - length] {
            case 0x80..<0xC0: continue
            case 0xC0..<0xE0: return length < 2 ? length : 0
            case 0xE0..<0xF0: return length < 3 ? length : 0
            case 0xF0...: return length
            default: return 0
            }
        }
        return 0
    }

    /// What becomes of the three escape sequences KDBG uses.
    private enum Styles {
        case kept, dropped, shown
    }

    private static func harmless(_ text: String, styles: Styles) -> String {
        var result = ""
        var rest = text[...]
        while let character = rest.first {
            if styles != .shown, character == "\u{1B}", ["[7m", "[1m", "[0m"].contains(rest.dropFirst().prefix(3)) {
                if styles == .kept { result += rest.prefix(4) }
                rest = rest.dropFirst(4)
                continue
            }
            result += ["\n", "\r", "\r\n", "\t"].contains(character) ? String(character) : visible(String(character))
            rest = rest.dropFirst()
        }
        return result
    }
}

/// Whether TERM names a terminal that can do more than a typewriter.
func terminalIsCapable() -> Bool {
    guard let name = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return !name.isEmpty && name != "dumb"
}
