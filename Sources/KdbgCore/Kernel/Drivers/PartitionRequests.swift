// SPDX-License-Identifier: GPL-3.0-or-later

/// partmgr.sys: requests for partitions, which become requests for the disk.
enum PartitionRequests {
    private static let module = PartitionManager.module
    private typealias FILTER_EXTENSION = PartitionManager.FILTER_EXTENSION
    private typealias PARTITION_EXTENSION = PartitionManager.PARTITION_EXTENSION

    private static let getPartitionInfo: UInt32 = 0x74004
    private static let getDiskExtents: UInt32 = 0x56_0000

    /// `PartmgrPassDown(DeviceObject*, Irp*) -> status`: what this driver has nothing to add to. The lower device is in the same place of both extensions.
    static let passDown: Routine = .init("PartmgrPassDown", ["DeviceObject", "Irp"], module: module) { f in
        let filter = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(FILTER_EXTENSION.self))
        Io.skipLocation(f, f.argument(1, IRP.self))
        f.return(f.call(Io.callDriver, filter.LowerDevice, f.argument(1)))
    }

    /// IRP_MJ_CREATE, CLEANUP, CLOSE: a partition is open for whoever asks; of the disk they are the disk driver's.
    static let createClose: Routine = .init("PartmgrCreateClose", ["DeviceObject", "Irp"], module: module) { f in
        let filter = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(FILTER_EXTENSION.self))
        f.if(filter.Kind == 1) { f.return(f.call(passDown, f.argument(0), f.argument(1))) }
        f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 1))
    }

    /// IRP_MJ_READ and IRP_MJ_WRITE(DeviceObject*, Irp*) -> status: of a partition the offset moves on by its start. 0xC000000D: it reaches beyond the end.
    static let readWrite: Routine = .init("PartmgrReadWrite", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let partition = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(PARTITION_EXTENSION.self))
        f.if(partition.Kind == 1) { f.return(f.call(passDown, f.argument(0), irp)) }
        let stack = f.local(irp.CurrentStackLocation)
        let sector = f.local((stack.Argument4 << 23) | (stack.Argument3 >> 9))
        let count = f.local((stack.Argument1 + 511) >> 9)
        f.if((stack.Argument4 >> 9) != 0 || sector >= partition.SectorCount || count > partition.SectorCount - sector) {
            f.return(f.call(Io.finishRequest, irp, Status.invalidParameter, 0))
        }
        Io.copyLocationToNext(f, irp)
        let next = f.local(Io.nextLocation(irp))
        f.add(sector, partition.StartSector)
        // The offset inside the sector is the disk driver's to refuse.
        f.set(next.Argument3, (sector << 9) | (stack.Argument3 & 511))
        f.set(next.Argument4, sector >> 23)
        Io.setCompletionRoutine(f, irp, complete, 0)
        f.return(f.call(Io.callDriver, partition.LowerDevice, irp))
    }

    /// `PartmgrIoComplete(DeviceObject*, Irp*, Context) -> status`: hands on that the packet was pending.
    private static let complete: Routine = .init("PartmgrIoComplete", ["DeviceObject", "Irp", "Context"], module: module) { f in
        f.if(f.argument(1, IRP.self).PendingReturned != 0) { Io.markPending(f, f.argument(1, IRP.self)) }
        f.return(Status.success)
    }

    /// IRP_MJ_DEVICE_CONTROL(DeviceObject*, Irp*) -> status: where a partition is and how long, its number, and what the mount manager asks.
    static let deviceControl: Routine = .init("PartmgrDeviceControl", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let partition = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(PARTITION_EXTENSION.self))
        f.if(partition.Kind == 1) { f.return(f.call(passDown, f.argument(0), irp)) }
        let filter = f.local(partition.Filter.DeviceExtension.as(FILTER_EXTENSION.self))
        let stack = f.local(irp.CurrentStackLocation)
        let out = f.local(irp.SystemBuffer)
        let size = stack.Argument1
        let code = f.local(stack.Argument3)
        f.if(code == Value(getPartitionInfo)) {
            f.if(size < 32) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.zero(out, 32)
            f.set(out.dword(), partition.StartSector << 9)
            f.set(out.dword(4), partition.StartSector >> 23)
            f.set(out.dword(8), partition.SectorCount << 9)
            f.set(out.dword(12), partition.SectorCount >> 23)
            f.set(out.dword(16), partition.StartSector)
            f.set(out.dword(20), partition.PartitionNumber)
            f.set(out.byte(24), partition.PartitionType)
            f.set(out.byte(25), partition.IsBootable)
            f.set(out.byte(26), 1)
            f.return(f.call(Io.finishRequest, irp, Status.success, 32))
        }
        f.if(code == Value(DiskControl.getLengthInfo)) {
            f.if(size < 8) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.dword(), partition.SectorCount << 9)
            f.set(out.dword(4), partition.SectorCount >> 23)
            f.return(f.call(Io.finishRequest, irp, Status.success, 8))
        }
        f.if(code == Value(DiskControl.getDeviceNumber)) {
            f.if(size < 12) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.dword(), 7)
            f.set(out.dword(4), filter.DiskNumber)
            f.set(out.dword(8), partition.PartitionNumber)
            f.return(f.call(Io.finishRequest, irp, Status.success, 12))
        }
        f.if(code == Value(getDiskExtents)) {
            f.if(size < 32) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.zero(out, 32)
            f.set(out.dword(), 1)
            f.set(out.dword(8), filter.DiskNumber)
            f.set(out.dword(16), partition.StartSector << 9)
            f.set(out.dword(20), partition.StartSector >> 23)
            f.set(out.dword(24), partition.SectorCount << 9)
            f.set(out.dword(28), partition.SectorCount >> 23)
            f.return(f.call(Io.finishRequest, irp, Status.success, 32))
        }
        f.if(code == Value(MountManager.queryUniqueId)) {
            // MOUNTDEV_UNIQUE_ID of a partition: signature and start in bytes.
            f.if(size < 14) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.word(), 12)
            f.set(out.dword(2), filter.Signature)
            f.set(out.dword(6), partition.StartSector << 9)
            f.set(out.dword(10), partition.StartSector >> 23)
            f.return(f.call(Io.finishRequest, irp, Status.success, 14))
        }
        f.if(code == Value(MountManager.queryDeviceName)) {
            let name = f.stringBuffer(64)
            f.call(PartitionManager.volumeName, partition, name)
            f.if(size < name.Length + 2) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.word(), name.Length)
            f.copy(to: out + 2, from: name.Buffer, name.Length)
            f.return(f.call(Io.finishRequest, irp, Status.success, name.Length + 2))
        }
        f.return(f.call(passDown, f.argument(0), irp))
    }
}
