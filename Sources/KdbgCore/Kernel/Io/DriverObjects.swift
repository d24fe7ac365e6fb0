// SPDX-License-Identifier: GPL-3.0-or-later

/// Driver objects for code that is already there, and their end (spec/boot.md section 2.3 steps 6 and 8).
extension Io {
    /// `IoCreateDriver(DriverName*, InitializationFunction) -> status`: makes a driver object and calls its entry with no registry path. A NULL name
    /// becomes `\Driver\` and eight digits of the tick count. Before 1.9 #6 it faults at 0x64 (section 3.1).
    package static let createDriver: Routine = .init("IoCreateDriver", ["DriverName", "InitializationFunction"]) { f in
        f.pagedCode()
        let entry = f.argument(1)
        let name = f.local(Pointer<UNICODE_STRING>(f.argument(0)))
        let made = f.stringBuffer(20)
        let tries = f.local(0)
        let ticks = f.local(Value(0xFFDF_0008).dword() / 100_000)
        let object = f.local(0)
        let handle = f.local(0)
        let status = f.local(Status.objectNameCollision)
        f.while(status == Status.objectNameCollision) {
            f.if(f.argument(0) == 0) {
                f.set(made.Length, 0)
                f.call(Rtl.appendUnicodeToString, made, f.wide(#"\Driver\"#))
                f.call(Rtl.appendNumberToString, made, (ticks + tries) % 100_000_000, 10, 8)
                f.set(name.value, made)
            }
            let attributes = f.objectAttributes(
                name, ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
            f.set(
                status,
                f.call(
                    Ob.createObject, 0, driverObjectType.dword, attributes, 0, 0, DRIVER_OBJECT.size + EXTENDED_DRIVER_EXTENSION.size, 0, 0,
                    f.address(of: object)))
            f.if(status.isError) { f.return(status) }
            f.call(initializeDriverObject, object, entry, DriverFlag.builtIn)
            let driver = object.as(DRIVER_OBJECT.self)
            f.set(status, f.call(Rtl.duplicateUnicodeString, driver.DriverExtension.address(of: \.ServiceKeyName), name, Value.tag("Io  ")))
            f.if(status.isSuccess) {
                f.set(status, f.call(Rtl.duplicateUnicodeString, driver.address(of: \.DriverName), name, Value.tag("Io  ")))
            }
            f.if(status.isError) {
                f.call(Ob.makeTemporaryObject, object)
                f.call(Ob.dereferenceObject, object)
                f.return(status)
            }
            f.set(status, f.call(Ob.insertObject, object, 0, 1, 0, 0, f.address(of: handle)))
            f.add(tries, 1)
            f.if(f.argument(0) != 0 || tries > 100) { f.if(status.isError) { f.return(status) } }
        }
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0, driverObjectType.dword, 0, f.address(of: object), 0))
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(status) }
        f.set(status, f.callIndirect(entry, object, 0))
        f.if(status.isError) {
            f.call(Ob.makeTemporaryObject, object)
            f.call(Ob.dereferenceObject, object)
            f.return(status)
        }
        f.call(repairMajorFunctions, object)
        f.return(status)
    }

