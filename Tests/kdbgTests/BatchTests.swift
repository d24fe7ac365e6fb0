// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import Testing

@Suite("Batch runs of the real kernel")
struct BatchTests {
    private let directory = TemporaryDirectory()

    @Test("the sample script boots to the end")
    func sample() async throws {
        let sample = Golden.directory.removingLastComponent().appending("kdbinit.samples/KDBinit").string
        let outcome = try await Program.run(["--script", sample])
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(outcome.output.hasPrefix("(ntoskrnl/kd64/kdinit.c:74) ---") && outcome.output.contains("KDB: KDBinit executed\r\n"))
        #expect(try await Program.run(["--script", sample]).output == outcome.output)
    }

    @Test("scripts of every shape are accepted", arguments: ["", "bl\r\nbl\nbl\r\n", "bl", "\n\n\n"])
    func shapes(script: String) async throws {
        let outcome = try await Program.run(["--script", try directory.file("script", script.utf8)])
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(try await Program.run(["--script", "-"], input: script).status == 0)
    }

    @Test("scripts of no shape end in a message, never in a crash")
    func badScripts() async throws {
        let scripts: [[UInt8]] = [
            [0, 0x62, 0x6C, 0, 0x0A], [0xFF, 0xFE, 0x0A, 0x62, 0x6C], Array(repeating: 0x61, count: 100_000),
            Array(repeating: 0x0A, count: 10 << 20),
        ]
        for (index, script) in scripts.enumerated() {
            let outcome = try await Program.run(["--script", try directory.file("script\(index)", script)])
            #expect([0, 1].contains(outcome.status), "script \(index): \(outcome.complaints)")
        }
    }

    @Test("a line that is not accepted is named, and status 1")
    func failingLine() async throws {
        let script = try directory.file("script", "bl\nno-such-command\n".utf8)
        let outcome = try await Program.run(["--script", script])
        #expect(outcome.status == 1)
        #expect(outcome.complaints.hasPrefix("\(script):2: "))
    }

    @Test("a hint that comes with a bad expression is in the message, and a message is never long")
    func messages() async throws {
        let script = try directory.file("script", "? 1 + foo\n".utf8 + Array(repeating: 0x61, count: 10_000))
        let complaints = try await Program.run(["--script", script]).complaints.split(separator: "\n")
        #expect(complaints.count == 2)
        #expect(complaints.first == "\(script):1: Operand expected: There is no number, register or symbol 'foo'.")
        #expect((complaints.last?.count ?? 0) < script.count + 250)
    }

    @Test("what KDBG will not read is named, and status 1", arguments: [("bl\n\0\nbl\n", 2), ("\u{0}bl", 1), ("bl\r\nbl\rbl\u{0}bl", 3)])
    func nulBytes(script: String, line: Int) async throws {
        let name = try directory.file("script", script.utf8)
        let outcome = try await Program.run(["--script", name])
        #expect(outcome.status == 1)
        #expect(outcome.complaints == "\(name):\(line): there is a NUL byte, at which KDBG stops reading\n")
    }

    @Test func utf16() async throws {
        let name = try directory.file("script", [0xFF, 0xFE, 0x62, 0, 0x6C, 0, 0x0A, 0])
        let outcome = try await Program.run(["--script", name])
        #expect(outcome.status == 1)
        #expect(outcome.complaints.hasPrefix("\(name):1: the file is UTF-16"))
    }

    @Test(
        "boot options that leave nothing to see are explained, and no failure",
        arguments: [
            ("NODEBUG", "without executing it"), ("", "without executing it"), ("CRASHDEBUG DEBUGPORT=COM1", "without executing it"),
            ("DEBUG DEBUGPORT=COM3", "the Serial provider sent nothing"),
        ])
    func silence(options: String, reason: String) async throws {
        let outcome = try await Program.run(["--script", try directory.file("script", "bl\n".utf8), "--boot-options", options])
        #expect(outcome.status == 0)
        #expect(outcome.output.isEmpty)
        #expect(outcome.complaints.contains(reason))
    }

    @Test("the second serial line is as good as the first")
    func secondPort() async throws {
        let outcome = try await Program.run([
            "--script", try directory.file("script", "bl\n".utf8), "--boot-options", "DEBUG DEBUGPORT=COM2",
        ])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("No breakpoints.\r\nKDB: KDBinit executed"))
    }

    @Test("boot options of any kind boot", arguments: ["KDSERIAL DEBUG", "FOO=BAR BAZ", "BAUDRATE=0", String(repeating: "A", count: 4000)])
    func options(more: String) async throws {
        let outcome = try await Program.run([
            "--script", try directory.file("script", "bl\n".utf8), "--boot-options", "DEBUG DEBUGPORT=COM1 \(more)",
        ])
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(outcome.output.contains("No breakpoints.\r\nKDB: KDBinit executed"))
    }

    @Test("where the script breaks, commands come from standard input")
    func commands() async throws {
        let script = try directory.file("script", "break\n".utf8)
        let outcome = try await Program.run(["--script", script], input: "bl\ncont\n")
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(outcome.output.contains("KDB: Executing KDBinit file...\r\nNo breakpoints.\nKDB: KDBinit executed"))
        #expect(!outcome.output.contains("kdb:>"), "a pipe needs no prompt")
        #expect(try await Program.run(["--script", script], input: "no-such-command\n").status == 1)
        #expect(try await Program.run(["--script", script]).status == 0)
    }

    @Test("a reader that goes away ends the run quietly")
    func closedPipe() async throws {
        let script = try directory.file("script")
        let outcome = try await Program.shell(#""$KDBG" --script "\#(script)" | head -1; exit ${PIPESTATUS[0]}"#)
        #expect(outcome.status == 141)
        #expect(outcome.complaints.isEmpty)
    }

    @Test(
        "descriptors that the caller has closed neither hang the run nor hit another file",
        arguments: [("<&-", Int32(0)), (">&-", 74), ("2>&-", 0)])
    func closedDescriptor(redirection: String, status: Int32) async throws {
        let script = try directory.file("script", "break\n".utf8)
        let log = try directory.file("log")
        let outcome = try await Program.shell(#"timeout 60 "$KDBG" --script "\#(script)" --log "\#(log)" \#(redirection)"#)
        #expect(outcome.status == status)
    }

    @Test("a full disk is status 74", arguments: [">/dev/full", ">/dev/null --log /dev/full"])
    func fullDisk(redirection: String) async throws {
        let script = try directory.file("script")
        let outcome = try await Program.shell(#""$KDBG" --script "\#(script)" \#(redirection)"#)
        #expect(outcome.status == 74)
        #expect(outcome.complaints.contains("No space left on device"))
    }

    @Test("the log is a copy of the guest's file, whatever the boot options call that", arguments: ["debug.log", "other.txt"])
    func log(name: String) async throws {
        let log = try directory.file("log", "what was there before, and is longer than nothing".utf8)
        let options = #"DEBUG DEBUGPORT=FILE:\SystemRoot\"# + name
        let outcome = try await Program.run(["--script", try directory.file("script"), "--log", log, "--boot-options", options])
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let text = try Golden.read(.init(log))
        #expect(text.contains("KDB: KDBinit executed") && !text.contains("what was there before"))
    }
}
