// SPDX-License-Identifier: GPL-3.0-or-later

/// Boot drivers (spec/boot.md section 1.9.1).
extension Io {
    /// `IopInitializeBootDrivers()`: without RAW there are no boot drivers at all.
    static let initializeBootDrivers: Routine = .init(
        "IopInitializeBootDrivers", section: .initialization,
        step: .init(
            "1.9 #14", "Boot drivers",
            """
            RAW first, then the drivers that the loader brought along, in its order: a driver object each, DriverEntry, devices ready. Names come \
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

    /// `IopCreateDriverGroups() -> list heads or NULL`. There is no registry that could list groups, so there is the last one only.
    private static let createDriverGroups: Routine = .bootStep(
        "1.9.1 #2", "IopCreateDriverGroups", [], "Driver groups",
        "IopGroupIndex is the number of groups and one for drivers without any; each gets a list. ServiceGroupOrder names none here."
    ) { f in
        f.set(groupIndex.dword, 1)
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

    /// `IopSortBootDrivers(Groups*)`. The services' registry keys are not there to be read: the loader has sorted the list already, and 0xFFFF for
    /// every tag keeps its order.
    private static let sortBootDrivers: Routine = .bootStep(
        "1.9.1 #4", "IopSortBootDrivers", ["Groups"], "Boot drivers by group",
        "One accounting node for each entry of the loader's list; within a group the loader's order stays."
    ) { f in
        let group = f.local(f.argument(0) + ((groupIndex.dword - 1) << 3))
        f.forEach(in: Ke.loader.address(of: \.BootDriverListHead)) { entry in
            let block = f.call(Ex.allocatePoolWithTag, 1, DRIVER_INFORMATION.size, Value.tag("Io  "))
            f.if(block != 0) {
                f.zero(block, DRIVER_INFORMATION.size)
                f.set(block.as(DRIVER_INFORMATION.self).address(of: \.DataTableEntry).dword(), entry)
                f.set(block.as(DRIVER_INFORMATION.self).TagPosition, 0xFFFF)
                f.insertTailList(group, block)
            }
        }
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
                let added = f.call(initializeBuiltinDriver, boot.LdrEntry, boot.address(of: \.RegistryPath), information)
                f.set(information.Processed, 1)
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

    /// `IopInitializeBuiltinDriver(LdrEntry*, RegistryPath*, DriverInformation*) -> BOOLEAN`: whether devices were added. The image is the entry with the
    /// same base name in `PsLoadedModuleList`.
    static let initializeBuiltinDriver: Routine = .init(
        "IopInitializeBuiltinDriver", ["BootLdrEntry", "RegistryPath", "DriverInformation"], section: .initialization
    ) { f in
        let name = f.argument(0, LDR_DATA_TABLE_ENTRY.self).address(of: \.BaseDllName)
        let information = f.argument(2, DRIVER_INFORMATION.self)
        let module = f.local(Pointer<LDR_DATA_TABLE_ENTRY>(Value(0)))
        f.forEach(in: Mm.loadedModuleList.value) { entry in
            let same = f.call(Rtl.equalUnicodeString, name, entry.as(LDR_DATA_TABLE_ENTRY.self).address(of: \.BaseDllName), 1)
            f.if(same != 0) { f.set(module.value, entry) }
        }
        f.call(displayLoadingMessage, name)
        let service = f.structure(UNICODE_STRING.self)
        f.call(lastComponent, f.argument(1), service)
        let status = f.local(Status.noSuchFile)
        let driver = f.local(0)
        f.if(module.isNotNull) {
            f.set(status, f.call(initializeDriverModule, module, service, f.argument(1), f.address(of: driver)))
        }
        f.set(information.address(of: \.DriverObject).dword(), driver)
        f.set(information.Status, status)
        f.if(status.isError) {
            f.set(information.Failed, 1)
            f.print("(ntoskrnl/io/iomgr/driver.c:899) Driver '%wZ' load failed, status (%lx)\n", name, status)
        }
        f.return(0)
    }

    /// `IopDisplayLoadingMessage(BaseName*)`: with the option SOS the driver's path appears on the screen, its name in upper case.
    static let displayLoadingMessage: Routine = .init("IopDisplayLoadingMessage", ["BaseName"], section: .initialization) { f in
        f.if(Misc.showDrivers.dword == 0) { f.return() }
        let name = f.argument(0, UNICODE_STRING.self)
        let loader = Pointer<LOADER_PARAMETER_BLOCK>(Ke.loaderBlock.dword)
        let line = f.stringBuffer(128)
        let text = f.buffer(132)
        f.call(Rtl.appendAnsiToString, line, loader.ArcBootDeviceName)
        f.call(Rtl.appendAnsiToString, line, loader.NtBootPathName)
        f.call(Rtl.appendUnicodeToString, line, f.wide(#"System32\Drivers\"#))
        let start = f.local(line.Length)
        f.call(Rtl.appendUnicodeStringToString, line, name)
        let index = f.local(0)
        f.while(index < line.Length) {
            let character = f.local((line.Buffer + index).word())
            f.if(index >= start) { f.set(character, f.call(Rtl.upcaseUnicodeChar, character)) }
            f.set((text + (index >> 1)).byte(), character)
            f.add(index, 2)
        }
        f.set((text + (index >> 1)).dword(), 0x0A0D)
        f.call(Misc.inbvDisplayString, text)
        f.return()
    }

    /// `IopLastComponent(Path*, Name*)`: what follows the last backslash.
    static let lastComponent: Routine = .init("IopLastComponent", ["Path", "Name"], section: .initialization) { f in
        let path = f.argument(0, UNICODE_STRING.self)
        let start = f.local(path.Length)
        f.while(start != 0 && (path.Buffer + start - 2).word() != 0x5C) { f.add(start, 0xFFFF_FFFE as UInt32) }
        f.setString(f.argument(1, UNICODE_STRING.self), path.Buffer + start, path.Length - start)
        f.return()
    }
}
