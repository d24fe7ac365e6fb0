// SPDX-License-Identifier: GPL-3.0-or-later

/// ramdisk.sys: reads, writes and questions.
enum RamDiskRequests {
    private static let module = RamDisk.module
    private typealias DISK_EXTENSION = RamDisk.DISK_EXTENSION
    /// Bytes of the window on the image.
    private static let window: UInt32 = 0x1_0000

    /// IRP_MJ_READ and IRP_MJ_WRITE(DeviceObject*, Irp*) -> status: done at once. 0xC000000D: outside the disk, or not whole sectors.
    static let readWrite: Routine = .init("RamdiskReadWrite", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let disk = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let stack = f.local(irp.CurrentStackLocation)
        let length = f.local(stack.Argument1)
        let offset = f.local(stack.Argument3)
        f.if(disk.Kind != 2) { f.return(f.call(Io.finishRequest, irp, Status.invalidDeviceRequest, 0)) }
        f.if(length == 0) { f.return(f.call(Io.finishRequest, irp, Status.success, 0)) }
        f.if(stack.Argument4 != 0 || ((offset | length) & 511) != 0 || offset >= disk.DiskLength || irp.MdlAddress.isNull) {
            f.return(f.call(Io.finishRequest, irp, Status.invalidParameter, 0))
        }
        f.if(length > disk.DiskLength - offset) { f.return(f.call(Io.finishRequest, irp, Status.invalidParameter, 0)) }
        let mdl = f.local(irp.MdlAddress)
        let buffer = f.local(Io.systemAddress(f, mdl))
        f.if(buffer == 0) { f.return(f.call(Io.finishRequest, irp, Status.insufficientResources, 0)) }
        let physical = f.local(disk.PhysicalAddress + offset)
        let left = f.local(length)
        f.while(left != 0) {
            let count = f.local(left)
            f.if(count > window.value) { f.set(count, window) }
            let address = f.call(Mm.mapIoSpace, physical, 0, count, 1)
            f.if(address == 0) { f.return(f.call(Io.finishRequest, irp, Status.insufficientResources, 0)) }
            f.if(stack.MajorFunction == Value(Major.read)) {
                f.copy(to: buffer, from: address, count)
            } else: {
                f.copy(to: address, from: buffer, count)
            }
            f.call(Mm.unmapIoSpace, address, count)
            f.add(physical, count)
            f.add(buffer, count)
            f.set(left, left - count)
        }
        f.if(stack.MajorFunction == Value(Major.read)) {
            f.add(disk.ReadCount, 1)
        } else: {
            f.add(disk.WriteCount, 1)
        }
        f.return(f.call(Io.finishRequest, irp, Status.success, length))
    }

    /// IRP_MJ_DEVICE_CONTROL(DeviceObject*, Irp*) -> status: the bus makes disks; a disk tells its size and what the mount manager asks.
    static let deviceControl: Routine = .init("RamdiskDeviceControl", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let disk = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let stack = f.local(irp.CurrentStackLocation)
        let out = f.local(irp.SystemBuffer)
        let size = stack.Argument1
        let code = f.local(stack.Argument3)
        f.if(disk.Kind == 1) {
            f.if(code != Value(RamDisk.createRamDisk)) { f.return(f.call(Io.finishRequest, irp, Status.invalidDeviceRequest, 0)) }
            f.if(stack.Argument2 < RamDisk.RAMDISK_CREATE_INPUT.size.value) {
                f.return(f.call(Io.finishRequest, irp, Status.invalidParameter, 0))
            }
            f.return(f.call(Io.finishRequest, irp, f.call(RamDisk.createDisk, out), 0))
        }
        f.if(code == Value(DiskControl.getGeometry)) {
            f.if(size < 24) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.dword(), disk.DiskLength / Value(512 * 16 * 63))
            f.set(out.dword(4), 0)
            f.set(out.dword(8), 12)
            f.set(out.dword(12), 16)
            f.set(out.dword(16), 63)
            f.set(out.dword(20), 512)
            f.return(f.call(Io.finishRequest, irp, Status.success, 24))
        }
        f.if(code == Value(DiskControl.getLengthInfo)) {
            f.if(size < 8) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.dword(), disk.DiskLength)
            f.set(out.dword(4), 0)
            f.return(f.call(Io.finishRequest, irp, Status.success, 8))
        }
        f.if(code == Value(DiskControl.getPartitionInfo)) {
            f.if(size < 32) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.zero(out, 32)
            f.set(out.dword(8), disk.DiskLength)
            f.set(out.dword(20), 1)
            f.set(out.byte(24), 6)
            f.return(f.call(Io.finishRequest, irp, Status.success, 32))
        }
        f.if(code == Value(MountManager.queryUniqueId)) {
            f.if(size < 18) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.word(), 16)
            f.copy(to: out + 2, from: disk.DiskGuid, 16)
            f.return(f.call(Io.finishRequest, irp, Status.success, 18))
        }
        f.if(code == Value(MountManager.queryDeviceName)) {
            let name = f.stringBuffer(96)
            f.call(Rtl.appendUnicodeToString, name, f.wide(RamDisk.deviceName))
            f.call(Rtl.appendGuid, name, disk.DiskGuid)
            f.if(size < name.Length + 2) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.word(), name.Length)
            f.copy(to: out + 2, from: name.Buffer, name.Length)
            f.return(f.call(Io.finishRequest, irp, Status.success, name.Length + 2))
        }
        f.return(f.call(Io.finishRequest, irp, Status.invalidDeviceRequest, 0))
    }
}
