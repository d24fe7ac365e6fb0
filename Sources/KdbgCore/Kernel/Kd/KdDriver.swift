// SPDX-License-Identifier: GPL-3.0-or-later

/// `\Driver\KdDriver`: a driver object whose only use is to be called back (spec/boot.md section 2.3, steps 7 and 8).
extension Kd {
    /// `DRVO_INITIALIZED`.
    private static let driverInitialized: Value = 0x10

    /// The boot phase after which nobody is asked again: the fourth round.
    package static let lastBootPhase: Value = 5

    /// `KdpDriverEntry(DriverObject, RegistryPath) -> status`.
    package static let driverEntry: Routine = .init(
        "KdpDriverEntry", ["DriverObject", "RegistryPath"],
        step: .init(
            "2.3 #7", "KD's driver entry",
            """
            KD asks to be called again when the boot drivers have been started. That is all it wanted a driver object for: only a driver can \
            register a reinitialization routine.
            """)
    ) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.call(Io.registerBootDriverReinitialization, driver, driverReinit, 0)
        f.set(driver.Flags, driver.Flags | driverInitialized)
        f.return(Status.success)
    }

    /// `KdpDriverReinit(DriverObject, Context, Count)`: boot phase Count + 1 of the providers that asked for it. Context is FALSE when the boot
    /// queue called, TRUE when the driver queue did.
    package static let driverReinit: Routine = Routine(
        "KdpDriverReinit", ["DriverObject", "Context", "Count"],
        step: .init(
            "2.3 #8", "A reinitialization round",
            """
            Providers that set their init routine again are called with the next boot phase: 2 and 3 when the boot drivers have been started, 4 and 5 \
            when the system drivers have. Whoever finds no file yet asks again. When nobody asks, or after the fourth round, KD's driver \
            object has done its duty: it becomes temporary, which takes its name away, and is deleted.
            """)
    ) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        let count = f.argument(2)
        f.assert(f.call(Hal.getCurrentIrql) == Irql.passive, "KeGetCurrentIrql() == PASSIVE_LEVEL")
        let scheduleReinit = f.local(0)
        f.forEach(in: providerList.value) { entry in
            let table = Pointer<KD_DISPATCH_TABLE>.containing(entry, as: \.KdProvidersList)
            f.if(table.KdpInitRoutine != 0) {
                f.if(f.call(callInitRoutine, table, count + 1) != 0) { f.set(scheduleReinit, 1) }
            }
        }
        f.if(scheduleReinit != 0) {
            f.if(count <= 1) {
                f.call(Io.registerBootDriverReinitialization, driver, driverReinit, 0)
                f.return()
            }
            f.if(count <= 3) {
                f.call(Io.registerDriverReinitialization, driver, driverReinit, 1)
                f.return()
            }
        }
        f.call(Ob.makeTemporaryObject, driver)
        f.call(Io.deleteDriver, driver)
        f.seam(Mechanism.afterLastRound)
        f.return()
    }
}
