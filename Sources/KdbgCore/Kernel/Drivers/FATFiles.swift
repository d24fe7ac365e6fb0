// SPDX-License-Identifier: GPL-3.0-or-later

/// Reading, writing, sizes, closing.
enum FATFiles {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB

    /// IRP_MJ_READ: up to the end of the file. 0xC0000011: from there on.
    static let read: Routine = .init("FatRead", ["Vcb", "Irp", "StackLocation"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let fcb = f.local(stack.FileObject.FsContext.as(FAT_FCB.self))
        let length = f.local(stack.Argument1)
        let offset = f.local(stack.Argument3)
        f.if((fcb.Attributes & 0x18) != 0) { f.return(Status.invalidDeviceRequest) }
        f.if(length == 0) { f.return(Status.success) }
        f.if(stack.Argument4 != 0 || offset >= fcb.FileSize) { f.return(Status.endOfFile) }
        f.if(length > fcb.FileSize - offset) { f.set(length, fcb.FileSize - offset) }
        let status = f.call(move, f.argument(0), fcb, Major.read, offset, length, irp.UserBuffer)
        f.if(status.isError) { f.return(status) }
        f.call(finishTransfer, irp, stack.FileObject, offset, length)
        f.call(FATCommands.trace, fcb, f.text("read"))
        f.return(Status.success)
    }

    /// IRP_MJ_WRITE: offset -1 is the end of the file. What lies between an old end and a later offset becomes zeros. 0xC000007F: the volume is full.
    static let write: Routine = .init("FatWrite", ["Vcb", "Irp", "StackLocation"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let fcb = f.local(stack.FileObject.FsContext.as(FAT_FCB.self))
        let length = f.local(stack.Argument1)
        let offset = f.local(stack.Argument3)
        f.if((fcb.Attributes & 0x18) != 0) { f.return(Status.invalidDeviceRequest) }
        f.if(stack.Argument4 == 0xFFFF_FFFF && offset == 0xFFFF_FFFF) {
            f.set(offset, fcb.FileSize)
        } else: {
            f.if(stack.Argument4 != 0) { f.return(Status.invalidParameter) }
        }
        f.if(length == 0) { f.return(Status.success) }
        let end = f.local(offset + length)
        f.if(end < offset) { f.return(Status.diskFull) }
        let old = f.local(fcb.FileSize)
        let status = f.local(f.call(FATVolume.beginChange, vcb))
        f.if(status.isSuccess && end > old) { f.set(status, f.call(resize, vcb, fcb, end, offset)) }
        f.if(status.isSuccess) {
            f.set(status, f.call(move, vcb, fcb, Major.write, offset, length, irp.UserBuffer))
            // What was taken for what could not be written is given back.
            f.if(status.isError && end > old) { f.call(truncate, vcb, fcb, old) }
        }
        f.if(status.isSuccess) {
            f.set(fcb.Attributes, fcb.Attributes | 0x20)
            f.set(status, f.call(FATDirectory.updateEntry, vcb, fcb))
            f.if(status.isSuccess) {
                f.call(Mm.updateDataSection, fcb.SectionObjectPointers, offset, irp.UserBuffer, length)
                f.call(finishTransfer, irp, stack.FileObject, offset, length)
            }
            f.call(FATCommands.trace, fcb, f.text("written"))
        }
        // Without write-through the disk may keep it in its cache until somebody flushes.
        f.if((stack.FileObject.Flags & Value(FileFlag.writeThrough)) != 0 || status.isError) {
            f.set(fcb.IsDirty, 0)
            f.return(f.call(FATVolume.endChange, vcb, status))
        }
        f.set(fcb.IsDirty, 1)
        f.return(f.call(FATTable.store, vcb))
    }

    /// IRP_MJ_FLUSH_BUFFERS: everything to the platters.
    static let flush: Routine = .init("FatFlushBuffers", ["Vcb", "Irp", "StackLocation"], module: module) { f in
        let fcb = f.local(f.argument(2, IO_STACK_LOCATION.self).FileObject.FsContext.as(FAT_FCB.self))
        f.if(fcb.isNotNull) { f.set(fcb.IsDirty, 0) }
        f.return(f.call(FATVolume.endChange, f.argument(0), Status.success))
    }

    /// `FatResize(Vcb*, Fcb*, Size, ZeroTo) -> status`: makes a file larger, with zeros up to an offset. When that fails it is as it was.
    static let resize: Routine = .init("FatResize", ["Vcb", "Fcb", "Size", "ZeroTo"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let old = f.local(fcb.FileSize)
        let status = f.local(f.call(FATVolume.extend, vcb, fcb, f.argument(2)))
        f.if(status.isError) { f.return(status) }
        f.set(fcb.FileSize, f.argument(2))
        f.if(f.argument(3) <= old) { f.return(Status.success) }
        f.set(status, f.call(clear, vcb, fcb, old, f.argument(3)))
        f.if(status.isError) { f.call(truncate, vcb, fcb, old) }
        f.return(status)
    }

    /// `FatClear(Vcb*, Fcb*, From, To) -> status`: writes zeros into a part of a file that has clusters.
    private static let clear: Routine = .init("FatClear", ["Vcb", "Fcb", "From", "To"], module: module) { f in
        let zeros = f.call(Ex.allocatePoolWithTag, 1, 0x1000, FATDriver.tag)
        f.if(zeros == 0) { f.return(Status.insufficientResources) }
        f.zero(zeros, 0x1000)
        let offset = f.local(f.argument(2))
        let status = f.local(Status.success)
        f.while(offset < f.argument(3) && status.isSuccess) {
            let count = f.local(f.argument(3) - offset)
            f.if(count > 0x1000) { f.set(count, 0x1000) }
            f.set(status, f.call(move, f.argument(0), f.argument(1), Major.write, offset, count, zeros))
            f.add(offset, count)
        }
        f.call(Ex.freePoolWithTag, zeros, FATDriver.tag)
        f.return(status)
    }

    /// `FatFinishTransfer(Irp*, FileObject*, Offset, Length)`: a synchronous file stands behind what was transferred.
    private static let finishTransfer: Routine = .init(
        "FatFinishTransfer", ["Irp", "FileObject", "Offset", "Length"], module: module
    ) { f in
        let file = f.argument(1, FILE_OBJECT.self)
        f.set(f.argument(0, IRP.self).IoStatus.Information, f.argument(3))
        // A paging read is not the file's user's.
        f.if((f.argument(0, IRP.self).Flags & Value(IrpFlag.pagingIo)) != 0) { f.return() }
        f.if((file.Flags & Value(FileFlag.synchronous)) != 0) {
            f.set(file.CurrentByteOffset.LowPart, f.argument(2) + f.argument(3))
            f.set(file.CurrentByteOffset.HighPart, 0)
        }
        f.return()
    }

    /// `FatMove(Vcb*, Fcb*, MajorFunction, Offset, Length, Buffer) -> status`: between a file and kernel memory. Whole sectors of neighbouring clusters
    /// go in one request; parts of a sector go through the volume's buffer.
    private static let move: Routine = .init(
        "FatMove", ["Vcb", "Fcb", "MajorFunction", "Offset", "Length", "Buffer"], module: module
    ) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let offset = f.local(f.argument(3))
        let left = f.local(f.argument(4))
        let buffer = f.local(f.argument(5))
        let status = f.local(Status.success)
        f.while(left != 0 && status.isSuccess) {
            let index = f.local(offset / vcb.ClusterBytes)
            let cluster = f.local(0)
            let found = f.call(FATVolume.clusterAt, vcb, fcb, index, f.address(of: cluster))
            f.if(found.isError) { f.return(found) }
            let inCluster = f.local(offset % vcb.ClusterBytes)
            let sector = f.local(FATVolume.sector(vcb, cluster) + (inCluster >> 9))
            let count = f.local(0)
            f.if((offset & 511) != 0 || left < 512) {
                f.set(count, Value(512) - (offset & 511))
                f.if(count > left) { f.set(count, left) }
                f.set(status, f.call(movePart, vcb, f.argument(2), sector, offset & 511, count, buffer))
            } else: {
                f.set(count, vcb.ClusterBytes - inCluster)
                f.while(count < left) {
                    f.if(f.call(FATTable.link, vcb, cluster) != cluster + 1) { f.break() }
                    f.add(cluster, 1)
                    f.add(count, vcb.ClusterBytes)
                }
                f.if(count > left) { f.set(count, left & ~Value(511)) }
                f.if(f.argument(2) == Value(Major.write)) { f.set(vcb.DataBuffer.Sector, FATDriver.noSector) }
                f.set(status, f.call(FATVolume.transfer, vcb, f.argument(2), sector, count, buffer))
            }
            f.add(offset, count)
            f.add(buffer, count)
            f.set(left, left - count)
        }
        f.return(status)
    }

    /// `FatMovePart(Vcb*, MajorFunction, Sector, Offset, Count, Buffer) -> status`: a part of one sector.
    private static let movePart: Routine = .init(
        "FatMovePart", ["Vcb", "MajorFunction", "Sector", "Offset", "Count", "Buffer"], module: module
    ) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let status = f.call(FATVolume.load, vcb, vcb.address(of: \.DataBuffer), f.argument(2))
        f.if(status.isError) { f.return(status) }
        let place = f.local(vcb.DataBuffer.Address + f.argument(3))
        f.if(f.argument(1) == Value(Major.read)) {
            f.copy(to: f.argument(5), from: place, f.argument(4))
            f.return(status)
        }
        f.copy(to: place, from: f.argument(5), f.argument(4))
        f.return(f.call(FATVolume.store, vcb, vcb.address(of: \.DataBuffer)))
    }

    /// `FatTruncate(Vcb*, Fcb*, Size) -> status`: makes a file shorter and gives back its clusters. The entry goes first, so that nothing names what is free.
    /// When that fails the file is as it was.
    static let truncate: Routine = .init("FatTruncate", ["Vcb", "Fcb", "Size"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let oldFirst = f.local(fcb.FirstCluster)
        let oldSize = f.local(fcb.FileSize)
        let rest = f.local(oldFirst)
        let last = f.local(0)
        let status = f.local(Status.success)
        f.if(f.argument(2) != 0) {
            f.set(status, f.call(FATVolume.clusterAt, vcb, fcb, (f.argument(2) - 1) / vcb.ClusterBytes, f.address(of: last)))
            f.if(status.isError) { f.return(status) }
            f.set(rest, f.call(FATTable.link, vcb, last))
            f.if(rest == FATTable.broken) { f.return(vcb.TableStatus) }
        } else: {
            f.set(fcb.FirstCluster, 0)
        }
        f.set(fcb.CachedCluster, 0)
        f.set(fcb.CachedIndex, 0)
        f.set(fcb.FileSize, f.argument(2))
        f.set(status, f.call(FATDirectory.updateEntry, vcb, fcb))
        f.if(status.isSuccess && (rest == 0 || rest == FATTable.end)) { f.return(Status.success) }
        f.if(status.isSuccess && last != 0) { f.set(status, f.call(FATTable.setLink, vcb, last, FATTable.end)) }
        f.if(status.isError) {
            // The chain is as long as it was, and so is the file.
            f.set(fcb.FirstCluster, oldFirst)
            f.set(fcb.FileSize, oldSize)
            f.call(FATDirectory.updateEntry, vcb, fcb)
            f.return(status)
        }
        f.return(f.call(FATTable.freeChain, vcb, rest))
    }
}
