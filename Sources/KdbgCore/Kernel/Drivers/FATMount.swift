// SPDX-License-Identifier: GPL-3.0-or-later

/// Mounting: from a boot sector to a volume device.
enum FATMount {
    private static let module = FATDriver.module

    /// `FatMount(FileSystemDevice*, Vpb*, TargetDevice*) -> status`: 0xC000014F when the volume is not FAT with sectors of 512 bytes.
    static let mount: Routine = .init("FatMount", ["FileSystemDevice", "Vpb", "TargetDevice"], module: module, section: .page) { f in
        let target = f.argument(2, DEVICE_OBJECT.self)
        let boot = f.call(Ex.allocatePoolWithTag, 0, 512, FATDriver.tag)
        f.if(boot == 0) { f.return(Status.insufficientResources) }
        let status = f.local(f.call(Io.synchronousTransfer, Major.read, target, boot, 512, 0, 0))
        f.if(status.isSuccess) {
            f.set(status, Status.unrecognizedVolume)
            let bits = f.call(kind, boot)
            f.if(bits != 0) { f.set(status, f.call(createVolume, f.argument(0), f.argument(1), target, boot, bits)) }
        }
        f.call(Ex.freePoolWithTag, boot, FATDriver.tag)
        f.return(status)
    }

    /// `FatKind(BootSector*) -> 0, 12, 16 or 32`: whether the numbers go together; 12 or 16 follows from the number of clusters alone (FAT specification, section
    /// 3.5).
    private static let kind: Routine = .init("FatKind", ["BootSector"], module: module, section: .page) { f in
        let boot = f.argument(0)
        let perCluster = f.local(boot.byte(0x0D))
        f.if(boot.word(0x1FE) != 0xAA55 || boot.byte(0x0B) != 0 || boot.byte(0x0C) != 2) { f.return(0) }
        f.if(perCluster == 0 || (perCluster & (perCluster - 1)) != 0) { f.return(0) }
        f.if(boot.byte(0x10) == 0 || boot.byte(0x10) > 2 || boot.word(0x0E) == 0) { f.return(0) }
        f.if((rootEntries(boot) & 15) != 0) { f.return(0) }
        // More than 2^28 clusters need, so that the sums below stay in 32 bits.
        f.if(f.call(fatSectors, boot) > 0x0040_0000) { f.return(0) }
        let start = f.local(f.call(dataStart, boot))
        let count = f.local(f.call(sectors, boot))
        f.if(count <= start) { f.return(0) }
        let clusters = f.local((count - start) / perCluster)
        let entries = f.local(f.call(fatSectors, boot) << 9)
        f.if(clusters == 0) { f.return(0) }
        f.if(boot.word(0x16) == 0) {
            // FAT32, version 0.0, with mirrored tables.
            f.if(rootEntries(boot) != 0 || boot.word(0x2A) != 0 || (boot.byte(0x28) & 0x80) != 0) { f.return(0) }
            f.if(clusters >= 0x0FFF_FFF5 || boot.dword(0x2C) < 2 || boot.dword(0x2C) >= clusters + 2) { f.return(0) }
            f.if((entries >> 2) < clusters + 2) { f.return(0) }
            f.return(32)
        }
        f.if(rootEntries(boot) == 0 || clusters >= 65525) { f.return(0) }
        f.if(clusters >= 4085) {
            f.if((entries >> 1) < clusters + 2) { f.return(0) }
            f.return(16)
        }
        f.if(entries / 3 * 2 < clusters + 2) { f.return(0) }
        f.return(12)
    }

    private static func rootEntries(_ boot: Value) -> Value { boot.byte(0x11) | (boot.byte(0x12) << 8) }

    /// `FatSectorsOfTable(BootSector*) -> sectors`.
    private static let fatSectors: Routine = .init("FatSectorsOfTable", ["BootSector"], module: module, section: .page) { f in
        let boot = f.argument(0)
        f.if(boot.word(0x16) != 0) { f.return(boot.word(0x16)) }
        f.return(boot.dword(0x24))
    }

    /// `FatDataStart(BootSector*) -> sector`: of cluster 2.
    private static let dataStart: Routine = .init("FatDataStart", ["BootSector"], module: module, section: .page) { f in
        let boot = f.argument(0)
        f.return(boot.word(0x0E) + boot.byte(0x10) * f.call(fatSectors, boot) + (rootEntries(boot) >> 4))
    }

