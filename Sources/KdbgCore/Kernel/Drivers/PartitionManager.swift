// SPDX-License-Identifier: GPL-3.0-or-later

/// partmgr.sys: a filter on top of each disk, which makes a physical device for each partition, as a bus driver does for what is on its bus.
///
/// A partition is `\Device\HarddiskVolume<n>`, with a link `\Device\Harddisk<d>\Partition<p>` to it. Its reads and writes go to the disk with another offset.
enum PartitionManager {
    static let module = Module("partmgr.sys")

    /// The device extension of a filter.
    struct FILTER_EXTENSION: Structure {
        static let size: UInt32 = 0x20
        /// 1: a filter; 2: a partition.
        let Kind = Field.u32(0x00)
        let LowerDevice = PointerTo<DEVICE_OBJECT>(0x04)
        let Signature = Field.u32(0x08)
        let DiskNumber = Field.u32(0x0C)
        let PartitionCount = Field.u32(0x10)
        /// The first of its partitions.
        let Partition = PointerTo<DEVICE_OBJECT>(0x14)
        let IsRead = Field.u32(0x18)

        static let layout = Self()
    }

    /// The device extension of a partition. Sectors of 512 bytes.
    struct PARTITION_EXTENSION: Structure {
        static let size: UInt32 = 0x2C
        let Kind = Field.u32(0x00)
        let LowerDevice = PointerTo<DEVICE_OBJECT>(0x04)
        let Filter = PointerTo<DEVICE_OBJECT>(0x08)
        let StartSector = Field.u32(0x0C)
        let SectorCount = Field.u32(0x10)
        let PartitionNumber = Field.u32(0x14)
        let PartitionType = Field.u32(0x18)
        let VolumeNumber = Field.u32(0x1C)
        let IsBootable = Field.u32(0x20)
        let IsStarted = Field.u32(0x24)
        /// The next partition of the disk.
        let Next = PointerTo<DEVICE_OBJECT>(0x28)

        static let layout = Self()
    }

    static let tag = Value.tag("PtMr")
    private static let driverObject: Global = .init("PartmgrDriverObject", module: module)
    /// `\Device\HarddiskVolume<n>` counts over all disks, from 1.
    private static let volumeCount: Global = .init("PartmgrVolumeCount", module: module)

