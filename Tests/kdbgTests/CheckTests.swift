// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import SystemPackage
import Testing

/// `kdbg check` as a program: what it prints where, and its exit status.
@Suite struct CheckTests {
    @Test func reportsErrors() async throws {
        let outcome = try await Program.run(["check", "-"], input: "bl\n  nonsense\n")
        #expect(outcome.status == 1)
        #expect(outcome.output == "<stdin>:2:3: error: unknown command 'nonsense'\n")
        #expect(outcome.complaints == "")
    }

    @Test func isContentWithWarnings() async throws {
        let outcome = try await Program.run(["check", "--format", "json", "-"], input: "cont\n")
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("[\n  {\"file\": \"<stdin>\", \"line\": 1, \"column\": 1, \"severity\": \"warning\", "))
    }

    @Test func checksTheOthersWhenOneIsMissing() async throws {
        let outcome = try await Program.run(["check", "/nowhere/KDBinit", "-"], input: "nonsense")
        #expect(outcome.status == 66)
        #expect(outcome.output == "<stdin>:1:1: error: unknown command 'nonsense'\n")
        #expect(outcome.complaints == "kdbg: /nowhere/KDBinit: No such file or directory\n")
    }

    @Test(arguments: [["check"], ["check", "--target", "windows", "-"], ["check", "--format", "xml", "-"]])
    func explainsUsage(arguments: [String]) async throws {
        #expect(try await Program.run(arguments).status == 64)
    }

    @Test func writesToAFullDisk() async throws {
        #expect(try await Program.shell("echo nonsense | $KDBG check - >/dev/full").status == 74)
    }

    @Test("the page about it shows what it prints")
    func page() async throws {
        let page = try Golden.read(Golden.directory.appending("../docs/check.md"))
        let blocks = page.split(separator: "```", omittingEmptySubsequences: false).map { $0.split(separator: "\n", maxSplits: 1) }
        func block(_ kind: String) throws -> String { String(try #require(blocks.first { $0.first == kind[...] && $0.count > 1 })[1]) }
        let directory = TemporaryDirectory()
        _ = try directory.file("example.kdbinit", try block("kdbinit").utf8)
        let outcome = try await Program.shell("cd \(directory.path) && $KDBG check example.kdbinit")
        #expect(outcome.status == 1)
        // Where a variable lies is nobody's business here.
        #expect(outcome.output.replacing(#/0x[0-9A-F]{8}/#, with: "0xXXXXXXXX") == (try block("text")))
    }

    @Test("JSON is JSON, whatever is in a file or in its name", arguments: ["kdbg", "reactos-0.4.15"])
    func json(target: String) async throws {
        let directory = TemporaryDirectory()
        let everyByte = (Array(1...255) + [0]).flatMap { byte in [UInt8(ascii: "x"), UInt8(byte), UInt8(ascii: "\""), 0x0A] }
        for name in ["every\"byte", "tab\tand\u{1B}[31m", "ü\u{2028}\u{9B}\\", "line\nend"] { _ = try directory.file(name, everyByte) }
        let command = """
            cd \(directory.path) && $KDBG check --target \(target) --format json * /nowhere 2>/dev/null | python3 -c '
            import json, sys
            text = sys.stdin.buffer.read().decode("utf-8")
            findings = json.loads(text)
            assert all(set(f) == {"file", "line", "column", "severity", "message"} for f in findings)
            assert not any(ord(c) < 32 and c != "\\n" or 127 <= ord(c) < 160 for c in text)
            print(sorted({f["file"] for f in findings}) == sorted(sys.argv[1:]), len(findings) > 500)
            ' *
            """
        let outcome = try await Program.shell(command)
        #expect(outcome.output == "True True\n", "\(outcome.complaints)")
    }

    @Test("JSON without findings is an empty array")
    func emptyJSON() async throws {
        #expect(try await Program.run(["check", "--format", "json", "-"], input: "bl\n").output == "[]\n")
    }

    @Test("columns count characters, and lines all kinds of line ends")
    func places() async throws {
        let script = #"x\t1 +\r\n\xff\xfe bad\r\tbpx\tü +\n\nbl\0x\n"#
        let outcome = try await Program.shell("printf '\(script)' | $KDBG check -")
        let places = outcome.output.split(separator: "\n").map { $0.split(separator: ": ")[0] }
        #expect(places == ["<stdin>:1:6", "<stdin>:2:1", "<stdin>:3:6", "<stdin>:5:3"])
    }
}
