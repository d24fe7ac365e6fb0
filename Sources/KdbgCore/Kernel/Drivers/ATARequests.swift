// SPDX-License-Identifier: GPL-3.0-or-later

/// uniata.sys: from a SCSI request block to a command of the disk (ATA/ATAPI-6, section 8).
enum ATARequests {
    private static let module = ATAPort.module
    private typealias CHANNEL_EXTENSION = ATAPort.CHANNEL_EXTENSION
    private typealias TARGET_EXTENSION = ATAPort.TARGET_EXTENSION

    private enum Command {
        static let readSectors: UInt32 = 0x20
        static let writeSectors: UInt32 = 0x30
        static let readVerify: UInt32 = 0x40
        static let readMultiple: UInt32 = 0xC4
        static let writeMultiple: UInt32 = 0xC5
        static let flushCache: UInt32 = 0xE7
        static let identify: UInt32 = 0xEC
    }

    /// IRP_MJ_INTERNAL_DEVICE_CONTROL, alias IRP_MJ_SCSI (DeviceObject*, Irp*) -> status: requests with commands are queued for StartIo, the others are answered
    /// here.
    static let scsi: Routine = .init("UniataDispatchScsi", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let srb = f.local(irp.CurrentStackLocation.Argument1.as(SCSI_REQUEST_BLOCK.self))
        let port = f.local(device)
        let target = f.local(device.DeviceExtension.as(TARGET_EXTENSION.self))
        f.if(target.Kind == 2) { f.set(port.value, target.Channel) }
        let channel = f.local(port.DeviceExtension.as(CHANNEL_EXTENSION.self))
        let function = f.local(srb.Function)
        f.if(function == Value(Scsi.executeScsi) || function == Value(Scsi.flush) || function == Value(Scsi.shutdown)) {
            f.set(srb.SrbStatus, Scsi.statusPending)
            f.set(srb.address(of: \.OriginalRequest).dword(), irp)
            Io.markPending(f, irp)
            f.call(Io.startPacket, port, irp, 0, cancel)
            f.return(Status.pending)
        }
        let status = f.local(Status.invalidDeviceRequest)
        f.set(srb.SrbStatus, Scsi.statusInvalidRequest)
        f.if(function == Value(Scsi.claimDevice)) {
            f.set(status, Status.deviceBusy)
            f.if(channel.IsClaimed == 0) {
                f.set(channel.IsClaimed, 1)
                f.set(srb.DataBuffer, device)
                f.set(srb.SrbStatus, Scsi.statusSuccess)
                f.set(status, Status.success)
            }
        }
        f.if(function == Value(Scsi.releaseDevice)) {
            f.set(channel.IsClaimed, 0)
            f.set(srb.SrbStatus, Scsi.statusSuccess)
            f.set(status, Status.success)
        }
        f.return(f.call(Io.finishRequest, irp, status, 0))
    }

    /// `UniataCancel(DeviceObject*, Irp*)`: takes a packet that waits out of the queue. The one the disk works on goes on; its end is near.
    private static let cancel: Routine = .init("UniataCancel", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let port = f.local(f.argument(0, DEVICE_OBJECT.self))
        f.if(port.DeviceExtension.as(TARGET_EXTENSION.self).Kind == 2) {
            f.set(port.value, port.DeviceExtension.as(TARGET_EXTENSION.self).Channel)
        }
        let wasQueued = f.call(Ke.removeEntryDeviceQueue, port.address(of: \.DeviceQueue), irp.address(of: \.DeviceQueueEntry))
        f.call(Io.releaseCancelSpinLock, irp.CancelIrql)
        f.if(wasQueued == 0) { f.return() }
        f.set(irp.CurrentStackLocation.Argument1.as(SCSI_REQUEST_BLOCK.self).SrbStatus, Scsi.statusAborted)
        f.call(Io.finishRequest, irp, Status.cancelled, 0)
        f.return()
    }

