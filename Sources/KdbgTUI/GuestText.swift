// SPDX-License-Identifier: GPL-3.0-or-later

/// What a program on the bare machine has sent by COM1 and port E9h, as lines.
package struct GuestText: Equatable, Sendable {
    /// Older lines are forgotten.
    private static let keptLines = 10_000
    /// A line this long is cut in two.
    private static let longestLine = 4096

    /// Complete lines, and the one that may still grow, without line ends; control characters are still in them.
    package private(set) var lines: [String] = []
    private var partial: [UInt8] = []
    private var hasPartial = false

    package init() {
    }

    /// Adds bytes as they were sent.
    package mutating func append(_ bytes: [UInt8]) {
        if hasPartial { lines.removeLast() }
        for byte in bytes {
            if byte == 0x0A || partial.count >= Self.longestLine { finishLine() }
            if byte != 0x0A { partial.append(byte) }
        }
        hasPartial = !partial.isEmpty
        if hasPartial { lines.append(text) }
        // Dropping a tenth at once keeps the cost of a line constant.
        if lines.count > Self.keptLines + Self.keptLines / 10 { lines.removeFirst(lines.count - Self.keptLines) }
    }

    private var text: String { String(decoding: partial.last == 0x0D ? partial.dropLast() : partial[...], as: UTF8.self) }

    private mutating func finishLine() {
        lines.append(text)
        partial = []
    }
}
