// SPDX-License-Identifier: GPL-3.0-or-later

/// Sectors, chains, and how a change begins and ends.
enum FATVolume {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB
    private typealias FAT_BUFFER = FATDriver.FAT_BUFFER

    /// `FatTransfer(Vcb*, MajorFunction, Sector, Bytes, Buffer) -> status`: reads or writes sectors by a request to the disk's device.
    static let transfer: Routine = .init("FatTransfer", ["Vcb", "MajorFunction", "Sector", "Bytes", "Buffer"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let sector = f.argument(2)
        f.return(f.call(Io.synchronousTransfer, f.argument(1), vcb.TargetDevice, f.argument(4), f.argument(3), sector << 9, sector >> 23))
    }

    /// `FatLoad(Vcb*, Buffer*, Sector) -> status`: has a sector in a buffer.
    static let load: Routine = .init("FatLoad", ["Vcb", "Buffer", "Sector"], module: module) { f in
        let buffer = f.argument(1, FAT_BUFFER.self)
        f.if(buffer.Sector == f.argument(2)) { f.return(Status.success) }
        f.set(buffer.Sector, FATDriver.noSector)
        let status = f.call(transfer, f.argument(0), Major.read, f.argument(2), 512, buffer.Address)
        f.if(status.isSuccess) { f.set(buffer.Sector, f.argument(2)) }
        f.return(status)
    }

    /// `FatStore(Vcb*, Buffer*) -> status`: writes a buffer's sector. One that could not be written is forgotten.
    static let store: Routine = .init("FatStore", ["Vcb", "Buffer"], module: module) { f in
        let buffer = f.argument(1, FAT_BUFFER.self)
        let status = f.call(transfer, f.argument(0), Major.write, buffer.Sector, 512, buffer.Address)
        f.if(status.isError) { f.set(buffer.Sector, FATDriver.noSector) }
        f.return(status)
    }

    /// First sector of a cluster.
    static func sector(_ vcb: Pointer<FATDriver.FAT_VCB>, _ cluster: Value) -> Value {
        vcb.DataStart + (cluster - 2) * vcb.SectorsPerCluster
    }

    // MARK: Changes

    /// `FatMarkDirty(Vcb*, IsDirty) -> status`: the bit in the second entry of the table that says "closed properly", at once on the disk. FAT12 has none.
    private static let markDirty: Routine = .init("FatMarkDirty", ["Vcb", "IsDirty"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        f.if(vcb.FatBits == 12) {
            f.set(vcb.IsDirty, f.argument(1))
            f.return(Status.success)
        }
        let mark = f.local(Value(0xFFFF))
        f.if(vcb.FatBits == 32) { f.set(mark, 0x0FFF_FFFF) }
        f.if(f.argument(1) != 0) { f.set(mark, mark & ~((mark + 1) >> 1)) }
        let status = f.local(f.call(FATTable.setRawLink, vcb, 1, mark))
        f.if(status.isSuccess) { f.set(status, f.call(FATTable.store, vcb)) }
        f.if(status.isSuccess) { f.set(vcb.IsDirty, f.argument(1)) }
        f.return(status)
    }

    /// `FatBeginChange(Vcb*) -> status`: the disk is told that the volume is in use.
    static let beginChange: Routine = .init("FatBeginChange", ["Vcb"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        f.if(vcb.IsDirty != 0) { f.return(Status.success) }
        f.return(f.call(markDirty, vcb, 1))
    }

    /// `FatEndChange(Vcb*, Status) -> status`: table and FSInfo go to the disk, then the mark that all is well, and the disk's cache is flushed. Yields the status
    /// given unless that is a success and this fails. It is called after failures too, so that what they have put back is put back on the disk.
    static let endChange: Routine = .init("FatEndChange", ["Vcb", "Status"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let status = f.local(f.call(storeInformation, vcb))
        f.if(status.isSuccess) { f.set(status, f.call(FATTable.store, vcb)) }
        f.if(status.isSuccess && vcb.IsDirty == 1) { f.set(status, f.call(markDirty, vcb, 0)) }
        f.if(status.isSuccess) {
            f.set(status, f.call(Io.synchronousTransfer, Major.flush, vcb.TargetDevice, 0, 0, 0, 0))
            // A disk without a cache need not know how to flush it.
            f.if(status == Status.invalidDeviceRequest) { f.set(status, Status.success) }
        }
        f.if(f.argument(1).isError) { f.return(f.argument(1)) }
        f.return(status)
    }

    /// `FatStoreInformation(Vcb*) -> status`: FSInfo, on volumes that have it (FAT specification, section 5).
    private static let storeInformation: Routine = .init("FatStoreInformation", ["Vcb"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        f.if(vcb.InfoSector == 0 || vcb.InfoChanged == 0) { f.return(Status.success) }
        let buffer = f.local(vcb.address(of: \.DirectoryBuffer))
        let status = f.call(load, vcb, buffer, vcb.InfoSector)
        f.if(status.isError) { f.return(status) }
        let sector = f.local(vcb.DirectoryBuffer.Address)
        f.set(sector.dword(0x1E8), vcb.FreeClusters)
        f.set(sector.dword(0x1EC), vcb.NextFree)
        f.set(vcb.InfoChanged, 0)
        f.return(f.call(store, vcb, buffer))
    }

    // MARK: Chains

    /// `FatClusterAt(Vcb*, Fcb*, Index, Cluster*) -> status`: the place in a file's chain, found from where the last search ended. 0xC0000102: the chain is shorter, or
    /// this should be its end and is not.
    static let clusterAt: Routine = .init("FatClusterAt", ["Vcb", "Fcb", "Index", "Cluster"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let wanted = f.argument(2)
        let cluster = f.local(fcb.FirstCluster)
        let index = f.local(0)
        f.if(fcb.CachedCluster != 0 && fcb.CachedIndex <= wanted) {
            f.set(cluster, fcb.CachedCluster)
            f.set(index, fcb.CachedIndex)
        }
        f.while(index < wanted && FATTable.isCluster(vcb, cluster)) {
            f.set(cluster, f.call(FATTable.link, vcb, cluster))
            f.add(index, 1)
        }
        f.if(cluster == FATTable.broken) { f.return(vcb.TableStatus) }
        f.if(!FATTable.isCluster(vcb, cluster)) { f.return(FATStatus.fileCorrupt) }
        // The end shows loops: a chain that is one has no end where the size says.
        f.if((fcb.Attributes & FATDriver.directoryAttribute) == 0 && wanted == (fcb.FileSize - 1) / vcb.ClusterBytes) {
            f.if(f.call(FATTable.link, vcb, cluster) != FATTable.end) { f.return(FATStatus.fileCorrupt) }
        }
        f.set(fcb.CachedCluster, cluster)
        f.set(fcb.CachedIndex, index)
        f.set(f.argument(3).dword(), cluster)
        f.return(Status.success)
    }

    /// `FatExtend(Vcb*, Fcb*, Bytes) -> status`: has clusters for that many bytes. 0xC000007F: the volume is full, and nothing has changed.
    static let extend: Routine = .init("FatExtend", ["Vcb", "Fcb", "Bytes"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let needed = f.local(clusters(vcb, f.argument(2)))
        let have = f.local(clusters(vcb, fcb.FileSize))
        let first = f.local(0)
        let last = f.local(0)
        let next = f.local(0)
        f.if(have != 0) {
            let status = f.call(clusterAt, vcb, fcb, have - 1, f.address(of: last))
            f.if(status.isError) { f.return(status) }
        }
        let old = f.local(last)
        // What takes more than the search for one cluster is not begun in vain.
        f.if(needed > have + 1) {
            let status = f.call(FATTable.checkFree, vcb, needed - have)
            f.if(status.isError) { f.return(status) }
        }
        f.while(have < needed) {
            let status = f.call(FATTable.allocate, vcb, last, f.address(of: next))
            f.if(status.isError) {
                f.call(FATTable.freeChain, vcb, first)
                f.if(old != 0) { f.call(FATTable.setLink, vcb, old, FATTable.end) }
                f.return(status)
            }
            f.if(first == 0) { f.set(first, next) }
            f.set(last, next)
            f.add(have, 1)
        }
        f.if(fcb.FirstCluster == 0) { f.set(fcb.FirstCluster, first) }
        f.return(Status.success)
    }

    /// How many clusters hold that many bytes; the sum of both may not be above 4 GiB.
    private static func clusters(_ vcb: Pointer<FATDriver.FAT_VCB>, _ bytes: Value) -> Value {
        bytes / vcb.ClusterBytes + (bytes % vcb.ClusterBytes != 0)
    }
}
