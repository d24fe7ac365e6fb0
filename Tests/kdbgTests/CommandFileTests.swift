// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import SystemPackage
import Testing

/// `--commands`: lines that are executed before the first instruction, and the samples made of them.
@Suite struct CommandFileTests {
    private static let directory = Golden.directory.appending("../kdbinit.samples")
    private static let samples = directoryEntries(directory).filter { $0.hasSuffix(".kdb") }

    /// Runs a sample as its comments say: `# Stops: 2`, `# Status: 3` (0 when nothing is said), and texts that must appear in this order, `# Shows: text`.
    @Test(arguments: samples)
    func sample(name: String) async throws {
        let file = Self.directory.appending(name)
        let text = try Golden.read(file)
        let outcome = try await Program.run(["-x", file.string])
        #expect(outcome.complaints == "")
        #expect(outcome.status == Self.values(of: "Status", in: text).first.flatMap { Int32($0) } ?? 0)
        let stops = outcome.output.split(separator: "\n").count { $0.hasPrefix("Entered debugger on ") }
        #expect(stops == Self.values(of: "Stops", in: text).first.flatMap { Int($0) })
        var rest = outcome.output[...]
        for shown in Self.values(of: "Shows", in: text) {
            guard let found = rest.firstRange(of: shown) else {
                Issue.record("\"\(shown)\" does not appear in the rest of the output:\n\(rest)")
                break
            }
            rest = rest[found.upperBound...]
        }
    }

    /// A `cont` more than there are stops leaves nothing to wait for but an idle kernel.
    @Test(.timeLimit(.minutes(2))) func aBatchRunEndsWhenNothingStopsTheIdleKernel() async throws {
        let directory = TemporaryDirectory()
        let file = try directory.file("many.kdb", "cont\ncont\n".utf8)
        let outcome = try await Program.run(["-x", file, "--script", "/dev/null"])
        #expect(outcome.status == 0)
        #expect(outcome.complaints == "kdbg: nothing has stopped the idle kernel for ten simulated seconds; it is interrupted\n")
    }

    private static func values(of key: String, in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("# \(key): ") }.map { String($0.dropFirst(key.count + 4)) }
    }

    @Test func everyNeededSampleExists() {
        #expect(Self.samples.count >= 7)
    }

    @Test("files come first and in order, then standard input")
    func order() async throws {
        let directory = TemporaryDirectory()
        let first = try directory.file("first", "# comment\r\n\r\n  # another\r\nbpx KdpInitDriver\r\n? 1\r\n".utf8)
        let second = try directory.file("second", "? 2\ncont\n? eip == KdpInitDriver".utf8)
        let outcome = try await Program.run(["--commands", first, "-x", second], input: "? 4\n")
        #expect(outcome.status == 0)
        #expect(outcome.complaints == "")
        let values = outcome.output.split(separator: "\n").filter { $0.hasPrefix("0x0000000") }
        #expect(values == ["0x00000001           1", "0x00000002           2", "0x00000001           1", "0x00000004           4"])
    }

    @Test("with --script they prepare the machine, and the boot goes on by itself")
    func beforeScript() async throws {
        let directory = TemporaryDirectory()
        let file = try directory.file("commands", "bpx KdpInitDriver\n".utf8)
        let outcome = try await Program.run(["-x", file, "--script", "/dev/null"], input: "? 7\n")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("Entered debugger on breakpoint #0"))
        #expect(outcome.output.contains("0x00000007"))
        #expect(outcome.output.contains("Deleting driver object"))
    }

    @Test("break hands over to the prompt, and what leaves that goes on with the file", arguments: ["? 7\ncont\n", "? 7\n"])
    func breakLine(input: String) async throws {
        let directory = TemporaryDirectory()
        let file = try directory.file("commands", "? 6\nbreak\n? 8\nquit\n".utf8)
        let outcome = try await Program.run(["-x", file], input: input)
        #expect(outcome.status == 0)
        #expect(outcome.output == (6...8).map { "0x0000000\($0)           \($0)\n" }.joined())
    }

    @Test("a line that is not accepted is named, and the rest is executed")
    func mistake() async throws {
        let directory = TemporaryDirectory()
        let file = try directory.file("commands", "nonsense\nquit now\n? 5\n".utf8)
        let outcome = try await Program.run(["-x", file])
        #expect(outcome.status == 1)
        #expect(outcome.complaints.split(separator: "\n").map { $0.split(separator: ": ")[0] } == ["\(file):1", "\(file):2"])
        #expect(outcome.output.contains("0x00000005"))
    }

    @Test("a file that runs on after the boot does not hang a run that nobody watches")
    func endless() async throws {
        let directory = TemporaryDirectory()
        let file = try directory.file("commands", "cont\ncont\n? 6\n".utf8)
        let outcome = try await Program.run(["-x", file])
        #expect(outcome.complaints.contains("it is interrupted"))
        #expect(outcome.output.contains("0x00000006"))
    }

    @Test("files that cannot be read or understood", arguments: ["/nonexistent/file", "/tmp"])
    func unreadable(name: String) async throws {
        #expect(try await Program.run(["-x", name]).status == 66)
    }

    @Test func wideCharacters() async throws {
        let directory = TemporaryDirectory()
        let file = try directory.file("commands", [0xFF, 0xFE, 0x62, 0])
        let outcome = try await Program.run(["-x", file])
        #expect(outcome.status == 66)
        #expect(outcome.complaints.contains("UTF-16"))
    }

    @Test("files that source each other and aliases that call each other end, and the log has it all")
    func recursion() async throws {
        let directory = TemporaryDirectory()
        _ = try directory.file("a.kdb", "? 1\nsource b.kdb\n".utf8)
        _ = try directory.file("b.kdb", "source a.kdb\nsource a.kdb\nalias one two\nalias two one\none\n".utf8)
        let lines = [
            "log session.txt", "source a.kdb", "log off", "source .", "source nosuch", "log .", "log /dev/full", "? 2", "? 3", "log", "one",
            "? 4",
        ]
        let outcome = try await Program.shell("cd \(directory.path) && printf '\(lines.joined(separator: "\\n"))\\n' | $KDBG --plain")
        #expect(outcome.status == 1)
        // Two in each file would be thousands: they end at a depth, at a number, and one behind the other.
        #expect(outcome.output.contains("b.kdb:1: source: a.kdb: files are nested more than 16 deep.\n"))
        #expect(outcome.output.contains("b.kdb:5: alias: 'one' leads to more than 16 aliases.\n"))
        #expect(outcome.output.utf8.count < 1_000_000)
        let end = """
            source: .: Is a directory
            source: nosuch: No such file or directory
            log: .: Is a directory
            0x00000002           2
            log: /dev/full: No space left on device; the log is closed.
            0x00000003           3
            There is no log.
            alias: 'one' leads to more than 16 aliases.
            Do they call each other?
            0x00000004           4

            """
        #expect(outcome.output.hasSuffix(end))
        let log = try await Program.shell("cat \(directory.path)/session.txt")
        #expect(log.output.hasPrefix("kdb:> source a.kdb\n0x00000001           1\n"))
        // What is shown up to `log off` is in the log too, and nothing else.
        #expect(outcome.output.hasPrefix(log.output.dropFirst("kdb:> source a.kdb\n".count).prefix(1000)))
        #expect(!log.output.contains("nosuch"))
    }
}
