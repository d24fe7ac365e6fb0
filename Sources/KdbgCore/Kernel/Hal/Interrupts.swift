// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The 8259 pair (spec/boot.md sections 1.6.1 and 4.9). Vector of IRQ n = 0x30 + n.
extension Hal {
    /// `HalpInitializePICs(EnableInterrupts)`: re-based to 0x30 and 0x38, everything masked but the cascade.
    static let initializePics: Routine = .init("HalpInitializePICs", ["EnableInterrupts"], module: .hal) { f in
        for (port, value) in [
            (0x20, 0x11), (0x21, 0x30), (0x21, 0x04), (0x21, 0x01), (0xA0, 0x11), (0xA1, 0x38), (0xA1, 0x02), (0xA1, 0x01), (0x21, 0xFB),
            (0xA1, 0xFF),
        ] { f.output(port, value) }
        f.set(picMask.dword, idr)
        let levels = f.input(0x4D0) | (f.input(0x4D1) << 8)
        f.set(edgeLevelControl.dword, levels)
        f.if(f.argument(0) != 0) { f.asm { a in a.sti() } }
        f.return()
    }

    /// The chipset's edge/level registers as found: level-triggered IRQs are ones.
    static let edgeLevelControl: Global = .init("HalpEisaELCR", module: .hal)
    /// What both mask registers hold, as PCR.IDR counts IRQs; all ones above them.
    static let picMask: Global = .init("HalpPicMask", module: .hal) { [.dword(0xFFFF_FFFB)] }
    /// IRQs that are connected as level-triggered.
    static let levelInterrupts: Global = .init("HalpLevelInterrupts", module: .hal)

    /// For each IRQL, the IRQs that a level masks when it masks any.
    private static let maskTable: Global = .init("KiI8259MaskTable", size: 32 * 4, module: .hal, section: .constants) {
        (0..<32).map { level in
            .dword((0..<16).reduce(0 as UInt32) { $1 != 2 && Irql.level(ofIrq: $1) <= level ? $0 | 1 << UInt32($1) : $0 })
        }
    }

