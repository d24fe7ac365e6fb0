// SPDX-License-Identifier: GPL-3.0-or-later

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
}
