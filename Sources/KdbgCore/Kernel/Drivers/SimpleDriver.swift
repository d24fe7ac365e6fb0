// SPDX-License-Identifier: GPL-3.0-or-later

/// A driver without hardware of its own on this machine: its DriverEntry makes the devices it is known by, fills in its dispatch table, and registers
/// with its port or class library. Those for plug and play hardware wait for an AddDevice that never comes here.
struct SimpleDriver: Sendable {
    let module: Module
    /// What the driver's routines are called, such as `Beep`.
    let prefix: String
    /// A device that DriverEntry makes.
    struct Device: Sendable {
        let name: String
        /// FILE_DEVICE_….
        let type: UInt32
        /// Whether it is a file system, to be registered as one.
        var isFileSystem = false
    }
    var devices: [Device] = []
    /// What reading answers; nil when it is not supported.
    var read: Value?
    /// Whether writing swallows what it is given.
    var writes = false
    /// A routine that takes a control request: (DeviceObject*, Irp*) -> status.
    var control: Routine?
    /// Whether devices of the bus are attached to.
    var addsDevices = false
    /// Registration with the library that the driver is built on: a routine and its arguments behind the driver object.
    var library: (routine: Routine, arguments: [UInt32])?

    init(_ file: String, _ prefix: String) {
        module = Module(file)
        self.prefix = prefix
    }

    /// DriverEntry(DriverObject*, RegistryPath*) -> status.
    var entry: Routine {
        Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
            let driver = f.argument(0, DRIVER_OBJECT.self)
            let status = f.local(Status.success)
            let device = f.local(0)
            func dispatch(_ major: UInt32, _ routine: Routine) { f.set(driver.MajorFunction.dword(4 * Int32(major)), routine) }
            if !devices.isEmpty {
                for major in [Major.create, Major.close, Major.cleanup] { dispatch(major, succeed) }
            }
            if read != nil || writes {
                dispatch(Major.read, transfer)
                dispatch(Major.write, transfer)
            }
            if let control { dispatch(Major.deviceControl, control) }
            if addsDevices {
                dispatch(Major.pnp, passDown)
                f.set(driver.DriverExtension.AddDevice, addDevice)
            }
            f.set(driver.DriverUnload, unload)
            for made in devices {
                f.set(status, f.call(Io.createDevice, driver, 0, f.unicode(made.name), made.type, 0, 0, f.address(of: device)))
                f.if(status.isError) {
                    f.call(unload, driver)
                    f.return(status)
                }
                if made.isFileSystem { f.call(Io.registerFileSystem, device) }
            }
            if let library { register(f, library.routine, library.arguments) }
            f.return(status)
        }
    }

    /// Libraries are called with the driver object, the registry path where they take one, and numbers.
    private func register(_ f: Function, _ routine: Routine, _ arguments: [UInt32]) {
        let driver = f.argument(0)
        switch routine.parameters.count {
        case 3: f.return(f.call(routine, driver, f.argument(1), arguments[0]))
        default: f.return(f.call(routine, driver, f.argument(1), arguments[0], arguments[1]))
        }
    }

    /// Create, close and cleanup(DeviceObject*, Irp*) -> status.
    private var succeed: Routine {
        Routine(prefix + "CreateClose", ["DeviceObject", "Irp"], module: module) { f in
            f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 0))
        }
    }

    /// Read and write(DeviceObject*, Irp*) -> status: what is written is gone; what reading answers is known.
    private var transfer: Routine {
        Routine(prefix + "ReadWrite", ["DeviceObject", "Irp"], module: module) { f in
            let stack = f.argument(1, IRP.self).CurrentStackLocation
            f.if(stack.MajorFunction == Value(Major.write)) {
                f.return(f.call(Io.finishRequest, f.argument(1), Status.success, stack.Argument1))
            }
            f.return(f.call(Io.finishRequest, f.argument(1), read ?? Status.invalidDeviceRequest, 0))
        }
    }

    /// AddDevice(DriverObject*, PhysicalDeviceObject*) -> status: a device without a name on top of the bus's.
    private var addDevice: Routine {
        Routine(prefix + "AddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module, section: .page) { f in
            let made = f.local(0)
            let status = f.call(Io.createDevice, f.argument(0), 4, 0, 0x22, 0, 0, f.address(of: made))
            f.if(status.isError) { f.return(status) }
            let device = made.as(DEVICE_OBJECT.self)
            let below = f.call(Io.attachDeviceToDeviceStack, device, f.argument(1))
            f.if(below == 0) {
                f.call(Io.deleteDevice, device)
                f.return(Status.noSuchDevice)
            }
            f.set(device.DeviceExtension.dword(), below)
            f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
            f.return(Status.success)
        }
    }

    /// IRP_MJ_PNP(DeviceObject*, Irp*) -> status: for the device below.
    private var passDown: Routine {
        Routine(prefix + "DispatchPnp", ["DeviceObject", "Irp"], module: module) { f in
            let irp = f.argument(1, IRP.self)
            f.set(irp.address(of: \.CurrentStackLocation).dword(), irp.CurrentStackLocation.value + IO_STACK_LOCATION.size.value)
            f.set(irp.CurrentLocation, irp.CurrentLocation + 1)
            f.return(f.call(Io.callDriver, f.argument(0, DEVICE_OBJECT.self).DeviceExtension.dword(), irp))
        }
    }

    /// DriverUnload(DriverObject*): its devices go, the last one made first.
    private var unload: Routine {
        Routine(prefix + "Unload", ["DriverObject"], module: module, section: .page) { f in
            let driver = f.argument(0, DRIVER_OBJECT.self)
            f.while(driver.DeviceObject.isNotNull) {
                if devices.contains(where: \.isFileSystem) { f.call(Io.unregisterFileSystem, driver.DeviceObject) }
                f.call(Io.deleteDevice, driver.DeviceObject)
            }
            f.return()
        }
    }
}
