// SPDX-License-Identifier: GPL-3.0-or-later

/// Drivers that are part of the kernel: the root of the device tree and WMI.
extension Io {
    /// `IopInitializePlugPlayServices() -> status`: BC 0x32 when the root driver, its device or the node of that cannot be made.
    static let initializePlugPlayServices: Routine = .init(
        "IopInitializePlugPlayServices", section: .initialization,
        step: .init(
            "1.9 #8", "Plug and play",
            """
            Makes the registry key of the root device, Enum\\Root\\HTREE\\ROOT\\0, then \\Driver\\PnpManager, the physical device object of the root of the device tree and its node, and the queue of device actions. \
            PiEnumerationFinished is signalled from the start: there is nothing to enumerate yet.
            """)
    ) { f in
        f.call(initializeDeviceActions)
        let key = f.local(0)
        let status = f.local(f.call(createRegistryKeyEx, f.address(of: key), 0, f.unicode(rootKey), 0x2_0019, 0, 0))
        f.if(status.isError) { f.return(status) }
        f.call(Ob.ntClose, key)
        f.set(status, f.call(createDriver, f.unicode(#"\Driver\PnpManager"#), rootDriverEntry))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 0, 0, 0) }
        let made = f.local(0)
        f.set(status, f.call(createDevice, rootDriverObject.dword, 0, 0, 4, 0x80, 0, f.address(of: made)))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 0, 0, 0) }
        let device = made.as(DEVICE_OBJECT.self)
        let node = f.call(allocateDeviceNode, device).as(DEVICE_NODE.self)
        f.if(node.isNull) { f.call(Ke.bugCheckEx, 0x32, Status.insufficientResources, 0, 0, 0) }
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
        f.call(Rtl.initUnicodeString, node.address(of: \.InstancePath), f.wide(#"HTREE\ROOT\0"#))
        f.set(node.State, DeviceNodeState.enumerateCompletion)
        f.set(rootDeviceNode.dword, node)
        f.call(queueDeviceAction, device, DeviceAction.enumerateRootDevices, 0, 0)
        f.return(f.call(queueDeviceAction, device, DeviceAction.enumerateRootDevices, 0, 0))
    }

    /// Where the registry has the root of the device tree.
    private static let rootKey = #"\Registry\Machine\System\CurrentControlSet\Enum\Root\HTREE\ROOT\0"#

    /// Entry of `\Driver\PnpManager`.
    static let rootDriverEntry: Routine = .init("PnpRootDriverEntry", ["DriverObject", "RegistryPath"], section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(rootDriverObject.dword, driver)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), rootPnpControl)
        f.set(driver.Flags, driver.Flags | Value(DriverFlag.initialized))
        f.return(Status.success)
    }

    /// Plug and play requests to physical device objects of the root: starting succeeds, the rest is left as it is.
    static let rootPnpControl: Routine = .init("PnpRootPnpControl", ["DeviceObject", "Irp"]) { f in
        let irp = f.argument(1, IRP.self)
        let status = f.local(irp.IoStatus.Status)
        f.if(irp.CurrentStackLocation.MinorFunction == 0) { f.set(status, Status.success) }
        f.return(f.call(finishRequest, irp, status, irp.IoStatus.Information))
    }

    /// `WmiInitialize() -> BOOLEAN`.
    static let wmiInitialize: Routine = .init(
        "WmiInitialize", section: .initialization,
        step: .init("1.9 #10", "WMI", "Makes \\Driver\\WMIxWDM, the driver object through which instrumentation is reached.")
    ) { f in
        let status = f.call(createDriver, f.unicode(#"\Driver\WMIxWDM"#), wmiDriverEntry)
        f.return(status.isSuccess)
    }

    /// Entry of `\Driver\WMIxWDM`.
    static let wmiDriverEntry: Routine = .init("WmipDriverEntry", ["DriverObject", "RegistryPath"], section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driver.Flags, driver.Flags | Value(DriverFlag.initialized))
        f.return(Status.success)
    }
}