    /// `HalpSetPicMask(Irql)`: masks what nobody has enabled and what the level forbids; the ports are written only when something changes.
    static let setPicMask: Routine = .init("HalpSetPicMask", ["Irql"], module: .hal) { f in
        // The PICs interrupt the boot processor only; what level another is at is nothing to them.
        f.if(Value.fs(Int32(offset(of: \KPCR.Number)), width: .byte) != 0) { f.return() }
        let mask = f.local(idr | (maskTable.value + (f.argument(0) << 2)).dword())
        let change = f.local(mask ^ picMask.dword)
        f.if(change == 0) { f.return() }
        f.set(picMask.dword, mask)
        f.if((change & 0xFF) != 0) { f.output(0x21, mask) }
        f.if((change & 0xFF00) != 0) { f.output(0xA1, mask >> 8) }
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

    /// `HalBeginSystemInterrupt(Irql, Vector, OldIrql*) -> BOOLEAN`, with interrupts off. True: IRQL is raised, the PIC dismissed, interrupts are on.
    /// False: not now; the interrupt is in PCR.IRR and its line masked until the level drops, or there was none (IRQ 7 and 15 of nobody).
    package static let beginSystemInterrupt: Routine = .init(
        "HalBeginSystemInterrupt", ["Irql", "Vector", "OldIrql"], module: .hal
    ) { f in
        let irq = f.local(f.argument(1) - 0x30)
        let current = f.local(irql)
        let bit = f.local(Value(1) << irq)
        // A replayed interrupt is in service at no PIC: what looks spurious then is not.
        f.if((bit & 0x8080) != 0 && (irrActive & (bit << 4)) == 0) {
            let port = f.local(0x20)
            f.if(irq == 15) { f.set(port, 0xA0) }
            f.output(port, 0x0B)
            f.if((f.input(port) & 0x80) == 0) {
                f.if(irq == 15) { f.output(0x20, 0x62) }
                f.return(0)
            }
        }
        f.if(f.argument(0) <= current) {
            f.set(irr, irr | (bit << 4))
            f.call(setPicMask, current)
            f.call(endOfInterrupt, f.argument(1))
            f.return(0)
        }
        f.set(f.argument(2).byte(), current)
        f.set(irql, f.argument(0))
        // A level-triggered line stays up until the device has been served.
        f.if((levelInterrupts.dword & bit) != 0) { f.call(setPicMask, f.argument(0)) }
        f.call(endOfInterrupt, f.argument(1))
        f.asm { a in a.sti() }
        f.return(1)
    }

    /// `HalEndSystemInterrupt(OldIrql, TrapFrame*)`: back to the interrupted level, with everything that waited for it. Interrupts are off afterwards.
    package static let endSystemInterrupt: Routine = .init("HalEndSystemInterrupt", ["OldIrql", "TrapFrame"], module: .hal) { f in
        f.asm { a in a.cli() }
        f.set(irql, f.argument(0))
        f.call(deliverPendingInterrupts, f.argument(0) & 0xFF)
        f.return()
    }

    /// `HalEnableSystemInterrupt(Vector, Irql, InterruptMode) -> BOOLEAN`: opens the line. Mode 0 is level-sensitive, 1 latched.
    package static let enableSystemInterrupt: Routine = .init(
        "HalEnableSystemInterrupt", ["Vector", "Irql", "InterruptMode"], module: .hal
    ) { f in
        let irq = f.local(f.argument(0) - 0x30)
        f.if(irq > 15 || irq == 2) { f.return(0) }
        f.asm { a in
            a.pushfd()
            a.cli()
        }
        f.set(levelInterrupts.dword, levelInterrupts.dword & ~(Value(1) << irq))
        f.if(f.argument(2) == 0) { f.set(levelInterrupts.dword, levelInterrupts.dword | (Value(1) << irq)) }
        f.set(idr, idr & ~(Value(1) << irq))
        f.call(setPicMask, irql)
        f.asm { a in a.popfd() }
        f.return(1)
    }

    /// `HalDisableSystemInterrupt(Vector, Irql)`: closes the line.
    package static let disableSystemInterrupt: Routine = .init("HalDisableSystemInterrupt", ["Vector", "Irql"], module: .hal) { f in
        f.asm { a in
            a.pushfd()
            a.cli()
        }
        f.set(idr, idr | (Value(1) << (f.argument(0) - 0x30)))
        f.call(setPicMask, irql)
        f.asm { a in a.popfd() }
        f.return()
    }

    /// `HalGetInterruptVector(InterfaceType, BusNumber, BusInterruptLevel, BusInterruptVector, Irql*, Affinity*) -> vector`, as the bus's handler says; 0 for what is no
    /// IRQ, or on no bus.
    package static let getInterruptVector: Routine = .init(
        "HalGetInterruptVector",
        ["InterfaceType", "BusNumber", "BusInterruptLevel", "BusInterruptVector", "Irql", "Affinity"], module: .hal
    ) { f in
        let handler = f.call(handlerForBus, f.argument(0), f.argument(1)).as(BUS_HANDLER.self)
        f.if(handler.isNull) { f.return(0) }
        f.return(
            f.callIndirect(
                handler.GetInterruptVector, handler, handler, f.argument(2), f.argument(3), f.argument(4), f.argument(5)))
    }

    /// `HalpGetSystemInterruptVector(BusHandler*, RootHandler*, BusInterruptLevel, BusInterruptVector, Irql*, Affinity*) -> vector`.
    static let getSystemInterruptVector: Routine = .init(
        "HalpGetSystemInterruptVector",
        ["BusHandler", "RootHandler", "BusInterruptLevel", "BusInterruptVector", "Irql", "Affinity"], module: .hal
    ) { f in
        let irq = f.argument(2)
        f.if(irq > 15 || irq == 2) { f.return(0) }
        f.set(f.argument(4).byte(), (irqlTable.value + irq).byte())
        f.set(f.argument(5).dword(), defaultInterruptAffinity.dword)
        f.return(irq + 0x30)
    }

    /// The IRQL of each IRQ.
    private static let irqlTable: Global = .init("HalpIrqToIrql", size: 16, module: .hal, section: .constants) {
        [.bytes((0..<16).map { UInt8(Irql.level(ofIrq: $0)) })]
    }
}
