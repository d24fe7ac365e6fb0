// SPDX-License-Identifier: GPL-3.0-or-later

import CReadline
import Glibc

/// Earlier lines of earlier sessions: `$XDG_STATE_HOME/kdbg/history`. A line is written when it is entered, so no way of dying loses any.
package struct History {
    /// More lines than this are forgotten when the file is opened.
    package static let keptLines: Int32 = 1000

    private let path: String?

    /// Loads the history into readline. `complaint` is called, once, when lines cannot be kept; everything works without.
    package init(complaint: (String) -> Void) {
        stifle_history(Self.keptLines)
        guard let directory = Self.directory else {
            path = nil
            complaint("history is not kept: neither XDG_STATE_HOME nor HOME names a directory")
            return
        }
        let file = directory + "/history"
        // Opened once for writing to learn whether that works, and to make the file with its owner's rights only.
        guard Self.makeDirectories(directory), case let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600),
            descriptor >= 0
        else {
            path = nil
            complaint("history is not kept: \(file): \(String(cString: strerror(errno)))")
            return
        }
        close(descriptor)
        read_history(file)
        history_truncate_file(file, Self.keptLines)
        path = file
    }

    /// Remembers a line, unless it is empty or the last one again.
    package func add(_ line: String) {
        guard !line.isEmpty, kdbg_rl_last_history_line().map({ String(cString: $0) }) != line else { return }
        add_history(line)
        if let path { append_history(1, path) }
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
