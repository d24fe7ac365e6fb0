// SPDX-License-Identifier: GPL-3.0-or-later

/// Sectors and clusters of a volume.
enum FATVolume {
    private static let module = FATDriver.module
    typealias FAT_VCB = FATDriver.FAT_VCB
    typealias FAT_FCB = FATDriver.FAT_FCB
    typealias FAT_BUFFER = FATDriver.FAT_BUFFER

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

    /// `FatStore(Vcb*, Buffer*) -> status`: writes a buffer's sector.
    static let store: Routine = .init("FatStore", ["Vcb", "Buffer"], module: module) { f in
        let buffer = f.argument(1, FAT_BUFFER.self)
        f.return(f.call(transfer, f.argument(0), Major.write, buffer.Sector, 512, buffer.Address))
    }

    /// The table's entry for a cluster: the next one of its chain, 0 for a free one, 0xFFF8 and above at the end.
    static func link(_ vcb: Pointer<FAT_VCB>, _ cluster: Value) -> Value { (vcb.Fat + (cluster << 1)).word() }

    /// Whether a number is that of a cluster, not a mark.
    static func isCluster(_ vcb: Pointer<FAT_VCB>, _ number: Value) -> Value { number >= 2 && number < vcb.ClusterEnd }

    /// First sector of a cluster.
    static func sector(_ vcb: Pointer<FAT_VCB>, _ cluster: Value) -> Value { vcb.DataStart + (cluster - 2) * vcb.SectorsPerCluster }

    /// `FatSetLink(Vcb*, Cluster, Value)`: changes the table in memory.
    static let setLink: Routine = .init("FatSetLink", ["Vcb", "Cluster", "Value"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let sector = f.local(f.argument(1) >> 8)
        f.set(link(vcb, f.argument(1)), f.argument(2))
        f.if(sector < vcb.DirtyLow) { f.set(vcb.DirtyLow, sector) }
        f.if(sector > vcb.DirtyHigh) { f.set(vcb.DirtyHigh, sector) }
        f.return()
    }

    /// `FatFlush(Vcb*) -> status`: writes what changed to every copy of the table.
    static let flush: Routine = .init("FatFlush", ["Vcb"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let status = f.local(Status.success)
        let copy = f.local(0)
        f.if(vcb.DirtyLow > vcb.DirtyHigh) { f.return(status) }
        f.while(copy < vcb.FatCount && status.isSuccess) {
            f.set(
                status,
                f.call(
                    transfer, vcb, Major.write, vcb.FatStart + copy * vcb.FatSectors + vcb.DirtyLow,
                    (vcb.DirtyHigh - vcb.DirtyLow + 1) << 9,
                    vcb.Fat + (vcb.DirtyLow << 9)))
            f.add(copy, 1)
        }
        f.if(status.isSuccess) {
            f.set(vcb.DirtyLow, 0xFFFF_FFFF as UInt32)
            f.set(vcb.DirtyHigh, 0)
        }
        f.return(status)
    }

    /// `FatAllocate(Vcb*, Previous) -> cluster or 0`: a free cluster, at the end of the chain of `Previous` unless that is 0.
    static let allocate: Routine = .init("FatAllocate", ["Vcb", "Previous"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let cluster = f.local(vcb.NextFree)
        let left = f.local(vcb.ClusterEnd - 2)
        f.while(left != 0) {
            f.if(cluster >= vcb.ClusterEnd) { f.set(cluster, 2) }
            f.if(link(vcb, cluster) == 0) {
                f.call(setLink, vcb, cluster, 0xFFFF)
                f.if(f.argument(1) != 0) { f.call(setLink, vcb, f.argument(1), cluster) }
                f.set(vcb.NextFree, cluster + 1)
                f.return(cluster)
            }
            f.add(cluster, 1)
            f.set(left, left - 1)
        }
        f.return(0)
    }

    /// `FatFreeChain(Vcb*, Cluster)`: from a cluster to the end of its chain.
    static let freeChain: Routine = .init("FatFreeChain", ["Vcb", "Cluster"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let cluster = f.local(f.argument(1))
        f.while(isCluster(vcb, cluster)) {
            let next = f.local(link(vcb, cluster))
            f.call(setLink, vcb, cluster, 0)
            f.if(cluster < vcb.NextFree) { f.set(vcb.NextFree, cluster) }
            f.set(cluster, next)
        }
        f.return()
    }

    /// `FatClusterAt(Vcb*, Fcb*, Index) -> cluster or 0`: the place in a file's chain, found from where the last search ended.
    static let clusterAt: Routine = .init("FatClusterAt", ["Vcb", "Fcb", "Index"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let cluster = f.local(fcb.FirstCluster)
        let index = f.local(0)
        f.if(fcb.CachedCluster != 0 && fcb.CachedIndex <= f.argument(2)) {
            f.set(cluster, fcb.CachedCluster)
            f.set(index, fcb.CachedIndex)
        }
        f.while(index < f.argument(2) && isCluster(vcb, cluster)) {
            f.set(cluster, link(vcb, cluster))
            f.add(index, 1)
        }
        f.if(!isCluster(vcb, cluster)) { f.return(0) }
        f.set(fcb.CachedCluster, cluster)
        f.set(fcb.CachedIndex, index)
        f.return(cluster)
    }

    /// `FatExtend(Vcb*, Fcb*, Bytes) -> status`: has clusters for that many bytes. 0xC000007F: the volume is full, and nothing has changed.
    static let extend: Routine = .init("FatExtend", ["Vcb", "Fcb", "Bytes"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let needed = f.local((f.argument(2) + vcb.ClusterBytes - 1) / vcb.ClusterBytes)
        let have = f.local((fcb.FileSize + vcb.ClusterBytes - 1) / vcb.ClusterBytes)
        let first = f.local(0)
        let last = f.local(0)
        f.if(have != 0) {
            f.set(last, f.call(clusterAt, vcb, fcb, have - 1))
            f.if(last == 0) { f.return(Status.diskCorrupt) }
        }
        let old = f.local(last)
        f.while(have < needed) {
            f.set(last, f.call(allocate, vcb, last))
            f.if(last == 0) {
                f.call(freeChain, vcb, first)
                f.if(old != 0) { f.call(setLink, vcb, old, 0xFFFF) }
                f.return(Status.diskFull)
            }
            f.if(first == 0) { f.set(first, last) }
            f.add(have, 1)
        }
        f.if(fcb.FirstCluster == 0) { f.set(fcb.FirstCluster, first) }
        f.return(Status.success)
    }
}
