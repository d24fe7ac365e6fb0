// SPDX-License-Identifier: GPL-3.0-or-later

/// fastfat.sys: FAT12, FAT16 and FAT32 volumes with short and long names (Microsoft FAT specification 1.03).
///
/// One lock per volume lets one request in at a time. Of the table some sectors are kept; everything that a request changes is on its way to the disk when it ends, in
/// an order that leaves a whole volume: the mark "in use", contents, table, directory, the mark again, and then the disk's cache is flushed. Files without write-through
/// leave the last two to the next request that flushes. One more lock keeps two volumes of a disk from flushing each other's halves.
enum FATDriver {
    static let module = Module("fastfat.sys")
    static let directoryAttribute: Value = 0x10
    static let noSector: Value = 0xFFFF_FFFF
    static let tag = Value.tag("FatV")
    /// Held by requests that write.
    private static let writeLock: GlobalStructure<KEVENT> = .init("FatWriteLock", module: module)

    private static let majors: [(major: UInt32, routine: Routine)] = [
        (Major.create, FATCreate.create), (Major.read, FATFiles.read), (Major.write, FATFiles.write),
        (Major.queryInformation, FATInformation.query), (Major.setInformation, FATInformation.set), (Major.flush, FATFiles.flush),
        (0x0A, FATVolumeInformation.query), (0x0C, FATEnumeration.directoryControl), (Major.cleanup, FATClose.cleanup),
        (Major.close, FATClose.close),
    ]

    /// DriverEntry: the file-system device `\Fat` on the disks' queue.
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        for (major, _) in majors { f.set(driver.MajorFunction.dword(4 * Int32(major)), dispatch) }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.fileSystemControl)), fileSystemControl)
        f.call(Ke.initializeEvent, writeLock, 1, 1)
        let device = f.local(0)
        let status = f.call(Io.createDevice, driver, 0, f.unicode(#"\Fat"#), 8, 0, 0, f.address(of: device))
        f.if(status.isError) { f.return(status) }
        f.call(Io.registerFileSystem, device)
        f.set(FATCommands.driver.dword, driver)
        f.call(Kd.systemDebugControl, 0x5262_644B, FATCommands.callback, 0, 0, 0, 0, 0)
        f.return(Status.success)
    }

    /// `FatFileSystemControl(DeviceObject*, Irp*) -> status`: mounting, minor function 1.
    private static let fileSystemControl: Routine = .init("FatFileSystemControl", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let status = f.local(Status.invalidDeviceRequest)
        f.if(stack.MinorFunction == 1) { f.set(status, f.call(FATMount.mount, f.argument(0), stack.Argument1, stack.Argument2)) }
        f.return(f.call(Io.finishRequest, irp, status, 0))
    }

    /// `FatDispatch(DeviceObject*, Irp*) -> status`: the requests for a volume, under its lock.
    static let dispatch: Routine = .init("FatDispatch", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let major = f.local(stack.MajorFunction)
        let status = f.local(Status.invalidDeviceRequest)
        let vcb = f.local(device.DeviceExtension.as(FAT_VCB.self))
        // The file-system device itself can be opened and closed.
        f.if(vcb.isNull) { f.return(f.call(Io.finishRequest, irp, Status.success, 0)) }
        let writes = f.local(major != Value(Major.read) && major != Value(Major.queryInformation))
        f.call(Ke.waitForSingleObject, vcb.address(of: \.Lock), 0, 0, 0, 0)
        f.if(writes != 0) { f.call(Ke.waitForSingleObject, writeLock, 0, 0, 0, 0) }
        for (number, routine) in majors { f.if(major == Value(number)) { f.set(status, f.call(routine, vcb, irp, stack)) } }
        f.if(writes != 0) { f.call(Ke.setEvent, writeLock, 0, 0) }
        f.call(Ke.setEvent, vcb.address(of: \.Lock), 0, 0)
        f.return(f.call(Io.finishRequest, irp, status, irp.IoStatus.Information))
    }
}