    /// DriverEntry: filters come with AddDevice.
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driverObject.dword, driver)
        let index = f.local(0)
        f.while(index < 28) {
            f.set((driver.MajorFunction + (index << 2)).dword(), PartitionRequests.passDown)
            f.add(index, 1)
        }
        for major in [Major.create, Major.close, Major.cleanup] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), PartitionRequests.createClose)
        }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.read)), PartitionRequests.readWrite)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.write)), PartitionRequests.readWrite)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), PartitionRequests.deviceControl)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), pnp)
        f.set(driver.DriverExtension.AddDevice, addDevice)
        f.return(Status.success)
    }

    /// `PartmgrAddDevice(DriverObject*, PhysicalDeviceObject*) -> status`: a filter without a name on top of the disk's stack.
    static let addDevice: Routine = .init("PartmgrAddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module, section: .page) {
        f in
        let made = f.local(0)
        let status = f.call(Io.createDevice, f.argument(0), FILTER_EXTENSION.size, 0, 7, 0, 0, f.address(of: made))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let filter = f.local(device.DeviceExtension.as(FILTER_EXTENSION.self))
        f.set(filter.Kind, 1)
        let below = f.call(Io.attachDeviceToDeviceStack, device, f.argument(1))
        f.if(below == 0) {
            f.call(Io.deleteDevice, device)
            f.return(Status.noSuchDevice)
        }
        f.set(filter.address(of: \.LowerDevice).dword(), below)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
        f.return(Status.success)
    }

    // MARK: Plug and play

    /// IRP_MJ_PNP(DeviceObject*, Irp*) -> status.
    static let pnp: Routine = .init("PartmgrPnp", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let filter = f.local(device.DeviceExtension.as(FILTER_EXTENSION.self))
        let stack = f.local(irp.CurrentStackLocation)
        f.if(filter.Kind == 2) { f.return(f.call(partitionPnp, device, irp)) }
        f.if(stack.MinorFunction == 7 && stack.Argument1 == 0) {
            let relations = f.call(queryRelations, device)
            f.if(relations != 0) { f.return(f.call(Io.finishRequest, irp, Status.success, relations)) }
        }
        f.return(f.call(PartitionRequests.passDown, device, irp))
    }

    /// `PartmgrQueryRelations(DeviceObject*) -> DEVICE_RELATIONS* or NULL`: the partitions, which the first call reads from the disk.
    private static let queryRelations: Routine = .init("PartmgrQueryRelations", ["DeviceObject"], module: module, section: .page) { f in
        let filter = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(FILTER_EXTENSION.self))
        f.if(filter.IsRead == 0) {
            let status = f.call(readPartitions, f.argument(0))
            f.if(status.isError) { f.return(0) }
            f.set(filter.IsRead, 1)
        }
        let relations = f.local(f.call(Ex.allocatePoolWithTag, 1, (filter.PartitionCount << 2) + 4, tag))
        f.if(relations == 0) { f.return(0) }
        f.set(relations.dword(), filter.PartitionCount)
        let place = f.local(relations + 4)
        let partition = f.local(filter.Partition)
        f.while(partition.isNotNull) {
            f.call(Ob.referenceObject, partition)
            f.set(place.dword(), partition)
            f.add(place, 4)
            f.set(partition.value, partition.DeviceExtension.as(PARTITION_EXTENSION.self).Next)
        }
        f.return(relations)
    }

    /// `PartmgrReadPartitions(DeviceObject*) -> status`: asks the disk for its number and its table; a device for each entry in use. Extended partitions are not
    /// followed.
    private static let readPartitions: Routine = .init("PartmgrReadPartitions", ["DeviceObject"], module: module, section: .page) { f in
        let filter = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(FILTER_EXTENSION.self))
        let number = f.buffer(12)
        let status = f.local(f.call(Io.synchronousControl, DiskControl.getDeviceNumber, filter.LowerDevice, 0, 0, number, 12))
        f.if(status.isError) { f.return(status) }
        f.set(filter.DiskNumber, number.dword(4))
        let table = f.call(Ex.allocatePoolWithTag, 1, DiskControl.layoutSize, tag)
        f.if(table == 0) { f.return(Status.insufficientResources) }
        f.set(status, f.call(Io.synchronousControl, DiskControl.getDriveLayout, filter.LowerDevice, 0, 0, table, DiskControl.layoutSize))
        f.if(status.isSuccess) {
            f.set(filter.Signature, table.dword(4))
            let entry = f.local(table + 8)
            let left = f.local(table.dword())
            f.while(left != 0 && status.isSuccess) {
                f.if(entry.dword(20) != 0) { f.set(status, f.call(createPartition, f.argument(0), entry)) }
                f.add(entry, 32)
                f.set(left, left - 1)
            }
        }
        f.call(Ex.freePoolWithTag, table, tag)
        f.return(status)
    }

    /// `PartmgrCreatePartition(FilterDevice*, PARTITION_INFORMATION*) -> status`: `\Device\HarddiskVolume<n>`.
    private static let createPartition: Routine = .init(
        "PartmgrCreatePartition", ["FilterDevice", "PartitionInformation"], module: module, section: .page
    ) { f in
        let filter = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(FILTER_EXTENSION.self))
        let entry = f.argument(1)
        let name = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeToString, name, f.wide(#"\Device\HarddiskVolume"#))
        f.call(Rtl.appendNumberToString, name, volumeCount.dword + 1, 10, 1)
        let made = f.local(0)
        let status = f.call(
            Io.createDevice, driverObject.dword, PARTITION_EXTENSION.size, name, 7, 0x100, 0, f.address(of: made))
        f.if(status.isError) { f.return(status) }
        f.add(volumeCount.dword, 1)
        let device = made.as(DEVICE_OBJECT.self)
        let partition = f.local(device.DeviceExtension.as(PARTITION_EXTENSION.self))
        f.set(partition.Kind, 2)
        f.set(partition.address(of: \.LowerDevice).dword(), filter.LowerDevice)
        f.set(partition.address(of: \.Filter).dword(), f.argument(0))
        f.set(partition.StartSector, entry.dword(16))
        f.set(partition.SectorCount, (entry.dword(8) >> 9) | (entry.dword(12) << 23))
        f.set(partition.PartitionNumber, entry.dword(20))
        f.set(partition.PartitionType, entry.byte(24))
        f.set(partition.IsBootable, entry.byte(25))
        f.set(partition.VolumeNumber, volumeCount.dword)
        f.set(device.SectorSize, 512)
        f.set(device.StackSize, filter.LowerDevice.StackSize + 1)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
        // In the order of the table.
        let link = f.local(filter.address(of: \.Partition))
        f.while(link.dword() != 0) {
            f.set(link, link.dword().as(DEVICE_OBJECT.self).DeviceExtension.as(PARTITION_EXTENSION.self).address(of: \.Next))
        }
        f.set(link.dword(), device)
        f.add(filter.PartitionCount, 1)
        f.return(status)
    }

    /// `PartmgrPartitionPnp(DeviceObject*, Irp*) -> status`: starting a partition makes its link and tells the mount manager. A partition can do without a
    /// function driver.
    private static let partitionPnp: Routine = .init("PartmgrPartitionPnp", ["DeviceObject", "Irp"], module: module, section: .page) { f in
        let irp = f.argument(1, IRP.self)
        let partition = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(PARTITION_EXTENSION.self))
        let answers = BusAnswers(f, irp, tag: tag)
        f.if(answers.stack.MinorFunction == 0) { f.set(answers.status, f.call(startPartition, f.argument(0))) }
        answers.capabilities(Io.Capability.rawDevice)
        answers.identify(Io.QueryId.device, as: #"STORAGE\Volume"#)
        answers.identify(Io.QueryId.hardware, as: #"STORAGE\Volume"#)
        answers.identify(Io.QueryId.instance) {
            let name = f.stringBuffer(80)
            f.call(instanceName, partition, name)
            return name
        }
        answers.finish(irp)
    }

    /// `PartmgrInstanceName(Partition*, Name*)`: what tells a volume from all others, `Signature<disk>Offset<bytes>Length<bytes>` in hexadecimal digits.
    private static let instanceName: Routine = .init("PartmgrInstanceName", ["Partition", "Name"], module: module, section: .page) { f in
        let partition = f.argument(0, PARTITION_EXTENSION.self)
        let filter = f.local(partition.Filter.DeviceExtension.as(FILTER_EXTENSION.self))
        f.call(Rtl.appendUnicodeToString, f.argument(1), f.wide("Signature"))
        f.call(Rtl.appendNumberToString, f.argument(1), filter.Signature, 16, 1)
        for (text, sectors) in [("Offset", partition.StartSector), ("Length", partition.SectorCount)] {
            f.call(Rtl.appendUnicodeToString, f.argument(1), f.wide(text))
            f.if((sectors >> 23) != 0) { f.call(Rtl.appendNumberToString, f.argument(1), sectors >> 23, 16, 1) }
            let digits = f.local(1)
            f.if((sectors >> 23) != 0) { f.set(digits, 8) }
            f.call(Rtl.appendNumberToString, f.argument(1), sectors << 9, 16, digits)
        }
        f.return()
    }

    /// `PartmgrStartPartition(DeviceObject*) -> status`.
    private static let startPartition: Routine = .init("PartmgrStartPartition", ["DeviceObject"], module: module, section: .page) { f in
        let partition = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(PARTITION_EXTENSION.self))
        f.if(partition.IsStarted != 0) { f.return(Status.success) }
        let filter = f.local(partition.Filter.DeviceExtension.as(FILTER_EXTENSION.self))
        let link = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeToString, link, f.wide(#"\Device\Harddisk"#))
        f.call(Rtl.appendNumberToString, link, filter.DiskNumber, 10, 1)
        f.call(Rtl.appendUnicodeToString, link, f.wide(#"\Partition"#))
        f.call(Rtl.appendNumberToString, link, partition.PartitionNumber, 10, 1)
        let name = f.stringBuffer(64)
        f.call(volumeName, partition, name)
        let status = f.call(Ob.createSymbolicLink, link, name)
        f.if(status.isError) { f.return(status) }
        f.set(partition.IsStarted, 1)
        f.call(announce, name)
        f.return(Status.success)
    }

    /// `PartmgrVolumeName(Partition*, Name*)`.
    static let volumeName: Routine = .init("PartmgrVolumeName", ["Partition", "Name"], module: module) { f in
        f.call(Rtl.appendUnicodeToString, f.argument(1), f.wide(#"\Device\HarddiskVolume"#))
        f.call(Rtl.appendNumberToString, f.argument(1), f.argument(0, PARTITION_EXTENSION.self).VolumeNumber, 10, 1)
        f.return()
    }

    /// `PartmgrAnnounce(Name*)`: IOCTL_MOUNTMGR_VOLUME_ARRIVAL_NOTIFICATION. Without a mount manager nobody is told.
    private static let announce: Routine = .init("PartmgrAnnounce", ["Name"], module: module, section: .page) { f in
        let name = f.argument(0, UNICODE_STRING.self)
        let file = f.local(0)
        let manager = f.local(0)
        let status = f.call(
            Io.getDeviceObjectPointer, f.unicode(MountManager.deviceName), 0x80, f.address(of: file), f.address(of: manager))
        f.if(status.isError) { f.return() }
        // MOUNTMGR_TARGET_NAME: length in bytes, characters.
        let target = f.buffer(80)
        f.set(target.word(), name.Length)
        f.copy(to: target + 2, from: name.Buffer, name.Length)
        f.call(Io.synchronousControl, MountManager.volumeArrival, manager, target, name.Length + 2, 0, 0)
        f.call(Ob.dereferenceObject, file)
        f.return()
    }
}
