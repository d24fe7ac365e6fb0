// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// The file that keeps command lines from session to session, one a line, oldest first. Any number of kdbg may use it at once.
///
/// Each use opens the file anew and locks it (flock): a line is appended by one write, and the file is shortened by writing a second one and
/// renaming it over the first. So nobody's lines are lost, and being killed leaves at worst half a line of one's own, which the next writer ends.
package struct HistoryFile: Sendable {
    /// A line longer than this, in bytes, is not kept.
    static let longestLine = 65_536
    /// How long to wait for somebody's lock, in milliseconds; a stopped process must not stop others.
    private static let patience = 1000

    private let path: String

    /// Makes the file, for its owner only, when there is none.
    /// - Throws: the error number of what cannot be done.
    package init(_ path: String) throws(HistoryFileError) {
        self.path = path
        guard let descriptor = locked() else { throw HistoryFileError(number: errno) }
        close(descriptor)
    }

    /// The last `limit` lines, each once, where it was last used. A file of more than twice as many is shortened to these.
    package func load(limit: Int) -> [String] {
        guard let descriptor = locked() else { return [] }
        defer { close(descriptor) }
        let pieces = Self.contents(of: descriptor).split(separator: 0x0A)
        var seen: Set<String> = []
        var lines: [String] = []
        for piece in pieces.reversed() where lines.count < limit {
            let line = String(decoding: piece, as: UTF8.self)
            if Self.isKept(line), seen.insert(line).inserted { lines.append(line) }
        }
        lines.reverse()
        if pieces.count > 2 * limit { replace(with: lines) }
        return lines
    }

    /// Adds a line.
    package func append(_ line: String) {
        guard Self.isKept(line), let descriptor = locked() else { return }
        defer { close(descriptor) }
        var last: UInt8 = 0x0A
        let size = lseek(descriptor, 0, SEEK_END)
        if size > 0 { pread(descriptor, &last, 1, size - 1) }
        // Somebody was killed in the middle of a line: it must not swallow the beginning of this one.
        let bytes = (last == 0x0A ? [] : [0x0A]) + Array(line.utf8) + [0x0A]
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Blank lines are not kept, and none that holds what a terminal could obey.
    package static func isKept(_ line: String) -> Bool {
        line.utf8.count <= longestLine && line.contains { !$0.isWhitespace }
            && !line.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\t" }
    }

    // MARK: Files

    /// The file, open for reading and appending, and locked; nil, with `errno`, when it cannot be opened.
    private func locked() -> Int32? {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return nil }
            // File systems without locks are used without.
            for _ in 0..<Self.patience where flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                guard errno == EWOULDBLOCK || errno == EINTR else { break }
                usleep(1000)
            }
            // While we waited, the file may have been replaced by a shorter one.
            var opened = stat()
            var named = stat()
            if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino, opened.st_dev == named.st_dev {
                return descriptor
            }
            close(descriptor)
        }
    }

    /// Puts a new file in the place of the old one, or leaves everything as it is. The lock must be held.
    private func replace(with lines: [String]) {
        guard let real = realpath(path, nil) else { return }
        defer { free(real) }
        let target = String(cString: real)
        let temporary = "\(target).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let bytes = Array(lines.joined(separator: "\n").utf8) + [0x0A]
        let isWritten = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        if !isWritten || rename(temporary, target) != 0 { unlink(temporary) }
    }

    private static func contents(of descriptor: Int32) -> [UInt8] {
        let size = max(0, lseek(descriptor, 0, SEEK_END))
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            while count < buffer.count {
                let more = pread(descriptor, buffer.baseAddress! + count, buffer.count - count, off_t(count))
                if more <= 0 { break }
                count += more
            }
        }
    }
}

/// Why there is no history file.
package struct HistoryFileError: Error {
    package var number: Int32
}
