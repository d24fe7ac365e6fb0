// SPDX-License-Identifier: GPL-3.0-or-later

/// Assertions of checked builds.
extension Rtl {
    /// `RtlAssert(FailedAssertion*, FileName*, LineNumber, Message*)`: asks at the debugger what to do (spec/boot.md section 3.4).
    ///
    /// B breaks again and again, O breaks once, I ignores. P and T would end a process or thread, which the kernel does not do to itself: they
    /// ask again. No answer at all (no debugger, end of input) breaks once.
    package static let assert: Routine = .init("RtlAssert", ["FailedAssertion", "FileName", "LineNumber", "Message"]) { f in
        let response = f.buffer(4)
        f.loop {
            f.print("\n*** Assertion failed: ")
            f.if(f.argument(3) != 0) { f.print("%s: ", f.argument(3)) }
            f.print("%s\n***   Source File: %s, line %lu\n\n", f.argument(0), f.argument(1), f.argument(2))
            f.set(response.dword(), 0)
            f.call(
                dbgPrompt, f.text("Break repeatedly, break Once, Ignore, terminate Process or terminate Thread (boipt)? "), response, 2)
            // Upper case to lower case.
            let answer = f.local(response.byte() | 0x20)
            f.if(answer == 0x69) { f.return() }
            f.if(answer == 0x62) { f.call(dbgBreakPoint) }
            f.if(answer == 0x6F || response.byte() == 0) {
                f.call(dbgBreakPoint)
                f.return()
            }
        }
        f.return()
    }
}

extension Function {
    /// ASSERT of a checked build: `RtlAssert` when the condition is zero.
    package func assert(_ condition: Value, _ text: String, file: StaticString = #fileID, line: UInt = #line) {
        `if`(!condition, file: file, line: line) {
            call(Rtl.assert, self.text(text), self.text("\(file)"), Int(line), 0, file: file, line: line)
        }
    }
    /// PAGED_CODE of a checked build, at the beginning of routines that may not run, or touch memory, that is paged out: an assertion above APC_LEVEL
    /// (spec/boot.md section 3.3).
    package func pagedCode(file: StaticString = #fileID, line: UInt = #line) {
        `if`(Ke.pcr.Irql > Irql.apc, file: file, line: line) {
            print("Pageable code called at IRQL > APC_LEVEL (%lu)\n", Ke.pcr.Irql, file: file, line: line)
            call(Rtl.assert, text("FALSE"), text("\(file)"), Int(line), 0, file: file, line: line)
        }
    }
}
