// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import Testing

@Suite("Batch runs of the real kernel", .enabled(if: Program.kernelBoots, Program.kernelNeeded))
struct BatchTests {
    private let directory = TemporaryDirectory()

    @Test("the sample script boots to the end")
    func sample() async throws {
        let sample = Golden.directory.removingLastComponent().appending("kdbinit.samples/KDBinit").string
        let outcome = try await Program.run(["--script", sample])
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(outcome.output.contains("Serial debugging enabled"))
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

    @Test("where the script breaks, commands come from standard input")
    func commands() async throws {
        let script = try directory.file("script", "break\n".utf8)
        let outcome = try await Program.run(["--script", script], input: "bl\ncont\n")
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(outcome.output.contains("Entered debugger on embedded INT3"))
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

    @Test("a full disk is status 74", arguments: [">/dev/full", ">/dev/null --log /dev/full"])
    func fullDisk(redirection: String) async throws {
        let script = try directory.file("script")
        let outcome = try await Program.shell(#""$KDBG" --script "\#(script)" \#(redirection)"#)
        #expect(outcome.status == 74)
        #expect(outcome.complaints.contains("No space left on device"))
    }

    @Test("the log is a copy of the guest's file")
    func log() async throws {
        let log = try directory.file("log", "what was there before, and is longer than nothing".utf8)
        let outcome = try await Program.run(["--script", try directory.file("script"), "--log", log])
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let text = try Golden.read(.init(log))
        #expect(!text.isEmpty && !text.contains("what was there before"))
    }
}
