// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// disk.sys: the ATA disk at 1F0h by programmed input and output, and one device per partition.
///
/// Partition0 is the whole disk. All devices do their transfers themselves; the physical device object below is only where plug and play requests
/// end.
enum DiskDriver {
    static let module = Module("disk.sys")

    /// What a device is: where on the disk it starts, how long it is, which one it is. Sectors of 512 bytes.
    struct DISK_EXTENSION: Structure {
        static let size: UInt32 = 0x20
        let StartSector = Field.u32(0x00)
        let SectorCount = Field.u32(0x04)
        let PartitionNumber = Field.u32(0x08)
        let PartitionType = Field.u32(0x0C)
        let LowerDevice = PointerTo<DEVICE_OBJECT>(0x10)
        let IsStarted = Field.u32(0x14)

        static let layout = Self()
    }

    static let driverObject: Global = .init("DiskDriverObject", module: module)
    static let lock: GlobalStructure<KEVENT> = .init("DiskLock", module: module)

    /// DriverEntry: devices come with AddDevice and START_DEVICE.
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driverObject.dword, driver)
        f.call(Ke.initializeEvent, lock, 1, 1)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.create)), createClose)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.close)), createClose)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.cleanup)), createClose)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.read)), readWrite)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.write)), readWrite)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), deviceControl)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), pnp)
        f.set(driver.DriverExtension.AddDevice, addDevice)
        f.return(Status.success)
    }

    /// `DiskAddDevice(DriverObject*, PhysicalDeviceObject*) -> status`: `\Device\Harddisk0\Partition0`, on top of the bus driver's device.
    static let addDevice: Routine = .init("DiskAddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module, section: .page) { f in
        let attributes = f.objectAttributes(
            f.unicode(#"\Device\Harddisk0"#),
            ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let status = f.local(f.call(Ob.ntCreateDirectoryObject, f.address(of: handle), 0xF000F, attributes))
        f.if(status.isError) { f.return(status) }
        f.call(Ob.ntClose, handle)
        let made = f.local(0)
        f.set(status, f.call(createPartition, 0, 0, 0, 0, f.address(of: made)))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let below = f.call(Io.attachDeviceToDeviceStack, device, f.argument(1))
        f.set(device.DeviceExtension.as(DISK_EXTENSION.self).address(of: \.LowerDevice).dword(), below)
        f.return(Status.success)
    }

    /// `DiskCreatePartition(Number, Type, StartSector, SectorCount, DeviceObject**) -> status`: `\Device\Harddisk0\Partition<Number>`.
    static let createPartition: Routine = .init(
        "DiskCreatePartition", ["Number", "Type", "StartSector", "SectorCount", "DeviceObject"], module: module, section: .page
    ) { f in
        let name = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeToString, name, f.wide(#"\Device\Harddisk0\Partition"#))
        f.call(Rtl.appendNumberToString, name, f.argument(0), 10, 1)
        let made = f.local(0)
        let status = f.call(Io.createDevice, driverObject.dword, DISK_EXTENSION.size, name, 7, 0, 0, f.address(of: made))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let more = device.DeviceExtension.as(DISK_EXTENSION.self)
        f.set(more.PartitionNumber, f.argument(0))
        f.set(more.PartitionType, f.argument(1))
        f.set(more.StartSector, f.argument(2))
        f.set(more.SectorCount, f.argument(3))
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | 0x10)
        f.set(f.argument(4).dword(), device)
        f.return(Status.success)
    }

    /// IRP_MJ_PNP: starting looks for the disk and its partitions; everything goes to the device below in the end.
    static let pnp: Routine = .init("DiskPnp", ["DeviceObject", "Irp"], module: module) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        f.if(more.LowerDevice.isNull) { f.return(f.call(Io.finishRequest, irp, irp.IoStatus.Status, 0)) }
        f.if(stack.MinorFunction == 0 && more.IsStarted == 0) {
            let status = f.call(startDevice, f.argument(0))
            f.if(status.isError) { f.return(f.call(Io.finishRequest, irp, status, 0)) }
            f.set(more.IsStarted, 1)
        }
        f.set(irp.CurrentLocation, irp.CurrentLocation + 1)
        f.set(irp.address(of: \.CurrentStackLocation).dword(), stack.value + IO_STACK_LOCATION.size.value)
        f.return(f.call(Io.callDriver, more.LowerDevice, irp))
    }

    /// `DiskStartDevice(DeviceObject*) -> status`: IDENTIFY, then the four entries of the master boot record. 0xC000000E: there is no disk.
    static let startDevice: Routine = .init("DiskStartDevice", ["DeviceObject"], module: module, section: .page) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let buffer = f.call(Ex.allocatePoolWithTag, 0, 512, Value.tag("Disk"))
        f.if(buffer == 0) { f.return(Status.insufficientResources) }
        let status = f.local(f.call(ATAController.transfer, ATAController.identify, 0, 1, buffer))
        f.if(status.isSuccess) {
            // Words 60 and 61: sectors that 28-bit commands reach.
            f.set(more.SectorCount, buffer.dword(120))
            f.set(status, f.call(ATAController.transfer, ATAController.readSectors, 0, 1, buffer))
        }
        f.if(status.isSuccess) {
            let information = f.call(Io.getConfigurationInformation)
            f.set(information.dword(), information.dword() + 1)
            f.if(buffer.word(510) == 0xAA55) {
                let slot = f.local(buffer + 446)
                let number = f.local(1)
                let made = f.local(0)
                f.while(slot < buffer + 510) {
                    f.if(slot.byte(4) != 0) {
                        f.call(createPartition, number, slot.byte(4), slot.dword(8), slot.dword(12), f.address(of: made))
                        f.add(number, 1)
                    }
                    f.add(slot, 16)
                }
            }
        }
        f.call(Ex.freePoolWithTag, buffer, Value.tag("Disk"))
        f.return(status)
    }

    /// IRP_MJ_CREATE, CLEANUP, CLOSE: nothing to do.
    static let createClose: Routine = .init("DiskCreateClose", ["DeviceObject", "Irp"], module: module) { f in
        f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 1))
    }

    /// IRP_MJ_READ and IRP_MJ_WRITE: whole sectors inside the partition. 0xC000000D: anything else.
    static let readWrite: Routine = .init("DiskReadWrite", ["DeviceObject", "Irp"], module: module) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let length = f.local(stack.Argument1)
        let sector = f.local((stack.Argument4 << 23) | (stack.Argument3 >> 9))
        let left = f.local(length >> 9)
        let buffer = f.local(irp.UserBuffer)
        let command = f.local(ATAController.readSectors)
        f.if(stack.MajorFunction == Value(Major.write)) { f.set(command, ATAController.writeSectors) }
        f.if(((length | stack.Argument3) & 511) != 0 || sector >= more.SectorCount || left > more.SectorCount - sector) {
            f.return(f.call(Io.finishRequest, irp, Status.invalidParameter, 0))
        }
        f.add(sector, more.StartSector)
        let status = f.local(Status.success)
        f.call(Ke.waitForSingleObject, lock, 0, 0, 0, 0)
        f.while(left != 0 && status.isSuccess) {
            let count = f.local(left)
            f.if(count > 256) { f.set(count, 256) }
            f.set(status, f.call(ATAController.transfer, command, sector, count, buffer))
            f.add(sector, count)
            f.add(buffer, count << 9)
            f.set(left, left - count)
        }
        f.call(Ke.setEvent, lock, 0, 0)
        f.if(status.isError) { f.set(length, 0) }
        f.return(f.call(Io.finishRequest, irp, status, length))
    }

    /// IRP_MJ_DEVICE_CONTROL: geometry (70000h), partition information (74004h), length (7405Ch).
    static let deviceControl: Routine = .init("DiskDeviceControl", ["DeviceObject", "Irp"], module: module) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let out = f.local(irp.SystemBuffer)
        let size = stack.Argument1
        f.if(stack.Argument3 == 0x70000 && size >= 24) {
            f.set(out.dword(), more.SectorCount / Value(16 * 63))
            f.set(out.dword(4), 0)
            f.set(out.dword(8), 12)
            f.set(out.dword(12), 16)
            f.set(out.dword(16), 63)
            f.set(out.dword(20), 512)
            f.return(f.call(Io.finishRequest, irp, Status.success, 24))
        }
        f.if(stack.Argument3 == 0x74004 && size >= 32) {
            f.zero(out, 32)
            f.set(out.dword(), more.StartSector << 9)
            f.set(out.dword(4), more.StartSector >> 23)
            f.set(out.dword(8), more.SectorCount << 9)
            f.set(out.dword(12), more.SectorCount >> 23)
            f.set(out.dword(16), more.StartSector)
            f.set(out.dword(20), more.PartitionNumber)
            f.set(out.byte(24), more.PartitionType)
            f.return(f.call(Io.finishRequest, irp, Status.success, 32))
        }
        f.if(stack.Argument3 == 0x7405C && size >= 8) {
            f.set(out.dword(), more.SectorCount << 9)
            f.set(out.dword(4), more.SectorCount >> 23)
            f.return(f.call(Io.finishRequest, irp, Status.success, 8))
        }
        f.return(f.call(Io.finishRequest, irp, Status.invalidDeviceRequest, 0))
    }
}
