// SPDX-License-Identifier: GPL-3.0-or-later

/// Loading drivers from files, and unloading them (spec/boot.md sections 1.9 #21, 2.8 C).
extension Io {
    /// What a load or unload is about; it lies in the frame of whoever waits for it. The layout is ours.
    private struct LOAD_UNLOAD_PARAMS: Structure {
        static let size: UInt32 = 0x30
        let Status = Field.u32(0x00)
        let RegistryPath = PointerTo<UNICODE_STRING>(0x04)
        let WorkItem = Embedded<WORK_QUEUE_ITEM>(0x08)
        let Event = Embedded<KEVENT>(0x18)
        let DriverObject = PointerTo<DRIVER_OBJECT>(0x28)

        static let layout = Self()
    }

    /// `NtLoadDriver(DriverServiceName*) -> status`: the path of a service's key. 0xC0000034: there is no such key, or no such file.
    package static let ntLoadDriver: Routine = .init("NtLoadDriver", ["DriverServiceName"]) { f in
        f.pagedCode()
        f.require(Se.loadDriverPrivilege)
        let name = f.structure(UNICODE_STRING.self)
        let driver = f.local(0)
        let status = f.local(f.call(Ke.captureString, f.argument(0), name))
        f.if(status.isError) { f.return(status) }
        f.set(status, Status.invalidParameter)
        f.if(name.Length != 0) { f.set(status, f.call(doLoadUnloadDriver, name, f.address(of: driver))) }
        f.call(Ke.releaseBuffer, name.Buffer)
        f.return(status)
    }

    /// `ZwLoadDriver(DriverServiceName*) -> status`.
    package static let zwLoadDriver = Ke.kernelService(ntLoadDriver)

    /// `ZwUnloadDriver(DriverServiceName*) -> status`.
    package static let zwUnloadDriver = Ke.kernelService(ntUnloadDriver)

    /// `IopDoLoadUnloadDriver(RegistryPath*, DriverObject**) -> status`: drivers are loaded and unloaded in the System process; from another process a worker thread
    /// does it, and the caller waits.
    private static let doLoadUnloadDriver: Routine = .init("IopDoLoadUnloadDriver", ["RegistryPath", "DriverObject"]) { f in
        let parameters = f.structure(LOAD_UNLOAD_PARAMS.self)
        f.zero(parameters, LOAD_UNLOAD_PARAMS.size)
        f.set(parameters.address(of: \.RegistryPath).dword(), f.argument(0))
        f.set(parameters.address(of: \.DriverObject).dword(), f.argument(1).dword())
        f.call(Ke.initializeEvent, parameters.Event, 0, 0)
        f.if(Ke.prcb.CurrentThread.ApcState.Process.value == Ps.initialSystemProcess.dword) {
            f.call(loadUnloadDriverWorker, parameters)
        } else: {
            f.set(parameters.WorkItem.WorkerRoutine, loadUnloadDriverWorker)
            f.set(parameters.WorkItem.Parameter, parameters)
            f.call(Ex.queueWorkItem, parameters.WorkItem, 1)
            f.call(Ke.waitForSingleObject, parameters.Event, 0, 0, 0, 0)
        }
        f.set(f.argument(1).dword(), parameters.DriverObject)
        f.return(parameters.Status)
    }

    /// `IopLoadUnloadDriverWorker(Parameter)`: with a driver object it is unloaded, without one the service is loaded.
    private static let loadUnloadDriverWorker: Routine = .init("IopLoadUnloadDriverWorker", ["Parameter"]) { f in
        let parameters = f.argument(0, LOAD_UNLOAD_PARAMS.self)
        f.if(parameters.DriverObject.isNotNull) {
            f.callIndirect(parameters.DriverObject.DriverUnload, parameters.DriverObject)
            f.set(parameters.Status, Status.success)
        } else: {
            let handle = f.local(0)
            f.set(parameters.Status, f.call(Cm.openKeyByName, f.address(of: handle), 0, parameters.RegistryPath))
            f.if(parameters.Status.isSuccess) {
                f.set(parameters.Status, f.call(loadDriver, handle, parameters.address(of: \.DriverObject)))
                f.call(Ob.zwClose, handle)
            }
        }
        f.call(Ke.setEvent, parameters.Event, 0, 0)
        f.return()
    }