    /// `IopInitializeDriverObject(DriverObject*, Entry, Flags)`: zero but for type, size, flags, extension, entry, and 28 times
    /// `IopInvalidDeviceRequest`.
    static let initializeDriverObject: Routine = .init("IopInitializeDriverObject", ["DriverObject", "Entry", "Flags"]) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.zero(driver, DRIVER_OBJECT.size + EXTENDED_DRIVER_EXTENSION.size)
        f.set(driver.Type, IoType.driver)
        f.set(driver.Size, DRIVER_OBJECT.size)
        f.set(driver.Flags, f.argument(2))
        let extensionAddress = f.local(driver.value + DRIVER_OBJECT.size.value)
        f.set(driver.address(of: \.DriverExtension).dword(), extensionAddress)
        f.set(extensionAddress.dword(), driver)
        f.set(driver.DriverInit, f.argument(1))
        let index = f.local(0)
        f.while(index < 28) {
            f.set((driver.MajorFunction + (index << 2)).dword(), invalidDeviceRequest)
            f.add(index, 1)
        }
        f.return()
    }

    /// `IopRepairMajorFunctions(DriverObject*)`: an entry routine must not leave NULL in the table.
    static let repairMajorFunctions: Routine = .init("IopRepairMajorFunctions", ["DriverObject"]) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        let index = f.local(0)
        f.while(index < 28) {
            let cell = f.local(driver.MajorFunction + (index << 2))
            f.if(cell.dword() == 0) {
                f.print("Driver <%wZ> set DriverObject->MajorFunction[%lu] to NULL!\n", driver.address(of: \.DriverName), index)
                f.set(cell.dword(), invalidDeviceRequest)
            }
            f.add(index, 1)
        }
        f.return()
    }

    /// `IopInvalidDeviceRequest(DeviceObject*, Irp*) -> status`: what a driver answers to requests it does not know.
    package static let invalidDeviceRequest: Routine = .init("IopInvalidDeviceRequest", ["DeviceObject", "Irp"]) { f in
        f.return(f.call(finishRequest, f.argument(1), Status.invalidDeviceRequest, 0))
    }

    /// `IoDeleteDriver(DriverObject*)`: drops the creator's reference.
    package static let deleteDriver: Routine = .init("IoDeleteDriver", ["DriverObject"]) { f in
        f.call(Ob.dereferenceObject, f.argument(0))
        f.return()
    }

    /// `IopDeleteDriver(DriverObject*)`: the Driver type's delete procedure.
    static let deleteDriverObject: Routine = .init("IopDeleteDriver", ["ObjectBody"]) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.print("(ntoskrnl/io/iomgr/driver.c:83) Deleting driver object '%wZ'\n", driver.address(of: \.DriverName))
        f.assert(driver.DeviceObject.isNull, "!DriverObject->DeviceObject")
        let client = f.local(driver.DriverExtension.as(EXTENDED_DRIVER_EXTENSION.self).ClientDriverExtension)
        f.while(client.isNotNull) {
            let next = f.local(client.NextExtension)
            f.call(Ex.freePoolWithTag, client, Value.tag("DRVE"))
            f.set(client.value, next)
        }
        // What IoCreateDriver made has no image.
        f.if(driver.DriverSection != 0) { f.call(Mm.unloadSystemImage, driver.DriverSection) }
        let service = driver.DriverExtension.ServiceKeyName
        f.if(service.Buffer != 0) { f.call(Ex.freePoolWithTag, service.Buffer, Value.tag("Io  ")) }
        f.if(driver.DriverName.Buffer != 0) { f.call(Ex.freePoolWithTag, driver.DriverName.Buffer, Value.tag("Io  ")) }
        f.return()
    }

    /// `IoAllocateDriverObjectExtension(DriverObject*, ClientIdentificationAddress, Size, Extension**) -> status`: memory of a driver that goes with its
    /// object. 0xC0000035: there is one for that address already.
    package static let allocateDriverObjectExtension: Routine = .init(
        "IoAllocateDriverObjectExtension",
        ["DriverObject", "ClientIdentificationAddress", "DriverObjectExtensionSize", "DriverObjectExtension"]
    ) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        let head = f.local(driver.DriverExtension.as(EXTENDED_DRIVER_EXTENSION.self).address(of: \.ClientDriverExtension))
        f.set(f.argument(3).dword(), 0)
        let old = f.call(getDriverObjectExtension, driver, f.argument(1))
        f.if(old != 0) { f.return(Status.objectNameCollision) }
        let size = f.local(f.argument(2) + IO_CLIENT_EXTENSION.size.value)
        let block = f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("DRVE"))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.zero(block, size)
        f.set(block.dword(), head.dword())
        f.set(block.dword(4), f.argument(1))
        f.set(head.dword(), block)
        f.set(f.argument(3).dword(), block + IO_CLIENT_EXTENSION.size.value)
        f.return(Status.success)
    }

    /// `IoGetDriverObjectExtension(DriverObject*, ClientIdentificationAddress) -> extension or NULL`.
    package static let getDriverObjectExtension: Routine = .init(
        "IoGetDriverObjectExtension", ["DriverObject", "ClientIdentificationAddress"]
    ) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        let client = f.local(driver.DriverExtension.as(EXTENDED_DRIVER_EXTENSION.self).ClientDriverExtension)
        f.while(client.isNotNull) {
            f.if(client.ClientIdentificationAddress == f.argument(1)) { f.return(client.value + IO_CLIENT_EXTENSION.size.value) }
            f.set(client.value, client.NextExtension)
        }
        f.return(0)
    }
}
