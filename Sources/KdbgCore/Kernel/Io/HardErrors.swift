// SPDX-License-Identifier: GPL-3.0-or-later

/// error.c: errors that a person should answer, such as a diskette that is not in its drive. Without user mode there is nobody to ask: the request ends.
extension Io {
    /// ETHREAD.CrossThreadFlags, HardErrorsAreDisabled.
    private static let hardErrorsDisabled: UInt32 = 0x20

    /// `IoSetThreadHardErrorMode(EnableHardErrors) -> BOOLEAN`: whether they were enabled for the running thread.
    package static let setThreadHardErrorMode: Routine = .init("IoSetThreadHardErrorMode", ["HardErrorEnabled"]) { f in
        let thread = f.local(Ke.prcb.CurrentThread.as(ETHREAD.self))
        let was = f.local((thread.CrossThreadFlags & hardErrorsDisabled.value) == 0)
        f.if((f.argument(0) & 0xFF) != 0) {
            f.set(thread.CrossThreadFlags, thread.CrossThreadFlags & ~hardErrorsDisabled.value)
        } else: {
            f.set(thread.CrossThreadFlags, thread.CrossThreadFlags | hardErrorsDisabled.value)
        }
        f.return(was)
    }

    /// `IoRaiseHardError(Irp*, Vpb*, RealDeviceObject*)`: asks in the thread that issued the request, by a kernel APC; a thread that wants none of
    /// this has its request completed at once, with no information.
    package static let raiseHardError: Routine = .init("IoRaiseHardError", ["Irp", "Vpb", "RealDeviceObject"]) { f in
        let irp = f.argument(0, IRP.self)
        let thread = f.local(irp.Thread)
        f.if((thread.CrossThreadFlags & hardErrorsDisabled.value) != 0) {
            f.set(irp.IoStatus.Information, 0)
            f.call(completeRequest, irp, 1)
            f.return()
        }
        let apc = f.local(f.call(Ex.allocatePoolWithTag, 0, KAPC.size, Value.tag("IoHE")))
        f.if(apc == 0) {
            f.set(irp.IoStatus.Information, 0)
            f.call(completeRequest, irp, 1)
            f.return()
        }
        f.call(Ke.initializeApc, apc, thread, irp.ApcEnvironment, freeApc, 0, askUser, 0, irp)
        f.call(Ke.insertQueueApc, apc, f.argument(1), f.argument(2), 0)
        f.return()
    }

    /// `IopFreeApc(Apc*, NormalRoutine**, NormalContext**, SystemArgument1**, SystemArgument2**)`: the APC's block has served.
    private static let freeApc: Routine = .init(
        "IopFreeApc", ["Apc", "NormalRoutine", "NormalContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        f.call(Ex.freePoolWithTag, f.argument(0), Value.tag("IoHE"))
        f.return()
    }

    /// `IopRaiseHardError(Irp*, Vpb*, RealDeviceObject*)`: in the requestor's thread at PASSIVE_LEVEL. The answer of a system without a window to ask in is
    /// "return to the caller".
    private static let askUser: Routine = .init("IopRaiseHardError", ["NormalContext", "SystemArgument1", "SystemArgument2"]) { f in
        let irp = f.argument(0, IRP.self)
        f.set(irp.IoStatus.Information, 0)
        f.call(completeRequest, irp, 1)
        f.return()
    }

    /// `IoRaiseInformationalHardError(ErrorStatus, String*, Thread*) -> BOOLEAN`: FALSE, since no port takes the message.
    package static let raiseInformationalHardError: Routine = .init(
        "IoRaiseInformationalHardError", ["ErrorStatus", "String", "Thread"]
    ) { f in f.return(0) }
}
