// SPDX-License-Identifier: GPL-3.0-or-later

/// The routines of a driver for a bus with one device on it: it attaches to the bus and reports a physical device object for what is below.
struct BusDriver {
    let module: Module
    /// What the driver's routines are called, such as `Halp`.
    let prefix: String
    /// Identifier of the device on the bus and its hardware; nil for none.
    let identifier: String?
    /// What tells it from others on the bus, and whether from all others.
    var instance = "0"
    var isUnique = false

    /// A device extension: 1 for the bus itself, 2 for the device on it; what the bus is attached to; the device on it.
    private struct BUS_EXTENSION: Structure {
        static let size: UInt32 = 0x0C
        let Kind = Field.u32(0x00)
        let LowerDevice = PointerTo<DEVICE_OBJECT>(0x04)
        let Child = PointerTo<DEVICE_OBJECT>(0x08)

        static let layout = Self()
    }

    /// AddDevice(DriverObject*, PhysicalDeviceObject*) -> status.
    var addDevice: Routine {
        Routine(prefix + "AddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module, section: .page) { f in
            let made = f.local(0)
            let status = f.call(Io.createDevice, f.argument(0), BUS_EXTENSION.size, 0, 0x2A, 0, 0, f.address(of: made))
            f.if(status.isError) { f.return(status) }
            let device = made.as(DEVICE_OBJECT.self)
            let more = f.local(device.DeviceExtension.as(BUS_EXTENSION.self))
            f.set(more.Kind, 1)
            let below = f.call(Io.attachDeviceToDeviceStack, device, f.argument(1))
            f.if(below == 0) {
                f.call(Io.deleteDevice, device)
                f.return(Status.noSuchDevice)
            }
            f.set(more.address(of: \.LowerDevice).dword(), below)
            f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
            f.return(Status.success)
        }
    }

    /// IRP_MJ_PNP(DeviceObject*, Irp*) -> status.
    var pnp: Routine {
        Routine(prefix + "DispatchPnp", ["DeviceObject", "Irp"], module: module) { f in
            let device = f.argument(0, DEVICE_OBJECT.self)
            let irp = f.argument(1, IRP.self)
            let more = f.local(device.DeviceExtension.as(BUS_EXTENSION.self))
            let answers = BusAnswers(f, irp, tag: Value.tag("Bus "))
            f.if(more.Kind == 1) {
                if identifier != nil {
                    f.if(answers.stack.MinorFunction == 7 && answers.stack.Argument1 == 0) {
                        let relations = f.call(queryRelations, device, more)
                        f.if(relations != 0) { f.return(f.call(Io.finishRequest, irp, Status.success, relations)) }
                    }
                }
                // The rest is for those below.
                Io.skipLocation(f, irp)
                f.return(f.call(Io.callDriver, more.LowerDevice, irp))
            }
            answers.start()
            if let identifier {
                if isUnique { answers.capabilities(Io.Capability.uniqueId) }
                answers.identify(Io.QueryId.device, as: identifier)
                answers.identify(Io.QueryId.hardware, as: identifier)
                answers.identify(Io.QueryId.instance, as: instance)
            }
            answers.finish(irp)
        }
    }

    /// (DeviceObject*, Extension*) -> DEVICE_RELATIONS* or NULL: makes the device on the bus the first time.
    private var queryRelations: Routine {
        Routine(prefix + "QueryBusRelations", ["DeviceObject", "Extension"], module: module, section: .page) { f in
            let more = f.argument(1, BUS_EXTENSION.self)
            f.if(more.Child.isNull) {
                let made = f.local(0)
                let driver = f.argument(0, DEVICE_OBJECT.self).DriverObject
                let status = f.call(Io.createDevice, driver, BUS_EXTENSION.size, 0, 0x22, 0x80, 0, f.address(of: made))
                f.if(status.isError) { f.return(0) }
                let child = made.as(DEVICE_OBJECT.self)
                f.set(child.DeviceExtension.as(BUS_EXTENSION.self).Kind, 2)
                f.set(child.Flags, child.Flags & ~Value(DeviceFlag.initializing))
                f.set(more.address(of: \.Child).dword(), child)
            }
            let relations = f.call(Ex.allocatePoolWithTag, 1, 8, Value.tag("Bus "))
            f.if(relations == 0) { f.return(0) }
            f.set(relations.dword(), 1)
            f.set(relations.dword(4), more.Child)
            f.return(relations)
        }
    }

    /// DriverEntry(DriverObject*, RegistryPath*) -> status.
    var entry: Routine {
        Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
            let driver = f.argument(0, DRIVER_OBJECT.self)
            f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), pnp)
            f.set(driver.DriverExtension.AddDevice, addDevice)
            f.return(Status.success)
        }
    }
}
