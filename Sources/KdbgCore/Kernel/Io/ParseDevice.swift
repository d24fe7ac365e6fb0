// SPDX-License-Identifier: GPL-3.0-or-later

/// From a device in the name space to an open file (spec/boot.md section 6, file.c).
extension Io {
    /// `IopParseDevice(…) -> status`: mounts the volume if need be, makes the file object and sends IRP_MJ_CREATE with the rest of the name.
    /// 0xC0000024: not called by `IoCreateFile`; 0xC000000E: the device is not ready.
    static let parseDevice: Routine = .init("IopParseDevice", Ob.parseParameters) { f in
        let packet = f.argument(7, OPEN_PACKET.self)
        let rest = f.argument(6, UNICODE_STRING.self)
        f.set(f.argument(9).dword(), 0)
        f.if(packet.isNull) { f.return(Status.objectTypeMismatch) }
        f.if(packet.Type != Value(IoType.openPacket)) { f.return(Status.objectTypeMismatch) }
        let device = f.local(Pointer<DEVICE_OBJECT>(f.argument(0)))
        f.if(packet.RelatedFileObject.isNotNull) { f.set(device.value, packet.RelatedFileObject.DeviceObject) }
        let status = f.local(f.call(checkDeviceAndDriver, packet, device))
        f.if(status.isError) { f.return(status) }
        let vpb = f.local(Pointer<VPB>(Value(0)))
        let top = f.local(device)
        // Attributes of a device without a path can be looked at without a volume.
        let direct = f.local(rest.Length == 0 && packet.RelatedFileObject.isNull && (packet.DesiredAccess & ~Value(0x011E_0080)) == 0)
        // And what is opened relative to one stays on the device.
        f.if(packet.RelatedFileObject.isNotNull) {
            f.if((packet.RelatedFileObject.Flags & Value(FileFlag.directDeviceOpen)) != 0) { f.set(direct, 1) }
        }
        f.if(device.Vpb.isNotNull && direct == 0) {
            f.set(vpb.value, f.call(checkVpbMounted, packet, device, rest, f.address(of: status)))
            f.if(vpb.isNull) {
                f.call(dereferenceDevice, device, 0)
                f.return(status)
            }
            f.set(top.value, vpb.DeviceObject)
        }
        f.set(top.value, f.call(getAttachedDevice, top))
        let fileCell = f.local(0)
        f.set(status, f.call(createFileObject, packet, device, vpb, rest, f.address(of: fileCell)))
        let file = Pointer<FILE_OBJECT>(fileCell)
        f.if(status.isSuccess) {
            f.if(direct != 0) { f.set(file.Flags, file.Flags | Value(FileFlag.directDeviceOpen)) }
            f.set(status, f.call(sendCreate, packet, file, top))
            f.set(packet.FinalStatus, status)
            f.if(status.isSuccess) {
                f.set(packet.ParseCheck, OPEN_PACKET.parsed)
                f.set(packet.address(of: \.FileObject).dword(), file)
                f.set(f.argument(9).dword(), file)
                f.return(status)
            }
            // Without a device its end is not told to the driver.
            f.set(file.address(of: \.DeviceObject).dword(), 0)
            f.call(Ob.dereferenceObject, file)
        }
        f.if(vpb.isNotNull) { f.call(dereferenceVpb, vpb) }
        f.call(dereferenceDevice, device, 0)
        f.return(status)
    }

    /// `IopParseFile(…) -> status`: names relative to an open file.
    static let parseFile: Routine = .init("IopParseFile", Ob.parseParameters) { f in
        let packet = f.argument(7, OPEN_PACKET.self)
        f.if(packet.isNull) { f.return(Status.objectTypeMismatch) }
        f.if(packet.Type != Value(IoType.openPacket)) { f.return(Status.objectTypeMismatch) }
        f.set(packet.address(of: \.RelatedFileObject).dword(), f.argument(0))
        f.return(
            f.call(
                parseDevice, f.argument(0, FILE_OBJECT.self).DeviceObject, f.argument(1), f.argument(2), f.argument(3), f.argument(4),
                f.argument(5), f.argument(6), f.argument(7), f.argument(8), f.argument(9)))
    }

    /// `IopCheckDeviceAndDriver(OpenPacket*, DeviceObject*) -> status`: counts the open; a device still being initialised is refused.
    static let checkDeviceAndDriver: Routine = .init("IopCheckDeviceAndDriver", ["OpenPacket", "DeviceObject"]) { f in
        let device = f.argument(1, DEVICE_OBJECT.self)
        f.if((device.Flags & Value(DeviceFlag.initializing)) != 0 || (device.DeviceObjectExtension.ExtensionFlags & 0x0F) != 0) {
            f.print(
                "%wZ has a device that is opened before it is initialized (%p)\n", device.DriverObject.address(of: \.DriverName), device)
            f.return(Status.noSuchDevice)
        }
        f.if((device.Flags & Value(DeviceFlag.exclusive)) != 0 && device.ReferenceCount != 0) { f.return(Status.accessDenied) }
        f.exchangeAdd(device.ReferenceCount, 1)
        f.return(Status.success)
    }

