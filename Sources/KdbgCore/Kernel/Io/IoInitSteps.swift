// SPDX-License-Identifier: GPL-3.0-or-later

/// The rows of spec/boot.md section 1.9 that NT has in line or that only pass on a call.
extension Io {
    /// `IopInitializeHalPnpDriver() -> status`: calls what HalDispatchTable + 0x34 holds.
    static let initializeHalPnpDriver: Routine = .init(
        "IopInitializeHalPnpDriver", section: .initialization,
        step: .init(
            "1.9 #11", "HalInitPnpDriver",
            """
            Calls through the HAL's public dispatch table. Normally that is HaliInitPnpDriver, which makes \\Driver\\ACPI_HAL and reports the \
            computer as a detected device. With a KD provider that wants files it is KdpInitDriver: KD has its first chance to be a driver here, \
            and passes the call on.
            """)
    ) { f in f.return(f.callIndirect(Hal.dispatchTable.HalInitPnpDriver)) }

    /// `IopEnumerateRootDevices() -> status`.
    static let enumerateRootDevices: Routine = .init(
        "IopEnumerateRootDevices", section: .initialization,
        step: .init("1.9 #12", "Root devices", "Looks at the devices directly below the root, at once; the HAL's is there now.")
    ) { f in
        f.return(
            f.call(
                queueDeviceAction, rootDeviceNode.dword.as(DEVICE_NODE.self).PhysicalDeviceObject, DeviceAction.enumerateRootDevices, 0, 0))
    }

    /// `IopOpenLoaderWindow(LoaderBlock*)`.
    static let openLoaderWindow: Routine = .init(
        "IopOpenLoaderWindow", ["LoaderBlock"], section: .initialization,
        step: .init("1.9 #13", "IopLoaderBlock set", "Boot drivers may ask about the loader block from here to step 17.")
    ) { f in
        f.set(loaderBlock.dword, f.argument(0))
        f.return()
    }

    /// `IopCloseLoaderWindow()`.
    static let closeLoaderWindow: Routine = .init(
        "IopCloseLoaderWindow", section: .initialization,
        step: .init("1.9 #17", "IopLoaderBlock cleared", "The loader block is out of reach for drivers again.")
    ) { f in
        f.set(loaderBlock.dword, 0)
        f.return()
    }

    /// `IopSetBootDriversInitialized()`.
    static let setBootDriversInitialized: Routine = .init(
        "IopSetBootDriversInitialized", section: .initialization,
        step: .init(
            "1.9 #20", "Boot drivers initialised",
            "PnPBootDriversInitialized becomes TRUE. Here IoInitSystem used to call KD directly, before KD became a driver.")
    ) { f in
        f.set(bootDriversInitialized.byte, 1)
        f.return()
    }

    /// `IopSetPnpSystemInit()`.
    static let setPnpSystemInit: Routine = .init(
        "IopSetPnpSystemInit", section: .initialization,
        step: .init("1.9 #22", "PnpSystemInit", "From now on every driver load drains the queue of reinitialization routines.")
    ) { f in
        f.set(pnpSystemInit.byte, 1)
        f.return()
    }

    /// `IopFinishInitialization() -> BOOLEAN`.
    static let finishInitialization: Routine = .init(
        "IopFinishInitialization", section: .initialization,
        step: .init(
            "1.9 #27", "I/O manager ready", "IoInitSystem answers TRUE. A boot log, if there is one, goes from the registry to its file.")
    ) { f in
        f.call(saveBootLogToFile)
        f.return(1)
    }
}
