// SPDX-License-Identifier: GPL-3.0-or-later

/// driver.c: the way of a driver out of the system.
extension Io {
    /// `IopUnloadDriver(DriverServiceName*, UnloadPnpDrivers) -> status`: 0xC0000010: it has no unload routine, is being unloaded already, or is a plug
    /// and play driver. While one of its devices is open or attached to, it is only marked: the unload routine runs when the last one is let go
    /// (`IopDereferenceDeviceObject`).
    package static let unloadDriver: Routine = .init("IopUnloadDriver", ["DriverServiceName", "UnloadPnpDrivers"]) { f in
        let service = f.structure(UNICODE_STRING.self)
        let name = f.stringBuffer(80)
        let object = f.local(0)
        let status = f.local(Status.objectNameNotFound)
        f.call(serviceOfKey, f.argument(0), service)
        f.if(service.Length == 0) { f.return(Status.invalidParameter) }
        for prefix in [#"\Driver\"#, #"\FileSystem\"#] {
            f.if(status.isError) {
                f.set(name.Length, 0)
                f.call(Rtl.appendUnicodeToString, name, f.wide(prefix))
                f.call(Rtl.appendUnicodeStringToString, name, service)
                f.set(
                    status,
                    f.call(
                        Ob.referenceObjectByName, name, ObjectAttribute.caseInsensitive, 0, 0, driverObjectType.dword, 0, 0,
                        f.address(of: object)))
            }
        }
        f.if(status.isError) { f.return(status) }
        let driver = object.as(DRIVER_OBJECT.self)
        f.set(status, Status.invalidDeviceRequest)
        f.if((driver.Flags & Value(DriverFlag.unloadInvoked)) == 0 && driver.DriverUnload != 0) {
            f.if(driver.DriverExtension.AddDevice == 0 || f.argument(1) != 0) {
                f.set(status, Status.success)
                f.if(f.call(markForUnload, driver) != 0) { f.call(finishUnload, driver) }
            }
        }
        f.call(Ob.dereferenceObject, driver)
        f.return(status)
    }

    /// `IopServiceOfKey(KeyPath*, ServiceName*)`: the path's last component.
    static let serviceOfKey: Routine = .init("IopServiceOfKey", ["KeyPath", "ServiceName"]) { f in
        let path = f.argument(0, UNICODE_STRING.self)
        let service = f.argument(1, UNICODE_STRING.self)
        let start = f.local(path.Length)
        f.while(start != 0 && (path.Buffer + start - 2).word() != 0x5C) { f.add(start, 0xFFFF_FFFE as UInt32) }
        f.set(service.Buffer, path.Buffer + start)
        f.set(service.Length, path.Length - start)
        f.set(service.MaximumLength, path.Length - start)
        f.return()
    }

    /// `IopMarkForUnload(DriverObject*) -> BOOLEAN`: every device says that its driver is to go (DOE_UNLOAD_PENDING); TRUE when none is in use.
    static let markForUnload: Routine = .init("IopMarkForUnload", ["DriverObject"]) { f in
        let isSafe = f.local(1)
        let device = f.local(f.argument(0, DRIVER_OBJECT.self).DeviceObject)
        f.while(device.isNotNull) {
            let more = device.DeviceObjectExtension
            f.set(more.ExtensionFlags, more.ExtensionFlags | 1)
            f.if(device.ReferenceCount != 0 || device.AttachedDevice.isNotNull) { f.set(isSafe, 0) }
            f.set(device, device.NextDevice)
        }
        f.return(isSafe)
    }

    /// `IopFinishUnload(DriverObject*)`: calls the unload routine, takes the name away and drops the creator's reference.
    private static let finishUnload: Routine = .init("IopFinishUnload", ["DriverObject"]) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driver.Flags, driver.Flags | Value(DriverFlag.unloadInvoked))
        f.call(Ex.acquireResourceExclusiveLite, driverLoadResource, 1)
        f.callIndirect(driver.DriverUnload, driver)
        f.call(Ex.releaseResourceLite, driverLoadResource)
        f.call(Ob.makeTemporaryObject, driver)
        f.call(Ob.dereferenceObject, driver)
        f.return()
    }

    /// `IopUnloadIfIdle(DeviceObject*)`: a device has been let go; its driver is unloaded if that was only waiting for it.
    static let unloadIfIdle: Routine = .init("IopUnloadIfIdle", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.if((device.DeviceObjectExtension.ExtensionFlags & 1) == 0 || device.DriverObject.isNull) { f.return() }
        let driver = f.local(device.DriverObject)
        f.if((driver.Flags & Value(DriverFlag.unloadInvoked)) != 0) { f.return() }
        f.if(f.call(markForUnload, driver) != 0) { f.call(finishUnload, driver) }
        f.return()
    }
}
