// SPDX-License-Identifier: GPL-3.0-or-later

/// Device objects (spec/boot.md section 5.5).
extension Io {
    /// `IoCreateDevice(DriverObject*, DeviceExtensionSize, DeviceName*, DeviceType, DeviceCharacteristics, Exclusive, DeviceObject**) -> status`: a device
    /// that is being initialised. Characteristic 0x80 asks for a name of the form `\Device\0000000n`.
    package static let createDevice: Routine = .init(
        "IoCreateDevice",
        ["DriverObject", "DeviceExtensionSize", "DeviceName", "DeviceType", "DeviceCharacteristics", "Exclusive", "DeviceObject"]
    ) { f in
        f.pagedCode()
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
        f.call(Ob.zwClose, handle)
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
        // A file system's device is in a list of its kind; the others have packets to queue.
        f.if(f.argument(3) == 3 || f.argument(3) == 8 || f.argument(3) == 0x14 || f.argument(3) == 0x20) {
            f.initializeListHead(device.address(of: \.ListEntry))
        } else: {
            f.call(Ke.initializeDeviceQueue, device.address(of: \.DeviceQueue))
        }
        f.call(Ke.initializeEvent, device.address(of: \.DeviceLock), 1, 1)
        f.set(device.address(of: \.DeviceObjectExtension).dword(), more)
        f.set(more.Type, IoType.deviceExtension)
        f.set(more.address(of: \.DeviceObject).dword(), device)
        f.return()
    }

    /// `IoDeleteDevice(DeviceObject*)`: the name goes at once, the device when nobody has it open or attached any more.
    package static let deleteDevice: Routine = .init("IoDeleteDevice", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.if((device.Flags & Value(DeviceFlag.shutdownRegistered)) != 0) { f.call(unregisterShutdownNotification, device) }
        f.if((device.Flags & Value(DeviceFlag.hasName)) != 0) { f.call(Ob.makeTemporaryObject, device) }
        let more = f.local(device.DeviceObjectExtension)
        f.set(more.ExtensionFlags, more.ExtensionFlags | Value(DeviceExtensionFlag.deletePending))
        f.if(device.ReferenceCount == 0) { f.call(unloadDevice, device) }
        f.return()
    }

    /// `IopUnloadDevice(DeviceObject*)`: ends a device that is to be deleted and that nobody uses: off its driver, and without the creator's reference.
    /// A driver that waited for it to be unloaded goes.
    static let unloadDevice: Routine = .init("IopUnloadDevice", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.if(device.ReferenceCount != 0 || device.AttachedDevice.isNotNull) { f.return() }
        f.if((device.DeviceObjectExtension.ExtensionFlags & Value(DeviceExtensionFlag.deletePending)) == 0) {
            f.call(unloadIfIdle, device)
            f.return()
        }
        let link = f.local(device.DriverObject.address(of: \.DeviceObject))
        f.while(link.dword() != 0) {
            f.if(link.dword() == device.value) {
                f.set(link.dword(), device.NextDevice)
                f.break()
            }
            f.set(link, link.dword().as(DEVICE_OBJECT.self).address(of: \.NextDevice))
        }
        f.call(Ob.dereferenceObject, device)
        f.return()
    }

    /// `IopDereferenceDeviceObject(DeviceObject*, ForceUnload)`: one user less; the last one takes a deleted device along.
    static let dereferenceDevice: Routine = .init("IopDereferenceDeviceObject", ["DeviceObject", "ForceUnload"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let count = f.exchangeAdd(device.ReferenceCount, 0xFFFF_FFFF as Value)
        f.if(count == 1 && (device.DeviceObjectExtension.ExtensionFlags & Value(DeviceExtensionFlag.anyPending)) != 0) {
            f.call(unloadDevice, device)
        }
        f.return()
    }

    /// `IopDeleteDevice(DeviceObject*)`: the Device type's delete procedure.
    static let deleteDeviceObject: Routine = .init("IopDeleteDevice", ["ObjectBody"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.if(device.Timer.isNotNull) {
            f.call(removeTimerFromTimerList, device.Timer)
            f.call(Ex.freePoolWithTag, device.Timer, Value.tag("IoTm"))
        }
        f.if(device.Vpb.isNotNull) { f.call(dereferenceVpbAndFree, device.Vpb) }
        f.if(device.DriverObject.isNotNull) { f.call(Ob.dereferenceObject, device.DriverObject) }
        f.return()
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
}

/// Bits of DEVOBJ_EXTENSION.ExtensionFlags (spec/boot.md section 5.5).
enum DeviceExtensionFlag {
    static let unloadPending: UInt32 = 0x01
    static let deletePending: UInt32 = 0x02
    static let removePending: UInt32 = 0x04
    static let removeProcessed: UInt32 = 0x08
    static let startPending: UInt32 = 0x10
    static let anyPending = unloadPending | deletePending | removePending | removeProcessed
}
