// SPDX-License-Identifier: GPL-3.0-or-later

/// uniata.sys: the port driver of the primary ATA channel (ports 1F0h to 1F7h and 3F6h, IRQ 14).
///
/// The channel's device is `\Device\Ide\IdePort0`; one SCSI request block at a time is its current packet, the others wait in its queue. StartIo gives the disk
/// a command, the interrupt service routine moves the data, the DPC completes the packet and starts the next.
enum ATAPort {
    static let module = Module("uniata.sys")

    /// The device extension of the channel.
    struct CHANNEL_EXTENSION: Structure {
        static let size: UInt32 = 0x60
        /// 1: a channel; 2: a disk on one.
        let Kind = Field.u32(0x00)
        let LowerDevice = PointerTo<DEVICE_OBJECT>(0x04)
        let Disk = PointerTo<DEVICE_OBJECT>(0x08)
        let InterruptObject = PointerTo<KINTERRUPT>(0x0C)
        /// The request under way; NULL while the channel is idle.
        let Srb = PointerTo<SCSI_REQUEST_BLOCK>(0x10)
        /// Where the next block goes to or comes from, and how many sectors are left.
        let Buffer = Field.pointer(0x14)
        let SectorsLeft = Field.u32(0x18)
        let IsWriting = Field.u32(0x1C)
        /// What the service routine has found: status and error register.
        let Status = Field.u8(0x20)
        let Error = Field.u8(0x21)
        /// Seconds until the request counts as lost; 0: nothing to wait for.
        let TimeLeft = Field.u32(0x24)
        let InterruptCount = Field.u32(0x28)
        let RequestCount = Field.u32(0x2C)
        /// Sectors a block of READ and WRITE MULTIPLE has.
        let BlockSectors = Field.u32(0x30)
        /// Sectors that 28-bit addresses reach.
        let SectorCount = Field.u32(0x34)
        let IsPresent = Field.u32(0x38)
        let IsClaimed = Field.u32(0x3C)
        /// IDENTIFY data on its way.
        let Identify = Field.pointer(0x40)

        static let layout = Self()
    }

    /// The device extension of a disk: its channel.
    struct TARGET_EXTENSION: Structure {
        static let size: UInt32 = 0x0C
        let Kind = Field.u32(0x00)
        let Channel = PointerTo<DEVICE_OBJECT>(0x04)

        static let layout = Self()
    }

    static let tag = Value.tag("UniA")
    static let driverObject: Global = .init("UniataDriverObject", module: module)

    /// DriverEntry: channels come with AddDevice.
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driverObject.dword, driver)
        for major in [Major.create, Major.close, Major.cleanup] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), createClose)
        }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.internalDeviceControl)), ATARequests.scsi)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), ATARequests.deviceControl)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), ATAPortPnp.pnp)
        f.set(driver.DriverStartIo, ATARequests.startIo)
        f.set(driver.DriverExtension.AddDevice, addDevice)
        f.return(Status.success)
    }

    /// `UniataAddDevice(DriverObject*, PhysicalDeviceObject*) -> status`: `\Device\Ide\IdePort0`, on top of the bus driver's device.
    static let addDevice: Routine = .init("UniataAddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module, section: .page) {
        f in
        let directory = f.objectAttributes(
            f.unicode(#"\Device\Ide"#), ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let made = f.local(0)
        let status = f.local(f.call(Ob.ntCreateDirectoryObject, f.address(of: handle), 0xF000F, directory))
        f.if(status.isSuccess) { f.call(Ob.ntClose, handle) }
        f.set(
            status,
            f.call(
                Io.createDevice, f.argument(0), CHANNEL_EXTENSION.size, f.unicode(#"\Device\Ide\IdePort0"#), 4, 0, 0, f.address(of: made)))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        f.zero(channel, CHANNEL_EXTENSION.size)
        f.set(channel.Kind, 1)
        f.set(channel.BlockSectors, 1)
        f.set(channel.address(of: \.LowerDevice).dword(), f.call(Io.attachDeviceToDeviceStack, device, f.argument(1)))
        Io.initializeDpcRequest(f, device, ATAInterrupt.dpc)
        f.set(status, f.call(Io.initializeTimer, device, ATAInterrupt.timer, 0))
        f.if(status.isSuccess && channel.address(of: \.LowerDevice).dword() == 0) { f.set(status, Status.noSuchDevice) }
        f.if(status.isError) {
            f.if(channel.address(of: \.LowerDevice).dword() != 0) { f.call(Io.detachDevice, channel.address(of: \.LowerDevice).dword()) }
            f.call(Io.deleteDevice, device)
            f.return(status)
        }
        // Other drivers for the channel's ports ask this before they touch them.
        let configuration = f.local(f.call(Io.getConfigurationInformation).as(CONFIGURATION_INFORMATION.self))
        f.set(configuration.AtDiskPrimaryAddressClaimed, 1)
        f.add(configuration.ScsiPortCount, 1)
        f.call(Ob.createSymbolicLink, f.unicode(#"\DosDevices\Scsi0:"#), f.unicode(#"\Device\Ide\IdePort0"#))
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
        f.return(Status.success)
    }

    /// IRP_MJ_CREATE, CLEANUP, CLOSE: nothing to do.
    static let createClose: Routine = .init("UniataCreateClose", ["DeviceObject", "Irp"], module: module) { f in
        f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 0))
    }
}
