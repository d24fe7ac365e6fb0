// SPDX-License-Identifier: GPL-3.0-or-later

/// uniata.sys: plug and play. Starting a channel connects its interrupt; asking for its children asks the disk who it is.
enum ATAPortPnp {
    private static let module = ATAPort.module
    private typealias CHANNEL_EXTENSION = ATAPort.CHANNEL_EXTENSION
    private typealias TARGET_EXTENSION = ATAPort.TARGET_EXTENSION

    /// IRP_MJ_PNP(DeviceObject*, Irp*) -> status.
    static let pnp: Routine = .init("UniataPnp", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        let stack = f.local(irp.CurrentStackLocation)
        f.if(channel.Kind == 2) { f.return(f.call(targetPnp, device, irp)) }
        f.if(stack.MinorFunction == 0) {
            // START_DEVICE: those below first.
            f.call(Io.forwardIrpSynchronously, channel.LowerDevice, irp)
            let status = f.local(irp.IoStatus.Status)
            f.if(status.isSuccess) { f.set(status, f.call(startChannel, device)) }
            f.return(f.call(Io.finishRequest, irp, status, 0))
        }
        f.if(stack.MinorFunction == 7 && stack.Argument1 == 0) {
            let relations = f.call(queryRelations, device)
            f.if(relations != 0) { f.return(f.call(Io.finishRequest, irp, Status.success, relations)) }
        }
        Io.skipLocation(f, irp)
        f.return(f.call(Io.callDriver, channel.LowerDevice, irp))
    }

    /// `UniataStartChannel(DeviceObject*) -> status`: IRQ 14, which on the ISA bus is the HAL's to translate, and the timer that finds lost requests.
    private static let startChannel: Routine = .init("UniataStartChannel", ["DeviceObject"], module: module, section: .page) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        f.if(channel.InterruptObject.isNotNull) { f.return(Status.success) }
        let irql = f.local(0)
        let affinity = f.local(0)
        let vector = f.call(Hal.getInterruptVector, 1, 0, 14, 14, f.address(of: irql), f.address(of: affinity))
        let status = f.call(
            Io.connectInterrupt, channel.address(of: \.InterruptObject), ATAInterrupt.service, device, 0, vector, irql, irql,
            Ke.InterruptMode.latched, 0, affinity, 0)
        f.if(status.isError) { f.return(status) }
        // Device control: interrupts on.
        f.output(Value(0x3F6), 0)
        f.call(Io.startTimer, device)
        f.return(Status.success)
    }

    /// `UniataQueryRelations(DeviceObject*) -> DEVICE_RELATIONS*`: INQUIRY of target 0; who answers gets a device. NULL: no memory.
    private static let queryRelations: Routine = .init("UniataQueryRelations", ["DeviceObject"], module: module, section: .page) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        f.if(channel.Disk.isNull) {
            f.if(f.call(inquire, device).isSuccess) { f.call(createTarget, device) }
        }
        let relations = f.call(Ex.allocatePoolWithTag, 1, 8, ATAPort.tag)
        f.if(relations == 0) { f.return(0) }
        f.set(relations.dword(), 0)
        f.if(channel.Disk.isNotNull) {
            f.call(Ob.referenceObject, channel.Disk)
            f.set(relations.dword(), 1)
            f.set(relations.dword(4), channel.Disk)
        }
        f.return(relations)
    }

    /// `UniataInquire(DeviceObject*) -> status`: an INQUIRY through the channel's own queue.
    private static let inquire: Routine = .init("UniataInquire", ["DeviceObject"], module: module, section: .page) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let srb = f.structure(SCSI_REQUEST_BLOCK.self)
        let data = f.call(Ex.allocatePoolWithTag, 0, 36, ATAPort.tag)
        f.if(data == 0) { f.return(Status.insufficientResources) }
        f.zero(srb, SCSI_REQUEST_BLOCK.size)
        f.set(srb.Length, SCSI_REQUEST_BLOCK.size)
        f.set(srb.SrbFlags, Scsi.dataIn)
        f.set(srb.DataBuffer, data)
        f.set(srb.DataTransferLength, 36)
        f.set(srb.TimeOutValue, 4)
        f.set(srb.CdbLength, 6)
        f.set(srb.Cdb.byte(), Scsi.inquiry)
        f.set(srb.Cdb.byte(4), 36)
        let status = f.call(ATARequests.sendSynchronously, device, srb)
        f.call(Ex.freePoolWithTag, data, ATAPort.tag)
        f.return(status)
    }

    /// `UniataCreateTarget(DeviceObject*) -> status`: `\Device\Ide\IdeDeviceP0T0L0`.
    private static let createTarget: Routine = .init("UniataCreateTarget", ["DeviceObject"], module: module, section: .page) { f in
        let made = f.local(0)
        let status = f.call(
            Io.createDevice, ATAPort.driverObject.dword, TARGET_EXTENSION.size, f.unicode(#"\Device\Ide\IdeDeviceP0T0L0"#), 0x2D, 0, 0,
            f.address(of: made))
        f.if(status.isError) { f.return(status) }
        let disk = made.as(DEVICE_OBJECT.self)
        let target = f.local(disk.DeviceExtension.as(TARGET_EXTENSION.self))
        f.set(target.Kind, 2)
        f.set(target.address(of: \.Channel).dword(), f.argument(0))
        f.set(
            f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(CHANNEL_EXTENSION.self).address(of: \.Disk).dword(), disk)
        f.set(disk.Flags, disk.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
        f.return(status)
    }

    /// `UniataTargetPnp(DeviceObject*, Irp*) -> status`: of a disk's physical device.
    private static let targetPnp: Routine = .init("UniataTargetPnp", ["DeviceObject", "Irp"], module: module, section: .page) { f in
        let irp = f.argument(1, IRP.self)
        let answers = BusAnswers(f, irp, tag: ATAPort.tag)
        answers.start()
        answers.identify(Io.QueryId.device, as: #"IDE\DiskKDBG_SIMULATED_DISK"#)
        answers.identify(Io.QueryId.hardware, as: "GenDisk")
        // Bus, target, unit.
        answers.identify(Io.QueryId.instance, as: "0.0.0")
        answers.finish(irp)
    }
}
