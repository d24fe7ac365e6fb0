// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

@Suite("The command line")
struct CommandLineTests {
    @Test func version() async throws {
        let outcome = try await Program.run(["--version"])
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("kdbg 0.1.0\n"))
        #expect(outcome.output.contains("GPL-3.0-or-later"))
    }

    @Test("help names every option")
    func help() async throws {
        let outcome = try await Program.run(["--help"])
        #expect(outcome.status == 0)
        for option in ["--script", "--boot-options", "--memory", "--log", "--plain", "--version", "--help"] {
            #expect(outcome.output.contains(option))
        }
    }

    @Test(
        "control characters of arguments do not reach the terminal",
        arguments: [
            ["--script", "a\u{1B}[31mb"], ["-x", "a\u{1B}[31mb"], ["--disk", "/\u{1B}[31mb/x"], ["--mechanism", "\u{1B}[31m"],
            ["\u{1B}[31m"],
            ["faults", "\u{1B}[31m"], ["check", "a\u{1B}[31mb"], ["--fault", "\u{1B}[31m"], ["bare", "--kernel", "\u{1B}[31m"],
        ])
    func controls(arguments: [String]) async throws {
        let outcome = try await Program.run(arguments)
        #expect([64, 66, 74].contains(outcome.status), "\(outcome.status)")
        #expect(outcome.complaints.contains("31m") && !outcome.complaints.contains("\u{1B}") && !outcome.output.contains("\u{1B}"))
    }

    @Test(
        "a wrong command line is status 64 and says what is wrong",
        arguments: [
            (["--memory", "31"], "32 to 1024"), (["--memory", "1025"], "32 to 1024"), (["--memory", "x"], "--memory"),
            (["--boot-options", "DEBUG\u{E9}"], "ASCII"), (["--boot-options", "DEBUG\n"], "ASCII"),
            (["--boot-options", String(repeating: "A", count: 4096)], "4095"), (["--nonsense"], "--nonsense"), (["extra"], "extra"),
            (["--script"], "--script"),
        ])
    func usage(arguments: [String], hint: String) async throws {
        let outcome = try await Program.run(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.complaints.contains(hint), "\(outcome.complaints)")
    }

    @Test(
        "a script that cannot be read is status 66",
        arguments: [
            ("/nonexistent/script", "No such file or directory"), ("/", "Is a directory"),
        ])
    func unreadable(name: String, reason: String) async throws {
        let outcome = try await Program.run(["--script", name])
        #expect(outcome.status == 66)
        #expect(outcome.complaints == "kdbg: \(name): \(reason)\n")
    }

    @Test("a script without read permission", .enabled(if: geteuid() != 0, "root may read everything"))
    func forbidden() async throws {
        let directory = TemporaryDirectory()
        let script = try directory.file("script")
        chmod(script, 0)
        let outcome = try await Program.run(["--script", script])
        #expect(outcome.status == 66)
        #expect(outcome.complaints == "kdbg: \(script): Permission denied\n")
    }

    @Test func hugeScript() async throws {
        let directory = TemporaryDirectory()
        let script = try directory.file("huge")
        truncate(script, (16 << 20) + 1)
        let outcome = try await Program.run(["--script", script])
        #expect(outcome.status == 66)
        #expect(outcome.complaints == "kdbg: \(script): larger than 16 MiB\n")
    }

    @Test("a log that cannot be opened is known before the machine boots")
    func logIntoNothing() async throws {
        let directory = TemporaryDirectory()
        let outcome = try await Program.run(["--script", try directory.file("empty"), "--log", "/nonexistent/log"])
        #expect(outcome.status == 74)
        #expect(outcome.output.isEmpty)
        #expect(outcome.complaints == "kdbg: /nonexistent/log: No such file or directory\n")
    }

    @Test("the line shell ends with its input, and when told to", arguments: ["", "quit\n", "quit\r\n", "exit"])
    func endOfShell(input: String) async throws {
        let outcome = try await Program.run([], input: input)
        #expect(outcome.status == 0)
        #expect(outcome.output.isEmpty && outcome.complaints.isEmpty)
    }

    @Test("a signal ends the line shell with 128 and its number", arguments: [("TERM", Int32(143)), ("INT", 130), ("HUP", 129)])
    func signals(name: String, status: Int32) async throws {
        let outcome = try await Program.shell("timeout --preserve-status -s \(name) 0.3 \"$KDBG\" < <(exec sleep 2 2>/dev/null)")
        #expect(outcome.status == status)
    }
}
