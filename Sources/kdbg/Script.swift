// SPDX-License-Identifier: GPL-3.0-or-later

/// The KDBinit file of batch mode.
struct Script {
    /// How messages call it.
    let name: String
    let bytes: [UInt8]

    /// Reads the file; `-` is standard input.
    init(_ name: String) throws(Abort) {
        self.name = InputFile.displayName(name)
        bytes = try InputFile.read(name)
    }

    /// Its lines, which may end in CR LF.
    var lines: [String] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
        }
    }

    /// Why KDBG will not read all of it, with the place; nil when it will.
    var cutOff: String? {
        guard let end = bytes.firstIndex(of: 0), bytes[end...].contains(where: { $0 > 0x20 }) else { return nil }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return "\(name):1: the file is UTF-16, and KDBG reads ASCII and UTF-8"
        }
        return "\(name):\(line(at: end)): there is a NUL byte, at which KDBG stops reading"
    }

    /// The number of the line that holds a byte, from 1. Lines end at CR, LF or both.
    private func line(at position: Int) -> Int {
        var line = 1
        for index in 0..<position {
            let isEnd = bytes[index] == 0x0A || bytes[index] == 0x0D && bytes[index + 1] != 0x0A
            if isEnd { line += 1 }
        }
        return line
    }
}
