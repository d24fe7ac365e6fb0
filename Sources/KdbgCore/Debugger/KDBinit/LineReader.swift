// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads lines of a zero-terminated text in guest memory (spec/kdbg.md section 6.5): they end at CR, LF or any mix, and runs of ends count as one.
struct LineReader {
    private let target: any Target
    /// Virtual address of the text.
    private let text: UInt32
    /// Offset of the next byte to read.
    private(set) var position: UInt32
    /// Line ends in front of and behind the line read last, a CR LF pair being one.
    private(set) var blankLinesSkipped = 0
    private(set) var lineEndsSkipped = 0
    /// Bytes read ahead, and where they begin.
    private var window: (start: UInt32, bytes: [UInt8]) = (0, [])

    init(target: any Target, text: UInt32, position: UInt32) {
        self.target = target
        self.text = text
        self.position = position
    }

    /// The next line that is not empty, without its end; nil at the end of the text, which unreadable memory is too.
    mutating func next() -> [UInt8]? {
        blankLinesSkipped = skipLineEnds()
        var line: [UInt8] = []
        while let byte = peek(), byte != 0, !Self.isLineEnd(byte) {
            line.append(byte)
            position &+= 1
        }
        guard !line.isEmpty else { return nil }
        lineEndsSkipped = skipLineEnds()
        return line
    }

    /// How many lines end in the text before an offset.
    mutating func lineEnds(before end: UInt32) -> Int {
        let saved = position
        defer { position = saved }
        position = 0
        var count = 0
        while position < end, let byte = peek(), byte != 0 {
            if Self.isLineEnd(byte) { count += skipLineEnds(before: end) } else { position &+= 1 }
        }
        return count
    }

    private mutating func skipLineEnds(before end: UInt32 = .max) -> Int {
        var count = 0
        var previous: UInt8 = 0
        while position < end, let byte = peek(), Self.isLineEnd(byte) {
            let isPair = byte == UInt8(ascii: "\n") && previous == UInt8(ascii: "\r")
            count += isPair ? 0 : 1
            previous = byte
            position &+= 1
        }
        return count
    }

    private mutating func peek() -> UInt8? {
        let offset = Int(position) - Int(window.start)
        if window.bytes.indices.contains(offset) { return window.bytes[offset] }
        let address = text &+ position
        // Up to the page's end: what is behind may not be mapped.
        let count = Int(0x1000 - address & 0xFFF)
        guard let bytes = target.readBytes(address, count: count) else { return nil }
        window = (position, bytes)
        return bytes[0]
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
    }
}
