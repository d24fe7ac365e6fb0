// SPDX-License-Identifier: GPL-3.0-or-later

/// disk.sys: what others want to know of a disk (Windows DDK, ntdddisk.h).
enum DiskControl {
    private static let module = DiskDriver.module
    private typealias DISK_EXTENSION = DiskDriver.DISK_EXTENSION

    static let getGeometry: UInt32 = 0x70000
    static let getPartitionInfo: UInt32 = 0x74004
    static let getLengthInfo: UInt32 = 0x7405C
    static let getDriveLayout: UInt32 = 0x7400C
    static let isWritable: UInt32 = 0x70024
    static let checkVerify: UInt32 = 0x74800
    static let storageCheckVerify: UInt32 = 0x2D_4800
    static let getDeviceNumber: UInt32 = 0x2D_1080

    /// DRIVE_LAYOUT_INFORMATION: count and signature, then PARTITION_INFORMATIONs of 32 bytes.
    static let layoutSize: UInt32 = 8 + 4 * 32

    /// IRP_MJ_DEVICE_CONTROL: geometry, length, the four entries of the master boot record, the disk's number. The rest is the port driver's to answer.
    static let deviceControl: Routine = .init("DiskDeviceControl", ["DeviceObject", "Irp"], module: module) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(DISK_EXTENSION.self))
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let out = f.local(irp.SystemBuffer)
        let size = stack.Argument1
        let code = f.local(stack.Argument3)
        f.if(code == Value(getGeometry)) {
            f.if(size < 24) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.dword(), more.SectorCount / Value(16 * 63))
            f.set(out.dword(4), 0)
            f.set(out.dword(8), 12)
            f.set(out.dword(12), 16)
            f.set(out.dword(16), 63)
            f.set(out.dword(20), 512)
            f.return(f.call(Io.finishRequest, irp, Status.success, 24))
        }
        f.if(code == Value(getLengthInfo)) {
            f.if(size < 8) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.dword(), more.SectorCount << 9)
            f.set(out.dword(4), more.SectorCount >> 23)
            f.return(f.call(Io.finishRequest, irp, Status.success, 8))
        }
        f.if(code == Value(getPartitionInfo)) {
            f.if(size < 32) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.zero(out, 32)
            f.set(out.dword(8), more.SectorCount << 9)
            f.set(out.dword(12), more.SectorCount >> 23)
            f.return(f.call(Io.finishRequest, irp, Status.success, 32))
        }
        f.if(code == Value(getDeviceNumber)) {
            f.if(size < 12) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            f.set(out.dword(), 7)
            f.set(out.dword(4), more.DiskNumber)
            f.set(out.dword(8), 0)
            f.return(f.call(Io.finishRequest, irp, Status.success, 12))
        }
        f.if(code == Value(getDriveLayout)) {
            f.if(size < layoutSize.value) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            let status = f.local(f.call(readLayout, f.argument(0), out))
            f.if(status.isError) { f.return(f.call(Io.finishRequest, irp, status, 0)) }
            f.return(f.call(Io.finishRequest, irp, status, layoutSize))
        }
        f.if(code == Value(isWritable) || code == Value(checkVerify) || code == Value(storageCheckVerify)) {
            f.return(f.call(Io.finishRequest, irp, Status.success, 0))
        }
        f.return(f.call(DiskDriver.passDown, f.argument(0), irp))
    }

    /// `DiskIsVolume(Sector*) -> BOOLEAN`: whether a disk without partition table begins with a FAT boot sector, as diskettes do: a jump, sectors of 512 bytes, one or two
    /// tables.
    private static let isVolume: Routine = .init("DiskIsVolume", ["Sector"], module: module, section: .page) { f in
        let sector = f.argument(0)
        f.if(sector.word(510) != 0xAA55) { f.return(0) }
        f.if(sector.byte() != 0xE9 && (sector.byte() != 0xEB || sector.byte(2) != 0x90)) { f.return(0) }
        f.if(sector.byte(0x0B) != 0 || sector.byte(0x0C) != 2 || sector.byte(0x0D) == 0) { f.return(0) }
        f.return(sector.byte(0x10) == 1 || sector.byte(0x10) == 2)
    }

    /// `DiskReadLayout(DeviceObject*, Layout*) -> status`: the master boot record's signature and its four entries, empty ones too. A disk without a record has no
    /// partitions.
    private static let readLayout: Routine = .init("DiskReadLayout", ["DeviceObject", "Layout"], module: module, section: .page) { f in
        let out = f.local(f.argument(1))
        let record = f.call(Ex.allocatePoolWithTag, 0, 512, DiskRequests.tag)
        f.if(record == 0) { f.return(Status.insufficientResources) }
        let status = f.call(Io.synchronousTransfer, Major.read, f.argument(0), record, 512, 0, 0)
        f.zero(out, layoutSize)
        f.if(status.isSuccess && f.call(isVolume, record) != 0) {
            // One entry: all of the disk. Its type is that of a FAT with up to 32 MB or more; who mounts it looks for himself.
            let count = f.local(record.byte(0x13) | (record.byte(0x14) << 8))
            f.if(count == 0) { f.set(count, record.dword(0x20)) }
            f.set(out.dword(), 4)
            f.set(out.dword(16), count << 9)
            f.set(out.dword(20), count >> 23)
            f.set(out.dword(28), 1)
            f.set(out.byte(32), 6)
            f.set(out.byte(33), 0x80)
            f.set(out.byte(34), 1)
            f.call(Ex.freePoolWithTag, record, DiskRequests.tag)
            f.return(status)
        }
        f.if(status.isSuccess && record.word(510) == 0xAA55) {
            f.set(out.dword(), 4)
            f.set(out.dword(4), record.dword(0x1B8))
            let slot = f.local(record + 446)
            let entry = f.local(out + 8)
            let number = f.local(0)
            f.while(slot < record + 510) {
                f.set(entry.dword(), slot.dword(8) << 9)
                f.set(entry.dword(4), slot.dword(8) >> 23)
                f.set(entry.dword(8), slot.dword(12) << 9)
                f.set(entry.dword(12), slot.dword(12) >> 23)
                f.set(entry.dword(16), slot.dword(8))
                f.if(slot.byte(4) != 0) {
                    f.add(number, 1)
                    f.set(entry.dword(20), number)
                }
                f.set(entry.byte(24), slot.byte(4))
                f.set(entry.byte(25), slot.byte() >> 7)
                f.set(entry.byte(26), 1)
                f.add(slot, 16)
                f.add(entry, 32)
            }
        }
        f.call(Ex.freePoolWithTag, record, DiskRequests.tag)
        f.return(status)
    }
}