    /// `IopLoadDriver(ServiceHandle, DriverObject**) -> status`: reads the image, makes the driver object, calls DriverEntry. A failure is printed.
    private static let loadDriver: Routine = .init("IopLoadDriver", ["ServiceHandle", "DriverObject"]) { f in
        let path = f.stringBuffer(260)
        let name = f.structure(UNICODE_STRING.self)
        let module = f.local(0)
        let base = f.local(0)
        let entryStatus = f.local(0)
        let status = f.local(f.call(imagePath, f.argument(0), path))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Mm.loadSystemImage, path, 0, 0, 0, f.address(of: module), f.address(of: base)))
        f.if(status.isSuccess) {
            f.set(status, f.call(initializeDriverModule, module, f.argument(0), f.argument(1), f.address(of: entryStatus)))
            f.if(status.isError) { f.call(Mm.unloadSystemImage, module) }
        }
        f.call(bootLog, path, status.isSuccess)
        f.if(status.isError) {
            f.call(lastComponent, path, name)
            f.print("(ntoskrnl/io/iomgr/driver.c:899) Driver '%wZ' load failed, status (%lx)\n", name, status)
        }
        f.return(status)
    }

    /// `IopGetImagePath(ServiceHandle, Path*) -> status`: the value ImagePath, below `\SystemRoot` unless it begins with a backslash; without one,
    /// `\SystemRoot\System32\drivers\<service>.sys`.
    private static let imagePath: Routine = .init("IopGetImagePath", ["ServiceHandle", "Path"]) { f in
        let buffer = f.local(0)
        let given = f.structure(UNICODE_STRING.self)
        let path = f.argument(1, UNICODE_STRING.self)
        let status = f.local(f.call(getRegistryString, f.argument(0), f.wide("ImagePath"), f.address(of: buffer), given))
        f.if(status.isSuccess && given.Length != 0) {
            f.if(given.Buffer.word() != 0x5C) { f.call(Rtl.appendUnicodeToString, path, f.wide(#"\SystemRoot\"#)) }
            f.set(status, f.call(Rtl.appendUnicodeStringToString, path, given))
            f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
            f.return(status)
        }
        f.if(buffer != 0) { f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  ")) }
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"\SystemRoot\System32\drivers\"#))
        f.set(status, f.call(serviceName, f.argument(0), path))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(Rtl.appendUnicodeToString, path, f.wide(".sys")))
    }

    /// `NtUnloadDriver(DriverServiceName*) -> status`: DriverUnload is called when no device of the driver is in use; then the object goes, and with it the image.
    /// 0xC0000010: the driver cannot be unloaded, or is being so.
    package static let ntUnloadDriver: Routine = .init("NtUnloadDriver", ["DriverServiceName"]) { f in
        f.require(Se.loadDriverPrivilege)
        let handle = f.local(0)
        let object = f.local(0)
        let service = f.stringBuffer(64)
        let name = f.stringBuffer(128)
        let path = f.structure(UNICODE_STRING.self)
        let status = f.local(f.call(Ke.captureString, f.argument(0), path))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Cm.openKeyByName, f.address(of: handle), 0, path))
        f.call(Ke.releaseBuffer, path.Buffer)
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(serviceName, handle, service))
        f.if(status.isSuccess) { f.set(status, f.call(driverObjectName, handle, service, name)) }
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(status) }
        f.set(
            status,
            f.call(
                Ob.referenceObjectByName, name, ObjectAttribute.caseInsensitive, 0, 0, driverObjectType.dword, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        let driver = object.as(DRIVER_OBJECT.self)
        f.if(driver.DriverUnload == 0 || driver.DriverSection == 0 || (driver.Flags & 1) != 0) {
            f.call(Ob.dereferenceObject, driver)
            f.return(Status.invalidDeviceRequest)
        }
        // With a device in use the driver goes when the device is let go (`IopUnloadIfIdle`).
        f.if(f.call(markForUnload, driver) == 0) {
            f.call(Ob.dereferenceObject, driver)
            f.return(Status.success)
        }
        f.set(driver.Flags, driver.Flags | 1)
        f.set(status, f.call(doLoadUnloadDriver, 0, f.address(of: object)))
        // The name's reference, the creator's, and the one from above.
        f.call(Ob.makeTemporaryObject, driver)
        f.call(Ob.dereferenceObject, driver)
        f.call(Ob.dereferenceObject, driver)
        f.return(status)
    }
}
