// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The debugger in front of the real kernel, as far as that holds at the very first instruction.
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
}
