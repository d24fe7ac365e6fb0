// SPDX-License-Identifier: GPL-3.0-or-later

/// Opening and making files.
enum FATCreate {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB
    private typealias FAT_SLOT = FATDriver.FAT_SLOT

    /// IRP_MJ_CREATE. 0xC0000034: the last component is missing; 0xC000003A: one before it; 0xC0000035: it is there already; 0xC00000BA, 0xC0000103: a
    /// directory, or not one. Information: 0 superseded, 1 opened, 2 created, 3 overwritten.
    static let create: Routine = .init("FatCreate", ["Vcb", "Irp", "StackLocation"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let file = f.local(stack.FileObject)
        let disposition = f.local(stack.Argument2 >> 24)
        let directory = f.local(0)
        let rest = f.structure(UNICODE_STRING.self)
        let slot = f.structure(FAT_SLOT.self)
        let name = f.buffer(12)
        let component = f.structure(UNICODE_STRING.self)
        f.copy(to: rest, from: file.address(of: \.FileName), UNICODE_STRING.size)
        f.if(file.RelatedFileObject.isNotNull) {
            f.set(directory, file.RelatedFileObject.FsContext.as(FAT_FCB.self).FirstCluster)
        }
        f.if(rest.Length <= 2) {
            let attributes = f.local(FATDriver.directoryAttribute)
            f.if(rest.Length == 0 && file.RelatedFileObject.isNull) { f.set(attributes, 8) }
            f.if(attributes == 0x10 && (stack.Argument2 & Value(CreateOption.nonDirectory)) != 0) { f.return(Status.fileIsADirectory) }
            f.zero(slot, FAT_SLOT.size)
            f.set(slot.Entry.byte(11), attributes)
            return f.return(f.call(open, vcb, irp, stack, slot, 1))
        }
        f.loop {
            f.call(Ob.splitName, rest, component)
            let valid = f.call(FATDirectory.shortName, component, name)
            let status = f.local(Status.objectNameNotFound)
            f.zero(slot, FAT_SLOT.size)
            f.if(valid != 0) { f.set(status, f.call(FATDirectory.find, vcb, directory, name, slot)) }
            f.if(status.isError) {
                f.if(status != Status.objectNameNotFound) { f.return(status) }
                f.if(rest.Length != 0) { f.return(Status.objectPathNotFound) }
                f.if(disposition == 1 || disposition == 4) { f.return(Status.objectNameNotFound) }
                f.if(valid == 0) { f.return(Status.objectNameInvalid) }
                f.if((stack.Argument2 & Value(CreateOption.directory)) != 0) { f.return(Status.notImplemented) }
                f.set(status, f.call(FATDirectory.addEntry, vcb, directory, name, slot))
                f.if(status.isError) { f.return(status) }
                f.return(f.call(open, vcb, irp, stack, slot, 2))
            }
            f.if(rest.Length == 0) { f.break() }
            f.if((slot.Entry.byte(11) & FATDriver.directoryAttribute) == 0) { f.return(Status.objectPathNotFound) }
            f.set(directory, slot.Entry.word(0x1A))
        }
        f.if(disposition == 2) { f.return(Status.objectNameCollision) }
        f.if((slot.Entry.byte(11) & FATDriver.directoryAttribute) != 0) {
            f.if((stack.Argument2 & Value(CreateOption.nonDirectory)) != 0) { f.return(Status.fileIsADirectory) }
            f.return(f.call(open, vcb, irp, stack, slot, 1))
        }
        f.if((stack.Argument2 & Value(CreateOption.directory)) != 0) { f.return(Status.notADirectory) }
        // Writing needs more than the right to read: FILE_WRITE_DATA, FILE_APPEND_DATA, GENERIC_WRITE, GENERIC_ALL.
        f.if((slot.Entry.byte(11) & 1) != 0 && (stack.Argument1.dword(8) & 0x5000_0006) != 0) { f.return(Status.accessDenied) }
        let information = f.local(1)
        f.if(disposition == 0) { f.set(information, 0) }
        f.if(disposition == 4 || disposition == 5) { f.set(information, 3) }
        f.return(f.call(open, vcb, irp, stack, slot, information))
    }

    /// `FatOpen(Vcb*, Irp*, StackLocation*, Slot*, Information) -> status`: connects the file object with the file, which is emptied when it is superseded
    /// or overwritten.
    private static let open: Routine = .init("FatOpen", ["Vcb", "Irp", "StackLocation", "Slot", "Information"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.argument(3, FAT_SLOT.self)
        let fcb = f.local(Pointer<FAT_FCB>(Value(0)))
        f.if(slot.Sector != 0) {
            f.forEach(in: vcb.address(of: \.FcbList)) { entry in
                let other = entry.as(FAT_FCB.self)
                f.if(other.EntrySector == slot.Sector && other.EntryOffset == slot.Offset) { f.set(fcb.value, other) }
            }
        }
        f.if(fcb.isNull) {
            f.set(fcb.value, f.call(Ex.allocatePoolWithTag, 0, FAT_FCB.size, Value.tag("FatF")))
            f.if(fcb.isNull) { f.return(Status.insufficientResources) }
            f.zero(fcb, FAT_FCB.size)
            f.set(fcb.FirstCluster, slot.Entry.word(0x1A))
            f.set(fcb.FileSize, slot.Entry.dword(0x1C))
            f.set(fcb.EntrySector, slot.Sector)
            f.set(fcb.EntryOffset, slot.Offset)
            f.set(fcb.Attributes, slot.Entry.byte(11))
            f.insertTailList(vcb.address(of: \.FcbList), fcb.value)
        }
        f.set(fcb.References, fcb.References + 1)
        f.set(f.argument(2, IO_STACK_LOCATION.self).FileObject.FsContext, fcb)
        f.set(f.argument(1, IRP.self).IoStatus.Information, f.argument(4))
        f.if(f.argument(4) == 0 || f.argument(4) == 3) { f.return(f.call(FATFiles.truncate, vcb, fcb, 0)) }
        f.return(Status.success)
    }
}
