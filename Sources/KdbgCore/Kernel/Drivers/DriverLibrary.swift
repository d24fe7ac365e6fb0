// SPDX-License-Identifier: GPL-3.0-or-later

/// Libraries that drivers import and that are driver images themselves: the loader brings them along behind the first driver that needs them, with flag
/// 0x04000000, and `MmCallDllInitialize` calls them before any driver starts (spec/boot.md sections 1.0 #1, 1.9.1 #3).
enum DriverLibrary {
    static let scsiPort = Module("scsiport.sys")
    static let classPnp = Module("classpnp.sys")
    static let usbPort = Module("usbport.sys")
    static let usbD = Module("usbd.sys")

    /// Their entry points, which nobody calls, and what they export besides what drivers import.
    static let modules = [scsiPort, classPnp, usbPort, usbD]
    /// Those that serve WDM drivers; SCSI adapters are looked for by their drivers themselves.
    static let plugAndPlay = [classPnp, usbPort, usbD]
    static let entries = modules.map(entry)
    static let exports = modules.map(initialize)

    private static func entry(_ module: Module) -> Routine {
        Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in f.return(Status.success) }
    }

    /// `DllInitialize(RegistryPath*) -> status`: keeps that it was called.
    private static func initialize(_ module: Module) -> Routine {
        Routine("DllInitialize", ["RegistryPath"], module: module, section: .initialization) { f in
            f.set(initialized(module).dword, 1)
            f.return(Status.success)
        }
    }

    /// Whether the library's DllInitialize has run.
    private static func initialized(_ module: Module) -> Global { Global("DllInitialized", module: module) }

    /// `ScsiPortInitialize(DriverObject*, RegistryPath*, HwInitializationData*, HwContext*) -> status`: the miniport becomes a driver of the port
    /// library's making. Adapters are looked for when the bus reports one.
    static let scsiPortInitialize: Routine = .init(
        "ScsiPortInitialize", ["DriverObject", "RegistryPath", "HwInitializationData", "HwContext"], module: scsiPort
    ) { f in
        dispatchAll(f, scsiPort, "ScsiPort")
        f.return(Status.success)
    }

    /// `ClassInitialize(DriverObject*, RegistryPath*, InitializationData*) -> status`.
    static let classInitialize: Routine = .init(
        "ClassInitialize", ["DriverObject", "RegistryPath", "InitializationData"], module: classPnp
    ) { f in
        dispatchAll(f, classPnp, "Class")
        f.return(Status.success)
    }

    /// `USBPORT_RegisterUSBPortDriver(DriverObject*, RegistryPath*, Version) -> status`: a host controller's driver. 0xC00000BB: too old.
    static let registerUsbPort: Routine = .init(
        "USBPORT_RegisterUSBPortDriver", ["DriverObject", "RegistryPath", "Version"], module: usbPort
    ) { f in
        f.if(f.argument(2) < 0x100) { f.return(Status.notSupported) }
        f.return(Status.success)
    }

    /// `USBD_RegisterClient(DriverObject*, RegistryPath*, Version) -> status`: a driver of devices on the bus. 0xC00000BB: too old.
    static let registerUsbClient: Routine = .init(
        "USBD_RegisterClient", ["DriverObject", "RegistryPath", "Version"], module: usbD
    ) { f in
        f.if(f.argument(2) < 0x100) { f.return(Status.notSupported) }
        f.return(Status.success)
    }

    /// The library's own routines become the driver's.
    private static func dispatchAll(_ f: Function, _ module: Module, _ prefix: String) {
        let driver = f.argument(0, DRIVER_OBJECT.self)
        let createClose = Routine(prefix + "CreateClose", ["DeviceObject", "Irp"], module: module) { f in
            f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 0))
        }
        let addDevice = Routine(prefix + "AddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module, section: .page) { f in
            // There is no device that these libraries could drive.
            f.return(Status.noSuchDevice)
        }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.create)), createClose)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.close)), createClose)
        f.set(driver.DriverExtension.AddDevice, addDevice)
    }
}
