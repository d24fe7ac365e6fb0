// SPDX-License-Identifier: GPL-3.0-or-later

/// The RAW file system: takes every volume that nobody else knows, and shows it as it is (spec/boot.md section 6, rawfs.c).
extension Io {
    /// Entry of `\FileSystem\RAW`: one file-system device for each of the three queues. It is the first to register and therefore asked last.
    static let rawEntry: Routine = .init("RawFsDriverEntry", ["DriverObject", "RegistryPath"], section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        for major in [Major.create, Major.close, Major.cleanup, Major.read, Major.write, Major.fileSystemControl, Major.deviceControl] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), rawDispatch)
        }
        for (name, type) in [(#"\Device\RawDisk"#, 8), (#"\Device\RawCdRom"#, 3), (#"\Device\RawTape"#, 0x20)] {
            let device = f.local(0)
            let status = f.call(createDevice, driver, 0, f.unicode(name), type, 0, 0, f.address(of: device))
            f.if(status.isError) { f.return(status) }
            f.call(registerFileSystem, device)
        }
        f.call(readyDeviceObjects, driver)
        f.return(Status.success)
    }

    /// `RawDispatch(DeviceObject*, Irp*) -> status`. A volume's device extension is the address of the disk's device.
    static let rawDispatch: Routine = .init("RawDispatch", ["DeviceObject", "Irp"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let major = f.local(stack.MajorFunction)
        f.if(major == Value(Major.fileSystemControl)) {
            let status = f.local(Status.invalidDeviceRequest)
            f.if(stack.MinorFunction == 1) { f.set(status, f.call(rawMount, device, stack.Argument1, stack.Argument2)) }
            f.return(f.call(finishRequest, irp, status, 0))
        }
        f.if(major == Value(Major.create)) {
            // There are no names on a raw volume.
            f.if(stack.FileObject.FileName.Length != 0) { f.return(f.call(finishRequest, irp, Status.objectPathNotFound, 0)) }
            f.return(f.call(finishRequest, irp, Status.success, 1))
        }
        f.if(major == Value(Major.close) || major == Value(Major.cleanup) || device.DeviceExtension == 0) {
            f.return(f.call(finishRequest, irp, Status.success, 0))
        }
        // Reads, writes and controls go to the disk with the same parameters.
        f.set(irp.CurrentLocation, irp.CurrentLocation + 1)
        f.set(irp.address(of: \.CurrentStackLocation).dword(), stack.value + IO_STACK_LOCATION.size.value)
        f.return(f.call(callDriver, device.DeviceExtension.dword(), irp))
    }

    /// `RawMountVolume(FileSystemDevice*, Vpb*, TargetDevice*) -> status`.
    static let rawMount: Routine = .init("RawMountVolume", ["DeviceObject", "Vpb", "TargetDevice"]) { f in
        let made = f.local(0)
        let status = f.call(createDevice, f.argument(0, DEVICE_OBJECT.self).DriverObject, 4, 0, 8, 0, 0, f.address(of: made))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        f.set(device.DeviceExtension.dword(), f.argument(2))
        f.set(device.StackSize, f.argument(2, DEVICE_OBJECT.self).StackSize + 1)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
        f.set(f.argument(1, VPB.self).address(of: \.DeviceObject).dword(), device)
        f.return(Status.success)
    }
}