    /// `FatSectors(BootSector*) -> sectors`: the 16-bit field, or the 32-bit one when that is 0.
    private static let sectors: Routine = .init("FatSectors", ["BootSector"], module: module, section: .page) { f in
        let boot = f.argument(0)
        let count = f.local(boot.byte(0x13) | (boot.byte(0x14) << 8))
        f.if(count == 0) { f.return(boot.dword(0x20)) }
        f.return(count)
    }

    /// `FatCreateVolume(FileSystemDevice*, Vpb*, TargetDevice*, BootSector*, FatBits) -> status`.
    private static let createVolume: Routine = .init(
        "FatCreateVolume", ["FileSystemDevice", "Vpb", "TargetDevice", "BootSector", "FatBits"], module: module, section: .page
    ) { f in
        let target = f.argument(2, DEVICE_OBJECT.self)
        let boot = f.argument(3)
        let made = f.local(0)
        let status = f.local(
            f.call(
                Io.createDevice, f.argument(0, DEVICE_OBJECT.self).DriverObject, FATDriver.FAT_VCB.size, 0, 8, 0, 0, f.address(of: made)))
        f.if(status.isError) { f.return(status) }
        let device = made.as(DEVICE_OBJECT.self)
        let vcb = f.local(device.DeviceExtension.as(FATDriver.FAT_VCB.self))
        f.set(vcb.address(of: \.TargetDevice).dword(), target)
        f.set(vcb.FatBits, f.argument(4))
        f.call(fillGeometry, vcb, boot)
        f.initializeListHead(vcb.address(of: \.FcbList))
        f.call(Ke.initializeEvent, vcb.address(of: \.Lock), 1, 1)
        f.set(status, f.call(allocateBuffers, vcb))
        f.if(status.isSuccess) { f.set(status, f.call(readState, vcb)) }
        f.if(status.isError) {
            f.call(freeBuffers, vcb)
            f.call(Io.deleteDevice, device)
            f.return(status)
        }
        f.call(fillVpb, vcb, f.argument(1), boot)
        f.set(f.argument(1, VPB.self).address(of: \.DeviceObject).dword(), device)
        f.set(device.StackSize, target.StackSize + 1)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
        f.return(Status.success)
    }

    /// `FatFillGeometry(Vcb*, BootSector*)`.
    private static let fillGeometry: Routine = .init("FatFillGeometry", ["Vcb", "BootSector"], module: module, section: .page) { f in
        let vcb = f.argument(0, FATDriver.FAT_VCB.self)
        let boot = f.argument(1)
        f.set(vcb.SectorsPerCluster, boot.byte(0x0D))
        f.set(vcb.ClusterBytes, vcb.SectorsPerCluster << 9)
        f.set(vcb.FatStart, boot.word(0x0E))
        f.set(vcb.FatSectors, f.call(fatSectors, boot))
        f.set(vcb.FatCount, boot.byte(0x10))
        f.set(vcb.RootStart, vcb.FatStart + vcb.FatCount * vcb.FatSectors)
        f.set(vcb.RootSectors, rootEntries(boot) >> 4)
        f.set(vcb.DataStart, f.call(dataStart, boot))
        f.set(vcb.ClusterEnd, (f.call(sectors, boot) - vcb.DataStart) / vcb.SectorsPerCluster + 2)
        f.set(vcb.EndMark, 0xFFF8)
        f.if(vcb.FatBits == 12) { f.set(vcb.EndMark, 0xFF8) }
        f.if(vcb.FatBits == 32) {
            f.set(vcb.EndMark, 0x0FFF_FFF8)
            f.set(vcb.RootCluster, boot.dword(0x2C))
            f.if(boot.word(0x30) != 0 && boot.word(0x30) < vcb.FatStart) { f.set(vcb.InfoSector, boot.word(0x30)) }
        }
        f.set(vcb.NextFree, 2)
        f.set(vcb.FreeClusters, 0xFFFF_FFFF as Value)
        f.return()
    }

