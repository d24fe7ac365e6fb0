// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Locks of the providers, and the way into and out of the debugger.
extension Kd {
    /// `KdpAcquireLock(SpinLock*) -> OldIrql` (spec/kdbg.md section 7.6): waits at the caller's level until the lock looks free, then raises to
    /// HIGH_LEVEL. On a uniprocessor being there is holding the lock; its word stays 0, so a fault below a lock can still print.
    package static let acquireLock: Routine = .init("KdpAcquireLock", ["SpinLock"]) { f in
        f.loop {
            f.while(f.argument(0).dword() != 0) { f.asm { $0.pause() } }
            let old = f.call(Hal.raiseIrql, Irql.high)
            f.if(f.argument(0).dword() == 0) { f.return(old) }
            f.call(Hal.lowerIrql, old)
        }
        f.return(0)
    }

    /// `KdpReleaseLock(SpinLock*, OldIrql)`.
    package static let releaseLock: Routine = .init("KdpReleaseLock", ["SpinLock", "OldIrql"]) { f in
        f.set(f.argument(0).dword(), 0)
        f.call(Hal.lowerIrql, f.argument(1))
        f.return()
    }

    /// Set while the processor belongs to the debugger.
    static let freezeFlag: Global = .init("KiFreezeFlag")

    /// `KdEnterDebugger(TrapFrame, ExceptionFrame) -> what KdExitDebugger wants`: nothing else runs until then. Bit 0: interrupts were enabled;
    /// bits 8 to 15: the IRQL, which `Prcb.DebuggerSavedIRQL` holds too but which a nested entry would overwrite there.
    ///
    /// Interrupts go off and IRQL goes to DISPATCH_LEVEL at least. That is what a uniprocessor kernel does, and why a print may signal the
    /// logger's event (spec/kdbg.md section 7.5); HIGH_LEVEL would keep the log file empty. A trap comes through an interrupt gate, so what counts is
    /// whether the interrupted code had interrupts on; `TrapFrame` may be NULL.
    package static let enterDebugger: Routine = .init("KdEnterDebugger", ["TrapFrame", "ExceptionFrame"]) { f in
        f.asm { a in
            a.pushfd()
            a.pop(.eax)
            a.cli()
            a.shift(.shr, .eax, by: 9)
            a.alu(.and, .eax, 1)
        }
        let enabled = f.saveEAX()
        f.call(stopTimer, f.argument(0))
        f.if(f.argument(0) != 0) { f.set(enabled, (f.argument(0, KTRAP_FRAME.self).EFlags >> 9) & 1) }
        let level = f.call(Hal.getCurrentIrql)
        f.set(savedIrql, level)
        f.if(level < Irql.dispatch) { f.call(Hal.raiseIrql, Irql.dispatch) }
        f.set(freezeFlag.dword, 4)
        f.set(enteredDebugger.byte, 1)
        f.return(enabled | (level << 8))
    }

    /// `KdExitDebugger(Enable)`: back to the level and interrupt state of before. Threads that a print woke may run from here on.
    package static let exitDebugger: Routine = .init("KdExitDebugger", ["Enable"]) { f in
        let level = f.local((f.argument(0) >> 8) & 0xFF)
        f.set(freezeFlag.dword, 0)
        f.set(enteredDebugger.byte, 0)
        f.set(savedIrql, level)
        f.call(startTimer)
        f.if((f.argument(0) & 1) != 0) { f.asm { $0.sti() } }
        f.if(level < Irql.dispatch) { f.call(Hal.lowerIrql, level) }
        f.return()
    }

    /// `Prcb.DebuggerSavedIRQL`.
    static var savedIrql: Value {
        .fs(Int32(offset(of: \KPCR.PrcbData) + offset(of: \KPRCB.DebuggerSavedIRQL)), width: .byte)
    }
}
