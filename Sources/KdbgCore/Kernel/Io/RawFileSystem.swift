// SPDX-License-Identifier: GPL-3.0-or-later

/// The RAW file system: takes every volume that nobody else knows, and shows it as it is (spec/boot.md section 6, rawfs.c).
extension Io {
    /// The device extension of a raw volume.
    private struct RAW_VCB: Structure {
        static let size: UInt32 = 0x44
        let TargetDeviceObject = PointerTo<DEVICE_OBJECT>(0x00)
        let Vpb = PointerTo<VPB>(0x04)
        let OpenCount = Field.u32(0x08)
        let ShareAccess = Embedded<SHARE_ACCESS>(0x0C)
        let IsLocked = Field.u32(0x28)
        let Mutex = Embedded<KEVENT>(0x2C)

        static let layout = Self()
    }

    private static let lockVolume: UInt32 = 0x9_0018
    private static let unlockVolume: UInt32 = 0x9_001C
    private static let dismountVolume: UInt32 = 0x9_0020

    /// Entry of `\FileSystem\RAW`: one file-system device for each of the three queues. It is the first to register and therefore asked last.
    static let rawEntry: Routine = .init("RawFsDriverEntry", ["DriverObject", "RegistryPath"], section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        for (major, routine) in [
            (Major.create, rawCreate), (Major.cleanup, rawCleanup), (Major.close, rawClose), (Major.read, rawReadWrite),
            (Major.write, rawReadWrite), (Major.fileSystemControl, rawFileSystemControl), (Major.deviceControl, rawDeviceControl),
            (Major.shutdown, rawShutdown), (Major.flush, rawShutdown),
        ] { f.set(driver.MajorFunction.dword(4 * Int32(major)), routine) }
        for (name, type) in [(#"\Device\RawDisk"#, 8), (#"\Device\RawCdRom"#, 3), (#"\Device\RawTape"#, 0x20)] {
            let device = f.local(0)
            let status = f.call(createDevice, driver, 0, f.unicode(name), type, 0, 0, f.address(of: device))
            f.if(status.isError) { f.return(status) }
            f.set(device.as(DEVICE_OBJECT.self).Flags, device.as(DEVICE_OBJECT.self).Flags | Value(DeviceFlag.directIo))
            f.call(registerFileSystem, device)
        }
        f.call(readyDeviceObjects, driver)
        f.return(Status.success)
    }

    /// The volume a request is for; NULL for the file-system devices, which have no extension.
    private static func volume(_ f: Function) -> Pointer<RAW_VCB> {
        f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(RAW_VCB.self))
    }

