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
            f.if(file.Vpb.isNotNull) { f.call(dereferenceVpb, file.Vpb) }
            f.call(dereferenceDevice, file.DeviceObject, 0)
        }
        f.call(releaseCompletionContext, file)
        f.if(file.FileName.Buffer != 0) { f.call(Ex.freePoolWithTag, file.FileName.Buffer, Value.tag("Io  ")) }
        f.return()
    }

    /// `IopNotifyDriver(FileObject*, MajorFunction)`: CLEANUP or CLOSE, which cannot fail.
    private static let notifyDriver: Routine = .init("IopNotifyDriver", ["FileObject", "MajorFunction"]) { f in
        let result = f.structure(IO_STATUS_BLOCK.self)
        let event = f.structure(KEVENT.self)
        let device = f.local(f.call(getRelatedDeviceObject, f.argument(0)).as(DEVICE_OBJECT.self))
        f.call(Ke.initializeEvent, event, 1, 0)
        let irp = f.local(f.call(allocateIrpMustSucceed, device.StackSize).as(IRP.self))
        f.set(irp.address(of: \.UserEvent).dword(), event)
        f.set(irp.address(of: \.UserIosb).dword(), result)
        f.set(irp.address(of: \.Thread).dword(), currentThread)
        f.set(irp.address(of: \.OriginalFileObject).dword(), f.argument(0))
        f.set(irp.Flags, IrpFlag.closeOperation | IrpFlag.synchronousApi)
        let stack = f.local(nextLocation(irp))
        f.set(stack.MajorFunction, f.argument(1))
        f.set(stack.address(of: \.FileObject).dword(), f.argument(0))
        f.call(callAndWait, device, irp, event, result)
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
        f.pagedCode()
        f.return(f.call(openDeviceObject, f.argument(0), f.argument(1), CreateOption.nonDirectory, f.argument(2), f.argument(3)))
    }

    /// `IopGetDeviceObjectPointer(ObjectName*, DesiredAccess, OpenOptions, FileObject**, DeviceObject**) -> status`.
    static let openDeviceObject: Routine = .init(
        "IopGetDeviceObjectPointer", ["ObjectName", "DesiredAccess", "OpenOptions", "FileObject", "DeviceObject"]
    ) { f in
        let attributes = f.objectAttributes(f.argument(0), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let handle = f.local(0)
        let object = f.local(0)
        let status = f.local(f.call(zwOpenFile, f.address(of: handle), f.argument(1), attributes, result, 0, f.argument(2)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0, fileObjectType.dword, 0, f.address(of: object), 0))
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(status) }
        f.set(f.argument(3).dword(), object)
        let device = f.call(getRelatedDeviceObject, object)
        f.set(f.argument(4).dword(), device)
        f.return(status)
    }
}
