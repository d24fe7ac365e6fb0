// SPDX-License-Identifier: GPL-3.0-or-later

/// The two queues of routines that drivers want called again (spec/boot.md section 1.9.2).
extension Io {
    /// `IoRegisterBootDriverReinitialization(DriverObject*, Routine, Context)`: queues a routine for the end of boot driver start.
    package static let registerBootDriverReinitialization: Routine = .init(
        "IoRegisterBootDriverReinitialization",
        ["DriverObject", "DriverReinitializationRoutine", "Context"]
    ) { f in
        register(f, DriverFlag.bootReinitRegistered, driverBootReinitList, driverBootReinitLock)
    }

    /// `IoRegisterDriverReinitialization(DriverObject*, Routine, Context)`: queues a routine for the end of system driver start.
    package static let registerDriverReinitialization: Routine = .init(
        "IoRegisterDriverReinitialization",
        ["DriverObject", "DriverReinitializationRoutine", "Context"]
    ) { f in
        register(f, DriverFlag.reinitRegistered, driverReinitList, driverReinitLock)
    }

    private static func register(_ f: Function, _ flag: UInt32, _ list: GlobalStructure<LIST_ENTRY>, _ lock: Global) {
        let driver = f.argument(0, DRIVER_OBJECT.self)
        let block = f.call(Ex.allocatePoolWithTag, 0, DRIVER_REINIT_ITEM.size, Value.tag("IoRi"))
        f.if(block == 0) { f.return() }
        let item = block.as(DRIVER_REINIT_ITEM.self)
        f.set(item.address(of: \.DriverObject).dword(), driver)
        f.set(item.ReinitRoutine, f.argument(1))
        f.set(item.Context, f.argument(2))
        f.set(driver.Flags, driver.Flags | Value(flag))
        f.call(interlockedInsertTailList, list, item, lock)
        f.return()
    }

    /// `IopReinitializeBootDrivers()`: drains the boot queue, then waits for the enumeration of the device tree.
    package static let reinitializeBootDrivers: Routine = .init(
        "IopReinitializeBootDrivers", section: .initialization,
        step: .init(
            "1.9 #15", "Boot driver reinitialization",
            """
            Takes items off DriverBootReinitListHead until it is empty; what a routine queues meanwhile is served in the same drain. Then the thread \
            waits for PiEnumerationFinished, and only now the worker thread gets to enumerate the devices: disks do not exist before. Bus by bus it comes \
            to the IDE channel, whose interrupt is connected; the first packets go to the disk (break at UniataStartIo), which answers by IRQ 14, and \
            partmgr.sys makes \\Device\\HarddiskVolume1 of what the master boot record says.
            """)
    ) { f in
        drain(f, DriverFlag.bootReinitRegistered, driverBootReinitList, driverBootReinitLock)
        f.call(Ke.waitForSingleObject, enumerationFinished, 0, 0, 0, 0)
        f.return()
    }

    /// `IopReinitializeDrivers()`: drains the driver queue.
    package static let reinitializeDrivers: Routine = .init(
        "IopReinitializeDrivers",
        step: .init(
            "1.9 #23", "Driver reinitialization",
            """
            Takes items off DriverReinitListHead until it is empty. The boot volume can be opened now, so KD's routine finds KDBinit and the log \
            file here. A driver that is loaded later has the queue drained again.
            """)
    ) { f in
        drain(f, DriverFlag.reinitRegistered, driverReinitList, driverReinitLock)
        f.return()
    }

    /// `Count` belongs to the driver and is shared by both queues; the driver object is not touched after the call, which may have deleted it.
    private static func drain(_ f: Function, _ flag: UInt32, _ list: GlobalStructure<LIST_ENTRY>, _ lock: Global) {
        f.loop {
            let entry = f.call(interlockedRemoveHeadList, list, lock)
            f.if(entry == 0) { f.break() }
            let item = f.local(Pointer<DRIVER_REINIT_ITEM>.containing(entry, as: \.ItemEntry))
            let driver = f.local(item.DriverObject)
            let count = driver.DriverExtension.Count
            f.set(count, count + 1)
            f.set(driver.Flags, driver.Flags & ~Value(flag))
            f.callIndirect(item.ReinitRoutine, driver, item.Context, count)
            f.call(Ex.freePoolWithTag, item, Value.tag("IoRi"))
        }
    }
}