    /// `RawCreate(DeviceObject*, Irp*) -> status`: the volume itself can be opened, as far as those who have it open share it. There are no names on it. A locked
    /// volume: 0xC0000022.
    private static let rawCreate: Routine = .init("RawCreate", ["DeviceObject", "Irp"]) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let vcb = volume(f)
        f.if(vcb.isNull) { f.return(f.call(finishRequest, irp, Status.success, 1)) }
        let file = f.local(stack.FileObject)
        f.if(file.FileName.Length != 0 || file.RelatedFileObject.isNotNull) {
            f.return(f.call(finishRequest, irp, Status.objectPathNotFound, 0))
        }
        // Open and open-if; directories there are none.
        let disposition = f.local(stack.Argument2 >> 24)
        f.if((disposition != 1 && disposition != 3) || (stack.Argument2 & Value(CreateOption.directory)) != 0) {
            f.return(f.call(finishRequest, irp, Status.invalidParameter, 0))
        }
        f.call(Ke.waitForSingleObject, vcb.address(of: \.Mutex), 0, 0, 0, 0)
        let status = f.local(Status.accessDenied)
        f.if(vcb.IsLocked == 0) {
            // Access mask out of the security context; the share access is the upper half of its word.
            let access = f.local(stack.Argument1.dword(8))
            let sharing = f.local(stack.Argument3 >> 16)
            f.if(vcb.OpenCount == 0) {
                f.call(setShareAccess, access, sharing, file, vcb.ShareAccess)
                f.set(status, Status.success)
            } else: {
                f.set(status, f.call(checkShareAccess, access, sharing, file, vcb.ShareAccess, 1))
            }
        }
        f.if(status.isSuccess) {
            f.add(vcb.OpenCount, 1)
            f.set(file.address(of: \.Vpb).dword(), vcb.Vpb)
            f.set(file.Flags, file.Flags | Value(FileFlag.noBuffering))
        }
        f.call(Ke.setEvent, vcb.address(of: \.Mutex), 0, 0)
        f.return(f.call(finishRequest, irp, status, 1))
    }

    /// `RawCleanup(DeviceObject*, Irp*) -> status`: the last handle: others may do again what this one did not share.
    private static let rawCleanup: Routine = .init("RawCleanup", ["DeviceObject", "Irp"]) { f in
        let vcb = volume(f)
        f.if(vcb.isNotNull) {
            f.call(Ke.waitForSingleObject, vcb.address(of: \.Mutex), 0, 0, 0, 0)
            f.call(removeShareAccess, f.argument(1, IRP.self).CurrentStackLocation.FileObject, vcb.ShareAccess)
            f.call(Ke.setEvent, vcb.address(of: \.Mutex), 0, 0)
        }
        f.return(f.call(finishRequest, f.argument(1), Status.success, 0))
    }

    /// `RawClose(DeviceObject*, Irp*) -> status`.
    private static let rawClose: Routine = .init("RawClose", ["DeviceObject", "Irp"]) { f in
        let vcb = volume(f)
        f.if(vcb.isNotNull) {
            f.call(Ke.waitForSingleObject, vcb.address(of: \.Mutex), 0, 0, 0, 0)
            f.set(vcb.OpenCount, vcb.OpenCount - 1)
            f.call(Ke.setEvent, vcb.address(of: \.Mutex), 0, 0)
        }
        f.return(f.call(finishRequest, f.argument(1), Status.success, 0))
    }

    /// `RawReadWrite(DeviceObject*, Irp*) -> status`: goes to the device below with the same parameters; a synchronous file moves on when it has come back.
    private static let rawReadWrite: Routine = .init("RawReadWrite", ["DeviceObject", "Irp"]) { f in
        let irp = f.argument(1, IRP.self)
        let vcb = volume(f)
        f.if(vcb.isNull) { f.return(f.call(finishRequest, irp, Status.invalidDeviceRequest, 0)) }
        f.if(irp.CurrentStackLocation.Argument1 == 0) { f.return(f.call(finishRequest, irp, Status.success, 0)) }
        copyLocationToNext(f, irp)
        setCompletionRoutine(f, irp, rawComplete, 0)
        f.return(f.call(callDriver, vcb.TargetDeviceObject, irp))
    }

    /// `RawCompletionRoutine(DeviceObject*, Irp*, Context) -> status`.
    private static let rawComplete: Routine = .init("RawCompletionRoutine", ["DeviceObject", "Irp", "Context"]) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let file = f.local(stack.FileObject)
        f.if(irp.IoStatus.Status.isSuccess && file.isNotNull) {
            f.if((file.Flags & Value(FileFlag.synchronous)) != 0) {
                let old = f.local(stack.Argument3)
                f.set(file.CurrentByteOffset.LowPart, old + irp.IoStatus.Information)
                f.set(file.CurrentByteOffset.HighPart, stack.Argument4)
                f.if(file.CurrentByteOffset.LowPart < old) {
                    f.set(file.CurrentByteOffset.HighPart, file.CurrentByteOffset.HighPart + 1)
                }
            }
        }
        f.if(irp.PendingReturned != 0) { markPending(f, irp) }
        f.return(Status.success)
    }

    /// `RawDeviceControl(DeviceObject*, Irp*) -> status`: is the device's to answer.
    private static let rawDeviceControl: Routine = .init("RawDeviceControl", ["DeviceObject", "Irp"]) { f in
        let vcb = volume(f)
        f.if(vcb.isNull) { f.return(f.call(finishRequest, f.argument(1), Status.invalidDeviceRequest, 0)) }
        skipLocation(f, f.argument(1, IRP.self))
        f.return(f.call(callDriver, vcb.TargetDeviceObject, f.argument(1)))
    }

    /// `RawShutdown(DeviceObject*, Irp*) -> status`: nothing is ever kept back.
    private static let rawShutdown: Routine = .init("RawShutdown", ["DeviceObject", "Irp"]) { f in
        f.return(f.call(finishRequest, f.argument(1), Status.success, 0))
    }

    /// `RawFileSystemControl(DeviceObject*, Irp*) -> status`: mounting takes everything, verifying finds nothing to object to; locking a volume that one file
    /// alone has open.
    private static let rawFileSystemControl: Routine = .init("RawFileSystemControl", ["DeviceObject", "Irp"]) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let status = f.local(Status.invalidDeviceRequest)
        f.if(stack.MinorFunction == 1) { f.set(status, f.call(rawMount, f.argument(0), stack.Argument1, stack.Argument2)) }
        f.if(stack.MinorFunction == 2) { f.set(status, Status.success) }
        f.if(stack.MinorFunction == 0) { f.set(status, f.call(rawUserControl, f.argument(0), stack.Argument3)) }
        f.return(f.call(finishRequest, irp, status, 0))
    }

    /// `RawUserFsCtrl(DeviceObject*, Code) -> status`.
    private static let rawUserControl: Routine = .init("RawUserFsCtrl", ["DeviceObject", "Code"]) { f in
        let vcb = volume(f)
        let status = f.local(Status.invalidDeviceRequest)
        f.if(vcb.isNull) { f.return(status) }
        f.call(Ke.waitForSingleObject, vcb.address(of: \.Mutex), 0, 0, 0, 0)
        f.if(f.argument(1) == Value(lockVolume)) {
            f.set(status, Status.accessDenied)
            f.if(vcb.IsLocked == 0 && vcb.OpenCount == 1) {
                f.set(vcb.IsLocked, 1)
                f.set(vcb.Vpb.Flags, vcb.Vpb.Flags | Value(VpbFlag.locked))
                f.set(status, Status.success)
            }
        }
        f.if(f.argument(1) == Value(unlockVolume)) {
            f.set(status, Status.accessDenied)
            f.if(vcb.IsLocked != 0) {
                f.set(vcb.IsLocked, 0)
                f.set(vcb.Vpb.Flags, vcb.Vpb.Flags & ~Value(VpbFlag.locked))
                f.set(status, Status.success)
            }
        }
        // A raw volume has nothing that could be dismounted, and a locked one may be.
        f.if(f.argument(1) == Value(dismountVolume)) {
            f.set(status, Status.accessDenied)
            f.if(vcb.IsLocked != 0) { f.set(status, Status.success) }
        }
        f.call(Ke.setEvent, vcb.address(of: \.Mutex), 0, 0)
        f.return(status)
    }

    /// `RawMountVolume(FileSystemDevice*, Vpb*, TargetDevice*) -> status`.
    private static let rawMount: Routine = .init("RawMountVolume", ["DeviceObject", "Vpb", "TargetDevice"]) { f in
        let made = f.local(0)
        let target = f.argument(2, DEVICE_OBJECT.self)
        let status = f.call(
            createDevice, f.argument(0, DEVICE_OBJECT.self).DriverObject, RAW_VCB.size, 0, 8, 0, 0, f.address(of: made))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let vcb = f.local(device.DeviceExtension.as(RAW_VCB.self))
        f.set(vcb.address(of: \.TargetDeviceObject).dword(), target)
        f.set(vcb.address(of: \.Vpb).dword(), f.argument(1))
        f.call(Ke.initializeEvent, vcb.address(of: \.Mutex), 1, 1)
        f.set(device.StackSize, target.StackSize + 1)
        f.set(device.SectorSize, target.SectorSize)
        f.set(device.AlignmentRequirement, target.AlignmentRequirement)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
        f.set(f.argument(1, VPB.self).address(of: \.DeviceObject).dword(), device)
        // No serial number, no label.
        f.set(f.argument(1, VPB.self).SerialNumber, 0xFFFF_FFFF as Value)
        f.set(f.argument(1, VPB.self).VolumeLabelLength, 0)
        f.return(Status.success)
    }
}
