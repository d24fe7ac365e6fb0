// SPDX-License-Identifier: GPL-3.0-or-later

/// What a command has to say: it appends here and never prints. Dumps of a megabyte make it large, so it is bytes until somebody wants a text.
package struct CommandOutput: Sendable {
    private var bytes: [UInt8] = []
    /// Set when some part of the command was not accepted; the dispatcher sets it for thrown errors.
    package private(set) var failed = false
    /// The first line about something that was not accepted, with its end; nil when there is none.
    package private(set) var reason: String?

    package init() {}

    /// Everything so far.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Appends text as it is.
    package mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends a line.
    package mutating func line(_ text: String = "") {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0x0A)
    }

    /// Appends a line about something that was not accepted, for commands that go on after an error.
    package mutating func failure(_ text: String) {
        line(text)
        failed = true
        if reason == nil { reason = text + "\n" }
    }

    /// Marks the command as not accepted without a word more.
    package mutating func fail() {
        failed = true
    }
}

// MARK: Pieces of dumps, without a String for each

extension CommandOutput {
    private static let lower: StaticString = "0123456789abcdef"
    private static let upper: StaticString = "0123456789ABCDEF"

    /// Appends one ASCII character.
    mutating func write(byte: UInt8) { bytes.append(byte) }

    /// Appends UTF-8.
    mutating func write(bytes more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Appends blanks.
    mutating func blanks(_ count: Int) {
        for _ in 0..<count { bytes.append(0x20) }
    }

    /// Appends lower-case hex digits, zero padded to `digits` or as many as it takes (`%0<digits>x`).
    mutating func hex(_ value: UInt64, digits: Int = 1) {
        hex(value, digits, Self.lower)
    }

    /// Appends the kernel's `%p`: eight upper-case digits.
    mutating func pointer(_ value: UInt32) {
        hex(UInt64(value), 8, Self.upper)
    }

    private mutating func hex(_ value: UInt64, _ digits: Int, _ alphabet: StaticString) {
        let needed = max((64 - value.leadingZeroBitCount + 3) / 4, 1)
        var shift = UInt64(4 * max(needed, digits))
        while shift > 0 {
            shift -= 4
            bytes.append(shift > 60 ? UInt8(ascii: "0") : alphabet.utf8Start[Int(value >> shift & 0xF)])
        }
    }
}
