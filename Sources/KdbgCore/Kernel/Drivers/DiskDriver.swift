// SPDX-License-Identifier: GPL-3.0-or-later

/// disk.sys: the class driver of disks. It turns reads and writes into SCSI request blocks for the port driver below, in pieces that it can take, tries failed
/// ones again, and answers what others want to know of a disk.
///
/// Its device is `\Device\Harddisk0\DR0`, which `Partition0` is a link to; partitions are partmgr's.
enum DiskDriver {
    static let module = Module("disk.sys")

    /// The device extension of a disk.
    struct DISK_EXTENSION: Structure {
        static let size: UInt32 = 0x24
        let LowerDevice = PointerTo<DEVICE_OBJECT>(0x00)
        let PhysicalDevice = PointerTo<DEVICE_OBJECT>(0x04)
        /// Sectors of 512 bytes; 0 until it is started.
        let SectorCount = Field.u32(0x08)
        let DiskNumber = Field.u32(0x0C)
        /// Bytes of a request that the port driver takes.
        let MaximumTransfer = Field.u32(0x10)
        let IsStarted = Field.u32(0x14)
        /// Requests that have failed, and how often one was tried again.
        let ErrorCount = Field.u32(0x18)
        let RetryCount = Field.u32(0x1C)

        static let layout = Self()
    }

    static let driverObject: Global = .init("DiskDriverObject", module: module)

