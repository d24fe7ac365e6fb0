// SPDX-License-Identifier: GPL-3.0-or-later

/// What is known about a volume.
enum FATVolumeInformation {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB

    /// IRP_MJ_QUERY_VOLUME_INFORMATION: class 1 serial number and label, 3 and 7 sizes, 4 the device, 5 the file system. 0xC0000003: another class.
    static let query: Routine = .init("FatQueryVolumeInformation", ["Vcb", "Irp", "StackLocation"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let out = f.local(irp.SystemBuffer)
        let length = stack.Argument1
        let size = f.local(0)
        f.if(stack.Argument2 == 1) {
            f.if(length < 0x12) { f.return(Status.infoLengthMismatch) }
            f.if(length < vcb.Vpb.VolumeLabelLength + 0x12) { f.return(FATStatus.bufferOverflow) }
            f.zero(out, 0x12)
            f.set(out.dword(8), vcb.SerialNumber)
            f.set(out.dword(12), vcb.Vpb.VolumeLabelLength)
            f.copy(to: out + 0x12, from: vcb.Vpb.VolumeLabel, vcb.Vpb.VolumeLabelLength)
            f.set(size, vcb.Vpb.VolumeLabelLength + 0x12)
        }
        f.if(stack.Argument2 == 3 || stack.Argument2 == 7) {
            f.set(size, 0x18)
            f.if(stack.Argument2 == 7) { f.set(size, 0x20) }
            f.if(length < size) { f.return(Status.infoLengthMismatch) }
            let status = f.call(FATTable.countFree, vcb)
            f.if(status.isError) { f.return(status) }
            f.zero(out, size)
            f.set(out.dword(), vcb.ClusterEnd - 2)
            f.set(out.dword(8), vcb.FreeClusters)
            f.if(stack.Argument2 == 7) { f.set(out.dword(16), vcb.FreeClusters) }
            f.set((out + size).dword(-8), vcb.SectorsPerCluster)
            f.set((out + size).dword(-4), 512)
        }
        f.if(stack.Argument2 == 4) {
            f.if(length < 8) { f.return(Status.infoLengthMismatch) }
            f.set(out.dword(), 7)
            f.set(out.dword(4), vcb.TargetDevice.Characteristics)
            f.set(size, 8)
        }
        f.if(stack.Argument2 == 5) {
            let name = f.local(f.wide("FAT"))
            let bytes = f.local(6)
            f.if(vcb.FatBits == 32) {
                f.set(name, f.wide("FAT32"))
                f.set(bytes, 10)
            }
            f.if(length < 12) { f.return(Status.infoLengthMismatch) }
            f.if(length < bytes + 12) { f.return(FATStatus.bufferOverflow) }
            // Names keep their case, and are Unicode on the disk.
            f.set(out.dword(), 6)
            f.set(out.dword(4), 255)
            f.set(out.dword(8), bytes)
            f.copy(to: out + 12, from: name, bytes)
            f.set(size, bytes + 12)
        }
        f.if(size == 0) { f.return(Status.invalidInfoClass) }
        f.set(irp.IoStatus.Information, size)
        f.return(Status.success)
    }
}
