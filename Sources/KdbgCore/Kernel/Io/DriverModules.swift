// SPDX-License-Identifier: GPL-3.0-or-later

/// Driver objects for images (spec/boot.md section 1.9.1).
extension Io {
    /// `IopInitializeDriverModule(LdrEntry*, ServiceHandle, DriverObject**, DriverEntryStatus*) -> status`: makes the object that the service's key names, or
    /// `\Driver\<service>` or `\FileSystem\<service>` by its Type, and calls DriverEntry. 0xC0000365: DriverEntry failed; the last argument says how.
    package static let initializeDriverModule: Routine = .init(
        "IopInitializeDriverModule", ["ModuleObject", "ServiceHandle", "DriverObject", "DriverEntryStatus"]
    ) { f in
        let module = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let service = f.stringBuffer(64)
        let name = f.stringBuffer(128)
        let path = f.stringBuffer(128)
        let handle = f.local(0)
        let object = f.local(0)
        f.set(f.argument(2).dword(), 0)
        f.set(f.argument(3).dword(), 0)
        let status = f.local(f.call(serviceName, f.argument(1), service))
        f.if(status.isSuccess) { f.set(status, f.call(driverObjectName, f.argument(1), service, name)) }
        f.if(status.isError) { f.return(status) }
        f.call(Rtl.appendUnicodeToString, path, f.wide(servicesPath))
        f.call(Rtl.appendUnicodeStringToString, path, service)
        f.call(checkImage, module)
        let attributes = f.objectAttributes(
            name, ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        f.set(
            status,
            f.call(
                Ob.createObject, 0, driverObjectType.dword, attributes, 0, 0, DRIVER_OBJECT.size + EXTENDED_DRIVER_EXTENSION.size, 0, 0,
                f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        f.call(initializeDriverObject, object, module.EntryPoint, DriverFlag.legacy)
        let driver = object.as(DRIVER_OBJECT.self)
        let headers = module.DllBase + module.DllBase.dword(0x3C)
        f.if((headers.word(0x5E) & 0x2000) != 0) { f.set(driver.Flags, 0) }
        f.set(driver.DriverSection, module)
        f.set(driver.DriverStart, module.DllBase)
        f.set(driver.DriverSize, module.SizeOfImage)
        f.set(driver.HardwareDatabase, hardwareDatabase)
        f.set(status, f.call(Ob.insertObject, object, 0, 1, 0, 0, f.address(of: handle)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0, driverObjectType.dword, 0, f.address(of: object), 0))
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(status) }
        f.call(Rtl.duplicateUnicodeString, driver.DriverExtension.address(of: \.ServiceKeyName), service, Value.tag("Io  "))
        f.call(Rtl.duplicateUnicodeString, driver.address(of: \.DriverName), name, Value.tag("Io  "))
        f.set(status, f.callIndirect(driver.DriverInit, driver, path))
        f.set(f.argument(3).dword(), status)
        f.call(repairMajorFunctions, driver)
        f.if(driver.DeviceObject.isNull) { f.set(driver.Flags, driver.Flags & ~Value(DriverFlag.legacy)) }
        f.if(status.isError) {
            f.print("(ntoskrnl/io/iomgr/driver.c:634) '%wZ' initialization failed, status (0x%08lx)\n", name, status)
            // The image is the caller's until the driver lives.
            f.set(driver.DriverSection, 0)
            f.call(Ob.makeTemporaryObject, driver)
            f.call(Ob.dereferenceObject, driver)
            f.return(Status.failedDriverEntry)
        }
        f.call(Mm.freeDriverInitialization, module)
        f.call(readyDeviceObjects, driver)
        f.set(f.argument(2).dword(), driver)
        f.if(pnpSystemInit.byte != 0) { f.call(reinitializeDrivers) }
        f.return(Status.success)
    }

    /// `IopCheckDriverImage(LdrEntry*)`: the asserts about a driver's image: its header, its size in pages, its entry point.
    private static let checkImage: Routine = .init("IopCheckDriverImage", ["ModuleObject"]) { f in
        let module = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let headers = f.local(module.DllBase + module.DllBase.dword(0x3C))
        f.assert(headers.dword() == 0x4550, "NtHeaders != NULL")
        f.assert(
            module.SizeOfImage == (headers.dword(0x50) + 0xFFF) & ~Value(0xFFF), "ModuleObject->SizeOfImage == ROUND_TO_PAGES(SizeOfImage)")
        f.assert(module.EntryPoint == module.DllBase + headers.dword(0x28), "ModuleObject->EntryPoint == AddressOfEntryPoint")
        f.return()
    }

    /// `IopServiceName(ServiceHandle, Name*) -> status`: what the service's key is called.
    static let serviceName: Routine = .init("IopServiceName", ["ServiceHandle", "Name"]) { f in
        let information = f.buffer(0x10 + 128).as(KEY_BASIC_INFORMATION.self)
        let length = f.local(0)
        let name = f.structure(UNICODE_STRING.self)
        let status = f.call(Cm.zwQueryKey, f.argument(0), 0, information, 0x10 + 128, f.address(of: length))
        f.if(status != 0) { f.return(status | 0x8000_0000) }
        f.setString(name, information.Name, information.NameLength)
        f.return(f.call(Rtl.appendUnicodeStringToString, f.argument(1), name))
    }

    /// `IopGetDriverNames(ServiceHandle, ServiceName*, Name*) -> status`: the driver object's path, from the value ObjectName or else from the value Type; file
    /// systems (2) and recognizers (8) live in `\FileSystem`.
    static let driverObjectName: Routine = .init("IopGetDriverNames", ["ServiceHandle", "ServiceName", "Name"]) { f in
        let buffer = f.local(0)
        let given = f.structure(UNICODE_STRING.self)
        let status = f.local(f.call(getRegistryString, f.argument(0), f.wide("ObjectName"), f.address(of: buffer), given))
        f.if(status.isSuccess) {
            f.set(status, f.call(Rtl.appendUnicodeStringToString, f.argument(2), given))
            f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
            f.return(status)
        }
        let type = f.local(f.call(getRegistryNumber, f.argument(0), f.wide("Type"), 1))
        f.if(type == 2 || type == 8) {
            f.call(Rtl.appendUnicodeToString, f.argument(2), f.wide(#"\FileSystem\"#))
        } else: {
            f.call(Rtl.appendUnicodeToString, f.argument(2), f.wide(#"\Driver\"#))
        }
        f.return(f.call(Rtl.appendUnicodeStringToString, f.argument(2), f.argument(1)))
    }

    /// `IopHardwareDatabaseKey`: the UNICODE_STRING that DRIVER_OBJECT.HardwareDatabase points to.
    private static let hardwareDatabase: Global = .init("IopHardwareDatabaseKey", size: 100, section: .constants) {
        let path = Array(#"\REGISTRY\MACHINE\HARDWARE\DESCRIPTION\SYSTEM"#.utf8)
        let length = UInt16(2 * path.count)
        return [.word(length), .word(length + 2), .itself(8), .bytes(path.flatMap { [$0, 0] })]
    }
}
