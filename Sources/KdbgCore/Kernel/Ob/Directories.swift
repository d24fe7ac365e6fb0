// SPDX-License-Identifier: GPL-3.0-or-later

/// Directory objects: 37 buckets of OBJECT_DIRECTORY_ENTRY chains (spec/boot.md section 5.2).
extension Ob {
    /// `ObpHashObjectName(Name*) -> hash`: case-blind.
    static let hashObjectName: Routine = .init("ObpHashObjectName", ["Name"]) { f in
        let name = f.argument(0, UNICODE_STRING.self)
        let hash = f.local(0)
        let index = f.local(0)
        f.while(index < name.Length) {
            let character = f.call(Rtl.upcaseUnicodeChar, (name.Buffer + index).word())
            f.set(hash, hash + (hash << 1) + (hash >> 1) + character)
            f.add(index, 2)
        }
        f.return(hash)
    }

    /// `ObpLookupEntryDirectory(Directory*, Name*) -> object or NULL`: one component, case-blind; no reference is taken.
    /// With a NULL directory it faults near address 0 (spec/boot.md section 3.2).
    static let lookupEntryDirectory: Routine = .init("ObpLookupEntryDirectory", ["Directory", "Name"]) { f in
        let hash = f.call(hashObjectName, f.argument(1))
        let entry = f.local(Pointer<OBJECT_DIRECTORY_ENTRY>((f.argument(0) + ((hash % 37) << 2)).dword()))
        f.while(entry.isNotNull) {
            f.if(entry.HashValue == hash) {
                let name = Pointer<OBJECT_HEADER>.of(entry.Object).nameInfo.address(of: \.Name)
                let same = f.call(Rtl.equalUnicodeString, f.argument(1), name, 1)
                f.if(same != 0) { f.return(entry.Object) }
            }
            f.set(entry.value, entry.ChainLink)
        }
        f.return(0)
    }

    /// `ObpInsertEntryDirectory(Directory*, ObjectHeader*, Name*) -> BOOLEAN`: puts the object at the start of its bucket; FALSE without memory.
    static let insertEntryDirectory: Routine = .init("ObpInsertEntryDirectory", ["Directory", "ObjectHeader", "Name"]) { f in
        let header = f.argument(1, OBJECT_HEADER.self)
        let hash = f.call(hashObjectName, f.argument(2))
        let bucket = f.local(f.argument(0) + ((hash % 37) << 2))
        let block = f.call(Ex.allocatePoolWithTag, 1, OBJECT_DIRECTORY_ENTRY.size, Value.tag("ObDi"))
        f.if(block == 0) { f.return(0) }
        let entry = block.as(OBJECT_DIRECTORY_ENTRY.self)
        f.set(entry.address(of: \.ChainLink).dword(), bucket.dword())
        f.set(entry.Object, header.body)
        f.set(entry.HashValue, hash)
        f.set(bucket.dword(), entry)
        f.set(header.nameInfo.address(of: \.Directory).dword(), f.argument(0))
        f.return(1)
    }

    /// `ObpDeleteEntryDirectory(Object)`: takes a named object out of its directory; the directory's reference stays with the caller.
    static let deleteEntryDirectory: Routine = .init("ObpDeleteEntryDirectory", ["Object"]) { f in
        let info = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)).nameInfo)
        let hash = f.call(hashObjectName, info.address(of: \.Name))
        let link = f.local(info.Directory.value + ((hash % 37) << 2))
        f.while(link.dword() != 0) {
            let entry = f.local(Pointer<OBJECT_DIRECTORY_ENTRY>(link.dword()))
            f.if(entry.Object == f.argument(0)) {
                f.set(link.dword(), entry.ChainLink)
                f.call(Ex.freePoolWithTag, entry, Value.tag("ObDi"))
                f.set(info.address(of: \.Directory).dword(), 0)
                f.return()
            }
            f.set(link, entry)
        }
        f.return()
    }

    /// `NtCreateDirectoryObject(DirectoryHandle*, DesiredAccess, ObjectAttributes*) -> status`.
    package static let ntCreateDirectoryObject: Routine = .init(
        "NtCreateDirectoryObject", ["DirectoryHandle", "DesiredAccess", "ObjectAttributes"]
    ) { f in
        let object = f.local(0)
        let handle = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        Ke.probe(f, f.argument(0), 4, write: true)
        let status = f.local(
            f.call(
                createObject, mode, directoryObjectType.dword, f.argument(2), mode, 0, OBJECT_DIRECTORY.size, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        f.zero(object, OBJECT_DIRECTORY.size)
        f.set(object.as(OBJECT_DIRECTORY.self).SessionId, 0xFFFF_FFFF as UInt32)
        f.set(status, f.call(insertObject, object, 0, f.argument(1), 0, 0, f.address(of: handle)))
        f.if(status.isSuccess) { f.set(f.argument(0).dword(), handle) }
        f.return(status)
    }

    /// `ObpCreatePermanentDirectory(Name*) -> status`: a directory that start-up makes, without a handle left open.
    package static let createDirectory: Routine = .init("ObpCreatePermanentDirectory", ["Name"]) { f in
        let attributes = f.objectAttributes(
            f.argument(0), ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let status = f.call(ntCreateDirectoryObject, f.address(of: handle), 0xF000F, attributes)
        f.if(status.isError) { f.return(status) }
        f.call(ntClose, handle)
        f.return(status)
    }
}
