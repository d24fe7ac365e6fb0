// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Interrupt objects: what a driver has connected to a vector.
///
/// Each holds a copy of `KiInterruptTemplate` with its own address in it, and the gate of its vector leads there. Drivers that share a vector hang on the
/// first one's list.
extension Ke {
    /// What KiConnectVectorToInterrupt makes of a vector.
    private enum Connection {
        static let none: Value = 0
        static let normal: Value = 1
        static let chained: Value = 2
    }

    /// KINTERRUPT_MODE.
    package enum InterruptMode {
        package static let levelSensitive: Value = 0
        package static let latched: Value = 1
    }

    /// `KeInitializeInterrupt(Interrupt*, ServiceRoutine, ServiceContext, SpinLock* or NULL, Vector, Irql, SynchronizeIrql, InterruptMode, ShareVector,
    /// ProcessorNumber, FloatingSave)`. The service routine is `BOOLEAN Service(Interrupt*, ServiceContext)` and says whether it was its device.
    package static let initializeInterrupt: Routine = .init(
        "KeInitializeInterrupt",
        [
            "Interrupt", "ServiceRoutine", "ServiceContext", "SpinLock", "Vector", "Irql", "SynchronizeIrql", "InterruptMode",
            "ShareVector", "ProcessorNumber", "FloatingSave",
        ]
    ) { f in
        let interrupt = f.argument(0, KINTERRUPT.self)
        f.zero(interrupt, KINTERRUPT.size)
        f.set(interrupt.Type, 0x16)
        f.set(interrupt.Size, KINTERRUPT.size)
        f.initializeListHead(interrupt.InterruptListEntry.value)
        f.set(interrupt.ServiceRoutine, f.argument(1))
        f.set(interrupt.ServiceContext, f.argument(2))
        f.set(interrupt.ActualLock, f.argument(3))
        f.if(interrupt.ActualLock == 0) { f.set(interrupt.ActualLock, interrupt.address(of: \.SpinLock)) }
        f.set(interrupt.Vector, f.argument(4))
        f.set(interrupt.Irql, f.argument(5))
        f.set(interrupt.SynchronizeIrql, f.argument(6))
        f.set(interrupt.Mode, f.argument(7))
        f.set(interrupt.ShareVector, f.argument(8))
        f.set(interrupt.Number, f.argument(9))
        f.set(interrupt.FloatingSave, f.argument(10))
        f.set(interrupt.TickCount, 0xFFFF_FFFF as Value)
        f.set(interrupt.DispatchCount, 0xFFFF_FFFF as Value)
        f.set(interrupt.DispatchAddress, interruptDispatch)
        f.copy(to: interrupt.DispatchCode, from: interruptTemplate, UInt32(templateLayout.size))
        f.set(interrupt.DispatchCode.dword(Int32(templateLayout.object)), interrupt)
        f.return()
    }

    /// `KeConnectInterrupt(Interrupt*) -> BOOLEAN`: false when the vector is no IRQ, or taken by somebody who does not share it the same way.
    package static let connectInterrupt: Routine = .init("KeConnectInterrupt", ["Interrupt"]) { f in
        let interrupt = f.argument(0, KINTERRUPT.self)
        let vector = f.local(interrupt.Vector)
        f.if(interrupt.Irql > Irql.high || interrupt.Number >= numberProcessors.dword) { f.return(0) }
        f.if(interrupt.SynchronizeIrql < interrupt.Irql || interrupt.FloatingSave != 0 || interrupt.Connected != 0) { f.return(0) }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let first = f.call(connectedInterrupt, vector).as(KINTERRUPT.self)
        f.if(first.isNull) {
            f.if(f.call(isVectorFree, vector) != 0) {
                f.set(interrupt.Connected, f.call(Hal.enableSystemInterrupt, vector, interrupt.Irql, interrupt.Mode))
                f.if(interrupt.Connected != 0) { f.call(connectVectorToInterrupt, interrupt, Connection.normal) }
            }
        } else: {
            f.if(first.ShareVector != 0 && interrupt.ShareVector != 0 && first.Mode == interrupt.Mode) {
                f.insertTailList(first.InterruptListEntry.value, interrupt.InterruptListEntry.value)
                f.set(interrupt.Connected, 1)
                f.call(connectVectorToInterrupt, first, Connection.chained)
            }
        }
        f.call(Hal.lowerIrql, irql)
        f.return(interrupt.Connected)
    }

    /// `KeDisconnectInterrupt(Interrupt*) -> was connected`. The last of a vector closes its line.
    package static let disconnectInterrupt: Routine = .init("KeDisconnectInterrupt", ["Interrupt"]) { f in
        let interrupt = f.argument(0, KINTERRUPT.self)
        f.if(interrupt.Connected == 0) { f.return(0) }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let first = f.call(connectedInterrupt, interrupt.Vector).as(KINTERRUPT.self)
        f.if(isListEmpty(interrupt.InterruptListEntry.value)) {
            f.call(Hal.disableSystemInterrupt, interrupt.Vector, interrupt.Irql)
            f.call(connectVectorToInterrupt, interrupt, Connection.none)
        } else: {
            f.if(first.value == interrupt.value) {
                f.set(
                    first.value,
                    Pointer<KINTERRUPT>.containing(interrupt.InterruptListEntry.value.dword(), as: \.InterruptListEntry))
            }
            f.removeEntryList(interrupt.InterruptListEntry.value)
            f.initializeListHead(interrupt.InterruptListEntry.value)
            f.if(isListEmpty(first.InterruptListEntry.value)) {
                f.call(connectVectorToInterrupt, first, Connection.normal)
            } else: {
                f.call(connectVectorToInterrupt, first, Connection.chained)
            }
        }
        f.set(interrupt.Connected, 0)
        f.call(Hal.lowerIrql, irql)
        f.return(1)
    }

