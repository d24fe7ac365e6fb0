// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// From the gate of a connected vector to the drivers' service routines.
extension Ke {
    /// The code each interrupt object has a copy of, and where in it the object's address stands.
    static let templateLayout: (size: Int, object: Int) = {
        var assembler = Assembler()
        let object = emitTemplate(&assembler, exit: "")
        return ((assembler.position + 3) & ~3, object)
    }()

    static let interruptTemplate: Routine = .naked("KiInterruptTemplate") { f in
        f.asm { a in
            _ = emitTemplate(&a, exit: f.symbol(exceptionExit))
            while a.position % 4 != 0 { a.nop() }
        }
    }

    /// Position-independent, since it is copied: trap frame, `DispatchAddress(TrapFrame, Interrupt)`, exit.
    private static func emitTemplate(_ a: inout Assembler, exit: String) -> Int {
        a.push(0 as UInt32)
        pushTrapFrame(&a)
        let object = a.position + 1
        a.mov(.eax, 0x1111_1111)
        a.mov(.ecx, .esp)
        a.push(.eax)
        a.push(.ecx)
        a.call(.at(.eax, Int32(offset(of: \KINTERRUPT.DispatchAddress))))
        a.mov(.eax, addressOf: exit)
        a.jmp(.eax)
        return object
    }

    /// `KiInterruptDispatch(TrapFrame*, Interrupt*)`: one driver.
    static let interruptDispatch: Routine = .init("KiInterruptDispatch", ["TrapFrame", "Interrupt"]) { f in
        let interrupt = f.argument(1, KINTERRUPT.self)
        let old = f.local(0)
        f.add(prcb.InterruptCount, 1)
        f.if(f.call(Hal.beginSystemInterrupt, interrupt.Irql, interrupt.Vector, f.address(of: old)) == 0) { f.return() }
        f.add(interrupt.DispatchCount, 1)
        f.call(callServiceRoutine, interrupt)
        f.call(Hal.endSystemInterrupt, old, f.argument(0))
        f.return()
    }

    /// `KiChainedDispatch(TrapFrame*, Interrupt*)`: all who share the vector. A level-sensitive line is done when one of them was meant; with a latched one
    /// everybody is asked until nobody has anything, since a second edge may have been lost.
    static let chainedDispatch: Routine = .init("KiChainedDispatch", ["TrapFrame", "Interrupt"]) { f in
        let first = f.argument(1, KINTERRUPT.self)
        let old = f.local(0)
        f.add(prcb.InterruptCount, 1)
        f.if(f.call(Hal.beginSystemInterrupt, first.Irql, first.Vector, f.address(of: old)) == 0) { f.return() }
        f.add(first.DispatchCount, 1)
        let entry = f.local(first.InterruptListEntry.value)
        let isHandled = f.local(0)
        f.loop {
            let interrupt = f.local(Pointer<KINTERRUPT>.containing(entry, as: \.InterruptListEntry))
            let service = f.call(callServiceRoutine, interrupt)
            f.if(service != 0) {
                f.set(isHandled, 1)
                f.if(interrupt.Mode == InterruptMode.levelSensitive) { f.break() }
            }
            f.set(entry, entry.dword())
            f.if(entry == first.InterruptListEntry.value) {
                f.if(isHandled == 0 || first.Mode == InterruptMode.levelSensitive) { f.break() }
                f.set(isHandled, 0)
            }
        }
        f.call(Hal.endSystemInterrupt, old, f.argument(0))
        f.return()
    }

    /// `KiCallServiceRoutine(Interrupt*) -> BOOLEAN`: at the level at which the driver synchronises.
    private static let callServiceRoutine: Routine = .init("KiCallServiceRoutine", ["Interrupt"]) { f in
        let interrupt = f.argument(0, KINTERRUPT.self)
        let irql = f.local(interrupt.Irql)
        f.if(interrupt.SynchronizeIrql > irql) { f.call(Hal.raiseIrql, interrupt.SynchronizeIrql) }
        let result = f.callIndirect(interrupt.ServiceRoutine, interrupt, interrupt.ServiceContext)
        f.if(interrupt.SynchronizeIrql > irql) { f.call(Hal.lowerIrql, irql) }
        f.return(result & 0xFF)
    }
}
