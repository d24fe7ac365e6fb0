// SPDX-License-Identifier: GPL-3.0-or-later

/// A KDBinit or command file cut into lines the way KDBG reads it (spec/kdbg.md section 6.5), with what stands in its way at the beginning and at the end.
package struct ScriptText {
    package struct Line: Equatable {
        /// From 1.
        package var number: Int
        /// Without line end; never empty.
        package var bytes: ArraySlice<UInt8>

        /// Whether it is neither blank nor a comment (section 6.5).
        package var isCommand: Bool {
            let text = bytes.drop { $0 == 0x20 || (9...13).contains($0) }
            return text.first.map { $0 != UInt8(ascii: "#") } ?? false
        }
    }

    package private(set) var lines: [Line] = []
    /// The line and the bytes in front of it on that line of a NUL that hides something.
    private(set) var nul: (line: Int, offset: Int)?
    package let isUTF16: Bool
    /// Whether the file begins with UTF-8's byte order mark, which is not part of `lines`.
    let hasByteOrderMark: Bool

    package init(_ bytes: [UInt8]) {
        isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        hasByteOrderMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        var number = 1
        var start = hasByteOrderMark ? 3 : 0
        var index = start
        while true {
            let byte = index < bytes.count ? bytes[index] : 0
            guard byte == 0 || byte == 0x0A || byte == 0x0D else {
                index += 1
                continue
            }
            if index > start { lines.append(Line(number: number, bytes: bytes[start..<index])) }
            guard byte != 0 else { break }
            index += byte == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A ? 2 : 1
            start = index
            number += 1
        }
        if index < bytes.count, bytes[index...].contains(where: { $0 > 0x20 }) { nul = (number, index - start) }
    }
}
