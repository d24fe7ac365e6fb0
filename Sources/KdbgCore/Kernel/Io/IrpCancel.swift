// SPDX-License-Identifier: GPL-3.0-or-later

/// Packets of a thread, and calling them off (spec/boot.md section 6, irp.c).
extension Io {
    private static let cancelSpinLock: Global = .init("IopCancelSpinLock")

    /// `IoAcquireCancelSpinLock(Irql*)`.
    package static let acquireCancelSpinLock: Routine = .init("IoAcquireCancelSpinLock", ["Irql"]) { f in
        f.set(f.argument(0).byte(), f.call(Hal.acquireSpinLock, cancelSpinLock))
        f.return()
    }

    /// `IoReleaseCancelSpinLock(Irql)`.
    package static let releaseCancelSpinLock: Routine = .init("IoReleaseCancelSpinLock", ["Irql"]) { f in
        f.call(Hal.releaseSpinLock, cancelSpinLock, f.argument(0))
        f.return()
    }

    /// `IoSetCancelRoutine(Irp*, Routine) -> the one before`.
    package static let setCancelRoutine: Routine = .init("IoSetCancelRoutine", ["Irp", "CancelRoutine"]) { f in
        f.return(f.exchange(f.argument(0, IRP.self).CancelRoutine, with: f.argument(1)))
    }

    /// `IoCancelIrp(Irp*) -> BOOLEAN`: marks the packet and calls its cancel routine, which releases the cancel lock. FALSE: it has none, and whoever has the
    /// packet looks at the mark, or does not. A packet that is not in a driver: BC 0x48(Irp).
    package static let cancelIrp: Routine = .init("IoCancelIrp", ["Irp"]) { f in
        let irp = f.argument(0, IRP.self)
        let irql = f.local(0)
        f.call(acquireCancelSpinLock, f.address(of: irql))
        f.set(irp.Cancel, 1)
        let routine = f.exchange(irp.CancelRoutine, with: 0)
        f.if(routine == 0) {
            f.call(releaseCancelSpinLock, irql)
            f.return(0)
        }
        f.if(irp.CurrentLocation > irp.StackCount + 1) { f.call(Ke.bugCheckEx, 0x48, irp, routine, 0, 0) }
        f.set(irp.CancelIrql, irql)
        f.callIndirect(routine, irp.CurrentStackLocation.DeviceObject, irp)
        f.return(1)
    }

    /// `IopQueueIrpToThread(Irp*)`: into the requestor's list, at APC_LEVEL, which keeps the completion away.
    static let queueIrpToThread: Routine = .init("IopQueueIrpToThread", ["Irp"]) { f in
        let irp = f.argument(0, IRP.self)
        let irql = f.call(Hal.raiseIrql, Irql.apc)
        f.insertHeadList(f.local(irp.Thread.address(of: \.IrpList)), irp.address(of: \.ThreadListEntry))
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `IopUnQueueIrpFromThread(Irp*)`.
    static let unqueueIrpFromThread: Routine = .init("IopUnQueueIrpFromThread", ["Irp"]) { f in
        let entry = f.local(f.argument(0, IRP.self).address(of: \.ThreadListEntry))
        f.if(isListEmpty(entry)) { f.return() }
        f.removeEntryList(entry)
        f.initializeListHead(entry)
        f.return()
    }

    /// `IoCancelThreadIo(Thread*)`: calls off everything the thread still waits for, gives it five seconds, and disowns what is left.
    package static let cancelThreadIo: Routine = .init("IoCancelThreadIo", ["Thread"]) { f in
        let list = f.local(f.argument(0, ETHREAD.self).address(of: \.IrpList))
        let interval = f.structure(LARGE_INTEGER.self)
        f.forEach(in: list) { entry in f.call(cancelIrp, Pointer<IRP>.containing(entry, as: \.ThreadListEntry)) }
        let tries = f.local(50)
        f.while(tries != 0 && !isListEmpty(list)) {
            f.set(interval.LowPart, (0 as UInt32) &- 1_000_000)
            f.set(interval.HighPart, 0xFFFF_FFFF as UInt32)
            f.call(Ke.delayExecutionThread, 0, 0, interval)
            f.set(tries, tries - 1)
        }
        f.forEach(in: list) { entry in
            let irp = Pointer<IRP>.containing(entry, as: \.ThreadListEntry)
            f.set(irp.address(of: \.Thread).dword(), 0)
            f.removeEntryList(entry)
            f.initializeListHead(entry)
        }
        f.return()
    }
}