    /// `KeSynchronizeExecution(Interrupt*, SynchronizeRoutine, SynchronizeContext) -> BOOLEAN` of the routine, which runs where the service routine cannot.
    package static let synchronizeExecution: Routine = .init(
        "KeSynchronizeExecution", ["Interrupt", "SynchronizeRoutine", "SynchronizeContext"]
    ) { f in
        let irql = f.call(Hal.raiseIrql, f.argument(0, KINTERRUPT.self).SynchronizeIrql)
        let result = f.callIndirect(f.argument(1), f.argument(2))
        f.call(Hal.lowerIrql, irql)
        f.return(result & 0xFF)
    }

    /// `KeAcquireInterruptSpinLock(Interrupt*) -> OldIrql`.
    package static let acquireInterruptSpinLock: Routine = .init("KeAcquireInterruptSpinLock", ["Interrupt"]) { f in
        f.return(f.call(Hal.raiseIrql, f.argument(0, KINTERRUPT.self).SynchronizeIrql))
    }

    /// `KeReleaseInterruptSpinLock(Interrupt*, OldIrql)`.
    package static let releaseInterruptSpinLock: Routine = .init("KeReleaseInterruptSpinLock", ["Interrupt", "OldIrql"]) { f in
        f.call(Hal.lowerIrql, f.argument(1))
        f.return()
    }

    // MARK: Gates

    /// `KeRegisterInterruptHandler(Vector, Handler)`: the live gate of a vector leads to a handler.
    package static let registerInterruptHandler: Routine = .init("KeRegisterInterruptHandler", ["Vector", "Handler"]) { f in
        let gate = f.local(pcr.IDT + (f.argument(0) << 3)).as(KIDTENTRY.self)
        f.asm { a in
            a.pushfd()
            a.cli()
        }
        f.set(gate.Offset, f.argument(1) & 0xFFFF)
        f.set(gate.Selector, 0x08)
        f.set(gate.Access, 0x8E00)
        f.set(gate.ExtendedOffset, f.argument(1) >> 16)
        f.asm { a in a.popfd() }
        f.return()
    }

    /// `KeQueryInterruptHandler(Vector) -> Handler`.
    package static let queryInterruptHandler: Routine = .init("KeQueryInterruptHandler", ["Vector"]) { f in
        let gate = f.local(pcr.IDT + (f.argument(0) << 3)).as(KIDTENTRY.self)
        f.return(gate.Offset | (gate.ExtendedOffset << 16))
    }

    /// `KiUnexpectedHandler(Vector) -> Handler` of a vector that nobody has.
    private static let unexpectedHandler: Routine = .init("KiUnexpectedHandler", ["Vector"]) { f in
        let gate = f.local(idt.value + (f.argument(0) << 3)).as(KIDTENTRY.self)
        f.return(gate.Offset | (gate.ExtendedOffset << 16))
    }

    /// `KiIsVectorFree(Vector) -> BOOLEAN`: its gate is still the static table's.
    private static let isVectorFree: Routine = .init("KiIsVectorFree", ["Vector"]) { f in
        f.return(f.call(queryInterruptHandler, f.argument(0)) == f.call(unexpectedHandler, f.argument(0)))
    }

    /// `KiConnectedInterrupt(Vector) -> KINTERRUPT* or NULL`: the object in whose code the gate ends.
    private static let connectedInterrupt: Routine = .init("KiConnectedInterrupt", ["Vector"]) { f in
        f.if(f.argument(0) < 0x30 || f.argument(0) > 0xFF || f.call(isVectorFree, f.argument(0)) != 0) { f.return(0) }
        let handler = f.call(queryInterruptHandler, f.argument(0))
        let interrupt = Pointer<KINTERRUPT>.containing(handler, as: \.DispatchCode)
        f.if(interrupt.Type != 0x16 || interrupt.Size != KINTERRUPT.size.value || interrupt.Vector != f.argument(0)) { f.return(0) }
        f.return(interrupt)
    }

    /// `KiConnectVectorToInterrupt(Interrupt*, Type)`: 0 the vector's unexpected-interrupt stub, 1 this object alone, 2 this object and its list.
    private static let connectVectorToInterrupt: Routine = .init("KiConnectVectorToInterrupt", ["Interrupt", "Type"]) { f in
        let interrupt = f.argument(0, KINTERRUPT.self)
        f.if(f.argument(1) == Connection.none) {
            f.call(registerInterruptHandler, interrupt.Vector, f.call(unexpectedHandler, interrupt.Vector))
            f.return()
        }
        f.set(interrupt.DispatchAddress, interruptDispatch)
        f.if(f.argument(1) == Connection.chained) { f.set(interrupt.DispatchAddress, chainedDispatch) }
        f.call(registerInterruptHandler, interrupt.Vector, interrupt.DispatchCode)
        f.return()
    }
}
