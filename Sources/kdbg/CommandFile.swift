// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

/// A file of `--commands`: lines that are executed as if typed, before anything is read from the terminal or standard input.
struct CommandFile {
    /// A line and where it comes from.
    struct Line {
        var place: String
        var text: String
    }

    /// The lines that are neither blank nor comments.
    let lines: [Line]

    /// Reads the file; `-` is standard input.
    init(_ name: String) throws(Abort) {
        let shown = InputFile.displayName(name)
        let text = ScriptText(try InputFile.read(name))
        if text.isUTF16 {
            throw .refused(name: shown, reason: "the file is UTF-16; ASCII and UTF-8 are understood", status: ExitStatus.noInput)
        }
        lines = text.lines.filter(\.isCommand).map { Line(place: "\(shown):\($0.number)", text: String(decoding: $0.bytes, as: UTF8.self)) }
    }
}

/// Whether a line is a comment: its first character is `#`, as in KDBinit (spec/kdbg.md section 6.5).
func isComment(_ line: String) -> Bool {
    line.first { !$0.isWhitespace } == "#"
}
