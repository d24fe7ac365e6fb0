// SPDX-License-Identifier: GPL-3.0-or-later

/// The end of handles and files, and deletion.
enum FATClose {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB
    private typealias FAT_CCB = FATDriver.FAT_CCB
    private typealias FAT_SLOT = FATDriver.FAT_SLOT

    /// IRP_MJ_CLEANUP: the last handle deletes a file that is to be deleted, and has all others on the disk.
    static let cleanup: Routine = .init("FatCleanup", ["Vcb", "Irp", "StackLocation"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.local(f.argument(2, IO_STACK_LOCATION.self).FileObject.FsContext.as(FAT_FCB.self))
        f.if(fcb.isNull) { f.return(Status.success) }
        f.call(Io.removeShareAccess, f.argument(2, IO_STACK_LOCATION.self).FileObject, fcb.ShareAccess)
        f.set(fcb.Handles, fcb.Handles - 1)
        f.call(FATCommands.trace, fcb, f.text("closed"))
        f.if(fcb.Handles != 0) { f.return(Status.success) }
        f.if(fcb.DeletePending != 0) { f.return(f.call(delete, vcb, fcb)) }
        f.if(fcb.IsDirty != 0) {
            f.set(fcb.IsDirty, 0)
            f.return(f.call(FATVolume.endChange, vcb, Status.success))
        }
        f.return(Status.success)
    }

    /// `FatDelete(Vcb*, Fcb*) -> status`: the entries first, so that nothing names what is free.
    private static let delete: Routine = .init("FatDelete", ["Vcb", "Fcb"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let status = f.local(f.call(FATVolume.beginChange, vcb))
        f.if(status.isSuccess) {
            f.set(status, f.call(FATDirectory.removeEntries, vcb, fcb.Directory, fcb.FirstEntry, fcb.LastEntry))
            f.if(status.isSuccess) { f.set(status, f.call(FATTable.freeChain, vcb, fcb.FirstCluster)) }
        }
        // A file that is made in its place is another one.
        f.set(fcb.EntrySector, 0)
        f.set(fcb.FirstCluster, 0)
        f.set(fcb.FileSize, 0)
        f.set(fcb.CachedCluster, 0)
        f.return(f.call(FATVolume.endChange, vcb, status))
    }

    /// IRP_MJ_CLOSE: the last file object takes the file's block with it.
    static let close: Routine = .init("FatClose", ["Vcb", "Irp", "StackLocation"], module: module) { f in
        let file = f.local(f.argument(2, IO_STACK_LOCATION.self).FileObject)
        let fcb = f.local(file.FsContext.as(FAT_FCB.self))
        let ccb = f.local(file.FsContext2.as(FAT_CCB.self))
        f.set(file.FsContext, 0)
        f.set(file.FsContext2, 0)
        f.if(ccb.isNotNull) {
            f.if(ccb.Pattern.Buffer != 0) { f.call(Ex.freePoolWithTag, ccb.Pattern.Buffer, Value.tag("FatN")) }
            f.call(Ex.freePoolWithTag, ccb, Value.tag("FatC"))
        }
        f.if(fcb.isNull) { f.return(Status.success) }
        f.set(fcb.References, fcb.References - 1)
        f.if(fcb.References == 0) { f.call(freeFcb, fcb) }
        f.return(Status.success)
    }

    /// `FatFreeFcb(Fcb*)`.
    static let freeFcb: Routine = .init("FatFreeFcb", ["Fcb"], module: module) { f in
        let fcb = f.argument(0, FAT_FCB.self)
        f.removeEntryList(fcb.value)
        f.if(fcb.Name.Buffer != 0) { f.call(Ex.freePoolWithTag, fcb.Name.Buffer, Value.tag("FatN")) }
        f.call(Ex.freePoolWithTag, fcb, Value.tag("FatF"))
        f.return()
    }

    /// `FatMayDelete(Vcb*, Fcb*) -> status`: not the root, not what is read-only, not a folder with something in it.
    static let mayDelete: Routine = .init("FatMayDelete", ["Vcb", "Fcb"], module: module, section: .page) { f in
        let fcb = f.argument(1, FAT_FCB.self)
        f.if(fcb.EntrySector == 0 || (fcb.Attributes & 1) != 0) { f.return(FATStatus.cannotDelete) }
        f.if((fcb.Attributes & FATDriver.directoryAttribute) == 0) {
            f.if(f.call(Mm.flushImageSection, fcb.SectionObjectPointers, 0) == 0) { f.return(FATStatus.cannotDelete) }
            f.return(Status.success)
        }
        let slot = f.structure(FAT_SLOT.self)
        f.call(FATDirectory.begin, f.argument(0), slot, fcb.FirstCluster)
        f.loop {
            let status = f.call(FATDirectory.next, f.argument(0), slot)
            f.if(status == FATStatus.noMoreFiles) { f.return(Status.success) }
            f.if(status.isError) { f.return(status) }
            // `.` and `..` do not count.
            f.if(slot.Entry.byte() != 0x2E) { f.return(FATStatus.directoryNotEmpty) }
        }
        f.return(Status.success)
    }
}
