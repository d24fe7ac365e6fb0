// SPDX-License-Identifier: GPL-3.0-or-later

/// disk.sys: reads and writes on their way down and up.
enum DiskRequests {
    private static let module = DiskDriver.module
    private typealias DISK_EXTENSION = DiskDriver.DISK_EXTENSION

    /// A request block with what the class driver keeps beside it.
    struct CLASS_PACKET: Structure {
        static let size: UInt32 = 0x60
        let Srb = Embedded<SCSI_REQUEST_BLOCK>(0x00)
        let Sense = ArrayField(0x40, count: Scsi.senseSize, stride: 1, of: "UCHAR")
        let Device = PointerTo<DEVICE_OBJECT>(0x54)
        let RetriesLeft = Field.u32(0x58)

        static let layout = Self()
    }

    static let tag = Value.tag("DcSr")
    static let packets: GlobalStructure<NPAGED_LOOKASIDE_LIST> = .init("DiskPacketLookaside", module: module)
    /// How often a request is tried again.
    private static let retries: UInt32 = 4
    /// Seconds a request may take.
    private static let timeOut: UInt32 = 10

    /// IRP_MJ_READ and IRP_MJ_WRITE: whole sectors of the disk. 0xC000000D: anything else; 0xC00000A3: it is not started. A request that is larger than the
    /// port driver takes becomes the master of several.
    static let readWrite: Routine = .init("DiskReadWrite", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let more = f.local(device.DeviceExtension.as(DISK_EXTENSION.self))
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let length = f.local(stack.Argument1)
        let sector = f.local((stack.Argument4 << 23) | (stack.Argument3 >> 9))
        f.if(more.IsStarted == 0) { f.return(f.call(Io.finishRequest, irp, Status.deviceNotReady, 0)) }
        f.if(length == 0) { f.return(f.call(Io.finishRequest, irp, Status.success, 0)) }
        f.if(((length | stack.Argument3) & 511) != 0 || (stack.Argument4 >> 9) != 0 || irp.MdlAddress.isNull) {
            f.return(f.call(Io.finishRequest, irp, Status.invalidParameter, 0))
        }
        f.if(sector >= more.SectorCount || (length >> 9) > more.SectorCount - sector) {
            f.return(f.call(Io.finishRequest, irp, Status.invalidParameter, 0))
        }
        let isWrite = f.local(stack.MajorFunction == Value(Major.write))
        Io.markPending(f, irp)
        f.if(length <= more.MaximumTransfer) {
            let sent = f.call(send, device, irp, isWrite, sector, length, irp.MdlAddress.StartVa + irp.MdlAddress.ByteOffset)
            f.if(sent.isError) { f.call(Io.finishRequest, irp, sent, 0) }
            f.return(Status.pending)
        }
        f.call(split, device, irp, isWrite, sector, length)
        f.return(Status.pending)
    }

    /// `DiskSend(DeviceObject*, Irp*, IsWrite, Sector, Length, VirtualAddress) -> status`: READ(10) or WRITE(10) to the port driver, in the packet's next stack
    /// location. An error: the packet has not been sent.
    private static let send: Routine = .init(
        "DiskSend", ["DeviceObject", "Irp", "IsWrite", "Sector", "Length", "VirtualAddress"], module: module
    ) { f in
        let irp = f.argument(1, IRP.self)
        let length = f.argument(4)
        let block = f.call(Ex.allocateFromNPagedLookasideList, packets)
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let packet = block.as(CLASS_PACKET.self)
        f.zero(packet, CLASS_PACKET.size)
        f.set(packet.address(of: \.Device).dword(), f.argument(0))
        f.set(packet.RetriesLeft, retries)
        let srb = f.local(packet.Srb)
        f.set(srb.Length, SCSI_REQUEST_BLOCK.size)
        f.set(srb.CdbLength, 10)
        f.set(srb.DataTransferLength, length)
        f.set(srb.DataBuffer, f.argument(5))
        f.set(srb.TimeOutValue, timeOut)
        f.set(srb.SenseInfoBuffer, packet.Sense)
        f.set(srb.SenseInfoBufferLength, Scsi.senseSize)
        f.set(srb.SrbFlags, Scsi.dataIn)
        f.set(srb.Cdb.byte(), Scsi.read10)
        f.if(f.argument(2) != 0) {
            f.set(srb.SrbFlags, Scsi.dataOut)
            f.set(srb.Cdb.byte(), Scsi.write10)
        }
        Scsi.setBigEndian(f, f.local(srb.Cdb + 2), f.argument(3))
        f.set(srb.Cdb.byte(7), length >> 17)
        f.set(srb.Cdb.byte(8), length >> 9)
        f.call(forward, packet, irp)
        f.return(Status.success)
    }

