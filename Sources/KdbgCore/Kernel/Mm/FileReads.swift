// SPDX-License-Identifier: GPL-3.0-or-later

/// Reading files for sections: by file object, since a section outlives the handle it was made with.
extension Mm {
    /// Larger files are not mapped.
    static let largestMappedFile: UInt32 = 0x100_0000
    static let fileReadTag: StaticString = "MmIf"

    /// `MiQueryFileSize(FileObject*, Size*) -> status`: bytes of the file. 0xC0000040: more than can be mapped here.
    static let queryFileSize: Routine = .init("MiQueryFileSize", ["FileObject", "Size"], section: .page) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let information = f.buffer(0x18)
        // The packet takes one reference along.
        f.call(Ob.referenceObject, file)
        f.call(Ob.referenceObject, file)
        f.zero(information, 0x18)
        // The kernel asks, whoever wants the section. FILE_STANDARD_INFORMATION, class 5; EndOfFile is at 8.
        let mode = f.local(currentThread.Tcb.PreviousMode)
        f.set(currentThread.Tcb.PreviousMode, 0)
        let status = f.local(f.call(Io.fileInformation, Major.queryInformation, file, result, information, 0x18, 5))
        f.if(status == Status.pending) {
            f.call(Ke.waitForSingleObject, file.address(of: \.Event), 0, 0, 0, 0)
            f.set(status, result.Status)
        }
        f.set(currentThread.Tcb.PreviousMode, mode)
        f.call(Ob.dereferenceObject, file)
        f.if(status.isError) { f.return(status) }
        f.if(information.dword(12) != 0 || information.dword(8) > largestMappedFile.value) { f.return(Status.sectionTooBig) }
        f.set(f.argument(1).dword(), information.dword(8))
        f.return(Status.success)
    }

    /// `MiReadFile(FileObject*, Buffer, Length) -> status`: the file's first bytes, by a paging read into kernel memory. 0xC0000011: it has become shorter.
    static let readFile: Routine = .init("MiReadFile", ["FileObject", "Buffer", "Length"], section: .page) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let offset = f.structure(LARGE_INTEGER.self)
        f.zero(offset, 8)
        f.zero(result, IO_STATUS_BLOCK.size)
        f.call(Ke.initializeEvent, event, 0, 0)
        let mdl = f.call(Io.allocateMdl, f.argument(1), f.argument(2), 0, 0, 0)
        f.if(mdl == 0) { f.return(Status.insufficientResources) }
        f.call(probeAndLockPages, mdl, 0, 1)
        let status = f.local(f.call(Io.pageRead, f.argument(0), mdl, offset, event, result))
        f.if(status == Status.pending) {
            f.call(Ke.waitForSingleObject, event, 0, 0, 0, 0)
            f.set(status, result.Status)
        }
        f.call(unlockPages, mdl)
        f.call(Io.freeMdl, mdl)
        f.if(status.isSuccess && result.Information != f.argument(2)) { f.return(Status.endOfFile) }
        f.return(status)
    }

    /// `MiReadWholeFile(FileObject*, Buffer**, Size*) -> status`: all of a file in paged pool, tag 'MmIf'; the caller frees it. An empty file is no image.
    static let readWholeFile: Routine = .init("MiReadWholeFile", ["FileObject", "Buffer", "Size"], section: .page) { f in
        f.set(f.argument(1).dword(), 0)
        f.set(f.argument(2).dword(), 0)
        let status = f.local(f.call(queryFileSize, f.argument(0), f.argument(2)))
        f.if(status.isError) { f.return(status) }
        let size = f.local(f.argument(2).dword())
        f.if(size == 0) { f.return(Status.mappedFileSizeZero) }
        let buffer = f.call(Ex.allocatePoolWithTag, 1, size, Value.tag(fileReadTag))
        f.if(buffer == 0) { f.return(Status.insufficientResources) }
        f.set(status, f.call(readFile, f.argument(0), buffer, size))
        f.if(status.isError) {
            f.call(Ex.freePoolWithTag, buffer, Value.tag(fileReadTag))
            f.return(status)
        }
        f.set(f.argument(1).dword(), buffer)
        f.return(status)
    }
}

extension Status {
    package static let mappedFileSizeZero: Value = 0xC000_011E
}
