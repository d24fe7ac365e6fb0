// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's own routines in the public table's cells about disks (spec/boot.md section 5.19): master boot records with up to four primary partitions.
extension Hal {
    private static let tag = Value.tag("fstb")
    /// PARTITION_INFORMATION: 00 and 08 start and length in bytes, 10 hidden sectors, 14 number, 18 type, 19 bootable, 1A recognised, 1B to be rewritten.
    private static let partitionSize: UInt32 = 0x20

    /// `xHalpReadSector(DeviceObject*, SectorSize, Offset, Buffer**) -> status`: a sector in nonpaged pool, at least 512 bytes, read by a request to the device;
    /// nothing to free unless it succeeds.
    private static let readRecord: Routine = .init(
        "xHalpReadSector", ["DeviceObject", "SectorSize", "Offset", "Buffer"], section: .page
    ) { f in
        let size = f.local(f.argument(1))
        f.set(f.argument(3).dword(), 0)
        f.if(size < 512) { f.set(size, 512) }
        let buffer = f.call(Ex.allocatePoolWithTag, 0, size, tag)
        f.if(buffer == 0) { f.return(Status.insufficientResources) }
        let status = f.call(Io.synchronousTransfer, Major.read, f.argument(0), buffer, size, f.argument(2), 0)
        f.if(status.isError) {
            f.call(Ex.freePoolWithTag, buffer, tag)
            f.return(status)
        }
        f.set(f.argument(3).dword(), buffer)
        f.return(Status.success)
    }

    /// `xHalExamineMBR(DeviceObject*, SectorSize, MbrTypeIdentifier, Buffer**)`: the master boot record, which the caller frees, when its first partition is of that type;
    /// else NULL. For type 0x54 (a disk manager) it is the sector 63 instead.
    static let xExamineMBR: Routine = .init(
        "xHalExamineMBR", ["DeviceObject", "SectorSize", "MbrTypeIdentifier", "Buffer"], section: .page
    ) { f in
        let record = f.local(0)
        f.set(f.argument(3).dword(), 0)
        f.if(f.call(readRecord, f.argument(0), f.argument(1), 0, f.address(of: record)).isError) { f.return() }
        let found = f.local(record.word(0x1FE) == 0xAA55 && record.byte(0x1C2) == (f.argument(2) & 0xFF))
        f.if(found != 0 && f.argument(2) != 0x54) {
            f.set(f.argument(3).dword(), record)
            f.return()
        }
        f.call(Ex.freePoolWithTag, record, tag)
        f.if(found != 0) { f.call(readRecord, f.argument(0), f.argument(1), 63 * 512, f.argument(3)) }
        f.return()
    }

    /// `xHalIoReadPartitionTable(DeviceObject*, SectorSize, ReturnRecognizedPartitions, PartitionBuffer**) -> status`: a DRIVE_LAYOUT_INFORMATION in nonpaged
    /// pool, which the caller frees: count, signature, and an entry for each primary partition. STATUS_BAD_MASTER_BOOT_RECORD: the sector has no mark.
    static let xIoReadPartitionTable: Routine = .init(
        "xHalIoReadPartitionTable", ["DeviceObject", "SectorSize", "ReturnRecognizedPartitions", "PartitionBuffer"], section: .page
    ) { f in
        let record = f.local(0)
        f.set(f.argument(3).dword(), 0)
        let status = f.local(f.call(readRecord, f.argument(0), f.argument(1), 0, f.address(of: record)))
        f.if(status.isError) { f.return(status) }
        f.if(record.word(0x1FE) != 0xAA55) {
            f.call(Ex.freePoolWithTag, record, tag)
            f.return(0xC000_00A9 as UInt32)
        }
        let size = 8 + 4 * partitionSize
        let layout = f.call(Ex.allocatePoolWithTag, 0, size, tag)
        f.if(layout == 0) {
            f.call(Ex.freePoolWithTag, record, tag)
            f.return(Status.insufficientResources)
        }
        f.zero(layout, size)
        f.set(layout.dword(4), record.dword(0x1B8))
        let slot = f.local(record + 0x1BE)
        let entry = f.local(layout + 8)
        f.while(slot < record + 0x1FE) {
            // Extended partitions (5, 0F) hold others and are none themselves.
            let isPartition = f.local(slot.byte(4) != 0 && slot.byte(4) != 5 && slot.byte(4) != 0x0F)
            f.if((f.argument(2) & 0xFF) == 0 || isPartition != 0) {
                f.set(entry.dword(), slot.dword(8) << 9)
                f.set(entry.dword(4), slot.dword(8) >> 23)
                f.set(entry.dword(8), slot.dword(12) << 9)
                f.set(entry.dword(12), slot.dword(12) >> 23)
                f.set(entry.dword(16), slot.dword(8))
                f.set(entry.byte(24), slot.byte(4))
                f.set(entry.byte(25), slot.byte() >> 7)
                f.set(entry.byte(26), isPartition)
                f.add(layout.dword(), 1)
                f.if(isPartition != 0) { f.set(entry.dword(20), layout.dword()) }
                f.add(entry, partitionSize)
            }
            f.add(slot, 16)
        }
        f.call(Ex.freePoolWithTag, record, tag)
        f.set(f.argument(3).dword(), layout)
        f.return(Status.success)
    }

