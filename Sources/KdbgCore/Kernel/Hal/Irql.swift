// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Interrupt request levels (spec/boot.md section 4.9).
package enum Irql {
    package static let passive: Value = 0
    package static let apc: Value = 1
    package static let dispatch: Value = 2
    package static let clock: Value = 28
    package static let high: Value = 31
}

/// IRQL is a byte in the PCR; hardware is masked lazily, software interrupts are bits of PCR.IRR.
extension Hal {
    static let irqlOffset = Int32(offset(of: \KPCR.Irql))

    /// `KfRaiseIrql(NewIrql) -> OldIrql`. Raising downward is BC 0x09.
    package static let raiseIrql: Routine = .init("KfRaiseIrql", ["NewIrql"], module: .hal) { f in
        let old = f.local(Value.fs(irqlOffset, width: .byte))
        f.if(old > f.argument(0)) { f.call(Ke.bugCheck, 0x09) }
        f.set(Value.fs(irqlOffset, width: .byte), f.argument(0))
        f.return(old)
    }

    /// `KfLowerIrql(NewIrql)`. Lowering upward is BC 0x0A; software interrupts that were waiting are delivered before it returns.
    package static let lowerIrql: Routine = .init("KfLowerIrql", ["NewIrql"], module: .hal) { f in
        let new = f.argument(0)
        f.if(Value.fs(irqlOffset, width: .byte) < new) { f.call(Ke.bugCheck, 0x0A) }
        f.set(Value.fs(irqlOffset, width: .byte), new)
        let irr = Value.fs(Int32(offset(of: \KPCR.IRR)))
        f.if(new < Irql.clock && (irr & 0x10) != 0) { f.call(replayClockInterrupt) }
        f.if(new < Irql.dispatch && (irr & 4) != 0) { f.call(dispatchSoftwareInterrupt) }
        f.return()
    }

    /// `KeGetCurrentIrql()`.
    package static let getCurrentIrql: Routine = .init("KeGetCurrentIrql", module: .hal) { f in
        f.return(Value.fs(irqlOffset, width: .byte))
    }

    /// `KeRaiseIrqlToDpcLevel() -> OldIrql`.
    package static let raiseIrqlToDpcLevel: Routine = .init("KeRaiseIrqlToDpcLevel", module: .hal) { f in
        f.return(f.call(raiseIrql, Irql.dispatch))
    }

    /// `KfAcquireSpinLock(SpinLock*) -> OldIrql`. On a uniprocessor a lock is a level, not a word (spec/boot.md section 5).
    package static let acquireSpinLock: Routine = .init("KfAcquireSpinLock", ["SpinLock"], module: .hal) { f in
        f.return(f.call(raiseIrql, Irql.dispatch))
    }

    /// `KfReleaseSpinLock(SpinLock*, OldIrql)`.
    package static let releaseSpinLock: Routine = .init("KfReleaseSpinLock", ["SpinLock", "OldIrql"], module: .hal) { f in
        f.call(lowerIrql, f.argument(1))
        f.return()
    }

    /// `HalRequestSoftwareInterrupt(Irql)`: APC or DISPATCH; delivered at once when the current IRQL allows it.
    package static let requestSoftwareInterrupt: Routine = .init("HalRequestSoftwareInterrupt", ["Irql"], module: .hal) { f in
        let irr = Value.fs(Int32(offset(of: \KPCR.IRR)))
        f.set(irr, irr | (Value(1) << f.argument(0)))
        f.if(Value.fs(irqlOffset, width: .byte) < f.argument(0)) { f.call(dispatchSoftwareInterrupt) }
        f.return()
    }

    /// Delivers the DISPATCH software interrupt: the kernel retires DPCs and switches threads.
    static let dispatchSoftwareInterrupt: Routine = .init("HalpDispatchSoftwareInterrupt", module: .hal) { f in
        let irr = Value.fs(Int32(offset(of: \KPCR.IRR)))
        let irql = Value.fs(irqlOffset, width: .byte)
        let old = f.local(irql)
        f.set(irr, irr & ~Value(4))
        f.set(irql, Irql.dispatch)
        f.call(Ke.dispatchInterrupt)
        f.set(irql, old)
        f.return()
    }
}
