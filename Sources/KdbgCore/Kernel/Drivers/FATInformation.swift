// SPDX-License-Identifier: GPL-3.0-or-later

/// What is known about a file, and changes of it.
enum FATInformation {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB
    private typealias FAT_SLOT = FATDriver.FAT_SLOT
    /// 11 March 2023, 12:00:00 in units of 100 ns since 1601: the one time that all files have.
    static let timeLow: UInt32 = 0x0178_A000
    static let timeHigh: UInt32 = 0x01D9_5411

    /// IRP_MJ_QUERY_INFORMATION: class 4 basic information, 5 standard information, 6 the file's number. 0xC0000003: another class.
    static let query: Routine = .init("FatQueryInformation", ["Vcb", "Irp", "StackLocation"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let fcb = f.local(stack.FileObject.FsContext.as(FAT_FCB.self))
        let out = f.local(irp.SystemBuffer)
        f.if(stack.Argument2 == 4) {
            f.if(stack.Argument1 < 0x28) { f.return(Status.infoLengthMismatch) }
            f.zero(out, 0x28)
            for offset in [0, 8, 16, 24] as [Int32] { setTime(f, out, offset) }
            f.set(out.dword(0x20), fcb.Attributes)
            f.if(fcb.Attributes == 0) { f.set(out.dword(0x20), 0x80) }
            f.set(irp.IoStatus.Information, 0x28)
            f.return(Status.success)
        }
        f.if(stack.Argument2 == 5) {
            f.if(stack.Argument1 < 0x18) { f.return(Status.infoLengthMismatch) }
            f.zero(out, 0x18)
            f.set(out.dword(), allocated(vcb, fcb.FileSize))
            f.set(out.dword(8), fcb.FileSize)
            f.set(out.dword(16), 1)
            f.set(out.byte(20), fcb.DeletePending)
            f.set(out.byte(21), (fcb.Attributes >> 4) & 1)
            f.set(irp.IoStatus.Information, 0x18)
            f.return(Status.success)
        }
        f.if(stack.Argument2 != 6) { f.return(Status.invalidInfoClass) }
        f.if(stack.Argument1 < 8) { f.return(Status.infoLengthMismatch) }
        f.set(out.dword(), (fcb.EntrySector << 4) | (fcb.EntryOffset >> 5))
        f.set(out.dword(4), fcb.EntrySector >> 28)
        f.set(irp.IoStatus.Information, 8)
        f.return(Status.success)
    }

    static func setTime(_ f: Function, _ out: Value, _ offset: Int32) {
        f.set(out.dword(offset), timeLow)
        f.set(out.dword(offset + 4), timeHigh)
    }

    /// Bytes of the clusters that hold so many.
    static func allocated(_ vcb: Pointer<FATDriver.FAT_VCB>, _ size: Value) -> Value {
        (size + vcb.ClusterBytes - 1) / vcb.ClusterBytes * vcb.ClusterBytes
    }

    /// IRP_MJ_SET_INFORMATION: class 4 attributes, 10 another name in the same folder, 13 deletion, 19 and 20 another size.
    static let set: Routine = .init("FatSetInformation", ["Vcb", "Irp", "StackLocation"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let fcb = f.local(stack.FileObject.FsContext.as(FAT_FCB.self))
        let buffer = f.local(f.argument(1, IRP.self).SystemBuffer)
        let status = f.local(Status.success)
        f.if((fcb.Attributes & 8) != 0) { f.return(Status.invalidDeviceRequest) }
        f.if(stack.Argument2 == 13) {
            f.if(stack.Argument1 < 1) { f.return(Status.infoLengthMismatch) }
            f.if(buffer.byte() != 0) { f.set(status, f.call(FATClose.mayDelete, vcb, fcb)) }
            f.if(status.isSuccess) {
                f.set(fcb.DeletePending, buffer.byte())
                f.set(stack.FileObject.DeletePending, buffer.byte())
            }
            f.return(status)
        }
        f.if(stack.Argument2 != 4 && stack.Argument2 != 10 && stack.Argument2 != 19 && stack.Argument2 != 20) {
            f.return(Status.invalidInfoClass)
        }
        f.if(fcb.EntrySector == 0) { f.return(Status.accessDenied) }
        f.if(stack.Argument1 < 8) { f.return(Status.infoLengthMismatch) }
        f.set(status, f.call(FATVolume.beginChange, vcb))
        f.if(status.isSuccess) {
            f.if(stack.Argument2 == 4) { f.set(status, f.call(setBasic, vcb, fcb, buffer, stack.Argument1)) }
            f.if(stack.Argument2 == 10) { f.set(status, f.call(rename, vcb, fcb, buffer, stack.Argument1)) }
            f.if(stack.Argument2 == 19) {
                // Clusters are only given away here; a file has those that its size needs.
                f.if(buffer.dword(4) == 0 && buffer.dword() < fcb.FileSize) { f.set(status, f.call(setSize, vcb, fcb, buffer)) }
            }
            f.if(stack.Argument2 == 20) { f.set(status, f.call(setSize, vcb, fcb, buffer)) }
        }
        f.return(f.call(FATVolume.endChange, vcb, status))
    }

    /// `FatSetSize(Vcb*, Fcb*, Size*) -> status`: shorter, or longer with zeros.
    private static let setSize: Routine = .init("FatSetSize", ["Vcb", "Fcb", "Size"], module: module, section: .page) { f in
        let fcb = f.argument(1, FAT_FCB.self)
        let size = f.local(f.argument(2).dword())
        f.if((fcb.Attributes & FATDriver.directoryAttribute) != 0) { f.return(Status.invalidDeviceRequest) }
        // A file has less than 4 GiB.
        f.if(f.argument(2).dword(4) != 0) { f.return(Status.diskFull) }
        f.if(size == fcb.FileSize) { f.return(Status.success) }
        f.if(size < fcb.FileSize) { f.return(f.call(FATFiles.truncate, f.argument(0), fcb, size)) }
        let status = f.call(FATFiles.resize, f.argument(0), fcb, size, size)
        f.if(status.isError) { f.return(status) }
        f.return(f.call(FATDirectory.updateEntry, f.argument(0), fcb))
    }

    /// `FatSetBasic(Vcb*, Fcb*, Buffer, Length) -> status`: read-only, hidden, system, archive. Times stay: there is one for all.
    private static let setBasic: Routine = .init("FatSetBasic", ["Vcb", "Fcb", "Buffer", "Length"], module: module, section: .page) { f in
        let fcb = f.argument(1, FAT_FCB.self)
        f.if(f.argument(3) < 0x24) { f.return(Status.infoLengthMismatch) }
        let attributes = f.local(f.argument(2).dword(0x20))
        f.if(attributes == 0) { f.return(Status.success) }
        f.set(fcb.Attributes, fcb.Attributes & 0x18 | (attributes & 0x27))
        f.return(f.call(FATDirectory.updateEntry, f.argument(0), fcb))
    }

    /// `FatRename(Vcb*, Fcb*, Information*, Length) -> status`: FILE_RENAME_INFORMATION: 0 ReplaceIfExists, 4 RootDirectory, 8 length, 12 name. Only within the folder, and
    /// nothing is replaced. 0xC0000035: there is one with that name.
    private static let rename: Routine = .init("FatRename", ["Vcb", "Fcb", "Information", "Length"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let name = f.structure(UNICODE_STRING.self)
        let copy = f.structure(UNICODE_STRING.self)
        let slot = f.structure(FAT_SLOT.self)
        f.if(f.argument(3) < 14) { f.return(Status.infoLengthMismatch) }
        f.if(f.argument(2).dword(8) > f.argument(3) - 12 || f.argument(2).dword(8) == 0) { f.return(Status.invalidParameter) }
        f.setString(name, f.argument(2) + 12, f.argument(2).dword(8))
        let index = f.local(0)
        f.while(index < name.Length) {
            f.if((name.Buffer + index).word() == 0x5C) { f.return(Status.notSupported) }
            f.add(index, 2)
        }
        let status = f.local(f.call(FATDirectory.find, vcb, fcb.Directory, name, slot))
        f.if(status.isSuccess && slot.LastEntry != fcb.LastEntry) { f.return(Status.objectNameCollision) }
        f.if(status.isError && status != Status.objectNameNotFound) { f.return(status) }
        f.set(status, f.call(Rtl.duplicateUnicodeString, copy, name, Value.tag("FatN")))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(FATDirectory.addEntry, vcb, fcb.Directory, name, fcb.Attributes, fcb.FirstCluster, slot))
        f.if(status.isSuccess) {
            f.set(status, f.call(FATDirectory.removeEntries, vcb, fcb.Directory, fcb.FirstEntry, fcb.LastEntry))
            // No chain with two names.
            f.if(status.isError) { f.call(FATDirectory.removeEntries, vcb, fcb.Directory, slot.FirstEntry, slot.LastEntry) }
        }
        f.if(status.isError) {
            f.call(Ex.freePoolWithTag, copy.Buffer, Value.tag("FatN"))
            f.return(status)
        }
        f.set(fcb.EntrySector, slot.Sector)
        f.set(fcb.EntryOffset, slot.Offset)
        f.set(fcb.FirstEntry, slot.FirstEntry)
        f.set(fcb.LastEntry, slot.LastEntry)
        f.if(fcb.Name.Buffer != 0) { f.call(Ex.freePoolWithTag, fcb.Name.Buffer, Value.tag("FatN")) }
        f.copy(to: fcb.Name, from: copy, UNICODE_STRING.size)
        f.return(f.call(FATDirectory.updateEntry, vcb, fcb))
    }
}
