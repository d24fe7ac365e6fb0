// SPDX-License-Identifier: GPL-3.0-or-later

/// System-start drivers (spec/boot.md section 1.9 #21).
extension Io {
    /// `IopInitializeSystemDrivers()`.
    static let initializeSystemDrivers: Routine = .init(
        "IopInitializeSystemDrivers", section: .initialization,
        step: .init(
            "1.9 #21", "System drivers",
            """
            The device tree is enumerated once more, and this time waited for. Then the registry is asked for every service with Start = 1, by group and \
            tag, and ZwLoadDriver reads each one's image from the boot volume, which is the first time that code comes from there. A driver that fails is a \
            line in the log. Text-mode setup loads none.
            """)
    ) { f in
        let event = f.structure(KEVENT.self)
        let result = f.local(0)
        let root = rootDeviceNode.dword.as(DEVICE_NODE.self).PhysicalDeviceObject
        f.call(Ke.initializeEvent, event, 0, 0)
        let queued = f.call(queueDeviceAction, root, DeviceAction.enumerateDeviceTree, event, f.address(of: result))
        f.if(queued.isSuccess) { f.call(Ke.waitForSingleObject, event, 0, 0, 0, 0) }
        f.if(Ke.loader.SetupLdrBlock.isNull) {
            let list = f.local(f.call(Cm.getSystemDriverList))
            f.if(list != 0) {
                let entry = f.local(list)
                f.while(entry.dword() != 0) {
                    f.call(loadSystemDriver, entry.dword())
                    f.call(Ex.freePoolWithTag, entry.dword(), Value.tag("CM  "))
                    f.add(entry, 4)
                }
                f.call(Ex.freePoolWithTag, list, Value.tag("CM  "))
            }
        }
        f.call(queueDeviceAction, root, DeviceAction.enumerateDeviceTree, 0, 0)
        f.return()
    }

    /// `IopLoadSystemDriver(RegistryPath*)`: one of them.
    private static let loadSystemDriver: Routine = .bootStep(
        "1.9 #21", "IopLoadSystemDriver", ["RegistryPath"], "A system driver",
        """
        ZwLoadDriver with the path of the service's key: ImagePath there names the file. MmLoadSystemImage reads, maps and relocates it and looks up what it \
        imports; then the driver object is made and DriverEntry called, as with a boot driver.
        """
    ) { f in
        f.call(Misc.inbvIndicateProgress)
        f.call(zwLoadDriver, f.argument(0))
        f.return()
    }
}
