// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgTUI
import Testing

@Suite("The history file, and which exclamation marks are history's")
struct HistoryTests {
    /// A path for a history file in a directory of its own, gone when `test` is over.
    private func withFile(_ test: (String) throws -> Void) throws {
        var template = Array("/tmp/kdbg-history-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        defer {
            unlink(directory + "/history")
            rmdir(directory)
        }
        try test(directory + "/history")
    }

    private func write(_ text: String, to path: String) {
        let file = fopen(path, "w")
        fputs(text, file)
        fclose(file)
    }

    private func contents(of path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var text = ""
        while let character = Unicode.Scalar(UInt32(bitPattern: fgetc(file))) { text.unicodeScalars.append(character) }
        return text
    }

    @Test("lines come back in order, each once, where it was last used")
    func roundTrip() throws {
        try withFile { path in
            let file = try HistoryFile(path)
            for line in ["bl", "x 1", "bl", "? ü", "", "  ", "regs"] { file.append(line) }
            #expect(try HistoryFile(path).load(limit: 10) == ["x 1", "bl", "? ü", "regs"])
            #expect(file.load(limit: 2) == ["? ü", "regs"])
            var status = stat()
            stat(path, &status)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test("what a terminal could obey neither gets in nor comes out")
    func harmless() throws {
        try withFile { path in
            write("good\n\u{1B}]0;title\u{07}\nbad\u{9B}31m\nx\t1\n", to: path)
            let file = try HistoryFile(path)
            file.append("\u{1B}[2J")
            #expect(file.load(limit: 10) == ["good", "x\t1"])
        }
    }

    @Test("half a line of a process that was killed does not swallow the next one")
    func torn() throws {
        try withFile { path in
            write("first\nsec", to: path)
            let file = try HistoryFile(path)
            file.append("third")
            #expect(file.load(limit: 10) == ["first", "sec", "third"])
        }
    }

    @Test("a file that has grown is shortened to what counts, and works on")
    func shortened() throws {
        try withFile { path in
            write((0..<25).map { "line \($0 % 12)\n" }.joined(), to: path)
            let other = try HistoryFile(path)
            #expect(try HistoryFile(path).load(limit: 10) == (3..<12).map { "line \($0)" } + ["line 0"])
            other.append("new")
            #expect(try contents(of: path).split(separator: "\n").count == 11)
            #expect(try HistoryFile(path).load(limit: 1) == ["new"])
        }
    }

    @Test("instances that write and shorten at the same time lose nothing")
    func concurrent() async throws {
        var template = Array("/tmp/kdbg-history-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        let path = directory + "/history"
        defer {
            unlink(path)
            rmdir(directory)
        }
        _ = try HistoryFile(path)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<100 {
                        (try? HistoryFile(path))?.append("writer \(writer) line \(number)")
                        // The same line again and again lets the file grow, so that somebody shortens it while others write.
                        for _ in 0..<8 { (try? HistoryFile(path))?.append("writer \(writer)") }
                        _ = (try? HistoryFile(path))?.load(limit: 500)
                    }
                }
            }
        }
        let lines = Set(try HistoryFile(path).load(limit: 500))
        #expect(lines.count == 404)
        #expect(lines.isSuperset(of: (0..<4).flatMap { writer in (0..<100).map { "writer \(writer) line \($0)" } }))
    }

    @Test(
        "marks that belong to commands, symbols and comparisons are left alone",
        arguments: [
            ("!pool", 0, true), ("  !pool 1", 2, true), ("help !pool", 5, true), ("!poo", 0, false), ("!pool1", 0, false), ("!!", 0, false),
            ("x !$", 2, false), ("? nt!Name", 4, true), ("? 1!=2", 3, true), ("x [!$]", 3, false), ("? 1+!$", 4, false), ("", 0, false),
        ])
    func marks(line: String, index: Int, isPlain: Bool) {
        #expect(HistoryWord.isPlain(Array(line.utf8), at: index) { $0 == "!pool" } == isPlain)
    }
}