    /// `IopCreateFileObject(OpenPacket*, DeviceObject*, Vpb*, FileName*, FileObject**) -> status`.
    static let createFileObject: Routine = .init(
        "IopCreateFileObject", ["OpenPacket", "DeviceObject", "Vpb", "FileName", "FileObject"]
    ) { f in
        let packet = f.argument(0, OPEN_PACKET.self)
        let name = f.argument(3, UNICODE_STRING.self)
        let object = f.local(0)
        let attributes = f.objectAttributes(0, 0)
        let status = f.call(Ob.createObject, 0, fileObjectType.dword, attributes, 0, 0, FILE_OBJECT.size, 0, 0, f.address(of: object))
        f.if(status.isError) { f.return(status) }
        let file = object.as(FILE_OBJECT.self)
        f.zero(file, FILE_OBJECT.size)
        f.set(file.Type, IoType.file)
        f.set(file.Size, FILE_OBJECT.size)
        f.set(file.address(of: \.DeviceObject).dword(), f.argument(1))
        f.set(file.address(of: \.Vpb).dword(), f.argument(2))
        f.set(file.address(of: \.RelatedFileObject).dword(), packet.RelatedFileObject)
        let options = packet.CreateOptions
        f.if((options & Value(CreateOption.synchronousAlert | CreateOption.synchronousNonAlert)) != 0) {
            f.set(file.Flags, FileFlag.synchronous)
            f.if((options & Value(CreateOption.synchronousAlert)) != 0) { f.set(file.Flags, FileFlag.synchronous | FileFlag.alertable) }
        }
        f.if((options & Value(CreateOption.writeThrough)) != 0) { f.set(file.Flags, file.Flags | Value(FileFlag.writeThrough)) }
        f.if((options & Value(CreateOption.sequentialOnly)) != 0) { f.set(file.Flags, file.Flags | Value(FileFlag.sequentialOnly)) }
        f.call(Ke.initializeEvent, file.address(of: \.Lock), 1, 0)
        f.call(Ke.initializeEvent, file.address(of: \.Event), 0, 0)
        f.initializeListHead(file.address(of: \.IrpList))
        f.if(name.Length != 0) {
            let copied = f.call(Rtl.duplicateUnicodeString, file.address(of: \.FileName), name, Value.tag("Io  "))
            f.if(copied.isError) {
                f.set(file.address(of: \.DeviceObject).dword(), 0)
                f.call(Ob.dereferenceObject, file)
                f.return(copied)
            }
        }
        f.set(f.argument(4).dword(), file)
        f.return(Status.success)
    }

    /// `IopSendCreate(OpenPacket*, FileObject*, TopDevice*) -> status`: IRP_MJ_CREATE, waited for.
    static let sendCreate: Routine = .init("IopSendCreate", ["OpenPacket", "FileObject", "TopDevice"]) { f in
        let packet = f.argument(0, OPEN_PACKET.self)
        let file = f.argument(1, FILE_OBJECT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        // IO_SECURITY_CONTEXT: quality of service, access state, desired access, options.
        let security = f.buffer(16)
        let irp = f.call(allocateIrp, f.argument(2, DEVICE_OBJECT.self).StackSize, 0).as(IRP.self)
        f.if(irp.isNull) { f.return(Status.insufficientResources) }
        f.set(security.dword(), 0)
        f.set(security.dword(4), 0)
        f.set(security.dword(8), f.call(Ob.mapGenericMask, packet.DesiredAccess, fileObjectType.dword))
        f.set(security.dword(12), packet.CreateOptions)
        f.set(irp.Flags, 0x884)
        let stack = (irp.CurrentStackLocation.value - IO_STACK_LOCATION.size.value).as(IO_STACK_LOCATION.self)
        f.set(stack.MajorFunction, Major.create)
        f.set(stack.Argument1, security)
        f.set(stack.Argument2, (packet.Disposition << 24) | (packet.CreateOptions & 0x00FF_FFFF))
        f.set(stack.Argument3, packet.address(of: \.FileAttributes).dword())
        f.set(stack.Argument4, packet.EaLength)
        let status = f.call(fileRequest, irp, f.argument(2), file, result)
        f.set(packet.Information, result.Information)
        f.return(status)
    }
}
