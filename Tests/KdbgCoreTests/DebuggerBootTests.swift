// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The debugger in front of the real kernel: the first instruction has a name, boot steps are reached, KDBinit can arm a step.
struct DebuggerBootTests {
    @Test func theFirstInstructionHasAName() {
        let session = Session(BootConfiguration())
        #expect(session.stop == .start)
        #expect(session.currentInstruction.hasPrefix("<ntoskrnl.exe:"))
        #expect(session.currentInstruction.contains("(KiSystemStartup))>: "))
        #expect(session.execute("mod").output.contains("  ntoskrnl.exe\n"))
        #expect(session.execute("bpx KdInitSystem").output == "Breakpoint 0 inserted.\nBreakpoint 0 enabled.\n")
        #expect(session.timeline.contains { $0.step.routine == "KiSystemStartup" })
        #expect(!session.execute("disasm KiSystemStartup L 20").failed)
    }

    @Test func stepsOfTheBootAreReached() {
        let session = Session(BootConfiguration())
        guard case .stopped(.bootStep(let first), _) = session.run(.nextBootStep, budget: 1000) else {
            Issue.record("no boot step")
            return
        }
        #expect(first == StepNumber([1, 2], row: 0))
        _ = session.run(.nextBootStep, budget: 100_000)
        #expect(session.timeline[1].depth == 1)
        #expect(session.timeline[0].left == nil)
    }

    @Test func namesOfObjectsComplete() {
        let session = Session(BootConfiguration())
        func completions(_ line: String) -> [String] { session.completions(of: line, at: line.count) }
        // There is no name space yet.
        #expect(completions(#"!object \Dev"#) == [])
        while case .running = session.run(.bootStep(StepNumber([1, 9], row: 23)), budget: 10_000_000) {}
        #expect(completions(#"!object \dri"#) == [#"\Driver\"#])
        #expect(completions(#"!object \Device\Hard"#).contains(#"\Device\Harddisk0\"#))
        #expect(completions(#"!devobj Harddisk0\DR"#).contains(#"Harddisk0\DR0"#))
        #expect(completions("!drvobj KdD").contains("KdDriver"))
        #expect(completions("!drvobj fastf").contains("fastfat"))
        #expect(completions("!drvobj Disk x") == [])
        #expect(completions("!object [Kdp").contains("[KdpDebugMode"))
    }

    /// Spec/kdbg.md section 6.4: the step begins behind the breakpoint that brought KDBinit in, when the whole file has been executed.
    @Test func aStepInKDBinitStopsBehindIt() {
        let session = Session(BootConfiguration(script: Array("step\n? 1\n".utf8)))
        guard case .stopped(let stop, let banner) = session.run(.go, budget: 2_000_000_000) else {
            Issue.record("the boot did not stop")
            return
        }
        #expect(stop == .stepped)
        #expect(banner.contains("(KdbpCliInit))>: "))
        #expect(session.run(.go, budget: 2_000_000_000) == .stopped(.bootComplete, banner: ""))
    }
}