    /// `xHalIoSetPartitionInformation(DeviceObject*, SectorSize, PartitionNumber, PartitionType) -> status`: changes the type of the primary partition with that
    /// number, from 1, and writes the record.
    static let xIoSetPartitionInformation: Routine = .init(
        "xHalIoSetPartitionInformation", ["DeviceObject", "SectorSize", "PartitionNumber", "PartitionType"], section: .page
    ) { f in
        let record = f.local(0)
        let status = f.local(f.call(readRecord, f.argument(0), f.argument(1), 0, f.address(of: record)))
        f.if(status.isError) { f.return(status) }
        f.set(status, 0xC000_00A9 as UInt32)
        f.if(record.word(0x1FE) == 0xAA55) {
            f.set(status, Status.invalidParameter)
            let number = f.local(0)
            let slot = f.local(record + 0x1BE)
            f.while(slot < record + 0x1FE) {
                f.if(slot.byte(4) != 0 && slot.byte(4) != 5 && slot.byte(4) != 0x0F) {
                    f.add(number, 1)
                    f.if(number == f.argument(2)) {
                        f.set(slot.byte(4), f.argument(3))
                        f.set(status, f.call(Io.synchronousTransfer, Major.write, f.argument(0), record, 512, 0, 0))
                        f.break()
                    }
                }
                f.add(slot, 16)
            }
        }
        f.call(Ex.freePoolWithTag, record, tag)
        f.return(status)
    }

    /// `xHalIoWritePartitionTable(DeviceObject*, SectorSize, SectorsPerTrack, NumberOfHeads, PartitionBuffer*) -> status`: the layout's first four entries become those
    /// of the master boot record; its code stays. More entries would be logical drives: STATUS_NOT_SUPPORTED.
    static let xIoWritePartitionTable: Routine = .init(
        "xHalIoWritePartitionTable", ["DeviceObject", "SectorSize", "SectorsPerTrack", "NumberOfHeads", "PartitionBuffer"], section: .page
    ) { f in
        let layout = f.argument(4)
        f.if(layout.dword() > 4) { f.return(Status.notSupported) }
        let record = f.local(0)
        let status = f.local(f.call(readRecord, f.argument(0), f.argument(1), 0, f.address(of: record)))
        f.if(status.isError) { f.return(status) }
        f.set(record.dword(0x1B8), layout.dword(4))
        f.zero(record + 0x1BE, 64)
        f.set(record.word(0x1FE), 0xAA55)
        let slot = f.local(record + 0x1BE)
        let entry = f.local(layout + 8)
        let left = f.local(layout.dword())
        f.while(left != 0) {
            f.set(slot.byte(), entry.byte(25) << 7)
            f.set(slot.byte(4), entry.byte(24))
            f.set(slot.dword(8), (entry.dword() >> 9) | (entry.dword(4) << 23))
            f.set(slot.dword(12), (entry.dword(8) >> 9) | (entry.dword(12) << 23))
            // Both ends by head, sector and cylinder; what lies beyond cylinder 1023 has them all at their ends.
            f.call(setGeometry, slot + 1, slot.dword(8), f.argument(2), f.argument(3))
            f.call(setGeometry, slot + 5, slot.dword(8) + slot.dword(12) - 1, f.argument(2), f.argument(3))
            f.add(slot, 16)
            f.add(entry, partitionSize)
            f.set(left, left - 1)
        }
        f.set(status, f.call(Io.synchronousTransfer, Major.write, f.argument(0), record, 512, 0, 0))
        f.call(Ex.freePoolWithTag, record, tag)
        f.return(status)
    }

    /// `xHalpSetGeometry(Place, Sector, SectorsPerTrack, NumberOfHeads)`: three bytes: head, sector with the upper bits of the cylinder, cylinder.
    private static let setGeometry: Routine = .init(
        "xHalpSetGeometry", ["Place", "Sector", "SectorsPerTrack", "NumberOfHeads"], section: .page
    ) { f in
        let place = f.argument(0)
        let cylinder = f.local(1024)
        f.if(f.argument(2) != 0 && f.argument(3) != 0) { f.set(cylinder, f.argument(1) / (f.argument(2) * f.argument(3))) }
        f.if(cylinder > 1023) {
            f.set(place.byte(), 0xFE)
            f.set(place.word(1), 0xFFFF)
            f.return()
        }
        f.set(place.byte(), f.argument(1) / f.argument(2) % f.argument(3))
        f.set(place.byte(1), ((f.argument(1) % f.argument(2)) + 1) | ((cylinder >> 2) & 0xC0))
        f.set(place.byte(2), cylinder)
        f.return()
    }

    /// `xHalIoAssignDriveLetters(LoaderBlock*, NtDeviceName*, NtSystemPath, NtSystemPathString*)`: what `IoAssignDriveLetters` comes to, unless a HAL has put a routine of its own
    /// into the cell.
    static let xIoAssignDriveLetters: Routine = .init(
        "xHalIoAssignDriveLetters", ["LoaderBlock", "NtDeviceName", "NtSystemPath", "NtSystemPathString"], section: .page
    ) { f in
        f.call(Io.assignVolumeLetters)
        f.return()
    }
}
