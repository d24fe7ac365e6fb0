// SPDX-License-Identifier: GPL-3.0-or-later

/// Start of the I/O manager (spec/boot.md section 1.9): its 27 rows in order.
extension Io {
    /// `IoInitSystem(LoaderBlock*) -> BOOLEAN`: FALSE becomes BC 0x69 in the caller.
    package static let initSystem: Routine = .init(
        "IoInitSystem", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.8 #29", "I/O manager",
            """
            Types, directories, plug and play, boot drivers, the boot volume, system drivers. KD waits for this: its hook is called in the middle \
            of it, its reinitialization routine near the end of both driver phases.
            """)
    ) { f in
        let loader = f.argument(0, LOADER_PARAMETER_BLOCK.self)
        let done = f.local(0)
        f.call(initLookasideLists)
        f.call(initializeQueues)
        f.call(initializeNotifications)
        f.if(f.call(initializeReserveIrp) == 0) { f.return(0) }
        f.call(initializeTimers)
        f.if(f.call(createObjectTypes) == 0) { f.return(0) }
        f.if(f.call(createRootDirectories) == 0) { f.return(0) }
        f.call(initializePlugPlayServices)
        f.call(apphelpCacheInitialize)
        f.call(wmiInitialize)
        f.call(initializeHalPnpDriver)
        f.call(enumerateRootDevices)
        f.call(openLoaderWindow, loader)
        f.call(initializeBootDrivers)
        f.call(reinitializeBootDrivers)
        f.call(startRamdiskIfBootDevice, loader)
        f.call(closeLoaderWindow)
        f.set(done, f.call(createArcNames, loader))
        f.if(done.isError) { f.return(0) }
        f.call(markBootPartition, loader)
        f.call(setBootDriversInitialized)
        f.seam(CallbackMechanism.seam)
        f.call(initializeSystemDrivers)
        f.call(setPnpSystemInit)
        f.call(reinitializeDrivers)
        f.if(f.call(reassignSystemRoot, loader).isError) { f.return(0) }
        f.call(assignDriveLetters, loader, arcBootDeviceName, 0, 0)
        f.if(f.call(Ps.locateSystemDll).isError) { f.return(0) }
        f.return(f.call(finishInitialization))
    }

    /// `IopInitializeQueues()`: until here the list heads were zero.
    static let initializeQueues: Routine = .init(
        "IopInitializeQueues", section: .initialization,
        step: .init(
            "1.9 #2", "Queues",
            """
            Makes the I/O manager's three resources, for its database, for security and for driver loading, and empties the queues of file systems, \
            DriverBootReinitListHead and DriverReinitListHead, the shutdown, notification and error-log lists. \
            Before this the heads are zero: registering a reinitialization routine would have stopped the system with BC 0x0A.
            """)
    ) { f in
        for resource in [databaseResource, securityResource, driverLoadResource] { f.call(Ex.initializeResourceLite, resource) }
        for head in [
            diskFileSystemQueue, cdRomFileSystemQueue, tapeFileSystemQueue, networkFileSystemQueue, driverBootReinitList, driverReinitList,
            shutdownList, lastChanceShutdownList, fsNotifyChangeQueue, errorLogList,
        ] { f.initializeListHead(head.value) }
        f.return()
    }

    static let notifyLists: [GlobalStructure<LIST_ENTRY>] = [
        Global.listHead("PiNotifyHwProfileListHead"), Global.listHead("PiNotifyDeviceInterfaceListHead"),
        Global.listHead("PiNotifyTargetDeviceListHead"),
    ]

    /// `PiInitializeNotifications()`.
    static let initializeNotifications: Routine = .init(
        "PiInitializeNotifications", section: .initialization,
        step: .init("1.9 #3", "Plug and play notifications", "Empties the lists of those who want to hear of arriving devices.")
    ) { f in
        for head in notifyLists { f.initializeListHead(head.value) }
        f.return()
    }

    /// `ApphelpCacheInitialize() -> status`.
    static let apphelpCacheInitialize: Routine = .init(
        "ApphelpCacheInitialize", section: .initialization,
        step: .init(
            "1.9 #9", "Compatibility cache", "The cache of application compatibility decisions starts empty: there are no applications.")
    ) { f in f.return(Status.success) }
}
