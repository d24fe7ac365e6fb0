// SPDX-License-Identifier: GPL-3.0-or-later

/// Interrupts of drivers (spec/boot.md section 6, irq.c).
extension Io {
    /// What `IoConnectInterrupt` allocates: the first processor's object, and those of the others behind it.
    private struct IO_INTERRUPT: Structure {
        static let size = KINTERRUPT.size + 32 * 4
        let FirstInterrupt = Embedded<KINTERRUPT>(0x00)
        let Interrupt = ArrayField(KINTERRUPT.size, count: 32, stride: 4, of: "PKINTERRUPT")

        static let layout = Self()
    }

    /// `IoConnectInterrupt(InterruptObject**, ServiceRoutine, ServiceContext, SpinLock*, Vector, Irql, SynchronizeIrql, InterruptMode, ShareVector,
    /// ProcessorEnableMask, FloatingSave) -> status`: one KINTERRUPT for each processor in the mask, all with one lock. 0xC000000D: nobody is in the mask,
    /// or the vector is somebody else's.
    package static let connectInterrupt: Routine = .init(
        "IoConnectInterrupt",
        [
            "InterruptObject", "ServiceRoutine", "ServiceContext", "SpinLock", "Vector", "Irql", "SynchronizeIrql", "InterruptMode",
            "ShareVector", "ProcessorEnableMask", "FloatingSave",
        ]
    ) { f in
        f.set(f.argument(0).dword(), 0)
        let left = f.local(f.argument(9) & Ke.activeProcessors.dword)
        let count = f.local(0)
        let bits = f.local(left)
        f.while(bits != 0) {
            f.add(count, bits & 1)
            f.set(bits, bits >> 1)
        }
        f.if(count == 0) { f.return(Status.invalidParameter) }
        let block = f.local(
            f.call(Ex.allocatePoolWithTag, 0, IO_INTERRUPT.size.value + (count - 1) * KINTERRUPT.size.value, Value.tag("KINT")))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.zero(block, IO_INTERRUPT.size)
        let lock = f.local(f.argument(3))
        f.if(lock == 0) { f.set(lock, block.as(KINTERRUPT.self).address(of: \.SpinLock)) }
        let processor = f.local(0)
        let next = f.local(block + IO_INTERRUPT.size.value)
        let isFirst = f.local(1)
        f.while(left != 0) {
            f.if((left & 1) != 0) {
                let interrupt = f.local(block)
                f.if(isFirst == 0) {
                    f.set(interrupt, next)
                    f.add(next, KINTERRUPT.size.value)
                    f.set((block + KINTERRUPT.size.value + (processor << 2)).dword(), interrupt)
                }
                f.call(
                    Ke.initializeInterrupt, interrupt, f.argument(1), f.argument(2), lock, f.argument(4), f.argument(5), f.argument(6),
                    f.argument(7), f.argument(8), processor, f.argument(10))
                f.if(f.call(Ke.connectInterrupt, interrupt) == 0) {
                    f.if(isFirst != 0) {
                        f.call(Ex.freePoolWithTag, block, Value.tag("KINT"))
                    } else: {
                        f.call(disconnectInterrupt, block)
                    }
                    f.return(Status.invalidParameter)
                }
                f.set(isFirst, 0)
            }
            f.set(left, left >> 1)
            f.add(processor, 1)
        }
        f.set(f.argument(0).dword(), block)
        f.return(Status.success)
    }

    /// `IoDisconnectInterrupt(InterruptObject*)`: of all processors; the objects are freed.
    package static let disconnectInterrupt: Routine = .init("IoDisconnectInterrupt", ["InterruptObject"]) { f in
        let block = f.argument(0)
        f.call(Ke.disconnectInterrupt, block)
        let processor = f.local(0)
        f.while(processor < 32) {
            let interrupt = f.local((block + KINTERRUPT.size.value + (processor << 2)).dword())
            f.if(interrupt != 0) { f.call(Ke.disconnectInterrupt, interrupt) }
            f.add(processor, 1)
        }
        f.call(Ex.freePoolWithTag, block, Value.tag("KINT"))
        f.return()
    }
}
