// SPDX-License-Identifier: GPL-3.0-or-later

/// Opening and making files and folders.
enum FATCreate {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB
    private typealias FAT_CCB = FATDriver.FAT_CCB
    private typealias FAT_SLOT = FATDriver.FAT_SLOT
    private static let deleteOnClose: Value = 0x1000
    private static let requestParameters = ["Vcb", "Irp", "StackLocation"]

    /// IRP_MJ_CREATE. 0xC0000034: the last component is missing; 0xC000003A: one before it; 0xC0000035: it is there already; 0xC00000BA, 0xC0000103: a
    /// directory, or not one. Information: 0 superseded, 1 opened, 2 created, 3 overwritten.
    static let create: Routine = .init("FatCreate", requestParameters, module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let file = f.local(stack.FileObject)
        let disposition = f.local(stack.Argument2 >> 24)
        let directory = f.local(0)
        let rest = f.structure(UNICODE_STRING.self)
        let slot = f.structure(FAT_SLOT.self)
        let component = f.structure(UNICODE_STRING.self)
        f.copy(to: rest, from: file.address(of: \.FileName), UNICODE_STRING.size)
        f.zero(component, UNICODE_STRING.size)
        let parent = f.local(FAT_FCB.self)
        f.set(parent.value, 0)
        f.if(file.RelatedFileObject.isNotNull) {
            f.set(parent.value, file.RelatedFileObject.FsContext)
            // A device that was opened without its volume has none.
            f.if(parent.isNull) { f.return(Status.objectPathNotFound) }
            f.if((parent.Attributes & FATDriver.directoryAttribute) == 0) { f.return(Status.objectPathNotFound) }
            f.set(directory, parent.FirstCluster)
        }
        let isFolderItself = f.local(rest.Length == 0)
        f.if(rest.Length == 2) { f.set(isFolderItself, rest.Buffer.word() == 0x5C) }
        f.if(isFolderItself != 0) {
            // The root, or without any name the volume (attribute 8).
            let attributes = f.local(FATDriver.directoryAttribute)
            f.if(rest.Length == 0 && file.RelatedFileObject.isNull) { f.set(attributes, 8) }
            f.if(attributes == 0x10 && (stack.Argument2 & Value(CreateOption.nonDirectory)) != 0) { f.return(Status.fileIsADirectory) }
            f.call(FATDirectory.begin, vcb, slot, directory)
            f.zero(slot.Entry, 32)
            f.set(slot.Entry.byte(11), attributes)
            f.set(slot.Entry.word(0x1A), slot.Directory)
            f.set(slot.Entry.word(0x14), slot.Directory >> 16)
            f.if(parent.isNotNull) {
                f.set(slot.Sector, parent.EntrySector)
                f.set(slot.Offset, parent.EntryOffset)
            }
            return f.return(f.call(open, vcb, irp, stack, slot, component, 1))
        }
        f.loop {
            f.call(Ob.splitName, rest, component)
            f.if(f.call(isDots, component) != 0) { f.return(Status.objectNameInvalid) }
            // A backslash at the end names the folder before it.
            f.if(rest.Length == 2) { f.set(rest.Length, 0) }
            let status = f.local(f.call(FATDirectory.find, vcb, directory, component, slot))
            f.if(status.isError) {
                f.if(status != Status.objectNameNotFound) { f.return(status) }
                f.if(rest.Length != 0) { f.return(Status.objectPathNotFound) }
                f.if(disposition == 1 || disposition == 4) { f.return(Status.objectNameNotFound) }
                return f.return(f.call(make, vcb, irp, stack, slot, component, directory))
            }
            f.if(rest.Length == 0) { f.break() }
            f.if((slot.Entry.byte(11) & FATDriver.directoryAttribute) == 0) { f.return(Status.objectPathNotFound) }
            f.set(directory, f.call(entryCluster, vcb, slot.Entry))
        }
        f.if(disposition == 2) { f.return(Status.objectNameCollision) }
        f.if((slot.Entry.byte(11) & FATDriver.directoryAttribute) != 0) {
            f.if((stack.Argument2 & Value(CreateOption.nonDirectory)) != 0) { f.return(Status.fileIsADirectory) }
            f.if(disposition == 0 || disposition >= 4) { f.return(Status.objectNameCollision) }
            f.return(f.call(open, vcb, irp, stack, slot, component, 1))
        }
        f.if((stack.Argument2 & Value(CreateOption.directory)) != 0) { f.return(Status.notADirectory) }
        // Writing needs more than the right to read: FILE_WRITE_DATA, FILE_APPEND_DATA, GENERIC_WRITE, GENERIC_ALL.
        f.if((slot.Entry.byte(11) & 1) != 0) {
            f.if((stack.Argument1.dword(8) & 0x5000_0006) != 0) { f.return(Status.accessDenied) }
            f.if((stack.Argument2 & deleteOnClose) != 0) { f.return(FATStatus.cannotDelete) }
        }
        let information = f.local(1)
        f.if(disposition == 0) { f.set(information, 0) }
        f.if(disposition >= 4) { f.set(information, 3) }
        f.return(f.call(open, vcb, irp, stack, slot, component, information))
    }

