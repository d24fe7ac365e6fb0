// SPDX-License-Identifier: GPL-3.0-or-later

/// fastfat.sys: FAT16 volumes with short names (Microsoft FAT specification 1.03).
///
/// One lock per volume lets one request in at a time. The file allocation table is kept in memory; everything that changes is written at once.
enum FATDriver {
    static let module = Module("fastfat.sys")

    /// One sector in memory; sector 0xFFFFFFFF stands for none.
    struct FAT_BUFFER: Structure {
        static let size: UInt32 = 0x08
        let Address = Field.pointer(0x00)
        let Sector = Field.u32(0x04)

        static let layout = Self()
    }

    /// A mounted volume: the device extension of its device. Sectors count from the start of the partition.
    struct FAT_VCB: Structure {
        static let size: UInt32 = 0x68
        let TargetDevice = PointerTo<DEVICE_OBJECT>(0x00)
        let SectorsPerCluster = Field.u32(0x04)
        let FatStart = Field.u32(0x08)
        let FatSectors = Field.u32(0x0C)
        let FatCount = Field.u32(0x10)
        let RootStart = Field.u32(0x14)
        let RootSectors = Field.u32(0x18)
        let DataStart = Field.u32(0x1C)
        /// Number of the last cluster plus one.
        let ClusterEnd = Field.u32(0x20)
        let ClusterBytes = Field.u32(0x24)
        let Vpb = PointerTo<VPB>(0x28)
        /// The first copy of the table.
        let Fat = Field.pointer(0x2C)
        let NextFree = Field.u32(0x30)
        /// Sectors of the table that are not on the disk yet; none when low is above high.
        let DirtyLow = Field.u32(0x34)
        let DirtyHigh = Field.u32(0x38)
        let DirectoryBuffer = Embedded<FAT_BUFFER>(0x3C)
        let DataBuffer = Embedded<FAT_BUFFER>(0x44)
        let FcbList = Embedded<LIST_ENTRY>(0x4C)
        let Lock = Embedded<KEVENT>(0x54)

        static let layout = Self()
    }

    /// An open file, shared by its file objects (FsContext).
    struct FAT_FCB: Structure {
        static let size: UInt32 = 0x28
        let Link = Embedded<LIST_ENTRY>(0x00)
        let References = Field.u32(0x08)
        let FirstCluster = Field.u32(0x0C)
        let FileSize = Field.u32(0x10)
        /// Where the directory entry is; sector 0 for the root and the volume.
        let EntrySector = Field.u32(0x14)
        let EntryOffset = Field.u32(0x18)
        let Attributes = Field.u32(0x1C)
        /// A place in the chain that was found before.
        let CachedIndex = Field.u32(0x20)
        let CachedCluster = Field.u32(0x24)

        static let layout = Self()
    }

    /// What a search of a directory found: the entry, and the first free place.
    struct FAT_SLOT: Structure {
        static let size: UInt32 = 0x34
        let Sector = Field.u32(0x00)
        let Offset = Field.u32(0x04)
        let Entry = ArrayField(0x08, count: 32, stride: 1, of: "UCHAR")
        let FreeSector = Field.u32(0x28)
        let FreeOffset = Field.u32(0x2C)
        let LastCluster = Field.u32(0x30)

        static let layout = Self()
    }

    static let directoryAttribute: Value = 0x10
    static let noSector: Value = 0xFFFF_FFFF
    static let tag = Value.tag("FatV")

    /// DriverEntry: the file-system device `\Fat` on the disks' queue.
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        for major in [
            Major.create, Major.close, Major.read, Major.write, Major.queryInformation, Major.setInformation, Major.fileSystemControl,
            Major.cleanup,
        ] { f.set(driver.MajorFunction.dword(4 * Int32(major)), dispatch) }
        let device = f.local(0)
        let status = f.call(Io.createDevice, driver, 0, f.unicode(#"\Fat"#), 8, 0, 0, f.address(of: device))
        f.if(status.isError) { f.return(status) }
        f.call(Io.registerFileSystem, device)
        f.set(FATCommands.driver.dword, driver)
        f.call(Kd.systemDebugControl, 0x5262_644B, FATCommands.callback, 0, 0, 0, 0, 0)
        f.return(Status.success)
    }

    /// `FatDispatch(DeviceObject*, Irp*) -> status`: all requests; those for a volume under its lock.
    static let dispatch: Routine = .init("FatDispatch", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let major = f.local(stack.MajorFunction)
        let status = f.local(Status.invalidDeviceRequest)
        f.if(major == Value(Major.fileSystemControl)) {
            f.if(stack.MinorFunction == 1) { f.set(status, f.call(FATMount.mount, device, stack.Argument1, stack.Argument2)) }
            f.return(f.call(Io.finishRequest, irp, status, 0))
        }
        let vcb = f.local(device.DeviceExtension.as(FAT_VCB.self))
        // The file-system device itself can be opened and closed.
        f.if(vcb.isNull) { f.return(f.call(Io.finishRequest, irp, Status.success, 0)) }
        f.call(Ke.waitForSingleObject, vcb.address(of: \.Lock), 0, 0, 0, 0)
        f.if(major == Value(Major.create)) { f.set(status, f.call(FATCreate.create, vcb, irp, stack)) }
        f.if(major == Value(Major.read)) { f.set(status, f.call(FATFiles.read, vcb, irp, stack)) }
        f.if(major == Value(Major.write)) { f.set(status, f.call(FATFiles.write, vcb, irp, stack)) }
        f.if(major == Value(Major.queryInformation)) { f.set(status, f.call(FATFiles.queryInformation, vcb, irp, stack)) }
        f.if(major == Value(Major.setInformation)) { f.set(status, f.call(FATFiles.setInformation, vcb, irp, stack)) }
        f.if(major == Value(Major.cleanup)) { f.set(status, Status.success) }
        f.if(major == Value(Major.close)) { f.set(status, f.call(FATFiles.close, stack.FileObject)) }
        f.call(Ke.setEvent, vcb.address(of: \.Lock), 0, 0)
        f.return(f.call(Io.finishRequest, irp, status, irp.IoStatus.Information))
    }
}
