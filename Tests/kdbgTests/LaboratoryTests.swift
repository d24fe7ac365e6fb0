// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// Faults and mechanisms from outside.
@Suite("The laboratory")
struct LaboratoryTests {
    @Test(
        "a fault that cannot be is status 64, with its column and what was probably meant",
        arguments: [
            ("pol:KDBG:1", "column 1: there is no fault 'pol'. Did you mean 'pool'?"),
            ("status:NtCreteFile:0", "column 8: no routine is called 'NtCreteFile'. Did you mean 'NtCreateFile'?"),
            (#"missing:\ReactOS\System32\hall.dll"#, "column 9: 'hall.dll' is not on the boot volume. Did you mean 'hal.dll'?"),
            ("early:IoCreateDrive", "column 7: there is no early call 'IoCreateDrive'. Did you mean 'IoCreateDriver'?"),
        ])
    func mistakes(spec: String, reason: String) async throws {
        let outcome = try await Program.run(["--script", "/dev/null", "--fault", spec])
        #expect(outcome.status == 64 && outcome.output.isEmpty)
        #expect(outcome.complaints == "kdbg: --fault '\(spec)', \(reason)\n")
    }

    @Test func aFaultThatNeverCameIsReported() async throws {
        let spec = "status:PsCreateSystemThread@KdpStartLogger:0:7"
        for (arguments, input) in [(["--script", "/dev/null"], ""), (["--plain"], "cont\n")] {
            let outcome = try await Program.run(arguments + ["--fault", spec], input: input)
            #expect(outcome.status == 0)
            #expect(outcome.complaints.contains("kdbg: --fault '\(spec)': never reached: there was 1 call of that kind\n"))
        }
    }

    @Test func aCrashThatWasAskedFor() async throws {
        let outcome = try await Program.run(["--script", "/dev/null", "--fault", "early:IoCreateDriver"], input: "!analyze\n")
        #expect(outcome.status == 3)
        #expect(outcome.output.contains("(lab) IoCreateDriver is called"))
        #expect(outcome.complaints.contains("bugcheck 0x0000007e (0xc0000005,"))
    }

    @Test func faultsAreKeptOverReboot() async throws {
        let outcome = try await Program.run(["--plain", "--fault", "pool:KDBG:1"], input: "cont\nfaults\nreboot\nfaults\ncont\nfaults\n")
        #expect(outcome.status == 0)
        let states = outcome.output.split(separator: "\n").filter { $0.contains("pool:KDBG:1: ") }.map { $0.drop { $0 != "1" } }
        #expect(states == ["1  pool:KDBG:1: has come", "1  pool:KDBG:1: not reached yet", "1  pool:KDBG:1: has come"])
    }

    @Test func theListOfFaults() async throws {
        let list = try await Program.run(["faults"])
        #expect(
            list.status == 0 && list.output.contains("  pool:TAG[@CALLER][:COUNT]\n") && list.output.contains("  one-provider-circle\n"))
        let one = try await Program.run(["faults", "POOL"])
        #expect(one.status == 0 && one.output.hasPrefix("pool:TAG") && one.output.contains("--fault 'pool:KDBG:1'"))
        let json = try await Program.run(["faults", "--format", "json"])
        #expect(json.status == 0 && json.output.hasPrefix("{\n  \"faults\": ["))
        let none = try await Program.run(["faults", "disc"])
        #expect(none.status == 64 && none.complaints.contains("Did you mean 'disk'?"))
    }

    @Test(
        "mechanisms that cannot be, or make no difference, are status 64",
        arguments: [
            (["--mechanism", "hok"], "hok"), (["--mechanism", "callback", "--boot-options", "NODEBUG"], "NODEBUG leaves KD off"),
            (["--mechanism", "hook", "--boot-options", "CRASHDEBUG"], "until a crash"), (["compare", "hook"], "Two to four mechanisms"),
            (["compare", "hook", "hook"], "not with itself"),
            (["compare", "hook", "callback", "--boot-options", "SOS"], "KD is off without DEBUG"),
            (["compare", "hook", "callback", "hook", "callback", "hook"], "Two to four"),
            (["bare", "--rom", "/dev/null", "--mechanism", "hook"], "--mechanism"),
            (["bare", "--rom", "/dev/null", "--fault", "pool:KDBG:1"], "--fault"),
        ])
    func mechanisms(arguments: [String], reason: String) async throws {
        let outcome = try await Program.run(arguments)
        #expect(outcome.status == 64 && outcome.output.isEmpty && outcome.complaints.contains(reason), "\(outcome.complaints)")
    }

    @Test func comparing() async throws {
        let text = try await Program.run(["compare", "hook", "boot-driver"])
        #expect(text.status == 0 && text.complaints.isEmpty)
        #expect(text.output.contains("HalDispatchTable+0x34 by") && text.output.contains("KdpInsertBootDriver"))
        let json = try await Program.run(["compare", "load-order", "callback", "--format", "json"])
        #expect(
            json.status == 0 && json.output.contains("\"name\": \"callback\"") && json.output.contains("\"routine\": \"KdpDllInitialize\""))
        let same = try await Program.run(["compare", "hook", "boot-driver"])
        #expect(same.output == text.output)
    }

    @Test func theMechanismIsPartOfTheRun() async throws {
        for mechanism in ["callback", "load-order", "boot-driver"] {
            let outcome = try await Program.run(["--script", "/dev/null", "--mechanism", mechanism])
            #expect(outcome.status == 0 && outcome.output.contains("BOOT DRIVERS LOADED"))
        }
    }
}
