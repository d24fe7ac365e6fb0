// SPDX-License-Identifier: GPL-3.0-or-later

@testable import KdbgCore

/// A port driver of the tests' own with two small disks in memory, next to the one that the PC has. The test writes the disks' contents before they are asked for.
enum TwoDisks {
    static let module = Module("twodisks.sys")
    static let sectors: UInt32 = 128
    static let contents: Global = .init("TwoDisksContents", size: 2 * 512 * sectors, module: module)
    private static let driverObject: Global = .init("TwoDisksDriver", module: module)

    /// The device extension of the bus and of a disk: what it is, the device below or the disk's number, the first disk or whether somebody has claimed it.
    private struct EXTENSION: Structure {
        static let size: UInt32 = 0x10
        /// 1: the bus; 2: a disk.
        let Kind = Field.u32(0x00)
        let LowerDevice = PointerTo<DEVICE_OBJECT>(0x04)
        let Number = Field.u32(0x08)
        let IsClaimed = Field.u32(0x0C)

        static let layout = Self()
    }

    private static let disks: Global = .init("TwoDisksDevices", size: 8, module: module)

    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driverObject.dword, driver)
        for major in [Major.create, Major.close, Major.cleanup] { f.set(driver.MajorFunction.dword(4 * Int32(major)), createClose) }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.internalDeviceControl)), scsi)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), control)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), pnp)
        let device = f.local(0)
        let none = 0xFFFF_FFFF as UInt32
        let status = f.local(f.call(Io.reportDetectedDevice, driver, 0, none, none, 0, 0, 0, f.address(of: device)))
        f.if(status.isError) { f.return(status) }
        let bus = f.local(0)
        f.set(status, f.call(Io.createDevice, driver, EXTENSION.size, 0, 4, 0, 0, f.address(of: bus)))
        f.if(status.isError) { f.return(status) }
        let more = f.local(bus.as(DEVICE_OBJECT.self).DeviceExtension.as(EXTENSION.self))
        f.set(more.Kind, 1)
        f.set(more.address(of: \.LowerDevice).dword(), f.call(Io.attachDeviceToDeviceStack, bus, device))
        for number in 0..<2 as Range<Int32> {
            let made = f.local(0)
            f.set(status, f.call(Io.createDevice, driver, EXTENSION.size, 0, 0x2D, 0x80, 0, f.address(of: made)))
            f.if(status.isError) { f.return(status) }
            let disk = f.local(made.as(DEVICE_OBJECT.self).DeviceExtension.as(EXTENSION.self))
            f.set(disk.Kind, 2)
            f.set(disk.Number, UInt32(number))
            f.set(made.as(DEVICE_OBJECT.self).Flags, Value(DeviceFlag.directIo))
            f.set(disks.value.dword(4 * number), made)
        }
        f.return(Status.success)
    }

    private static let createClose: Routine = .init("TwoDisksCreateClose", ["DeviceObject", "Irp"], module: module) { f in
        f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 0))
    }

    private static let pnp: Routine = .init("TwoDisksPnp", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(EXTENSION.self))
        let answers = BusAnswers(f, irp, tag: Value.tag("Test"))
        f.if(more.Kind == 1) {
            f.if(answers.stack.MinorFunction == 7 && answers.stack.Argument1 == 0) {
                let relations = f.call(Ex.allocatePoolWithTag, 1, 12, Value.tag("Test"))
                f.set(relations.dword(), 2)
                f.copy(to: relations + 4, from: disks, 8)
                f.return(f.call(Io.finishRequest, irp, Status.success, relations))
            }
            Io.skipLocation(f, irp)
            f.return(f.call(Io.callDriver, more.LowerDevice, irp))
        }
        answers.start()
        answers.identify(Io.QueryId.device, as: #"TEST\Disk"#)
        answers.identify(Io.QueryId.hardware, as: "GenDisk")
        answers.finish(irp)
    }

    private static let control: Routine = .init("TwoDisksControl", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        f.if(irp.CurrentStackLocation.Argument3 != Value(Scsi.getCapabilities)) {
            f.return(f.call(Io.finishRequest, irp, Status.invalidDeviceRequest, 0))
        }
        f.zero(irp.SystemBuffer, 0x18)
        f.set(irp.SystemBuffer.dword(4), 0x1000)
        f.return(f.call(Io.finishRequest, irp, Status.success, 0x18))
    }

    /// Claims, sizes, reads and writes.
    private static let scsi: Routine = .init("TwoDisksScsi", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let srb = f.local(irp.CurrentStackLocation.Argument1.as(SCSI_REQUEST_BLOCK.self))
        let disk = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(EXTENSION.self))
        f.set(srb.SrbStatus, Scsi.statusSuccess)
        f.if(srb.Function == Value(Scsi.claimDevice)) {
            f.if(disk.IsClaimed != 0) { f.return(f.call(Io.finishRequest, irp, Status.deviceBusy, 0)) }
            f.set(disk.IsClaimed, 1)
            f.set(srb.DataBuffer, f.argument(0))
            f.return(f.call(Io.finishRequest, irp, Status.success, 0))
        }
        f.if(srb.Function != Value(Scsi.executeScsi)) { f.return(f.call(Io.finishRequest, irp, Status.success, 0)) }
        let buffer = f.local(srb.DataBuffer)
        f.if(irp.MdlAddress.isNotNull) {
            let mdl = f.local(irp.MdlAddress)
            f.set(buffer, Io.systemAddress(f, mdl) + srb.DataBuffer - mdl.StartVa - mdl.ByteOffset)
        }
        f.if(srb.Cdb.byte() == Value(Scsi.readCapacity)) {
            Scsi.setBigEndian(f, buffer, f.local(sectors - 1))
            Scsi.setBigEndian(f, buffer + 4, 512)
        }
        let place = f.local(contents.value + (disk.Number * sectors.value + Scsi.bigEndian(srb.Cdb + 2)) * 512)
        f.if(srb.Cdb.byte() == Value(Scsi.read10)) { f.copy(to: buffer, from: place, srb.DataTransferLength) }
        f.if(srb.Cdb.byte() == Value(Scsi.write10)) { f.copy(to: place, from: buffer, srb.DataTransferLength) }
        f.return(f.call(Io.finishRequest, irp, Status.success, srb.DataTransferLength))
    }

    static let image = DriverImage(service: "twodisks", group: "", entry: entry)

    /// A boot with the disks, the first with one partition, the second with two, that stands where drive letters have been given.
    static func boot() -> KernelRun {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1", extra: [image])
        run.run(to: "IopReinitializeBootDrivers", limit: 60_000_000)
        for (disk, partitions) in [[(8, 40)], [(1, 20), (64, 64)]].enumerated() {
            let sector = run.address("TwoDisksContents") + UInt32(disk) * 512 * sectors
            run.write(sector + 0x1B8, 0xD15C_0001 + UInt32(disk))
            run.write(sector + 0x1FC, 0xAA55_0000)
            for (index, partition) in partitions.enumerated() {
                let entry = sector + 0x1BE + 16 * UInt32(index)
                _ = run.machine.write8(linear: entry + 4, 6)
                run.write(entry + 8, UInt32(partition.0))
                run.write(entry + 12, UInt32(partition.1))
                run.write(sector + 512 * UInt32(partition.0), 0x600D_0000 + UInt32(16 * disk + index))
            }
        }
        run.run(to: "PsLocateSystemDll", limit: 200_000_000)
        return run
    }
}