    /// `DiskForward(Packet*, Irp*) -> status`: the request block goes down, and comes back to `DiskIoComplete`.
    private static let forward: Routine = .init("DiskForward", ["Packet", "Irp"], module: module) { f in
        let packet = f.argument(0, CLASS_PACKET.self)
        let irp = f.argument(1, IRP.self)
        let next = f.local(Io.nextLocation(irp))
        f.set(next.MajorFunction, Major.internalDeviceControl)
        f.set(next.MinorFunction, 0)
        f.set(next.Argument1, packet.Srb)
        Io.setCompletionRoutine(f, irp, complete, packet)
        f.return(f.call(Io.callDriver, packet.Device.DeviceExtension.as(DISK_EXTENSION.self).LowerDevice, irp))
    }

    /// `DiskIoComplete(DeviceObject*, Irp*, Packet*) -> status`, at DISPATCH_LEVEL: a failure is tried again unless that is in vain; what stays is the packet's
    /// status, and that of its master.
    private static let complete: Routine = .init("DiskIoComplete", ["DeviceObject", "Irp", "Context"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let packet = f.argument(2, CLASS_PACKET.self)
        let more = f.local(packet.Device.DeviceExtension.as(DISK_EXTENSION.self))
        let srb = f.local(packet.Srb)
        f.if(irp.IoStatus.Status.isError) {
            let key = f.local(packet.Sense.byte(2))
            f.if((srb.SrbStatus & Value(Scsi.autosenseValid)) == 0) { f.set(key, Scsi.hardwareError) }
            let isHopeless = f.local(key == Value(Scsi.illegalRequest) || key == Value(Scsi.dataProtect))
            f.if(irp.IoStatus.Status == Status.cancelled || (srb.SrbStatus & 0x3F) == Value(Scsi.statusSelectionTimeout)) {
                f.set(isHopeless, 1)
            }
            f.if(isHopeless == 0 && packet.RetriesLeft != 0) {
                f.set(packet.RetriesLeft, packet.RetriesLeft - 1)
                f.add(more.RetryCount, 1)
                f.set(srb.DataTransferLength, ((srb.Cdb.byte(7) << 8) | srb.Cdb.byte(8)) << 9)
                f.set(srb.ScsiStatus, 0)
                f.zero(packet.Sense, 20)
                f.call(forward, packet, irp)
                f.return(Status.moreProcessingRequired)
            }
            f.add(more.ErrorCount, 1)
            f.if(isHopeless == 0) { f.call(logError, packet, irp.IoStatus.Status) }
        }
        f.set(irp.IoStatus.Information, srb.DataTransferLength)
        f.call(Ex.freeToNPagedLookasideList, packets, packet)
        f.if((irp.Flags & Value(IrpFlag.associated)) != 0) {
            // The whole is as good as its worst part.
            f.if(irp.IoStatus.Status.isError) {
                f.set(irp.MasterIrp.IoStatus.Status, irp.IoStatus.Status)
                f.set(irp.MasterIrp.IoStatus.Information, 0)
            }
            f.return(Status.success)
        }
        f.if(irp.PendingReturned != 0) { Io.markPending(f, irp) }
        f.return(Status.success)
    }

    /// `DiskLogError(Packet*, Status)`, at DISPATCH_LEVEL: an entry for the event log: IO_ERR_BAD_BLOCK, IO_ERR_TIMEOUT or IO_ERR_CONTROLLER_ERROR, and where.
    private static let logError: Routine = .init("DiskLogError", ["Packet", "Status"], module: module) { f in
        let packet = f.argument(0, CLASS_PACKET.self)
        let entry = f.local(f.call(Io.allocateErrorLogEntry, packet.Device, IO_ERROR_LOG_PACKET.size).as(IO_ERROR_LOG_PACKET.self))
        f.if(entry.isNull) { f.return() }
        let srb = f.local(packet.Srb)
        let sector = f.local(Scsi.bigEndian(srb.Cdb + 2))
        f.set(entry.ErrorCode, 0xC004_000B as UInt32)
        f.if(f.argument(1) == Status.deviceDataError) { f.set(entry.ErrorCode, 0xC004_0007 as UInt32) }
        f.if(f.argument(1) == Status.ioTimeout) { f.set(entry.ErrorCode, 0xC004_0009 as UInt32) }
        f.set(entry.MajorFunctionCode, Major.internalDeviceControl)
        f.set(entry.RetryCount, retries)
        f.set(entry.FinalStatus, f.argument(1))
        f.set(entry.DeviceOffset.LowPart, sector << 9)
        f.set(entry.DeviceOffset.HighPart, sector >> 23)
        f.call(Io.writeErrorLogEntry, entry)
        f.return()
    }

    /// `DiskSplit(DeviceObject*, MasterIrp*, IsWrite, Sector, Length)`: associated packets, each with a part of the buffer's description. The master is complete
    /// when all of them are.
    private static let split: Routine = .init("DiskSplit", ["DeviceObject", "Irp", "IsWrite", "Sector", "Length"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let maximum = f.local(device.DeviceExtension.as(DISK_EXTENSION.self).MaximumTransfer)
        let master = f.argument(1, IRP.self)
        let left = f.local(f.argument(4))
        let sector = f.local(f.argument(3))
        let mdl = f.local(master.MdlAddress)
        let address = f.local(mdl.StartVa + mdl.ByteOffset)
        f.set(master.IoStatus.Status, Status.success)
        f.set(master.IoStatus.Information, left)
        // One more than there are parts, so that the master is not complete before all have been sent.
        f.set(master.IrpCount, (left + maximum - 1) / maximum + 1)
        f.while(left != 0) {
            let length = f.local(left)
            f.if(length > maximum) { f.set(length, maximum) }
            let status = f.local(Status.insufficientResources)
            let part = f.local(f.call(Io.makeAssociatedIrp, master, device.StackSize + 1).as(IRP.self))
            f.if(part.isNotNull) {
                // A location of the class driver's own, as if it had got the part from somebody.
                Io.setNextLocation(f, part)
                f.set(part.CurrentStackLocation.address(of: \.DeviceObject).dword(), device)
                let piece = f.call(Io.allocateMdl, address, length, 0, 0, part)
                f.if(piece != 0) {
                    f.call(Io.buildPartialMdl, mdl, piece, address, length)
                    f.set(status, f.call(send, device, part, f.argument(2), sector, length, address))
                }
                f.if(status.isError) {
                    f.call(Io.freeMdls, part)
                    f.call(Io.freeIrp, part)
                }
            }
            f.if(status.isError) {
                f.set(master.IoStatus.Status, status)
                f.set(master.IoStatus.Information, 0)
                f.exchangeAdd(master.IrpCount, 0xFFFF_FFFF as Value)
            }
            f.add(address, length)
            f.add(sector, length >> 9)
            f.set(left, left - length)
        }
        let rest = f.exchangeAdd(master.IrpCount, 0xFFFF_FFFF as Value)
        f.if(rest == 1) { f.call(Io.completeRequest, master, 0) }
        f.return()
    }

    /// `DiskFlush(DeviceObject*, Irp*) -> status`: IRP_MJ_FLUSH_BUFFERS and IRP_MJ_SHUTDOWN: SYNCHRONIZE CACHE.
    static let flush: Routine = .init("DiskFlush", ["DeviceObject", "Irp"], module: module) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let srb = f.structure(SCSI_REQUEST_BLOCK.self)
        f.zero(srb, SCSI_REQUEST_BLOCK.size)
        f.set(srb.CdbLength, 10)
        f.set(srb.Cdb.byte(), Scsi.synchronizeCache)
        let status = f.call(sendSrb, more.LowerDevice, srb)
        f.return(f.call(Io.finishRequest, f.argument(1), status, 0))
    }

    /// `DiskSendSrb(DeviceObject*, Srb*) -> status`: a request of the class driver's own, waited for.
    static let sendSrb: Routine = .init("DiskSendSrb", ["DeviceObject", "Srb"], module: module) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.set(f.argument(1, SCSI_REQUEST_BLOCK.self).Length, SCSI_REQUEST_BLOCK.size)
        f.set(f.argument(1, SCSI_REQUEST_BLOCK.self).TimeOutValue, timeOut)
        f.call(Ke.initializeEvent, event, 0, 0)
        let irp = f.local(f.call(Io.buildDeviceIoControlRequest, 0, f.argument(0), 0, 0, 0, 0, 1, event, result).as(IRP.self))
        f.if(irp.isNull) { f.return(Status.insufficientResources) }
        f.set(Io.nextLocation(irp).Argument1, f.argument(1))
        f.return(f.call(Io.callAndWait, f.argument(0), irp, event, result))
    }
}
