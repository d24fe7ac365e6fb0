// SPDX-License-Identifier: GPL-3.0-or-later

import CReadline
import Glibc

/// The lines typed before, in readline and in `$XDG_STATE_HOME/kdbg/history`. A line typed again moves to the end. It is written when it is entered, so
/// no way of dying loses any.
package struct History {
    /// More lines than this are forgotten.
    package static let keptLines: Int32 = 1000

    private let file: HistoryFile?

    /// Loads the history into readline. `complaint` is called, once, when lines cannot be kept; everything works without.
    package init(complaint: (String) -> Void) {
        stifle_history(Self.keptLines)
        guard let directory = Self.directory else {
            file = nil
            complaint("history is not kept: neither XDG_STATE_HOME nor HOME names a directory")
            return
        }
        let path = directory + "/history"
        do throws(HistoryFileError) {
            guard Self.makeDirectories(directory) else { throw HistoryFileError(number: errno) }
            file = try HistoryFile(path)
        } catch {
            file = nil
            complaint("history is not kept: \(path): \(String(cString: strerror(error.number)))")
            return
        }
        for line in file?.load(limit: Int(Self.keptLines)) ?? [] { add_history(line) }
    }

    /// Remembers a line, unless it is blank.
    package func add(_ typed: String) {
        // A completed word has a blank behind it, which makes it no other line.
        let line = String(typed.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        guard HistoryFile.isKept(line) else { return }
        let isRepeated = kdbg_rl_last_history_line().map { String(cString: $0) } == line
        kdbg_rl_forget(line)
        add_history(line)
        if !isRepeated { file?.append(line) }
    }

    /// The last `count` lines, each with the number that `!N` takes, as `history` lists them.
    package static func list(last count: Int) -> [String] {
        let length = Int(kdbg_rl_history_length())
        let base = Int(kdbg_rl_history_base())
        return (max(0, length - count)..<length).compactMap { index in
            guard let line = kdbg_rl_history_line(Int32(base + index)) else { return nil }
            let number = String(base + index)
            return String(repeating: " ", count: max(0, 5 - number.count)) + number + "  " + String(cString: line)
        }
    }

    /// XDG Base Directory Specification: a relative path in the variable is to be ignored.
    private static var directory: String? {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/kdbg" }
        return environment("HOME").map { $0 + "/.local/state/kdbg" }
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func makeDirectories(_ path: String) -> Bool {
        var built = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            built += "/" + part
            if mkdir(built, 0o700) != 0, errno != EEXIST { return false }
        }
        return true
    }
}
