// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The 8259 pair and the clock (spec/boot.md sections 1.6.1 and 4.9). Vector of IRQ n = 0x30 + n; masking is lazy.
extension Hal {
    /// `HalpInitializePICs(EnableInterrupts)`: re-based to 0x30 and 0x38, everything masked but the cascade.
    static let initializePics: Routine = .init("HalpInitializePICs", ["EnableInterrupts"], module: .hal) { f in
        for (port, value) in [
            (0x20, 0x11), (0x21, 0x30), (0x21, 0x04), (0x21, 0x01), (0xA0, 0x11), (0xA1, 0x38), (0xA1, 0x02), (0xA1, 0x01), (0x21, 0xFB),
            (0xA1, 0xFF),
        ] { f.output(port, value) }
        let levels = f.input(0x4D0) | (f.input(0x4D1) << 8)
        f.set(edgeLevelControl.dword, levels)
        f.if(f.argument(0) != 0) { f.asm { a in a.sti() } }
        f.return()
    }

    static let edgeLevelControl: Global = .init("HalpEisaELCR", module: .hal)

    /// `HalpInitializeClock()`: PIT channel 0 in mode 2, a tick every 10 ms.
    static let initializeClock: Routine = .init("HalpInitializeClock", module: .hal) { f in
        let divisor: UInt32 = 1_193_182 / 100
        f.output(0x43, 0x34)
        f.output(0x40, divisor & 0xFF)
        f.output(0x40, divisor >> 8)
        f.return()
    }

    /// `HalpEnableInterruptHandler(Irq, Handler)`: puts an interrupt gate into the IDT and unmasks the IRQ.
    static let enableInterrupt: Routine = .init("HalpEnableInterruptHandler", ["Irq", "Handler"], module: .hal) { f in
        let gate = f.local(Ke.pcr.IDT + ((f.argument(0) + 0x30) << 3)).as(KIDTENTRY.self)
        f.set(gate.Offset, f.argument(1) & 0xFFFF)
        f.set(gate.Selector, 0x08)
        f.set(gate.Access, 0x8E00)
        f.set(gate.ExtendedOffset, f.argument(1) >> 16)
        f.if(f.argument(0) < 8) {
            f.output(0x21, f.input(0x21) & ~(Value(1) << f.argument(0)))
        } else: {
            f.output(0xA1, f.input(0xA1) & ~(Value(1) << (f.argument(0) - 8)))
        }
        f.return()
    }

    /// `HalpEndOfInterrupt(Vector)`: specific EOI at the PIC it came through; vectors that are no IRQ are left alone.
    static let endOfInterrupt: Routine = .init("HalpEndOfInterrupt", ["Vector"], module: .hal) { f in
        let irq = f.local(f.argument(0) - 0x30)
        f.if(irq < 8) {
            f.output(0x20, irq | 0x60)
        } else: {
            f.if(irq < 16) {
                f.output(0xA0, (irq - 8) | 0x60)
                f.output(0x20, 0x62)
            }
        }
        f.return()
    }

    /// IRQ 0: entry in the IDT at 0x30.
    static let clockInterrupt: Routine = .naked("HalpClockInterrupt", module: .hal) { f in
        f.asm { a in
            a.push(0x30 as UInt32)
            Ke.pushTrapFrame(&a)
            a.push(.esp)
            a.call(f.symbol(clockInterruptHandler))
            a.jmp(.symbol("__imp_" + f.importedSymbol(Ke.exceptionExit)))
        }
    }

    /// `HalpClockInterruptHandler(TrapFrame)`: at or above CLOCK_LEVEL the tick is only noted in PCR.IRR and replayed when IRQL drops.
    static let clockInterruptHandler: Routine = .init("HalpClockInterruptHandler", ["TrapFrame"], module: .hal) { f in
        f.call(endOfInterrupt, 0x30)
        f.if(Value.fs(irqlOffset, width: .byte) >= Irql.clock) {
            let irr = Value.fs(Int32(offset(of: \KPCR.IRR)))
            f.set(irr, irr | 0x10)
            f.return()
        }
        let old = f.call(raiseIrql, Irql.clock)
        f.call(Ke.updateSystemTime)
        f.call(lowerIrql, old)
        f.return()
    }

    /// `HalpReplayClockInterrupt()`: a tick that came while it was masked.
    static let replayClockInterrupt: Routine = .init("HalpReplayClockInterrupt", module: .hal) { f in
        let irr = Value.fs(Int32(offset(of: \KPCR.IRR)))
        let irql = Value.fs(irqlOffset, width: .byte)
        let old = f.local(irql)
        f.set(irr, irr & ~Value(0x10))
        f.set(irql, Irql.clock)
        f.call(Ke.updateSystemTime)
        f.set(irql, old)
        f.return()
    }
}
