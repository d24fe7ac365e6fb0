// SPDX-License-Identifier: GPL-3.0-or-later

/// Boot drivers (spec/boot.md section 1.9.1).
extension Io {
    /// `IopInitializeBootDrivers()`: without RAW there are no boot drivers at all.
    static let initializeBootDrivers: Routine = .init(
        "IopInitializeBootDrivers", section: .initialization,
        step: .init(
            "1.9 #14", "Boot drivers",
            """
            RAW first, then the drivers that the loader brought along, by the groups of their services: a driver object each, DriverEntry, devices ready. Names come \
            from the loader's list, images from PsLoadedModuleList. At the end BOOT DRIVERS LOADED is printed and the enumeration of the device \
            tree is handed to a worker thread.
            """)
    ) { f in
        f.if(f.call(createRawDriver).isError) { f.return() }
        let groups = f.call(createDriverGroups)
        f.if(groups == 0) { f.return() }
        f.call(callDllInitializers)
        f.call(sortBootDrivers, groups)
        f.call(startBootDrivers, groups)
        f.call(finishBootDrivers)
        f.return()
    }

    /// `IopCreateRawDriver() -> status`.
    private static let createRawDriver: Routine = .bootStep(
        "1.9.1 #1", "IopCreateRawDriver", [], "RAW file system", "\\FileSystem\\RAW, which mounts what nobody else recognises, comes first."
    ) { f in
        f.return(f.call(createDriver, f.unicode(#"\FileSystem\RAW"#), rawEntry))
    }

    /// Groups of drivers in `ServiceGroupOrder`, and one more for drivers without a group.
    private static let groupIndex: Global = .init("IopGroupIndex")

    /// `IopCreateDriverGroups() -> list heads or NULL`.
    private static let createDriverGroups: Routine = .bootStep(
        "1.9.1 #2", "IopCreateDriverGroups", [], "Driver groups",
        """
        The value List of Control\\ServiceGroupOrder names the groups in the order they start in. IopGroupIndex is their number and one, for drivers \
        without any; each gets a list.
        """
    ) { f in
        f.call(cacheGroupInformation)
        f.set(groupIndex.dword, f.call(getGroupOrderIndex, 0))
        let groups = f.call(Ex.allocatePoolWithTag, 1, groupIndex.dword * Value(LIST_ENTRY.size), Value.tag("Io  "))
        f.if(groups == 0) { f.return(0) }
        let index = f.local(0)
        f.while(index < groupIndex.dword) {
            f.initializeListHead(f.local(groups + (index << 3)))
            f.add(index, 1)
        }
        f.return(groups)
    }

    /// `IopCallDllInitializers()`.
    private static let callDllInitializers: Routine = .bootStep(
        "1.9.1 #3", "IopCallDllInitializers", [], "DllInitialize",
        "Libraries that drivers import are called before the drivers, if they export DllInitialize."
    ) { f in
        f.forEach(in: Ke.loader.address(of: \.LoadOrderListHead)) { entry in
            let module = entry.as(LDR_DATA_TABLE_ENTRY.self)
            f.if((module.Flags & 0x0400_0000) != 0) { f.call(Mm.callDllInitialize, module) }
        }
        f.return()
    }

    /// `IopSortBootDrivers(Groups*)`: a driver whose key cannot be opened is left out. In text-mode setup there are no keys, and handle 1 stands for them.
    private static let sortBootDrivers: Routine = .bootStep(
        "1.9.1 #4", "IopSortBootDrivers", ["Groups"], "Boot drivers by group",
        """
        Each entry of the loader's list has the path of its service's key. The key's Group says which list the driver goes to, its Tag where in the list; \
        but the tag's place is looked for in the wrong key and never found, so within a group the loader's order stays. A driver without a key is left out.
        """
    ) { f in
        f.forEach(in: Ke.loader.address(of: \.BootDriverListHead)) { entry in
            let boot = entry.as(BOOT_DRIVER_LIST_ENTRY.self)
            let handle = f.local(0)
            let status = f.call(Cm.openKeyByName, f.address(of: handle), 0, boot.address(of: \.RegistryPath))
            f.if(status.isError && Ke.loader.SetupLdrBlock.isNotNull) { f.set(handle, 1) }
            f.if(handle != 0) { f.call(insertBootDriver, f.argument(0), boot, handle) }
        }
        f.return()
    }

    /// `IopInsertBootDriver(Groups*, BootEntry*, ServiceHandle)`: an accounting node in the list of the service's group, before the first one whose tag has a
    /// later place.
    private static let insertBootDriver: Routine = .init(
        "IopInsertBootDriver", ["Groups", "BootEntry", "ServiceHandle"], section: .initialization
    ) { f in
        let block = f.call(Ex.allocatePoolWithTag, 1, DRIVER_INFORMATION.size, Value.tag("Io  "))
        f.if(block == 0) { f.return() }
        let information = f.local(block.as(DRIVER_INFORMATION.self))
        f.zero(information, DRIVER_INFORMATION.size)
        f.set(information.address(of: \.DataTableEntry).dword(), f.argument(1))
        f.set(information.ServiceHandle, f.argument(2))
        let index = f.local(groupIndex.dword - 1)
        f.set(information.TagPosition, 0xFFFF)
        f.if(f.argument(2) != 1) {
            f.set(index, f.call(getGroupOrderIndex, f.argument(2)))
            f.set(information.TagPosition, f.call(getDriverTagPriority, f.argument(2)))
        }
        let head = f.local(f.argument(0) + (index << 3))
        let next = f.local(head.dword())
        f.while(next != head) {
            f.if(next.as(DRIVER_INFORMATION.self).TagPosition > information.TagPosition) { f.break() }
            f.set(next, next.dword())
        }
        // In front of that node, or at the end.
        f.insertTailList(next, information.value)
        f.return()
    }

    /// `IopStartBootDrivers(Groups*)`: gives groups and nodes back.
    private static let startBootDrivers: Routine = .bootStep(
        "1.9.1 #5", "IopStartBootDrivers", ["Groups"], "Boot drivers start",
        "Group by group, driver by driver: the image is found in PsLoadedModuleList, gets a driver object, and its DriverEntry is called."
    ) { f in
        let index = f.local(0)
        f.while(index < groupIndex.dword) {
            f.forEach(in: f.local(f.argument(0) + (index << 3))) { entry in
                let information = f.local(entry.as(DRIVER_INFORMATION.self))
                let boot = information.DataTableEntry
                let added = f.call(initializeBuiltinDriver, boot.LdrEntry, information)
                f.set(information.Processed, 1)
                f.if(information.ServiceHandle > 1) { f.call(Ob.zwClose, information.ServiceHandle) }
                f.if(added != 0) { queueRootAction(f, DeviceAction.enumerateRootDevices) }
                f.call(Ex.freePoolWithTag, information, Value.tag("Io  "))
            }
            f.add(index, 1)
        }
        f.call(Ex.freePoolWithTag, f.argument(0), Value.tag("Io  "))
        f.return()
    }

    /// `IopFinishBootDrivers()`.
    private static let finishBootDrivers: Routine = .bootStep(
        "1.9.1 #6", "IopFinishBootDrivers", [], "Boot drivers loaded",
        "PnPBootDriversLoaded becomes TRUE, a line says so, and a worker thread is asked to enumerate the device tree. It runs when this thread waits."
    ) { f in
        f.set(bootDriversLoaded.byte, 1)
        f.print("BOOT DRIVERS LOADED\n")
        queueRootAction(f, DeviceAction.enumerateDeviceTree)
        f.return()
    }

    private static func queueRootAction(_ f: Function, _ action: UInt32) {
        f.call(queueDeviceAction, rootDeviceNode.dword.as(DEVICE_NODE.self).PhysicalDeviceObject, action, 0, 0)
    }
}