    /// `FatAllocateBuffers(Vcb*) -> status`: one sector each for directories and for parts of sectors, and those of the table.
    private static let allocateBuffers: Routine = .init("FatAllocateBuffers", ["Vcb"], module: module, section: .page) { f in
        let vcb = f.argument(0, FATDriver.FAT_VCB.self)
        let headers = FATTable.buffers * FATDriver.FAT_BUFFER.size
        f.set(vcb.DirectoryBuffer.Sector, FATDriver.noSector)
        f.set(vcb.DataBuffer.Sector, FATDriver.noSector)
        f.set(vcb.DirectoryBuffer.Address, f.call(Ex.allocatePoolWithTag, 0, 512, FATDriver.tag))
        f.set(vcb.DataBuffer.Address, f.call(Ex.allocatePoolWithTag, 0, 512, FATDriver.tag))
        f.set(vcb.Table, f.call(Ex.allocatePoolWithTag, 0, headers + FATTable.buffers * 512, FATDriver.tag))
        f.if(vcb.DirectoryBuffer.Address == 0 || vcb.DataBuffer.Address == 0 || vcb.Table == 0) { f.return(Status.insufficientResources) }
        let buffer = f.local(vcb.Table.as(FATDriver.FAT_BUFFER.self))
        let sector = f.local(vcb.Table + Value(headers))
        let left = f.local(FATTable.buffers)
        f.while(left != 0) {
            f.set(buffer.Address, sector)
            f.set(buffer.Sector, FATDriver.noSector)
            f.set(buffer.IsDirty, 0)
            f.add(sector, 512)
            f.set(buffer.value, buffer.value + FATDriver.FAT_BUFFER.size.value)
            f.set(left, left - 1)
        }
        f.return(Status.success)
    }

    /// `FatFreeBuffers(Vcb*)`.
    private static let freeBuffers: Routine = .init("FatFreeBuffers", ["Vcb"], module: module, section: .page) { f in
        let vcb = f.argument(0, FATDriver.FAT_VCB.self)
        for block in [vcb.DirectoryBuffer.Address, vcb.DataBuffer.Address, vcb.Table] {
            f.if(block != 0) { f.call(Ex.freePoolWithTag, block, FATDriver.tag) }
        }
        f.return()
    }

    /// `FatReadState(Vcb*) -> status`: whether somebody has left the volume without closing it, and what FSInfo says of its free clusters.
    private static let readState: Routine = .init("FatReadState", ["Vcb"], module: module, section: .page) { f in
        let vcb = f.argument(0, FATDriver.FAT_VCB.self)
        let entry = f.local(0)
        let status = f.local(f.call(FATTable.rawLink, vcb, 1, f.address(of: entry)))
        f.if(status.isError) { f.return(status) }
        f.if(vcb.FatBits == 16 && (entry & 0x8000) == 0) { f.set(vcb.IsDirty, 2) }
        f.if(vcb.FatBits == 32 && (entry & 0x0800_0000) == 0) { f.set(vcb.IsDirty, 2) }
        f.if(vcb.InfoSector == 0) { f.return(Status.success) }
        f.set(status, f.call(FATVolume.load, vcb, vcb.address(of: \.DirectoryBuffer), vcb.InfoSector))
        f.if(status.isError) { f.return(status) }
        let sector = f.local(vcb.DirectoryBuffer.Address)
        f.if(sector.dword() != 0x4161_5252 || sector.dword(0x1E4) != 0x6141_7272 || sector.word(0x1FE) != 0xAA55) {
            // Not what it should be: nobody is to write there.
            f.set(vcb.InfoSector, 0)
            f.return(Status.success)
        }
        f.if(sector.dword(0x1E8) <= vcb.ClusterEnd - 2) { f.set(vcb.FreeClusters, sector.dword(0x1E8)) }
        f.if(FATTable.isCluster(vcb, sector.dword(0x1EC))) { f.set(vcb.NextFree, sector.dword(0x1EC)) }
        f.return(Status.success)
    }

    /// `FatFillVpb(Vcb*, Vpb*, BootSector*)`: serial number, and the label in the boot sector: eleven characters padded with blanks.
    private static let fillVpb: Routine = .init("FatFillVpb", ["Vcb", "Vpb", "BootSector"], module: module, section: .page) { f in
        let vcb = f.argument(0, FATDriver.FAT_VCB.self)
        let vpb = f.argument(1, VPB.self)
        let serial = f.local(f.argument(2) + 0x27)
        f.if(vcb.FatBits == 32) { f.set(serial, f.argument(2) + 0x43) }
        f.set(vcb.address(of: \.Vpb).dword(), vpb)
        f.set(vcb.SerialNumber, serial.dword())
        f.set(vpb.SerialNumber, serial.dword())
        let index = f.local(0)
        let length = f.local(0)
        f.while(index < 11) {
            let character = f.local((serial + index).byte(4))
            f.set((vpb.VolumeLabel + (index << 1)).word(), character)
            f.add(index, 1)
            f.if(character != 0x20) { f.set(length, index << 1) }
        }
        f.set(vpb.VolumeLabelLength, length)
        f.return()
    }
}
