// SPDX-License-Identifier: GPL-3.0-or-later

/// ramdisk.sys: disks in memory. `\Device\Ramdisk` takes the orders; each disk is `\Device\Ramdisk{guid}`, a child of its bus.
///
/// The image lies in physical memory that nobody has mapped; a transfer looks at it through a window of system page-table entries.
enum RamDisk {
    static let module = Module("ramdisk.sys")
    static let deviceName = #"\Device\Ramdisk"#
    static let tag = Value.tag("RamD")

    /// FSCTL_CREATE_RAM_DISK.
    static let createRamDisk: UInt32 = 0x24_0000
    /// RAMDISK_BOOT_DISK.
    static let bootDisk: UInt32 = 3

    /// What FSCTL_CREATE_RAM_DISK is told (Windows DDK, ntddrdsk.h).
    struct RAMDISK_CREATE_INPUT: Structure {
        static let size: UInt32 = 0x38
        let Version = Field.u32(0x00)
        let DiskGuid = ArrayField(0x04, count: 16, stride: 1, of: "UCHAR")
        let DiskType = Field.u32(0x14)
        let Options = Field.u32(0x18)
        let DiskLength = Embedded<LARGE_INTEGER>(0x20)
        let DiskOffset = Field.u32(0x28)
        let BasePage = Field.u32(0x2C)
        let DriveLetter = Field.u16(0x30)

        static let layout = Self()
    }

    /// The device extension of the bus.
    struct BUS_EXTENSION: Structure {
        static let size: UInt32 = 0x10
        /// 1: the bus; 2: a disk.
        let Kind = Field.u32(0x00)
        let LowerDevice = PointerTo<DEVICE_OBJECT>(0x04)
        let PhysicalDevice = PointerTo<DEVICE_OBJECT>(0x08)
        /// The first disk.
        let Disk = PointerTo<DEVICE_OBJECT>(0x0C)

        static let layout = Self()
    }

    /// The device extension of a disk: where it lies in physical memory.
    struct DISK_EXTENSION: Structure {
        static let size: UInt32 = 0x2C
        let Kind = Field.u32(0x00)
        let Next = PointerTo<DEVICE_OBJECT>(0x04)
        let DiskGuid = ArrayField(0x08, count: 16, stride: 1, of: "UCHAR")
        /// Bytes.
        let PhysicalAddress = Field.u32(0x18)
        let DiskLength = Field.u32(0x1C)
        let DiskType = Field.u32(0x20)
        let ReadCount = Field.u32(0x24)
        let WriteCount = Field.u32(0x28)

        static let layout = Self()
    }

    static let bus: Global = .init("RamdiskBus", module: module)
    static let driverObject: Global = .init("RamdiskDriverObject", module: module)