    /// DriverEntry: devices come with AddDevice and START_DEVICE.
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driverObject.dword, driver)
        f.call(Ex.initializeNPagedLookasideList, DiskRequests.packets, 0, 0, 0, DiskRequests.CLASS_PACKET.size, DiskRequests.tag, 0)
        for major in [Major.create, Major.close, Major.cleanup] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), createClose)
        }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.read)), DiskRequests.readWrite)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.write)), DiskRequests.readWrite)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.flush)), DiskRequests.flush)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.shutdown)), DiskRequests.flush)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), DiskControl.deviceControl)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.internalDeviceControl)), passDown)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), pnp)
        f.set(driver.DriverExtension.AddDevice, addDevice)
        f.return(Status.success)
    }

    /// `DiskAddDevice(DriverObject*, PhysicalDeviceObject*) -> status`: `\Device\Harddisk<n>\DR<n>` on top of the port driver's device, and the link Partition0.
    static let addDevice: Routine = .init("DiskAddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module, section: .page) { f in
        let number = f.local(f.call(Io.getConfigurationInformation).dword())
        let directory = f.stringBuffer(48)
        f.call(Rtl.appendUnicodeToString, directory, f.wide(#"\Device\Harddisk"#))
        f.call(Rtl.appendNumberToString, directory, number, 10, 1)
        let attributes = f.objectAttributes(
            directory, ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let status = f.local(f.call(Ob.ntCreateDirectoryObject, f.address(of: handle), 0xF000F, attributes))
        f.if(status.isError) { f.return(status) }
        f.call(Ob.ntClose, handle)
        let name = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeStringToString, name, directory)
        f.call(Rtl.appendUnicodeToString, name, f.wide(#"\DR"#))
        f.call(Rtl.appendNumberToString, name, number, 10, 1)
        let made = f.local(0)
        f.set(status, f.call(Io.createDevice, f.argument(0), DISK_EXTENSION.size, name, 7, 0x100, 0, f.address(of: made)))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let more = f.local(device.DeviceExtension.as(DISK_EXTENSION.self))
        f.set(more.DiskNumber, number)
        f.set(more.address(of: \.PhysicalDevice).dword(), f.argument(1))
        let below = f.call(Io.attachDeviceToDeviceStack, device, f.argument(1))
        f.if(below == 0) {
            f.call(Io.deleteDevice, device)
            f.return(Status.noSuchDevice)
        }
        f.set(more.address(of: \.LowerDevice).dword(), below)
        f.set(device.SectorSize, 512)
        let link = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeStringToString, link, directory)
        f.call(Rtl.appendUnicodeToString, link, f.wide(#"\Partition0"#))
        f.call(Ob.createSymbolicLink, link, name)
        // Counted from now on, whatever comes of it, so that no other gets its number.
        let information = f.call(Io.getConfigurationInformation)
        f.set(information.dword(), number + 1)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
        f.return(Status.success)
    }

    /// IRP_MJ_PNP: those below start first; then the disk says how large it is.
    static let pnp: Routine = .init("DiskPnp", ["DeviceObject", "Irp"], module: module) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let irp = f.argument(1, IRP.self)
        f.if(irp.CurrentStackLocation.MinorFunction == 0) {
            f.call(Io.forwardIrpSynchronously, more.LowerDevice, irp)
            let status = f.local(irp.IoStatus.Status)
            f.if(status.isSuccess && more.IsStarted == 0) { f.set(status, f.call(startDevice, f.argument(0))) }
            f.return(f.call(Io.finishRequest, irp, status, 0))
        }
        f.return(f.call(passDown, f.argument(0), irp))
    }

    /// `DiskPassDown(DeviceObject*, Irp*) -> status`: what this driver has nothing to add to.
    static let passDown: Routine = .init("DiskPassDown", ["DeviceObject", "Irp"], module: module) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        Io.skipLocation(f, f.argument(1, IRP.self))
        f.return(f.call(Io.callDriver, more.LowerDevice, f.argument(1)))
    }

    /// `DiskStartDevice(DeviceObject*) -> status`: claims the device below, asks for the size of a transfer and of the disk.
    private static let startDevice: Routine = .init("DiskStartDevice", ["DeviceObject"], module: module, section: .page) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let srb = f.structure(SCSI_REQUEST_BLOCK.self)
        f.zero(srb, SCSI_REQUEST_BLOCK.size)
        f.set(srb.Function, Scsi.claimDevice)
        let status = f.local(f.call(DiskRequests.sendSrb, more.LowerDevice, srb))
        f.if(status.isError) { f.return(status) }
        let capabilities = f.buffer(0x18)
        f.set(more.MaximumTransfer, 0x1000)
        f.set(status, f.call(Io.synchronousControl, Scsi.getCapabilities, more.LowerDevice, 0, 0, capabilities, 0x18))
        f.if(status.isSuccess) { f.set(more.MaximumTransfer, capabilities.dword(4)) }
        let answer = f.call(Ex.allocatePoolWithTag, 0, 8, DiskRequests.tag)
        f.if(answer == 0) { f.return(Status.insufficientResources) }
        f.zero(srb, SCSI_REQUEST_BLOCK.size)
        f.set(srb.SrbFlags, Scsi.dataIn)
        f.set(srb.DataBuffer, answer)
        f.set(srb.DataTransferLength, 8)
        f.set(srb.CdbLength, 10)
        f.set(srb.Cdb.byte(), Scsi.readCapacity)
        f.set(status, f.call(DiskRequests.sendSrb, more.LowerDevice, srb))
        f.if(status.isSuccess) {
            f.set(more.SectorCount, Scsi.bigEndian(answer) + 1)
            f.set(more.IsStarted, 1)
            f.call(Io.registerShutdownNotification, f.argument(0))
            f.call(registerInterface, more)
        }
        f.call(Ex.freePoolWithTag, answer, DiskRequests.tag)
        f.return(status)
    }

    /// `DiskRegisterInterface(Extension*)`: the interface of disks, enabled; ARC naming looks for it. A disk without one works all the same.
    private static let registerInterface: Routine = .init("DiskRegisterInterface", ["Extension"], module: module, section: .page) { f in
        let name = f.structure(UNICODE_STRING.self)
        let status = f.call(
            Io.registerDeviceInterface, f.argument(0, DISK_EXTENSION.self).PhysicalDevice, Io.diskInterfaceGuid, 0, name)
        f.if(status.isError) { f.return() }
        f.call(Io.setDeviceInterfaceState, name, 1)
        f.call(Ex.freePoolWithTag, name.Buffer, Value.tag("Io  "))
        f.return()
    }

    /// IRP_MJ_CREATE, CLEANUP, CLOSE: nothing to do.
    static let createClose: Routine = .init("DiskCreateClose", ["DeviceObject", "Irp"], module: module) { f in
        f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 1))
    }
}
