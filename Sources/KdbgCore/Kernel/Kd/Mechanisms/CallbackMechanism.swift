// SPDX-License-Identifier: GPL-3.0-or-later

/// The mechanism before the commit (spec/boot.md section 2.2), with its two defects: the I/O manager's call reaches KDBinit but no provider, and the log
/// opens from within its own print routine. What a failure leaves behind is not given back.
enum CallbackMechanism {
    static var variant: LinkVariant {
        var variant = LinkVariant()
        variant.replacements = [debuggerInitialize1, kdbInitialize, debugLogInit, debugLogPrint, Kd.startLogger(priority: 7)]
        variant.insertions = [
            LinkVariant.Insertion(into: Io.initSystem.name, seam: seam) { f in
                f.call(Kd.kdbpCliInit)
                f.call(Kd.initSystem, 3, f.argument(0))
            }
        ]
        return variant
    }

    /// The seam in `IoInitSystem` behind `PnPBootDriversInitialized`.
    static let seam = "boot drivers are initialized"

    /// `KdDebuggerInitialize1(LoaderBlock) -> status`: phase 1 of every provider, and no thought of later.
    private static let debuggerInitialize1: Routine = .init(
        "KdDebuggerInitialize1", ["LoaderBlock"],
        step: .init(
            "1.8 #23", "KdDebuggerInitialize1",
            """
            The providers' phase 1: pool and threads exist, the I/O manager does not. Before the commit nobody could ask for a later phase: the I/O manager \
            calls KD behind the boot drivers, and no provider hears of it.
            """)
    ) { f in
        f.forEach(in: Kd.providerList.value) { entry in
            let table = Pointer<KD_DISPATCH_TABLE>.containing(entry, as: \.KdProvidersList)
            f.call(Kd.callInitRoutine, table, 1)
        }
        f.set(Ke.ntGlobalFlag.dword, Ke.ntGlobalFlag.dword | 1)
        f.seam(EarlyCall.seam)
        f.return(Status.success)
    }

    /// `KdbInitialize(DispatchTable*, BootPhase) -> success`: the ring of dmesg, nothing else.
    private static let kdbInitialize: Routine = Routine(
        "KdbInitialize", ["DispatchTable", "BootPhase"],
        step: .init(
            "2.4 #4", "KDBG provider",
            "Phase 1: the ring that dmesg shows. KDBinit is a matter of the I/O manager, which calls KdbpCliInit itself.")
    ) { f in
        f.if(f.argument(1) == 0) { f.call(Kd.registerProvider, f.argument(0), Kd.kdbDebugPrint, Kd.kdbInitialize) }
        f.if(f.argument(1) == 1) {
            f.call(Kd.allocateDmesg)
            f.call(Kd.kdbSymInit, 1)
        }
        f.return(Status.success)
    }

    /// `KdpDebugLogInit(DispatchTable*, BootPhase) -> status`: whatever fails, ring, mode bit and node stay. From phase 2 on the table may be NULL.
    private static let debugLogInit: Routine = Routine(
        "KdpDebugLogInit", ["DispatchTable", "BootPhase"],
        step: .init(
            "2.4 #3", "File provider",
            """
            Phase 1: a ring of 512 KiB from nonpaged pool. Nobody calls it for phase 3: its own print routine does, with a NULL table, at the first print of \
            a thread at PASSIVE_LEVEL when ExpInitializationPhase is 2, so when smss.exe is there. A failure gives nothing back.
            """)
    ) { f in
        let table = f.argument(0, KD_DISPATCH_TABLE.self)
        f.if((Kd.debugMode.dword & Value(KdProvider.file.modeBit)) == 0) { f.return(Status.portDisconnected) }
        f.if(f.argument(1) == 0) {
            f.call(Kd.registerProvider, table, Kd.debugLogPrint, Kd.debugLogInit)
            f.return(Status.success)
        }
        f.if(f.argument(1) == 1) {
            let buffer = f.call(Ex.allocatePoolWithTag, 0, Kd.logRingSize, Value.tag("KDBG"))
            f.if(buffer == 0) { f.return(Status.noMemory) }
            f.zero(buffer, Kd.logRingSize)
            f.set(Kd.logSpinLock.dword, 0)
            f.set(Kd.currentPosition.dword, 0)
            f.set(Kd.debugBuffer.dword, buffer)
            f.set(Kd.freeBytes.dword, Kd.logRingSize)
            f.call(Hal.displayString, f.text("\r\n   File log debugging enabled\r\n\r\n"))
            f.return(Status.success)
        }
        f.if(Kd.logFileHandle.dword != 0) { f.return(Status.success) }
        let status = f.call(Kd.openLogFile)
        f.if(status.isSuccess) { f.set(status, f.call(Kd.startLogger)) }
        f.return(status)
    }

    /// Set while the log opens, whose own prints must not open it again.
    private static let isOpening: Global = .init("KdpLogIsOpening")

    /// `KdpDebugLogPrint(String*, Length)`: to the ring; and the file is opened when the time for that has come. KD prints at DISPATCH_LEVEL, so it is left for the
    /// while and entered again.
    private static let debugLogPrint: Routine = .init("KdpDebugLogPrint", ["String", "Length"]) { f in
        f.call(Kd.printToRing, f.argument(0), f.argument(1))
        f.if(Kd.debugBuffer.dword == 0 || Kd.loggingEnabled.byte != 0 || Ex.initializationPhase.dword < 2 || isOpening.byte != 0) {
            f.return()
        }
        f.if(Kd.enteredDebugger.byte == 0 || Kd.savedIrql != Irql.passive || Kd.logFileHandle.dword != 0) { f.return() }
        f.set(isOpening.byte, 1)
        f.call(Kd.exitDebugger, 1)
        f.call(Kd.debugLogInit, 0, 3)
        f.call(Kd.enterDebugger, 0, 0)
        f.set(isOpening.byte, 0)
        f.return()
    }
}
