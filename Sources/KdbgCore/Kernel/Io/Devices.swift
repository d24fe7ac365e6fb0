// SPDX-License-Identifier: GPL-3.0-or-later

/// Device objects (spec/boot.md section 5.5).
extension Io {
    /// `IoCreateDevice(DriverObject*, DeviceExtensionSize, DeviceName*, DeviceType, DeviceCharacteristics, Exclusive, DeviceObject**) -> status`: a device
    /// that is being initialised. Characteristic 0x80 asks for a name of the form `\Device\0000000n`.
    package static let createDevice: Routine = .init(
        "IoCreateDevice",
        ["DriverObject", "DeviceExtensionSize", "DeviceName", "DeviceType", "DeviceCharacteristics", "Exclusive", "DeviceObject"]
    ) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        let extensionSize = f.argument(1)
        let name = f.local(f.argument(2))
        let made = f.stringBuffer(24)
        f.set(f.argument(6).dword(), 0)
        f.if((f.argument(4) & 0x80) != 0) {
            f.call(Rtl.appendUnicodeToString, made, f.wide(#"\Device\"#))
            f.call(Rtl.appendNumberToString, made, f.exchangeAdd(deviceNameCount.dword, 1), 16, 8)
            f.set(name, made)
        }
        let bits = f.local(Value(ObjectAttribute.kernelHandle))
        f.if(name != 0) { f.set(bits, bits | Value(ObjectAttribute.permanent | ObjectAttribute.caseInsensitive)) }
        f.if(f.argument(5) != 0) { f.set(bits, bits | Value(ObjectAttribute.exclusive)) }
        let attributes = f.objectAttributes(name, bits)
        let rounded = f.local((extensionSize + 7) & ~Value(7))
        let total = f.local(rounded + Value(DEVICE_OBJECT.size + DEVOBJ_EXTENSION.size))
        let object = f.local(0)
        let status = f.local(f.call(Ob.createObject, 0, deviceObjectType.dword, attributes, 0, 0, total, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        f.zero(object, total)
        f.call(initializeDeviceObject, object, extensionSize, object + DEVICE_OBJECT.size.value + rounded, f.argument(3), f.argument(4))
        let device = object.as(DEVICE_OBJECT.self)
        f.if(name != 0) { f.set(device.Flags, device.Flags | Value(DeviceFlag.hasName)) }
        f.if(f.argument(5) != 0) { f.set(device.Flags, device.Flags | Value(DeviceFlag.exclusive)) }
        f.if(f.argument(3) == 7 || f.argument(3) == 2 || f.argument(3) == 0x1F || f.argument(3) == 0x24) {
            f.set(status, f.call(createVpb, device))
            f.if(status.isError) {
                f.call(Ob.dereferenceObject, device)
                f.return(status)
            }
        }
        let handle = f.local(0)
        f.set(status, f.call(Ob.insertObject, object, 0, 3, 1, f.address(of: object), f.address(of: handle)))
        f.if(status.isError) { f.return(status) }
        f.call(Ob.referenceObject, driver)
        f.set(device.address(of: \.DriverObject).dword(), driver)
        f.set(device.address(of: \.NextDevice).dword(), driver.DeviceObject)
        f.set(driver.address(of: \.DeviceObject).dword(), device)
        f.call(Ob.ntClose, handle)
        f.set(f.argument(6).dword(), device)
        f.return(Status.success)
    }

    private static let deviceNameCount: Global = .init("IopDeviceObjectNumber")

    /// `IopInitializeDeviceObject(DeviceObject*, ExtensionSize, DeviceObjectExtension*, DeviceType, Characteristics)`.
    static let initializeDeviceObject: Routine = .init(
        "IopInitializeDeviceObject", ["DeviceObject", "ExtensionSize", "DeviceObjectExtension", "DeviceType", "Characteristics"]
    ) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let more = f.argument(2, DEVOBJ_EXTENSION.self)
        f.set(device.Type, IoType.device)
        f.set(device.Size, f.argument(1) + DEVICE_OBJECT.size.value)
        f.set(device.Flags, DeviceFlag.initializing)
        f.set(device.Characteristics, f.argument(4))
        f.set(device.DeviceType, f.argument(3))
        f.set(device.StackSize, 1)
        f.if(f.argument(1) != 0) { f.set(device.DeviceExtension, device.value + DEVICE_OBJECT.size.value) }
        f.if(f.argument(3) == 7 || f.argument(3) == 8) { f.set(device.SectorSize, 512) }
        f.initializeListHead(device.address(of: \.ListEntry))
        f.call(Ke.initializeEvent, device.address(of: \.DeviceLock), 1, 1)
        f.set(device.address(of: \.DeviceObjectExtension).dword(), more)
        f.set(more.Type, IoType.deviceExtension)
        f.set(more.address(of: \.DeviceObject).dword(), device)
        f.return()
    }

    /// `IoDeleteDevice(DeviceObject*)`: takes the device off its driver and drops its name and the creator's reference.
    package static let deleteDevice: Routine = .init("IoDeleteDevice", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let link = f.local(device.DriverObject.address(of: \.DeviceObject))
        f.while(link.dword() != 0) {
            f.if(link.dword() == device.value) {
                f.set(link.dword(), device.NextDevice)
                f.break()
            }
            f.set(link, link.dword().as(DEVICE_OBJECT.self).address(of: \.NextDevice))
        }
        f.call(Ob.makeTemporaryObject, device)
        f.call(Ob.dereferenceObject, device)
        f.return()
    }

    /// `IopDeleteDevice(DeviceObject*)`: the Device type's delete procedure.
    static let deleteDeviceObject: Routine = .init("IopDeleteDevice", ["ObjectBody"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.if(device.Timer.isNotNull) {
            f.call(removeTimerFromTimerList, device.Timer)
            f.call(Ex.freePoolWithTag, device.Timer, Value.tag("IoTm"))
        }
        f.if(device.Vpb.isNotNull) { f.call(Ex.freePoolWithTag, device.Vpb, Value.tag("Vpb ")) }
        f.if(device.DriverObject.isNotNull) { f.call(Ob.dereferenceObject, device.DriverObject) }
        f.return()
    }

    /// `IoGetAttachedDevice(DeviceObject*) -> DEVICE_OBJECT*`: the top of the stack.
    package static let getAttachedDevice: Routine = .init("IoGetAttachedDevice", ["DeviceObject"]) { f in
        let device = f.local(f.argument(0, DEVICE_OBJECT.self))
        f.while(device.AttachedDevice.isNotNull) { f.set(device.value, device.AttachedDevice) }
        f.return(device)
    }

    /// `IoAttachDeviceToDeviceStack(SourceDevice*, TargetDevice*) -> DEVICE_OBJECT*`: puts a device on top of a stack; yields what is below it now.
    package static let attachDeviceToDeviceStack: Routine = .init("IoAttachDeviceToDeviceStack", ["SourceDevice", "TargetDevice"]) { f in
        let source = f.argument(0, DEVICE_OBJECT.self)
        let below = f.call(getAttachedDevice, f.argument(1)).as(DEVICE_OBJECT.self)
        f.set(below.address(of: \.AttachedDevice).dword(), source)
        f.set(source.StackSize, below.StackSize + 1)
        f.set(source.AlignmentRequirement, below.AlignmentRequirement)
        f.set(source.SectorSize, below.SectorSize)
        f.set(source.DeviceObjectExtension.address(of: \.AttachedTo).dword(), below)
        f.return(below)
    }

    /// `IopReadyDeviceObjects(DriverObject*)`: after its entry routine a driver is initialised and its devices may be opened.
    static let readyDeviceObjects: Routine = .init("IopReadyDeviceObjects", ["DriverObject"]) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driver.Flags, driver.Flags | Value(DriverFlag.initialized))
        let device = f.local(driver.DeviceObject)
        f.while(device.isNotNull) {
            f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
            f.set(device.value, device.NextDevice)
        }
        f.return()
    }

    /// `IoGetConfigurationInformation() -> CONFIGURATION_INFORMATION*`: how many disks, floppies and CD-ROMs there are.
    package static let getConfigurationInformation: Routine = .init("IoGetConfigurationInformation") { f in
        f.return(configurationInformation)
    }
}
