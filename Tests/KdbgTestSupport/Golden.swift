// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage
import Testing

/// Expects `text` to be what the golden file at `path` (relative to Tests/) holds.
///
/// With `KDBG_RECORD=1` in the environment the file is rewritten instead, and the test fails: a run that records proves nothing.
package func expectGolden(
    _ text: String, at path: String, recording: Bool = Golden.isRecording, sourceLocation: SourceLocation = #_sourceLocation
) {
    if let complaint = Golden.check(text, at: path, recording: recording) {
        Issue.record(Comment(rawValue: complaint), sourceLocation: sourceLocation)
    }
}

/// Files that hold what a test expects to see.
package enum Golden {
    /// The directory Tests/ of this checkout.
    package static let directory: FilePath = FilePath(#filePath).removingLastComponent().removingLastComponent()

    /// Whether this run rewrites the files.
    package static let isRecording = getenv("KDBG_RECORD").map { String(cString: $0) == "1" } ?? false

    /// Nil when `text` is what the file holds, else a complaint that says where they part and what to do. Rewrites the file when recording.
    package static func check(_ text: String, at path: String, recording: Bool) -> String? {
        let file = directory.appending(path)
        if recording {
            do {
                try write(text, to: file)
            } catch {
                return "Tests/\(path) cannot be written: \(error)"
            }
            return "Tests/\(path) was recorded. Look at the difference, then run again without KDBG_RECORD."
        }
        guard let expected = try? read(file) else {
            return "Tests/\(path) cannot be read. To make it: KDBG_RECORD=1 swift test"
        }
        return difference(expected: expected, actual: text).map {
            "\($0)\nThis is not Tests/\(path). If it should be: KDBG_RECORD=1 swift test"
        }
    }

    /// The first line in which two texts differ, and its neighbourhood; nil when they are equal.
    package static func difference(expected: String, actual: String) -> String? {
        guard expected != actual else { return nil }
        let expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let actualLines = actual.split(separator: "\n", omittingEmptySubsequences: false)
        let count = max(expectedLines.count, actualLines.count)
        func line(_ lines: [Substring], _ index: Int) -> String { index < lines.count ? "|\(lines[index])|" : "(no such line)" }
        guard let first = (0..<count).first(where: { line(expectedLines, $0) != line(actualLines, $0) }) else { return "line ends differ" }
        return "line \(first + 1):\n  expected \(line(expectedLines, first))\n  actual   \(line(actualLines, first))"
    }

    /// The whole of a text file.
    package static func read(_ file: FilePath) throws -> String {
        let descriptor = try FileDescriptor.open(file, .readOnly)
        return try descriptor.closeAfter {
            let size = Int(try descriptor.seek(offset: 0, from: .end))
            try descriptor.seek(offset: 0, from: .start)
            return try String(unsafeUninitializedCapacity: size) { buffer in
                var filled = 0
                while filled < size {
                    let count = try descriptor.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]))
                    if count == 0 { break }
                    filled += count
                }
                return filled
            }
        }
    }

    private static func write(_ text: String, to file: FilePath) throws {
        let descriptor = try FileDescriptor.open(
            file, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
        _ = try descriptor.closeAfter { try descriptor.writeAll(text.utf8) }
    }
}