    /// DriverEntry: there is no hardware that could be found, so the driver reports its bus itself.
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driverObject.dword, driver)
        for major in [Major.create, Major.close, Major.cleanup] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), createClose)
        }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.read)), RamDiskRequests.readWrite)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.write)), RamDiskRequests.readWrite)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.flush)), createClose)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), RamDiskRequests.deviceControl)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), pnp)
        f.set(driver.DriverExtension.AddDevice, addDevice)
        let device = f.local(0)
        let status = f.call(
            Io.reportDetectedDevice, driver, 0, 0xFFFF_FFFF as UInt32, 0xFFFF_FFFF as UInt32, 0, 0, 0, f.address(of: device))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(addDevice, driver, device))
    }

    /// `RamdiskAddDevice(DriverObject*, PhysicalDeviceObject*) -> status`: `\Device\Ramdisk`. There is one bus.
    static let addDevice: Routine = .init("RamdiskAddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module, section: .page) {
        f in
        f.if(bus.dword != 0) { f.return(Status.deviceDoesNotExist) }
        let made = f.local(0)
        let status = f.call(Io.createDevice, f.argument(0), BUS_EXTENSION.size, f.unicode(deviceName), 0x2A, 0x100, 0, f.address(of: made))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let more = f.local(device.DeviceExtension.as(BUS_EXTENSION.self))
        f.set(more.Kind, 1)
        f.set(more.address(of: \.PhysicalDevice).dword(), f.argument(1))
        let below = f.call(Io.attachDeviceToDeviceStack, device, f.argument(1))
        f.if(below == 0) {
            f.call(Io.deleteDevice, device)
            f.return(Status.noSuchDevice)
        }
        f.set(more.address(of: \.LowerDevice).dword(), below)
        f.call(Ob.createSymbolicLink, f.unicode(#"\GLOBAL??\Ramdisk"#), f.unicode(deviceName))
        f.set(bus.dword, device)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
        f.return(Status.success)
    }

    /// IRP_MJ_CREATE, CLEANUP, CLOSE, FLUSH_BUFFERS: nothing to do.
    static let createClose: Routine = .init("RamdiskCreateClose", ["DeviceObject", "Irp"], module: module) { f in
        f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 1))
    }

    /// `RamdiskCreateDisk(CreateInput*) -> status`: `\Device\Ramdisk{guid}`, of which the bus then tells. 0xC000000D: it is no boot disk, or longer than the
    /// address space; 0xC0000035: there is one with that number.
    static let createDisk: Routine = .init("RamdiskCreateDisk", ["CreateInput"], module: module, section: .page) { f in
        let input = f.argument(0, RAMDISK_CREATE_INPUT.self)
        let length = f.local(input.DiskLength.LowPart)
        let start = f.local((input.BasePage << 12) + input.DiskOffset)
        f.if(input.Version != RAMDISK_CREATE_INPUT.size.value || input.DiskType != Value(bootDisk)) { f.return(Status.invalidParameter) }
        f.if(input.DiskLength.HighPart != 0 || length < 512 || start + length < start) { f.return(Status.invalidParameter) }
        let name = f.stringBuffer(96)
        f.call(Rtl.appendUnicodeToString, name, f.wide(deviceName))
        let status = f.local(f.call(Rtl.appendGuid, name, input.DiskGuid))
        f.if(status.isError) { f.return(status) }
        let made = f.local(0)
        f.set(
            status,
            f.call(Io.createDevice, driverObject.dword, DISK_EXTENSION.size, name, 7, 0x100, 0, f.address(of: made)))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let disk = f.local(device.DeviceExtension.as(DISK_EXTENSION.self))
        f.set(disk.Kind, 2)
        f.copy(to: disk.DiskGuid, from: input.DiskGuid, 16)
        f.set(disk.PhysicalAddress, start)
        f.set(disk.DiskLength, length)
        f.set(disk.DiskType, input.DiskType)
        f.set(device.SectorSize, 512)
        let more = f.local(bus.dword.as(DEVICE_OBJECT.self).DeviceExtension.as(BUS_EXTENSION.self))
        f.set(disk.address(of: \.Next).dword(), more.Disk)
        f.set(more.address(of: \.Disk).dword(), device)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
        let link = f.stringBuffer(96)
        f.call(Rtl.appendUnicodeToString, link, f.wide(#"\GLOBAL??\Ramdisk"#))
        f.call(Rtl.appendGuid, link, input.DiskGuid)
        f.call(Ob.createSymbolicLink, link, name)
        // A worker asks the bus, which has been asked before, what is on it.
        f.set(more.PhysicalDevice.DeviceObjectExtension.DeviceNode.State, Io.DeviceNodeState.started)
        f.call(Io.invalidateDeviceRelations, more.PhysicalDevice, 0)
        f.return(Status.success)
    }

    // MARK: Plug and play

    /// IRP_MJ_PNP(DeviceObject*, Irp*) -> status: the bus tells its disks; a disk can do without a function driver.
    static let pnp: Routine = .init("RamdiskPnp", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(BUS_EXTENSION.self))
        let stack = f.local(irp.CurrentStackLocation)
        f.if(more.Kind == 1) {
            f.if(stack.MinorFunction == 7 && stack.Argument1 == 0) {
                let relations = f.call(queryRelations, more)
                f.if(relations != 0) { f.return(f.call(Io.finishRequest, irp, Status.success, relations)) }
            }
            Io.skipLocation(f, irp)
            f.return(f.call(Io.callDriver, more.LowerDevice, irp))
        }
        let answers = BusAnswers(f, irp, tag: tag)
        answers.start()
        answers.capabilities(Io.Capability.rawDevice | Io.Capability.uniqueId)
        answers.identify(Io.QueryId.device, as: #"Ramdisk\RamVolume"#)
        answers.identify(Io.QueryId.hardware, as: #"Ramdisk\RamVolume"#)
        answers.identify(Io.QueryId.instance) {
            let name = f.stringBuffer(40)
            f.call(Rtl.appendGuid, name, f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self).DiskGuid)
            return name
        }
        answers.finish(irp)
    }

    /// `RamdiskQueryRelations(Bus*) -> DEVICE_RELATIONS* or NULL`.
    private static let queryRelations: Routine = .init("RamdiskQueryRelations", ["Bus"], module: module, section: .page) { f in
        let count = f.local(0)
        let disk = f.local(f.argument(0, BUS_EXTENSION.self).Disk)
        f.while(disk.isNotNull) {
            f.add(count, 1)
            f.set(disk.value, disk.DeviceExtension.as(DISK_EXTENSION.self).Next)
        }
        let relations = f.call(Ex.allocatePoolWithTag, 1, (count << 2) + 4, tag)
        f.if(relations == 0) { f.return(0) }
        f.set(relations.dword(), count)
        let place = f.local(relations + 4)
        f.set(disk.value, f.argument(0, BUS_EXTENSION.self).Disk)
        f.while(disk.isNotNull) {
            f.call(Ob.referenceObject, disk)
            f.set(place.dword(), disk)
            f.add(place, 4)
            f.set(disk.value, disk.DeviceExtension.as(DISK_EXTENSION.self).Next)
        }
        f.return(relations)
    }
}