    /// `FatIsDots(Component*) -> BOOLEAN`: `.` or `..`, which are entries, but names of nothing.
    private static let isDots: Routine = .init("FatIsDots", ["Component"], module: module) { f in
        let component = f.argument(0, UNICODE_STRING.self)
        f.if(component.Length == 2) { f.return(component.Buffer.word() == 0x2E) }
        f.if(component.Length == 4) { f.return(component.Buffer.dword() == 0x002E_002E) }
        f.return(0)
    }

    /// `FatEntryCluster(Vcb*, Entry) -> cluster`: the first one of a file; FAT32 has 28 bits of it.
    static let entryCluster: Routine = .init("FatEntryCluster", ["Vcb", "Entry"], module: module, section: .page) { f in
        f.if(f.argument(0, FAT_VCB.self).FatBits == 32) { f.return(f.argument(1).word(0x1A) | (f.argument(1).word(0x14) << 16)) }
        f.return(f.argument(1).word(0x1A))
    }

    /// `FatMake(Vcb*, Irp*, StackLocation*, Slot*, Component*, Directory) -> status`: a new file or folder.
    private static let make: Routine = .init(
        "FatMake", requestParameters + ["Slot", "Component", "Directory"], module: module, section: .page
    ) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let cluster = f.local(0)
        let attributes = f.local(0x20)
        let status = f.local(f.call(FATVolume.beginChange, vcb))
        f.if(status.isError) { f.return(status) }
        f.if((stack.Argument2 & Value(CreateOption.directory)) != 0) {
            f.set(attributes, FATDriver.directoryAttribute)
            f.set(status, f.call(makeFolder, vcb, f.argument(5), f.address(of: cluster)))
        }
        f.if(status.isSuccess) {
            f.set(
                status, f.call(FATDirectory.addEntry, vcb, f.argument(5), f.argument(4), attributes, cluster, f.argument(3)))
            f.if(status.isError && cluster != 0) { f.call(FATTable.freeChain, vcb, cluster) }
        }
        f.set(status, f.call(FATVolume.endChange, vcb, status))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(open, vcb, f.argument(1), stack, f.argument(3), f.argument(4), 2))
    }

    /// `FatMakeFolder(Vcb*, Parent, Cluster*) -> status`: a cluster with `.` and `..`; the root is cluster 0 there.
    private static let makeFolder: Routine = .init("FatMakeFolder", ["Vcb", "Parent", "Cluster"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let parent = f.local(f.argument(1))
        f.if(parent == vcb.RootCluster) { f.set(parent, 0) }
        let status = f.local(f.call(FATTable.allocate, vcb, 0, f.argument(2)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(FATDirectory.clearCluster, vcb, f.argument(2).dword()))
        f.if(status.isSuccess) {
            let entry = f.local(vcb.DirectoryBuffer.Address)
            f.call(dotEntry, entry, f.argument(2).dword())
            f.call(dotEntry, entry + 32, parent)
            f.set(entry.byte(33), 0x2E)
            f.set(status, f.call(FATVolume.store, vcb, vcb.address(of: \.DirectoryBuffer)))
        }
        f.if(status.isError) {
            f.call(FATTable.freeChain, vcb, f.argument(2).dword())
            f.set(f.argument(2).dword(), 0)
        }
        f.return(status)
    }

    /// `FatDotEntry(Entry, Cluster)`.
    private static let dotEntry: Routine = .init("FatDotEntry", ["Entry", "Cluster"], module: module, section: .page) { f in
        let entry = f.argument(0)
        f.set(entry.dword(), 0x2020_202E)
        f.set(entry.dword(4), 0x2020_2020)
        f.set(entry.dword(7), 0x2020_2020)
        f.set(entry.byte(11), FATDriver.directoryAttribute)
        f.set(entry.word(0x0E), FATDirectory.time)
        f.set(entry.word(0x10), FATDirectory.date)
        f.set(entry.word(0x12), FATDirectory.date)
        f.set(entry.word(0x14), f.argument(1) >> 16)
        f.set(entry.word(0x16), FATDirectory.time)
        f.set(entry.word(0x18), FATDirectory.date)
        f.set(entry.word(0x1A), f.argument(1))
        f.return()
    }

    /// `FatOpen(Vcb*, Irp*, StackLocation*, Slot*, Component*, Information) -> status`: connects the file object with the file, which is emptied when it is superseded
    /// or overwritten. 0xC0000043: somebody has it open who does not share it.
    private static let open: Routine = .init("FatOpen", requestParameters + ["Slot", "Component", "Information"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let information = f.argument(5)
        let fcb = f.local(f.call(findFcb, vcb, f.argument(3)).as(FAT_FCB.self))
        f.if(fcb.isNull) {
            f.set(fcb.value, f.call(makeFcb, vcb, f.argument(3), f.argument(4)))
            f.if(fcb.isNull) { f.return(Status.insufficientResources) }
        } else: {
            f.if(fcb.DeletePending != 0) { f.return(FATStatus.deletePending) }
        }
        let status = f.local(Status.sharingViolation)
        // A program that runs is not written to: FILE_WRITE_DATA and FILE_APPEND_DATA, or the file is emptied.
        f.if((stack.Argument1.dword(8) & 6) == 0 && information != 0 && information != 3) {
            f.set(status, f.call(share, fcb, stack, information))
        } else: {
            f.if(f.call(Mm.flushImageSection, fcb.SectionObjectPointers, 1) != 0) { f.set(status, f.call(share, fcb, stack, information)) }
        }
        f.if(status.isSuccess && (fcb.Attributes & FATDriver.directoryAttribute) != 0) {
            let ccb = f.call(Ex.allocatePoolWithTag, 1, FAT_CCB.size, Value.tag("FatC"))
            f.if(ccb != 0) { f.zero(ccb, FAT_CCB.size) }
            f.set(stack.FileObject.FsContext2, ccb)
            f.if(ccb == 0) { f.set(status, Status.insufficientResources) }
        }
        f.if(status.isSuccess && (information == 0 || information == 3) && fcb.FileSize != 0) {
            f.set(status, f.call(FATVolume.beginChange, vcb))
            f.if(status.isSuccess) { f.set(status, f.call(FATFiles.truncate, vcb, fcb, 0)) }
            f.set(status, f.call(FATVolume.endChange, vcb, status))
        }
        f.if(status.isError) {
            // Nobody will tell that this file object has gone.
            f.if(status != Status.sharingViolation) { f.call(Io.removeShareAccess, stack.FileObject, fcb.ShareAccess) }
            f.if(fcb.References == 0) { f.call(FATClose.freeFcb, fcb) }
            f.return(status)
        }
        f.set(fcb.References, fcb.References + 1)
        f.set(fcb.Handles, fcb.Handles + 1)
        f.set(stack.FileObject.FsContext, fcb)
        f.if((fcb.Attributes & 0x18) == 0) { f.set(stack.FileObject.SectionObjectPointer, fcb.SectionObjectPointers) }
        f.set(f.argument(1, IRP.self).IoStatus.Information, information)
        f.if((stack.Argument2 & deleteOnClose) != 0 && fcb.EntrySector != 0) { f.set(fcb.DeletePending, 1) }
        f.call(FATCommands.trace, fcb, f.text("opened"))
        f.return(Status.success)
    }

    /// `FatFindFcb(Vcb*, Slot*) -> FCB* or NULL`: of a file that is open. Root and volume have no entry, their attributes tell them apart; neither has a file that was
    /// deleted.
    private static let findFcb: Routine = .init("FatFindFcb", ["Vcb", "Slot"], module: module) { f in
        let slot = f.argument(1, FAT_SLOT.self)
        let cluster = f.call(entryCluster, f.argument(0), slot.Entry)
        f.forEach(in: f.argument(0, FAT_VCB.self).address(of: \.FcbList)) { entry in
            let other = entry.as(FAT_FCB.self)
            f.if(other.EntrySector == slot.Sector && other.EntryOffset == slot.Offset) {
                // The root and the volume have no entry; what is deleted has none either.
                f.if(slot.Sector != 0 || (other.DeletePending == 0 && other.Attributes == slot.Entry.byte(11))) {
                    // A folder keeps its cluster as long as it lives, a file may get its first one.
                    f.if((other.Attributes & FATDriver.directoryAttribute) == 0 || other.FirstCluster == cluster) { f.return(entry) }
                }
            }
        }
        f.return(0)
    }

    /// `FatShare(Fcb*, StackLocation*, Information) -> status`: who empties a file writes to it, who supersedes it deletes it, whatever else is asked for.
    private static let share: Routine = .init("FatShare", ["Fcb", "StackLocation", "Information"], module: module) { f in
        let fcb = f.argument(0, FAT_FCB.self)
        let stack = f.argument(1, IO_STACK_LOCATION.self)
        let access = f.local(stack.Argument1.dword(8))
        let sharing = f.local(stack.Argument3 >> 16)
        f.if(fcb.Handles == 0) {
            f.call(Io.setShareAccess, access, sharing, stack.FileObject, fcb.ShareAccess)
            f.return(Status.success)
        }
        let all = f.local(access)
        f.if(f.argument(2) == 0) { f.set(all, access | 0x1_0000) }
        f.if(f.argument(2) == 3) { f.set(all, access | 2) }
        let status = f.call(Io.checkShareAccess, all, sharing, stack.FileObject, fcb.ShareAccess, 0)
        f.if(status.isError) { f.return(status) }
        f.return(f.call(Io.checkShareAccess, access, sharing, stack.FileObject, fcb.ShareAccess, 1))
    }

    /// `FatMakeFcb(Vcb*, Slot*, Component*) -> FCB* or NULL`.
    private static let makeFcb: Routine = .init("FatMakeFcb", ["Vcb", "Slot", "Component"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.argument(1, FAT_SLOT.self)
        let block = f.call(Ex.allocatePoolWithTag, 0, FAT_FCB.size, Value.tag("FatF"))
        f.if(block == 0) { f.return(0) }
        let fcb = block.as(FAT_FCB.self)
        f.zero(fcb, FAT_FCB.size)
        f.if(f.argument(2, UNICODE_STRING.self).Length != 0) {
            let status = f.call(Rtl.duplicateUnicodeString, fcb.Name, f.argument(2), Value.tag("FatN"))
            f.if(status.isError) {
                f.call(Ex.freePoolWithTag, fcb, Value.tag("FatF"))
                f.return(0)
            }
        }
        f.set(fcb.FirstCluster, f.call(entryCluster, vcb, slot.Entry))
        f.set(fcb.FileSize, slot.Entry.dword(0x1C))
        f.set(fcb.EntrySector, slot.Sector)
        f.set(fcb.EntryOffset, slot.Offset)
        f.set(fcb.Directory, slot.Directory)
        f.set(fcb.FirstEntry, slot.FirstEntry)
        f.set(fcb.LastEntry, slot.LastEntry)
        f.set(fcb.Attributes, slot.Entry.byte(11))
        f.insertTailList(vcb.address(of: \.FcbList), fcb.value)
        f.return(fcb)
    }
}
