// SPDX-License-Identifier: GPL-3.0-or-later

/// The file allocation table: links from cluster to cluster. Some of its sectors are in memory; the number of a sector decides where.
enum FATTable {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_BUFFER = FATDriver.FAT_BUFFER
    /// Sectors that are kept; a power of two.
    static let buffers: UInt32 = 64
    /// What `FatLink` says instead of a cluster: the end of a chain; the link cannot be read or leads nowhere (`TableStatus` says why); the cluster is free.
    static let end: Value = 0xFFFF_FFFF
    static let broken: Value = 1
    static let free: Value = 0

    /// Whether a number is that of a cluster, not a mark.
    static func isCluster(_ vcb: Pointer<FATDriver.FAT_VCB>, _ number: Value) -> Value { number >= 2 && number < vcb.ClusterEnd }

    /// `FatTableByte(Vcb*, Offset, IsWrite) -> address or NULL`: the place in memory of a byte of the table; those up to a sector's end follow it.
    private static let tableByte: Routine = .init("FatTableByte", ["Vcb", "Offset", "IsWrite"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let sector = f.local(f.argument(1) >> 9)
        let buffer = f.local((vcb.Table + (sector & Value(buffers - 1)) * FAT_BUFFER.size.value).as(FAT_BUFFER.self))
        f.if(buffer.Sector != sector) {
            f.if(buffer.IsDirty != 0) {
                f.if(f.call(storeBuffer, vcb, buffer).isError) { f.return(0) }
            }
            f.set(buffer.Sector, FATDriver.noSector)
            let status = f.call(FATVolume.transfer, vcb, Major.read, vcb.FatStart + sector, 512, buffer.Address)
            f.if(status.isError) {
                f.set(vcb.TableStatus, status)
                f.return(0)
            }
            f.set(buffer.Sector, sector)
        }
        f.if(f.argument(2) != 0) { f.set(buffer.IsDirty, 1) }
        f.return(buffer.Address + (f.argument(1) & 511))
    }

    /// `FatStoreBuffer(Vcb*, Buffer*) -> status`: a sector to every copy of the table.
    private static let storeBuffer: Routine = .init("FatStoreBuffer", ["Vcb", "Buffer"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let buffer = f.argument(1, FAT_BUFFER.self)
        let copy = f.local(0)
        f.while(copy < vcb.FatCount) {
            let status = f.call(
                FATVolume.transfer, vcb, Major.write, vcb.FatStart + copy * vcb.FatSectors + buffer.Sector, 512, buffer.Address)
            f.if(status.isError) {
                f.set(vcb.TableStatus, status)
                f.return(status)
            }
            f.add(copy, 1)
        }
        f.set(buffer.IsDirty, 0)
        f.return(Status.success)
    }

    /// `FatRawLink(Vcb*, Cluster, Value*) -> status`: what stands in the table.
    static let rawLink: Routine = .init("FatRawLink", ["Vcb", "Cluster", "Value"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let cluster = f.argument(1)
        let place = f.local(0)
        f.if(vcb.FatBits == 16) {
            f.set(place, f.call(tableByte, vcb, cluster << 1, 0))
            f.if(place == 0) { f.return(vcb.TableStatus) }
            f.set(f.argument(2).dword(), place.word())
            f.return(Status.success)
        }
        f.if(vcb.FatBits == 32) {
            f.set(place, f.call(tableByte, vcb, cluster << 2, 0))
            f.if(place == 0) { f.return(vcb.TableStatus) }
            f.set(f.argument(2).dword(), place.dword() & 0x0FFF_FFFF)
            f.return(Status.success)
        }
        // Twelve bits, perhaps on both sides of a sector's end.
        let offset = f.local(cluster + (cluster >> 1))
        f.set(place, f.call(tableByte, vcb, offset, 0))
        f.if(place == 0) { f.return(vcb.TableStatus) }
        let value = f.local(place.byte())
        f.set(place, f.call(tableByte, vcb, offset + 1, 0))
        f.if(place == 0) { f.return(vcb.TableStatus) }
        f.set(value, value | (place.byte() << 8))
        f.if((cluster & 1) != 0) { f.set(value, value >> 4) }
        f.set(f.argument(2).dword(), value & 0xFFF)
        f.return(Status.success)
    }

    /// `FatLink(Vcb*, Cluster) -> cluster, or end, broken, free`: the next cluster of a chain.
    static let link: Routine = .init("FatLink", ["Vcb", "Cluster"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let value = f.local(0)
        f.if(f.call(rawLink, vcb, f.argument(1), f.address(of: value)).isError) { f.return(broken) }
        f.if(isCluster(vcb, value) || value == free) { f.return(value) }
        f.if(value >= vcb.EndMark) { f.return(end) }
        f.set(vcb.TableStatus, FATStatus.fileCorrupt)
        f.return(broken)
    }

    /// `FatSetRawLink(Vcb*, Cluster, Value) -> status`: changes the table in memory; FAT32 has four bits that are nobody's.
    static let setRawLink: Routine = .init("FatSetRawLink", ["Vcb", "Cluster", "Value"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let cluster = f.argument(1)
        let value = f.argument(2)
        let place = f.local(0)
        f.if(vcb.FatBits == 16) {
            f.set(place, f.call(tableByte, vcb, cluster << 1, 1))
            f.if(place == 0) { f.return(vcb.TableStatus) }
            f.set(place.word(), value)
            f.return(Status.success)
        }
        f.if(vcb.FatBits == 32) {
            f.set(place, f.call(tableByte, vcb, cluster << 2, 1))
            f.if(place == 0) { f.return(vcb.TableStatus) }
            f.set(place.dword(), place.dword() & 0xF000_0000 | (value & 0x0FFF_FFFF))
            f.return(Status.success)
        }
        let offset = f.local(cluster + (cluster >> 1))
        let old = f.local(0)
        f.set(place, f.call(tableByte, vcb, offset, 1))
        f.if(place == 0) { f.return(vcb.TableStatus) }
        f.set(old, place.byte())
        f.if((cluster & 1) != 0) {
            f.set(place.byte(), old & 0x0F | (value << 4))
        } else: {
            f.set(place.byte(), value)
        }
        f.set(place, f.call(tableByte, vcb, offset + 1, 1))
        f.if(place == 0) { f.return(vcb.TableStatus) }
        f.set(old, place.byte())
        f.if((cluster & 1) != 0) {
            f.set(place.byte(), value >> 4)
        } else: {
            f.set(place.byte(), old & 0xF0 | ((value >> 8) & 0x0F))
        }
        f.return(Status.success)
    }

    /// `FatSetLink(Vcb*, Cluster, Value) -> status`: the same, and keeps count of the free ones. `end` is a value.
    static let setLink: Routine = .init("FatSetLink", ["Vcb", "Cluster", "Value"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let old = f.local(0)
        let status = f.local(f.call(rawLink, vcb, f.argument(1), f.address(of: old)))
        f.if(status.isError) { f.return(status) }
        f.if(vcb.FreeClusters != 0xFFFF_FFFF && (old == 0) != (f.argument(2) == 0)) {
            f.if(old == 0) {
                f.set(vcb.FreeClusters, vcb.FreeClusters - 1)
            } else: {
                f.set(vcb.FreeClusters, vcb.FreeClusters + 1)
            }
            f.set(vcb.InfoChanged, 1)
        }
        f.return(f.call(setRawLink, vcb, f.argument(1), f.argument(2)))
    }

    /// `FatStoreTable(Vcb*) -> status`: writes what changed.
    static let store: Routine = .init("FatStoreTable", ["Vcb"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let buffer = f.local(vcb.Table.as(FAT_BUFFER.self))
        let left = f.local(buffers)
        f.while(left != 0) {
            f.if(buffer.IsDirty != 0) {
                let status = f.call(storeBuffer, vcb, buffer)
                f.if(status.isError) { f.return(status) }
            }
            f.set(buffer.value, buffer.value + FAT_BUFFER.size.value)
            f.set(left, left - 1)
        }
        f.return(Status.success)
    }

    /// `FatCountFree(Vcb*) -> status`: finds out how many clusters are free, once.
    static let countFree: Routine = .init("FatCountFree", ["Vcb"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        f.if(vcb.FreeClusters != 0xFFFF_FFFF) { f.return(Status.success) }
        let cluster = f.local(2)
        let count = f.local(0)
        f.while(cluster < vcb.ClusterEnd) {
            let link = f.call(link, vcb, cluster)
            f.if(link == free) { f.add(count, 1) }
            f.if(link == broken && vcb.TableStatus != FATStatus.fileCorrupt) { f.return(vcb.TableStatus) }
            f.add(cluster, 1)
        }
        f.set(vcb.FreeClusters, count)
        f.return(Status.success)
    }

    /// `FatCheckFree(Vcb*, Count) -> status`: 0xC000007F when the volume has not so many free clusters. FSInfo may be wrong, so it is counted before it is said.
    static let checkFree: Routine = .init("FatCheckFree", ["Vcb", "Count"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        f.if(f.argument(1) > vcb.ClusterEnd - 2) { f.return(Status.diskFull) }
        f.if(vcb.FreeClusters != 0xFFFF_FFFF && f.argument(1) <= vcb.FreeClusters) { f.return(Status.success) }
        f.set(vcb.FreeClusters, 0xFFFF_FFFF as Value)
        let status = f.call(countFree, vcb)
        f.if(status.isError) { f.return(status) }
        f.if(f.argument(1) > vcb.FreeClusters) { f.return(Status.diskFull) }
        f.return(Status.success)
    }

    /// `FatAllocate(Vcb*, Previous, Cluster*) -> status`: a free cluster, at the end of the chain of `Previous` unless that is 0. 0xC000007F: there is none.
    static let allocate: Routine = .init("FatAllocate", ["Vcb", "Previous", "Cluster"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let cluster = f.local(vcb.NextFree)
        let left = f.local(vcb.ClusterEnd - 2)
        f.if(vcb.FreeClusters == 0) { f.return(Status.diskFull) }
        f.while(left != 0) {
            f.if(!isCluster(vcb, cluster)) { f.set(cluster, 2) }
            let link = f.call(link, vcb, cluster)
            f.if(link == broken && vcb.TableStatus != FATStatus.fileCorrupt) { f.return(vcb.TableStatus) }
            f.if(link == free) {
                let status = f.local(f.call(setLink, vcb, cluster, end))
                f.if(status.isSuccess && f.argument(1) != 0) {
                    f.set(status, f.call(setLink, vcb, f.argument(1), cluster))
                    f.if(status.isError) { f.call(setLink, vcb, cluster, free) }
                }
                f.if(status.isError) { f.return(status) }
                f.set(vcb.NextFree, cluster + 1)
                f.set(f.argument(2).dword(), cluster)
                f.return(status)
            }
            f.add(cluster, 1)
            f.set(left, left - 1)
        }
        f.return(Status.diskFull)
    }

    /// `FatFreeChain(Vcb*, Cluster) -> status`: from a cluster to the end of its chain. A loop ends where it meets what it has freed.
    static let freeChain: Routine = .init("FatFreeChain", ["Vcb", "Cluster"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let cluster = f.local(f.argument(1))
        f.while(isCluster(vcb, cluster)) {
            let next = f.local(f.call(link, vcb, cluster))
            f.if(next == free) { f.return(FATStatus.fileCorrupt) }
            let status = f.call(setLink, vcb, cluster, free)
            f.if(status.isError) { f.return(status) }
            f.if(cluster < vcb.NextFree) { f.set(vcb.NextFree, cluster) }
            f.set(cluster, next)
        }
        f.if(cluster == broken) { f.return(vcb.TableStatus) }
        f.return(Status.success)
    }
}
