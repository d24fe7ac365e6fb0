// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Crashes (spec/boot.md section 3.5).
extension Ke {
    /// The code and the four parameters of the first crash.
    package static let bugCheckData: Global = .init("KiBugCheckData", size: 20)
    /// How many crashes are under way, recursive ones included.
    static let bugCheckCount: Global = .init("KeBugCheckCount")

    /// `KeBugCheckEx(Code, P1, P2, P3, P4)`; never returns.
    package static let bugCheckEx: Routine = .init(
        "KeBugCheckEx", ["BugCheckCode", "BugCheckParameter1", "BugCheckParameter2", "BugCheckParameter3", "BugCheckParameter4"]
    ) { f in
        f.call(bugCheckWithTf, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), 0)
        f.return()
    }

    /// `KeBugCheck(Code)`: four zero parameters.
    package static let bugCheck: Routine = .init("KeBugCheck", ["BugCheckCode"]) { f in
        f.call(bugCheckEx, f.argument(0), 0, 0, 0, 0)
        f.return()
    }

    /// `KeBugCheckWithTf(Code, P1, P2, P3, P4, TrapFrame)`: tells the debugger, breaks (status 3), shows the blue screen, breaks again
    /// (status 4), and halts. A crash inside a crash halts at once.
    package static let bugCheckWithTf: Routine = .init(
        "KeBugCheckWithTf",
        ["BugCheckCode", "BugCheckParameter1", "BugCheckParameter2", "BugCheckParameter3", "BugCheckParameter4", "TrapFrame"]
    ) { f in
        f.if(f.exchangeAdd(bugCheckCount.dword, 1) != 0) { f.call(haltForever) }
        f.set(f.argument(0), f.call(rewriteBugCheck, f.argument(0), f.argument(1), f.argument(2), f.argument(4)))
        for index in 0..<5 { f.set(bugCheckData.value.dword(4 * Int32(index)), f.argument(index)) }
        f.if(f.argument(0) != 0xE2 && Kd.debuggerEnabled.byte != 0) {
            f.print("\n*** Fatal System Error: 0x%08lx\n", f.argument(0))
            f.print(
                "                       (0x%p,0x%p,0x%p,0x%p)\n\n", f.argument(1), f.argument(2), f.argument(3), f.argument(4))
            f.call(printBugCheckDriver)
            f.call(Rtl.dbgBreakPointWithStatus, 3)
        }
        f.asm { a in a.cli() }
        f.set(Value.fs(Hal.irqlOffset, width: .byte), Irql.high)
        f.call(displayBugCheck)
        // CRASHDEBUG: KD was to come now (spec/boot.md section 1.3, KdInitSystem(0, NULL)).
        f.if(Kd.debuggerEnabled.byte == 0 && Kd.pitchDebugger.byte == 0) { f.call(Kd.enableDebuggerWithLock, 0) }
        f.if(Kd.debuggerEnabled.byte != 0) { f.call(Rtl.dbgBreakPointWithStatus, 4) }
        f.call(haltForever)
        f.return()
    }

    /// The blue screen: the technical information on the display.
    static let displayBugCheck: Routine = .init("KiDisplayBlueScreen") { f in
        // Before boot video there is nothing to show it on.
        f.if(f.call(Misc.inbvIsBootDriverInstalled) != 0) {
            f.call(Misc.inbvAcquireDisplayOwnership)
            f.call(Misc.inbvResetDisplay)
            f.call(Misc.inbvSolidColorFill, 0, 0, 639, 479, 4)
            f.call(Misc.inbvSetTextColor, 15)
            f.call(Misc.inbvInstallDisplayStringFilter, 0)
            f.call(Misc.inbvEnableDisplayString, 1)
            f.call(Misc.inbvSetScrollRegion, 0, 0, 639, 479)
        }
        f.call(
            Hal.displayString,
            f.text("\n\nA problem has been detected and ReactOS has been shut down to prevent damage to your computer.\n"))
        let line = f.buffer(128)
        f.call(
            cdecl: Rtl.snprintf,
            [
                line, 128, f.text("\n*** STOP: 0x%08lX (0x%p,0x%p,0x%p,0x%p)\n"), bugCheckData.dword, bugCheckData.value.dword(4),
                bugCheckData.value.dword(8), bugCheckData.value.dword(12), bugCheckData.value.dword(16),
            ], #fileID, #line)
        f.call(Hal.displayString, line)
        f.return()
    }

    /// `KiHaltForever()`: with interrupts off, through the HAL's cell HalHaltSystem.
    static let haltForever: Routine = .init("KiHaltForever") { f in
        f.loop {
            f.asm { a in a.cli() }
            f.callIndirect(Hal.privateDispatchTable.HalHaltSystem)
        }
    }
}
