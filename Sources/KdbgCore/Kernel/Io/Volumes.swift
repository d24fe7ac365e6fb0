// SPDX-License-Identifier: GPL-3.0-or-later

/// File systems, volume parameter blocks and mounting (spec/boot.md section 6, volume.c).
extension Io {
    /// `IopCreateVpb(DeviceObject*) -> status`: the block through which a disk finds its volume; nothing is mounted yet.
    static let createVpb: Routine = .init("IopCreateVpb", ["DeviceObject"]) { f in
        let block = f.call(Ex.allocatePoolWithTag, 0, VPB.size, Value.tag("Vpb "))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let vpb = block.as(VPB.self)
        f.zero(vpb, VPB.size)
        f.set(vpb.Type, IoType.vpb)
        f.set(vpb.Size, VPB.size)
        f.set(vpb.address(of: \.RealDevice).dword(), f.argument(0))
        f.set(f.argument(0, DEVICE_OBJECT.self).address(of: \.Vpb).dword(), vpb)
        f.return(Status.success)
    }

    /// `IopFileSystemQueue(DeviceType) -> LIST_ENTRY* or NULL`: by the type of a disk's or a file system's device.
    static let fileSystemQueue: Routine = .init("IopFileSystemQueue", ["DeviceType"]) { f in
        let type = f.argument(0)
        f.if(type == 7 || type == 8 || type == 0x24) { f.return(diskFileSystemQueue) }
        f.if(type == 2 || type == 3) { f.return(cdRomFileSystemQueue) }
        f.if(type == 0x1F || type == 0x20) { f.return(tapeFileSystemQueue) }
        f.if(type == 0x14) { f.return(networkFileSystemQueue) }
        f.return(0)
    }

    /// `IoRegisterFileSystem(DeviceObject*)`: to the start of its queue; so what registered first, RAW, is asked last.
    package static let registerFileSystem: Routine = .init("IoRegisterFileSystem", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let queue = f.call(fileSystemQueue, device.DeviceType)
        f.if(queue != 0) { f.insertHeadList(queue, device.address(of: \.ListEntry)) }
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
        f.exchangeAdd(device.ReferenceCount, 1)
        f.return()
    }

    /// `IoUnregisterFileSystem(DeviceObject*)`.
    package static let unregisterFileSystem: Routine = .init("IoUnregisterFileSystem", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.removeEntryList(device.address(of: \.ListEntry))
        f.initializeListHead(device.address(of: \.ListEntry))
        f.exchangeAdd(device.ReferenceCount, 0xFFFF_FFFF as Value)
        f.return()
    }

    /// `IopCheckVpbMounted(DeviceObject*, Status*) -> VPB* or NULL`: mounts when nobody has; the block gets a reference.
    static let checkVpbMounted: Routine = .init("IopCheckVpbMounted", ["DeviceObject", "Status"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let vpb = f.local(device.Vpb)
        let status = f.local(Status.success)
        f.if((vpb.Flags & 1) == 0) {
            // Whoever comes while a volume is being mounted waits, and then finds it mounted.
            f.call(Ke.waitForSingleObject, device.address(of: \.DeviceLock), 0, 0, 0, 0)
            f.if((vpb.Flags & 1) == 0) { f.set(status, f.call(mountVolume, device)) }
            f.call(Ke.setEvent, device.address(of: \.DeviceLock), 0, 0)
        }
        f.set(f.argument(1).dword(), status)
        f.if(status.isError) { f.return(0) }
        f.exchangeAdd(vpb.ReferenceCount, 1)
        f.return(vpb)
    }

    /// `IopMountVolume(DeviceObject*) -> status`: asks the file systems of the queue in turn until one knows the volume. The boot partition must not be
    /// RAW: BC 0x7B(DeviceObject, status).
    static let mountVolume: Routine = .init("IopMountVolume", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let queue = f.call(fileSystemQueue, device.DeviceType)
        let status = f.local(Status.unrecognizedVolume)
        f.if(queue != 0) {
            let entry = f.local(queue.dword())
            f.while(entry != queue) {
                let isBoot = f.local(device.Flags & Value(DeviceFlag.systemBootPartition))
                // The last file system is RAW, which takes everything.
                f.if(isBoot != 0 && entry.dword() == queue) { f.break() }
                let fileSystem = f.local(Pointer<DEVICE_OBJECT>.containing(entry, as: \.ListEntry))
                f.set(status, f.call(mountOn, f.call(getAttachedDevice, fileSystem), device))
                f.if(status != Status.unrecognizedVolume) { f.break() }
                f.set(entry, entry.dword())
            }
        }
        f.if(status.isSuccess) { f.set(device.Vpb.Flags, device.Vpb.Flags | 1) }
        f.if(status.isError && (device.Flags & Value(DeviceFlag.systemBootPartition)) != 0) {
            f.call(Ke.bugCheckEx, 0x7B, device, status, 0, 0)
        }
        f.return(status)
    }

    /// `IopMountOn(FileSystemDevice*, DeviceObject*) -> status`: IRP_MJ_FILE_SYSTEM_CONTROL, minor function MOUNT_VOLUME.
    static let mountOn: Routine = .init("IopMountOn", ["FileSystemDevice", "DeviceObject"]) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.call(Ke.initializeEvent, event, 0, 0)
        let irp = f.call(buildSynchronousFsdRequest, Major.fileSystemControl, f.argument(0), 0, 0, 0, event, result)
        f.if(irp == 0) { f.return(Status.insufficientResources) }
        let stack = (irp.as(IRP.self).CurrentStackLocation.value - IO_STACK_LOCATION.size.value).as(IO_STACK_LOCATION.self)
        f.set(stack.MinorFunction, 1)
        f.set(stack.Argument1, f.argument(1, DEVICE_OBJECT.self).Vpb)
        f.set(stack.Argument2, f.argument(1))
        let status = f.local(f.call(callDriver, f.argument(0), irp))
        f.if(status == Status.pending) {
            f.call(Ke.waitForSingleObject, event, 0, 0, 0, 0)
            f.set(status, result.Status)
        }
        f.return(status)
    }
}
