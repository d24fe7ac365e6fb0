// SPDX-License-Identifier: GPL-3.0-or-later

/// KD step D: `KdDebuggerInitialize1` and the hook it leaves in the HAL's dispatch table (spec/boot.md section 2.3, steps 2 to 5).
extension Kd {
    /// The hooked cell, at `HalDispatchTable` + 0x34.
    static var initPnpDriverCell: Value { Hal.dispatchTable.HalInitPnpDriver }

    /// `KdDebuggerInitialize1(LoaderBlock) -> status`: the providers' phase 1; the hook when one of them wants a later phase.
    package static let debuggerInitialize1: Routine = debuggerInitialize1(arranging: hookInitPnpDriver)

    /// The same for any mechanism.
    /// - Parameter arrange: sees to it that KD is called again; takes nothing or the loader block.
    static func debuggerInitialize1(arranging arrange: Routine) -> Routine {
        Routine(
            "KdDebuggerInitialize1", ["LoaderBlock"],
            step: .init(
                "1.8 #23", "KdDebuggerInitialize1",
                """
                The providers' phase 1: pool and threads exist, the I/O manager does not. A provider that needs files sets its init routine again, and \
                because nobody will call KD once there are files, KD hooks the one callback that the I/O manager makes early in its own start: \
                HalInitPnpDriver. From now on first-chance exceptions reach the debugger.
                """)
        ) { f in
            let anySuccess = f.local(0)
            let anyReinit = f.local(0)
            f.forEach(in: providerList.value) { entry in
                let table = Pointer<KD_DISPATCH_TABLE>.containing(entry, as: \.KdProvidersList)
                f.assert(table.KdpInitRoutine != 0, "CurrentTable->KdpInitRoutine")
                let again = f.call(callInitRoutine, table, 1)
                f.if(table.InitStatus.isSuccess) { f.set(anySuccess, 1) }
                f.if(again != 0) { f.set(anyReinit, 1) }
            }
            f.set(Ke.ntGlobalFlag.dword, Ke.ntGlobalFlag.dword | 1)
            f.seam(EarlyCall.seam)
            f.if(anyReinit == 0) {
                f.if(anySuccess != 0) { f.return(Status.success) }
                f.return(Status.unsuccessful)
            }
            if arrange.parameters.isEmpty {
                f.call(arrange)
            } else {
                f.call(arrange, f.argument(0))
            }
            f.return(Status.success)
        }
    }

    /// Puts `KdpInitDriver` into the cell, atomically, and keeps what was there.
    static let hookInitPnpDriver: Routine = .init(
        "KdpHookInitPnpDriver",
        step: .init(
            "2.3 #4", "HalInitPnpDriver is hooked",
            """
            One locked exchange puts KdpInitDriver into the public HAL dispatch table, at offset 0x34, and keeps the HAL's own routine. It is the \
            third of the four values that the cell has in a boot: the kernel's stub, the HAL's routine, the hook, and the HAL's routine again.
            """)
    ) { f in
        f.set(orgHalInitPnpDriver.dword, f.exchange(initPnpDriverCell, with: initDriver))
        f.return()
    }

    /// `KdpInitDriver() -> status`: what the I/O manager calls in the HAL's place, once.
    package static let initDriver: Routine = .init(
        "KdpInitDriver",
        step: .init(
            "2.3 #5", "The hook fires",
            """
            The I/O manager calls HalInitPnpDriver and gets KD. Object types and \\Driver exist by now, so KD becomes a driver: \\Driver\\KdDriver, \
            made by IoCreateDriver. A failure is printed and changes nothing else. Then the HAL's routine is put back and called.
            """)
    ) { f in
        f.assert(f.call(Hal.getCurrentIrql) == Irql.passive, "KeGetCurrentIrql() == PASSIVE_LEVEL")
        f.if(f.compareExchange(initCalled.byte, 1, comparand: 0) != 0) { f.return(Status.success) }
        let status = f.call(Io.createDriver, f.unicode(#"\Driver\KdDriver"#), driverEntry)
        f.if(status.isError) { f.print("(ntoskrnl/kd/kdmain.c:288) IoCreateDriver failed: 0x%08lx\n", status) }
        f.exchange(initPnpDriverCell, with: orgHalInitPnpDriver.dword)
        f.if(initPnpDriverCell == 0) { f.return(Status.success) }
        f.return(f.callIndirect(initPnpDriverCell))
    }
}