    /// IRP_MJ_DEVICE_CONTROL: capabilities and address.
    static let deviceControl: Routine = .init("UniataDeviceControl", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let out = f.local(irp.SystemBuffer)
        f.if(stack.Argument3 == Value(Scsi.getCapabilities) && stack.Argument1 >= 0x18) {
            // Length, bytes and pages of a transfer, alignment; adapter scans itself, no tagged queuing.
            f.zero(out, 0x18)
            f.set(out.dword(), 0x18)
            f.set(out.dword(4), Scsi.maximumTransfer)
            f.set(out.dword(8), Scsi.maximumTransfer / 0x1000 + 1)
            f.return(f.call(Io.finishRequest, irp, Status.success, 0x18))
        }
        f.if(stack.Argument3 == Value(Scsi.getAddress) && stack.Argument1 >= 8) {
            f.set(out.dword(), 8)
            f.set(out.dword(4), 0)
            f.return(f.call(Io.finishRequest, irp, Status.success, 8))
        }
        f.return(f.call(Io.finishRequest, irp, Status.invalidDeviceRequest, 0))
    }

    /// `UniataSendSynchronously(DeviceObject*, Srb*) -> status`: a request of the port driver's own.
    static let sendSynchronously: Routine = .init("UniataSendSynchronously", ["DeviceObject", "Srb"], module: module) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.call(Ke.initializeEvent, event, 0, 0)
        let irp = f.local(f.call(Io.buildDeviceIoControlRequest, 0, f.argument(0), 0, 0, 0, 0, 1, event, result).as(IRP.self))
        f.if(irp.isNull) { f.return(Status.insufficientResources) }
        f.set(Io.nextLocation(irp).Argument1, f.argument(1))
        f.return(f.call(Io.callAndWait, f.argument(0), irp, event, result))
    }

    // MARK: StartIo

    /// `UniataStartIo(DeviceObject*, Irp*)`, at DISPATCH_LEVEL: the packet is the channel's current one.
    static let startIo: Routine = .init("UniataStartIo", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        let srb = f.local(irp.CurrentStackLocation.Argument1.as(SCSI_REQUEST_BLOCK.self))
        f.call(Io.setCancelRoutine, irp, 0)
        f.add(channel.RequestCount, 1)
        f.set(channel.address(of: \.Srb).dword(), srb)
        f.set(channel.SectorsLeft, 0)
        f.set(channel.IsWriting, 0)
        f.set(channel.Status, 0)
        f.set(channel.Error, 0)
        f.set(channel.Buffer, srb.DataBuffer)
        f.if(irp.MdlAddress.isNotNull) {
            let mdl = f.local(irp.MdlAddress)
            let address = Io.systemAddress(f, mdl)
            f.if(address == 0) {
                f.call(ATAInterrupt.finish, device, irp, Scsi.statusError, Status.insufficientResources)
                f.return()
            }
            f.set(channel.Buffer, address + srb.DataBuffer - mdl.StartVa - mdl.ByteOffset)
        }
        f.if(srb.Function == Value(Scsi.executeScsi) && srb.Cdb.byte() == Value(Scsi.inquiry)) {
            f.set(channel.Identify, f.call(Ex.allocatePoolWithTag, 0, 512, ATAPort.tag))
            f.if(channel.Identify == 0) {
                f.call(ATAInterrupt.finish, device, irp, Scsi.statusError, Status.insufficientResources)
                f.return()
            }
            f.set(channel.Buffer, channel.Identify)
        }
        f.set(channel.TimeLeft, srb.TimeOutValue + 1)
        // Nothing may come between the registers' writes and the service routine.
        let started = f.call(Ke.synchronizeExecution, channel.InterruptObject, startCommand, device)
        f.if(started == 0) { Io.requestDpc(f, device, irp, 0) }
        f.return()
    }

    /// `UniataStartCommand(DeviceObject*) -> BOOLEAN`, at the interrupt's level: gives the disk its command. FALSE: there is nothing to wait for; SrbStatus
    /// tells why.
    private static let startCommand: Routine = .init("UniataStartCommand", ["DeviceObject"], module: module) { f in
        let channel = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(CHANNEL_EXTENSION.self))
        let srb = f.local(channel.Srb)
        let operation = f.local(srb.Cdb.byte())
        f.if(srb.Function != Value(Scsi.executeScsi)) { f.set(operation, Scsi.synchronizeCache) }
        f.set(srb.SrbStatus, Scsi.statusSelectionTimeout)
        let status = f.local(f.input(Value(0x1F7)))
        f.if(status == 0 || status == 0xFF) { f.return(0) }
        f.if(operation == Value(Scsi.inquiry)) {
            f.set(channel.SectorsLeft, 1)
            f.return(f.call(writeCommand, channel, Command.identify, 0, 1))
        }
        f.if(channel.IsPresent == 0) { f.return(0) }
        f.if(operation == Value(Scsi.testUnitReady)) {
            f.set(srb.SrbStatus, Scsi.statusSuccess)
            f.return(0)
        }
        f.if(operation == Value(Scsi.readCapacity)) {
            Scsi.setBigEndian(f, channel.Buffer, f.local(channel.SectorCount - 1))
            Scsi.setBigEndian(f, channel.Buffer + 4, 512)
            f.set(srb.SrbStatus, Scsi.statusSuccess)
            f.return(0)
        }
        f.if(operation == Value(Scsi.synchronizeCache)) { f.return(f.call(writeCommand, channel, Command.flushCache, 0, 0)) }
        let sector = f.local(Scsi.bigEndian(srb.Cdb + 2))
        let count = f.local((srb.Cdb.byte(7) << 8) | srb.Cdb.byte(8))
        f.if(operation == Value(Scsi.verify10)) { f.return(f.call(writeCommand, channel, Command.readVerify, sector, count)) }
        f.set(srb.SrbStatus, Scsi.statusInvalidRequest)
        f.if(count == 0 || count > 256 || (count << 9) != srb.DataTransferLength) { f.return(0) }
        f.set(channel.SectorsLeft, count)
        let command = f.local(0)
        f.if(operation == Value(Scsi.read10)) {
            f.set(command, Command.readMultiple)
            f.if(channel.BlockSectors == 1) { f.set(command, Command.readSectors) }
            f.return(f.call(writeCommand, channel, command, sector, count))
        }
        f.if(operation == Value(Scsi.write10)) {
            f.set(channel.IsWriting, 1)
            f.set(command, Command.writeMultiple)
            f.if(channel.BlockSectors == 1) { f.set(command, Command.writeSectors) }
            f.call(writeCommand, channel, command, sector, count)
            f.return(f.call(ATAInterrupt.firstBlock, channel))
        }
        f.return(0)
    }

    /// `UniataWriteCommand(Channel*, Command, Sector, Count) -> TRUE`: the task file with a 28-bit address; 256 sectors are written as 0.
    static let writeCommand: Routine = .init("UniataWriteCommand", ["Channel", "Command", "Sector", "Count"], module: module) { f in
        let port = Value(0x1F0)
        let sector = f.argument(2)
        // After a reset the disk is busy for a while, and deaf.
        let patience = f.local(100_000)
        f.while(patience != 0) {
            f.if((f.input(Value(0x3F6)) & 0x80) == 0) { f.break() }
            f.set(patience, patience - 1)
        }
        f.set(f.argument(0, CHANNEL_EXTENSION.self).Srb.SrbStatus, Scsi.statusPending)
        f.output(port + 6, (sector >> 24) & 0x0F | 0xE0)
        f.output(port + 2, f.argument(3))
        f.output(port + 3, sector)
        f.output(port + 4, sector >> 8)
        f.output(port + 5, sector >> 16)
        f.output(port + 7, f.argument(1))
        f.return(1)
    }
}
