// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Interrupt request levels (spec/boot.md section 4.9).
package enum Irql {
    package static let passive: Value = 0
    package static let apc: Value = 1
    package static let dispatch: Value = 2
    package static let profile: Value = 27
    package static let clock: Value = 28
    package static let high: Value = 31

    /// The level of an IRQ of the two 8259s: 28 for the clock, 27 for the RTC, else 27 - n.
    static func level(ofIrq irq: Int) -> Int {
        switch irq {
        case 0: 28
        case 8: 27
        default: 27 - irq
        }
    }
}

/// IRQL is a byte in the PCR. Raising it only stores that byte: an interrupt that comes although the level forbids it is noted in PCR.IRR, then masked
/// at the PIC, and replayed by software once the level has dropped. Software interrupts are bits 1 (APC) and 2 (DISPATCH) of PCR.IRR, IRQ n is bit 4 + n.
extension Hal {
    static let irqlOffset = Int32(offset(of: \KPCR.Irql))
    /// The level of the processor that runs.
    static let irql: Value = .fs(irqlOffset, width: .byte)
    /// Its pending interrupts.
    static let irr: Value = .fs(Int32(offset(of: \KPCR.IRR)))
    /// Those being replayed.
    static let irrActive: Value = .fs(Int32(offset(of: \KPCR.IrrActive)))
    /// Interrupts that nobody has enabled; the PICs are the boot processor's.
    static let idr: Value = Ke.pcr.IDR

    /// `KfRaiseIrql(NewIrql) -> OldIrql`. Raising downward is BC 0x09.
    package static let raiseIrql: Routine = .init("KfRaiseIrql", ["NewIrql"], module: .hal) { f in
        let old = f.local(irql)
        f.if(old > f.argument(0)) {
            f.set(irql, Irql.passive)
            f.call(Ke.bugCheck, 0x09)
        }
        f.set(irql, f.argument(0))
        f.return(old)
    }

    /// `KfLowerIrql(NewIrql)`. Lowering upward is BC 0x0A; whatever was waiting and may now come is delivered before it returns.
    package static let lowerIrql: Routine = .init("KfLowerIrql", ["NewIrql"], module: .hal) { f in
        let new = f.argument(0)
        f.if(irql < new) {
            f.set(irql, Irql.high)
            f.call(Ke.bugCheck, 0x0A)
        }
        f.asm { a in
            a.pushfd()
            a.cli()
        }
        f.set(irql, new)
        f.if((irr & (higherIrqlMask.value + (new << 2)).dword()) != 0 || picMask.dword != Ke.pcr.IDR) {
            f.call(deliverPendingInterrupts, new)
        }
        f.asm { a in a.popfd() }
        f.return()
    }

    /// `KeGetCurrentIrql()`.
    package static let getCurrentIrql: Routine = .init("KeGetCurrentIrql", module: .hal) { f in
        f.return(irql)
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
        f.asm { a in
            a.pushfd()
            a.cli()
        }
        f.set(irr, irr | (Value(1) << f.argument(0)))
        let level = f.local(irql)
        f.if(level < f.argument(0)) { f.call(deliverPendingInterrupts, level) }
        f.asm { a in a.popfd() }
        f.return()
    }

    /// `HalClearSoftwareInterrupt(Irql)`: whoever has done the work already takes the request back.
    package static let clearSoftwareInterrupt: Routine = .init("HalClearSoftwareInterrupt", ["Irql"], module: .hal) { f in
        f.set(irr, irr & ~(Value(1) << f.argument(0)))
        f.return()
    }

    /// `HalpDeliverPendingInterrupts(Irql)`: with interrupts off and that level already set, opens the PICs as far as the level allows, then delivers what
    /// PCR.IRR holds above it, highest level first: device interrupts by executing their INT, then DISPATCH, then APC.
    static let deliverPendingInterrupts: Routine = .init("HalpDeliverPendingInterrupts", ["Irql"], module: .hal) { f in
        let level = f.argument(0)
        f.loop {
            f.call(setPicMask, level)
            let pending = f.local(irr & (higherIrqlMask.value + (level << 2)).dword())
            f.if(pending == 0) { f.return() }
            f.if((pending & ~Value(15)) != 0) {
                f.call(replayInterrupt, pending)
            } else: {
                f.if((pending & 4) != 0) {
                    f.set(irr, irr & ~Value(4))
                    f.set(irql, Irql.dispatch)
                    f.asm { a in a.sti() }
                    f.call(Ke.dispatchInterrupt)
                } else: {
                    f.set(irr, irr & ~Value(2))
                    f.set(irql, Irql.apc)
                    f.asm { a in a.sti() }
                    f.call(Ke.deliverApc, 0, 0, 0)
                }
                f.asm { a in a.cli() }
                f.set(irql, level)
            }
        }
    }

    /// `HalpReplayInterrupt(Pending)`: the highest device interrupt of a mask as in PCR.IRR comes again, through its gate in the IDT.
    static let replayInterrupt: Routine = .init("HalpReplayInterrupt", ["Pending"], module: .hal) { f in
        for irq in (0..<16).sorted(by: { Irql.level(ofIrq: $0) > Irql.level(ofIrq: $1) }) where irq != 2 {
            let bit = Value(UInt32(0x10) << UInt32(irq))
            f.if((f.argument(0) & bit) != 0) {
                f.set(irr, irr & ~bit)
                f.set(irrActive, irrActive | bit)
                f.asm { a in a.int(UInt8(0x30 + irq)) }
                f.set(irrActive, irrActive & ~bit)
                f.return()
            }
        }
        f.return()
    }

    /// For each IRQL, the bits of PCR.IRR whose interrupts may come then.
    private static let higherIrqlMask: Global = .init(
        "HalpFindHigherIrqlMask", size: 32 * 4, module: .hal, section: .constants
    ) {
        (0..<32).map { level in
            var mask: UInt32 = (level < 1 ? 2 : 0) | (level < 2 ? 4 : 0)
            for irq in 0..<16 where Irql.level(ofIrq: irq) > level { mask |= 0x10 << UInt32(irq) }
            return .dword(mask)
        }
    }
}
