// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore

/// One key from the terminal at standard input, without Enter and without echo: what a page prompt waits for.
package enum SingleKey {
    /// What came instead of a key, or the key.
    package enum Event: Equatable, Sendable {
        case key(Pager.Key)
        case signal(Int32)
        /// The terminal is gone, or standard input has ended.
        case hungUp
    }

    /// Milliseconds in which the rest of a key's sequence follows its ESC.
    private static let sequenceTime: Int32 = 50

    /// Waits for a key. The terminal is as before when this returns; what was typed behind the key stays to be read.
    package static func read(_ signals: Signals) -> Event {
        var old = termios()
        guard tcgetattr(STDIN_FILENO, &old) == 0 else { return .hungUp }
        var new = old
        // Signals still come, and a signal ends the wait.
        new.c_lflag &= ~tcflag_t(ICANON | ECHO)
        new.c_iflag &= ~tcflag_t(ICRNL)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &new)
        defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &old) }
        while true {
            switch signals.wait(for: STDIN_FILENO) {
            case .ready: return nextByte().map { key($0, signals) } ?? .hungUp
            case .hungUp: return .hungUp
            case .signal(let number): return .signal(number)
            case .nothing: continue
            }
        }
    }

    private static func key(_ first: UInt8, _ signals: Signals) -> Event {
        guard first == 0x1B else { return .key(.character(Character(Unicode.Scalar(first)))) }
        var sequence: [UInt8] = []
        // The rest is there at once or never: ESC alone is a key too.
        while sequence.count < 8, signals.wait(for: STDIN_FILENO, milliseconds: sequenceTime) == .ready, let byte = nextByte() {
            sequence.append(byte)
            if sequence.count > 1, 0x40...0x7E ~= byte { break }
        }
        return .key(key(sequence))
    }

    /// The key of a sequence without its ESC (ECMA-48 and what xterm made of it).
    static func key(_ sequence: [UInt8]) -> Pager.Key {
        switch String(decoding: sequence, as: UTF8.self) {
        case "[H", "OH", "[1~", "[7~": .home
        case "[F", "OF", "[4~", "[8~": .end
        case "[A", "OA": .up
        case "[5~": .pageUp
        default: .character("\u{1B}")
        }
    }

    private static func nextByte() -> UInt8? {
        var byte: UInt8 = 0
        return Glibc.read(STDIN_FILENO, &byte, 1) == 1 ? byte : nil
    }
}

/// Rows and columns of the terminal at standard output; nil when it is none or does not say.
package func terminalSize() -> (rows: Int, columns: Int)? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return nil }
    return (Int(size.ws_row), Int(size.ws_col))
}
