// SPDX-License-Identifier: GPL-3.0-or-later

/// The end of file objects.
extension Io {
    /// `IopCloseFile(Process*, Object, GrantedAccess, ProcessHandleCount, SystemHandleCount)`: the last handle sends IRP_MJ_CLEANUP.
    static let closeFile: Routine = .init(
        "IopCloseFile", ["Process", "ObjectBody", "GrantedAccess", "HandleCount", "SystemHandleCount"]
    ) { f in
        let file = f.argument(1, FILE_OBJECT.self)
        f.if(f.argument(4) != 1 || file.DeviceObject.isNull) { f.return() }
        f.call(notifyDriver, file, Major.cleanup)
        f.set(file.Flags, file.Flags | Value(FileFlag.cleanupComplete))
        f.return()
    }

    /// `IopDeleteFile(FileObject*)`: IRP_MJ_CLOSE, then name, volume and device are let go.
    static let deleteFile: Routine = .init("IopDeleteFile", ["ObjectBody"]) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        f.if(file.DeviceObject.isNotNull) {
            f.if((file.Flags & Value(FileFlag.cleanupComplete)) == 0) { f.call(notifyDriver, file, Major.cleanup) }
            f.call(notifyDriver, file, Major.close)
            f.if(file.Vpb.isNotNull) { f.exchangeAdd(file.Vpb.ReferenceCount, 0xFFFF_FFFF as Value) }
            f.exchangeAdd(file.DeviceObject.ReferenceCount, 0xFFFF_FFFF as Value)
        }
        f.if(file.FileName.Buffer != 0) { f.call(Ex.freePoolWithTag, file.FileName.Buffer, Value.tag("Io  ")) }
        f.return()
    }

    /// `IopNotifyDriver(FileObject*, MajorFunction)`: CLEANUP or CLOSE, which cannot fail.
    private static let notifyDriver: Routine = .init("IopNotifyDriver", ["FileObject", "MajorFunction"]) { f in
        let result = f.structure(IO_STATUS_BLOCK.self)
        let device = f.call(getRelatedDeviceObject, f.argument(0))
        let irp = f.call(allocateIrp, device.as(DEVICE_OBJECT.self).StackSize, 0).as(IRP.self)
        f.if(irp.isNull) { f.return() }
        let stack = (irp.CurrentStackLocation.value - IO_STACK_LOCATION.size.value).as(IO_STACK_LOCATION.self)
        f.set(stack.MajorFunction, f.argument(1))
        f.call(fileRequest, irp, device, f.argument(0), result)
        f.return()
    }

    /// `IoGetRelatedDeviceObject(FileObject*) -> DEVICE_OBJECT*`: where requests for the file go: the top of the volume's stack, or of the device's.
    package static let getRelatedDeviceObject: Routine = .init("IoGetRelatedDeviceObject", ["FileObject"]) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        let device = f.local(file.DeviceObject)
        f.if(file.Vpb.isNotNull) {
            f.if(file.Vpb.DeviceObject.isNotNull) { f.set(device.value, file.Vpb.DeviceObject) }
        }
        f.return(f.call(getAttachedDevice, device))
    }

    /// `IoGetDeviceObjectPointer(ObjectName*, DesiredAccess, FileObject**, DeviceObject**) -> status`: opens a device by name; the caller dereferences
    /// the file object.
    package static let getDeviceObjectPointer: Routine = .init(
        "IoGetDeviceObjectPointer", ["ObjectName", "DesiredAccess", "FileObject", "DeviceObject"]
    ) { f in
        let attributes = f.objectAttributes(f.argument(0), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let handle = f.local(0)
        let object = f.local(0)
        let status = f.local(f.call(ntOpenFile, f.address(of: handle), f.argument(1), attributes, result, 0, 0x40))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0, fileObjectType.dword, 0, f.address(of: object), 0))
        f.call(Ob.ntClose, handle)
        f.if(status.isError) { f.return(status) }
        f.set(f.argument(2).dword(), object)
        let device = f.call(getRelatedDeviceObject, object)
        f.set(f.argument(3).dword(), device)
        f.return(status)
    }
}
