// SPDX-License-Identifier: GPL-3.0-or-later

/// From a device to a mounted volume (spec/boot.md section 6, volume.c).
extension Io {
    /// `IopMountVolume(DeviceObject*, AllowRawMount, DeviceIsLocked) -> status`: asks the file systems of the device's queue in turn until one knows the
    /// volume; RAW, the last, takes what nobody knows. A recognizer that answers STATUS_FS_DRIVER_REQUIRED has its driver loaded, and the round begins anew.
    /// The boot partition must not be RAW: BC 0x7B(DeviceObject, status).
    static let mountVolume: Routine = .init("IopMountVolume", ["DeviceObject", "AllowRawMount", "DeviceIsLocked"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let status = f.local(Status.success)
        // Whoever comes while a volume is being mounted waits, and then finds it mounted.
        f.if(f.argument(2) == 0) { f.call(Ke.waitForSingleObject, device.address(of: \.DeviceLock), 0, 0, 0, 0) }
        f.if((device.Vpb.Flags & Value(VpbFlag.mounted)) == 0 && (device.Vpb.Flags & Value(VpbFlag.removePending)) != 0) {
            f.set(status, Status.deviceDoesNotExist)
        }
        f.if((device.Vpb.Flags & Value(VpbFlag.mounted | VpbFlag.removePending)) == 0) {
            f.set(status, Status.unrecognizedVolume)
            let queue = f.call(fileSystemQueue, device.DeviceType)
            f.if(queue != 0) { f.set(status, f.call(askFileSystems, device, queue, f.argument(1))) }
        }
        f.if(f.argument(2) == 0) { f.call(Ke.setEvent, device.address(of: \.DeviceLock), 0, 0) }
        f.if(status.isError && (device.Flags & Value(DeviceFlag.systemBootPartition)) != 0 && Ex.initializationPhase.dword < 2) {
            f.call(Ke.bugCheckEx, 0x7B, device, status, 0, 0)
        }
        f.return(status)
    }

    /// `IopAskFileSystems(DeviceObject*, QueueHead*, AllowRawMount) -> status`.
    private static let askFileSystems: Routine = .init("IopAskFileSystems", ["DeviceObject", "QueueHead", "AllowRawMount"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let queue = f.argument(1)
        let status = f.local(Status.unrecognizedVolume)
        let target = f.call(getAttachedDevice, device)
        let entry = f.local(queue.dword())
        f.while(entry != queue) {
            let isLast = f.local(entry.dword() == queue)
            f.if(isLast != 0 && (device.Flags & Value(DeviceFlag.systemBootPartition)) != 0) { f.break() }
            let fileSystem = f.local(Pointer<DEVICE_OBJECT>.containing(entry, as: \.ListEntry))
            f.set(status, f.call(mountOn, f.call(getAttachedDevice, fileSystem), device, target, f.argument(2)))
            f.if(status.isSuccess) {
                f.call(mountInitializeVpb, device, isLast)
                f.break()
            }
            f.if(status == Status.fsDriverRequired) {
                // A recognizer that cannot load its driver is passed over.
                let loaded = f.call(loadFileSystemDriver, fileSystem)
                f.set(status, Status.unrecognizedVolume)
                f.if(loaded.isSuccess) { f.set(entry, queue) }
            } else: {
                f.if(status != Status.unrecognizedVolume && f.argument(2) == 0) { f.break() }
            }
            f.set(entry, entry.dword())
        }
        f.return(status)
    }

    /// `IopMountInitializeVpb(DeviceObject*, IsRaw)`: the volume is mounted, and the file system holds a reference to the block.
    private static let mountInitializeVpb: Routine = .init("IopMountInitializeVpb", ["DeviceObject", "IsRaw"]) { f in
        let vpb = f.local(f.argument(0, DEVICE_OBJECT.self).Vpb)
        let irql = f.local(0)
        f.call(acquireVpbSpinLock, f.address(of: irql))
        f.set(vpb.Flags, VpbFlag.mounted)
        f.if(f.argument(1) != 0) { f.set(vpb.Flags, VpbFlag.mounted | VpbFlag.rawMount) }
        f.set(vpb.ReferenceCount, vpb.ReferenceCount + 1)
        f.set(vpb.DeviceObject.DeviceObjectExtension.address(of: \.Vpb).dword(), vpb)
        f.call(releaseVpbSpinLock, irql)
        f.return()
    }

    /// `IopFsControl(DeviceObject*, MinorFunction, Argument1, Argument2, Flags) -> status`: IRP_MJ_FILE_SYSTEM_CONTROL, waited for, as paging requests are,
    /// without a detour through the thread's queue.
    private static let fsControl: Routine = .init(
        "IopFsControl", ["DeviceObject", "MinorFunction", "Argument1", "Argument2", "Flags"]
    ) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.call(Ke.initializeEvent, event, 0, 0)
        let irp = f.local(f.call(allocateIrp, f.argument(0, DEVICE_OBJECT.self).StackSize, 0).as(IRP.self))
        f.if(irp.isNull) { f.return(Status.insufficientResources) }
        f.set(irp.address(of: \.UserEvent).dword(), event)
        f.set(irp.address(of: \.UserIosb).dword(), result)
        f.set(irp.address(of: \.Thread).dword(), currentThread)
        f.set(irp.Flags, IrpFlag.mountCompletion | IrpFlag.synchronousPagingIo)
        let stack = f.local(nextLocation(irp))
        f.set(stack.MajorFunction, Major.fileSystemControl)
        f.set(stack.MinorFunction, f.argument(1))
        f.set(stack.Flags, f.argument(4))
        f.set(stack.Argument1, f.argument(2))
        f.set(stack.Argument2, f.argument(3))
        f.return(f.call(callAndWait, f.argument(0), irp, event, result))
    }

    /// SL_ALLOW_RAW_MOUNT.
    private static let allowRawMount: UInt32 = 1

    /// `IopMountOn(FileSystemDevice*, DeviceObject*, TargetDevice*, AllowRawMount) -> status`: IRP_MN_MOUNT_VOLUME. Reads go to the top of the disk's stack.
    static let mountOn: Routine = .init("IopMountOn", ["FileSystemDevice", "DeviceObject", "TargetDevice", "AllowRawMount"]) { f in
        f.return(
            f.call(fsControl, f.argument(0), 1, f.argument(1, DEVICE_OBJECT.self).Vpb, f.argument(2), f.argument(3) & Value(allowRawMount)))
    }

    /// `IopLoadFileSystemDriver(DeviceObject*) -> status`: IRP_MN_LOAD_FILE_SYSTEM to a recognizer, which then goes.
    private static let loadFileSystemDriver: Routine = .init("IopLoadFileSystemDriver", ["DeviceObject"]) { f in
        f.return(f.call(fsControl, f.call(getAttachedDevice, f.argument(0)), 3, 0, 0, 0))
    }

    /// `IoVerifyVolume(DeviceObject*, AllowRawMount) -> status`: asks the file system whether the volume is still the one it mounted. If it is not, the device
    /// gets a new block and is mounted anew; the old block goes with its last file.
    package static let verifyVolume: Routine = .init("IoVerifyVolume", ["DeviceObject", "AllowRawMount"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let vpb = f.local(0)
        let volume = f.local(0)
        let status = f.local(Status.success)
        f.call(Ke.waitForSingleObject, device.address(of: \.DeviceLock), 0, 0, 0, 0)
        f.call(referenceVerifyVpb, device, f.address(of: vpb), f.address(of: volume))
        f.if(vpb != 0) {
            f.set(status, f.call(fsControl, f.call(getAttachedDevice, volume), 2, vpb, volume, f.argument(1) & Value(allowRawMount)))
            f.call(dereferenceVpb, vpb)
        }
        let isOther = f.local(vpb == 0 || status == Status.wrongVolume)
        f.if(isOther != 0) {
            f.if(vpb != 0) {
                // What the file system and the open files still refer to stays until they let it go.
                f.set(status, f.call(createVpb, device))
                f.call(dereferenceVpb, vpb)
            }
            f.if(status.isSuccess) { f.set(status, f.call(mountVolume, device, f.argument(1), 1)) }
        }
        f.if(status.isSuccess) { f.set(device.Flags, device.Flags & ~Value(DeviceFlag.verifyVolume)) }
        f.call(Ke.setEvent, device.address(of: \.DeviceLock), 0, 0)
        f.return(status)
    }
}
