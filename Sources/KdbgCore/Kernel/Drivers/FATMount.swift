// SPDX-License-Identifier: GPL-3.0-or-later

/// Mounting: from a boot sector to a volume device.
enum FATMount {
    private static let module = FATDriver.module

    /// `FatMount(FileSystemDevice*, Vpb*, TargetDevice*) -> status`: 0xC000014F when the volume is not FAT16 with sectors of 512 bytes.
    static let mount: Routine = .init("FatMount", ["FileSystemDevice", "Vpb", "TargetDevice"], module: module, section: .page) { f in
        let target = f.argument(2, DEVICE_OBJECT.self)
        let boot = f.call(Ex.allocatePoolWithTag, 0, 512, FATDriver.tag)
        f.if(boot == 0) { f.return(Status.insufficientResources) }
        let status = f.local(f.call(Io.synchronousTransfer, Major.read, target, boot, 512, 0, 0))
        f.if(status.isSuccess) {
            f.set(status, Status.unrecognizedVolume)
            f.if(f.call(isFAT16, boot) != 0) { f.set(status, f.call(createVolume, f.argument(0), f.argument(1), target, boot)) }
        }
        f.call(Ex.freePoolWithTag, boot, FATDriver.tag)
        f.return(status)
    }

    /// `FatIsFat16(BootSector*) -> BOOLEAN`: the type follows from the number of clusters alone (FAT specification, section 3.5).
    private static let isFAT16: Routine = .init("FatIsFat16", ["BootSector"], module: module, section: .page) { f in
        let boot = f.argument(0)
        let perCluster = f.local(boot.byte(0x0D))
        f.if(boot.word(0x1FE) != 0xAA55 || boot.byte(0x0B) != 0 || boot.byte(0x0C) != 2) { f.return(0) }
        f.if(perCluster == 0 || (perCluster & (perCluster - 1)) != 0) { f.return(0) }
        f.if(boot.byte(0x10) == 0 || boot.byte(0x10) > 2 || boot.word(0x16) == 0 || boot.word(0x0E) == 0) { f.return(0) }
        f.if(rootEntries(boot) == 0 || (rootEntries(boot) & 15) != 0) { f.return(0) }
        let clusters = f.local((f.local(sectors(boot, f)) - dataStart(boot)) / perCluster)
        f.return(clusters >= 4085 && clusters < 65525)
    }

    private static func rootEntries(_ boot: Value) -> Value { boot.byte(0x11) | (boot.byte(0x12) << 8) }

    private static func dataStart(_ boot: Value) -> Value {
        boot.word(0x0E) + boot.byte(0x10) * boot.word(0x16) + (rootEntries(boot) >> 4)
    }

    /// Sectors of the volume: the 16-bit field, or the 32-bit one when that is 0.
    private static func sectors(_ boot: Value, _ f: Function) -> Value {
        let count = f.local(boot.byte(0x13) | (boot.byte(0x14) << 8))
        f.if(count == 0) { f.set(count, boot.dword(0x20)) }
        return count
    }

    /// `FatCreateVolume(FileSystemDevice*, Vpb*, TargetDevice*, BootSector*) -> status`.
    private static let createVolume: Routine = .init(
        "FatCreateVolume", ["FileSystemDevice", "Vpb", "TargetDevice", "BootSector"], module: module, section: .page
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
        f.set(vcb.SectorsPerCluster, boot.byte(0x0D))
        f.set(vcb.ClusterBytes, vcb.SectorsPerCluster << 9)
        f.set(vcb.FatStart, boot.word(0x0E))
        f.set(vcb.FatSectors, boot.word(0x16))
        f.set(vcb.FatCount, boot.byte(0x10))
        f.set(vcb.RootStart, vcb.FatStart + vcb.FatCount * vcb.FatSectors)
        f.set(vcb.RootSectors, rootEntries(boot) >> 4)
        f.set(vcb.DataStart, dataStart(boot))
        let count = sectors(boot, f)
        f.set(vcb.ClusterEnd, (count - vcb.DataStart) / vcb.SectorsPerCluster + 2)
        f.set(vcb.NextFree, 2)
        f.set(vcb.DirtyLow, 0xFFFF_FFFF as UInt32)
        f.initializeListHead(vcb.address(of: \.FcbList))
        f.call(Ke.initializeEvent, vcb.address(of: \.Lock), 1, 1)
        f.set(vcb.DirectoryBuffer.Sector, FATDriver.noSector)
        f.set(vcb.DataBuffer.Sector, FATDriver.noSector)
        f.set(vcb.DirectoryBuffer.Address, f.call(Ex.allocatePoolWithTag, 0, 512, FATDriver.tag))
        f.set(vcb.DataBuffer.Address, f.call(Ex.allocatePoolWithTag, 0, 512, FATDriver.tag))
        f.set(vcb.Fat, f.call(Ex.allocatePoolWithTag, 1, vcb.FatSectors << 9, FATDriver.tag))
        f.set(status, Status.insufficientResources)
        f.if(vcb.DirectoryBuffer.Address != 0 && vcb.DataBuffer.Address != 0 && vcb.Fat != 0) {
            f.set(status, f.call(FATVolume.transfer, vcb, Major.read, vcb.FatStart, vcb.FatSectors << 9, vcb.Fat))
        }
        f.if(status.isError) {
            f.call(Io.deleteDevice, device)
            f.return(status)
        }
        let vpb = f.argument(1, VPB.self)
        f.set(vcb.address(of: \.Vpb).dword(), vpb)
        f.set(vpb.address(of: \.DeviceObject).dword(), device)
        f.set(vpb.SerialNumber, boot.dword(0x27))
        // The label in the boot sector: eleven characters padded with blanks.
        let index = f.local(0)
        f.while(index < 11 && (boot + index).byte(0x2B) != 0x20) {
            f.set((vpb.VolumeLabel + (index << 1)).word(), (boot + index).byte(0x2B))
            f.add(index, 1)
        }
        f.set(vpb.VolumeLabelLength, index << 1)
        f.set(device.StackSize, target.StackSize + 1)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
        f.return(Status.success)
    }
}
