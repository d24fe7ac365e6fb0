// SPDX-License-Identifier: GPL-3.0-or-later

/// What is known about an object.
extension Ob {
    /// `ObQueryNameString(Object, OBJECT_NAME_INFORMATION*, Length, ReturnLength*) -> status`: its full path behind a UNICODE_STRING in the caller's buffer;
    /// types with a query-name procedure answer for themselves. 0xC0000004: the buffer is too short, and the length says how long it should be.
    package static let queryNameString: Routine = .init(
        "ObQueryNameString", ["Object", "ObjectNameInfo", "Length", "ReturnLength"]
    ) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        let string = f.argument(1, UNICODE_STRING.self)
        let query = f.local(header.Type.TypeInfo.QueryNameProcedure)
        f.if(query != 0) {
            f.return(f.callIndirect(query, f.argument(0), header.NameInfoOffset != 0, string, f.argument(2), f.argument(3), 0))
        }
        f.if(header.NameInfoOffset == 0) {
            f.set(f.argument(3).dword(), 8)
            f.if(f.argument(2) < 8) { f.return(Status.infoLengthMismatch) }
            f.zero(string, 8)
            f.return(Status.success)
        }
        let bytes = f.call(nameLength, f.argument(0))
        f.set(f.argument(3).dword(), bytes + 8 + 2)
        f.if(f.argument(2) < bytes + 10) { f.return(Status.infoLengthMismatch) }
        f.set(string.Length, bytes)
        f.set(string.MaximumLength, bytes + 2)
        f.set(string.Buffer, string.value + 8)
        let end = f.local(string.value + 8 + bytes)
        f.set(end.word(), 0)
        let object = f.local(f.argument(0))
        f.if(object == rootDirectoryObject.dword) { f.set((string.value + 8).word(), 0x5C) }
        f.while(object != 0 && object != rootDirectoryObject.dword) {
            let info = f.local(Pointer<OBJECT_HEADER>.of(object).nameInfo)
            f.set(end, end - info.Name.Length)
            f.copy(to: end, from: info.Name.Buffer, info.Name.Length)
            f.set(end, end - 2)
            f.set(end.word(), 0x5C)
            f.set(object, info.Directory)
        }
        f.return(Status.success)
    }

    /// `ObpNameLength(Object) -> bytes` of its path. What has lost its directory has its own name only.
    private static let nameLength: Routine = .init("ObpNameLength", ["Object"]) { f in
        let bytes = f.local(0)
        let object = f.local(f.argument(0))
        f.if(object == rootDirectoryObject.dword) { f.return(2) }
        f.while(object != 0 && object != rootDirectoryObject.dword) {
            let info = f.local(Pointer<OBJECT_HEADER>.of(object).nameInfo)
            f.set(bytes, bytes + info.Name.Length + 2)
            f.set(object, info.Directory)
        }
        f.return(bytes)
    }

    /// `NtQueryObject(Handle, ObjectInformationClass, Buffer, Length, ReturnLength*) -> status`: class 0 basic (0x38 bytes), 1 name, 2 type, 4 handle flags.
    package static let ntQueryObject: Routine = .init(
        "NtQueryObject", ["ObjectHandle", "ObjectInformationClass", "ObjectInformation", "Length", "ReturnLength"]
    ) { f in
        let object = f.local(0)
        let information = f.buffer(8)
        let length = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        Ke.probe(f, f.argument(2), f.argument(3), write: true)
        Ke.probe(f, optional: f.argument(4), 4, write: true)
        let status = f.local(f.call(referenceObjectByHandle, f.argument(0), 0, 0, mode, f.address(of: object), information))
        f.if(status.isError) { f.return(status) }
        f.set(status, Status.invalidInfoClass)
        f.if(f.argument(1) == 0) {
            f.set(status, f.call(queryBasic, object, information, f.argument(2), f.argument(3), f.address(of: length)))
        }
        f.if(f.argument(1) == 1) { f.set(status, f.call(queryNameString, object, f.argument(2), f.argument(3), f.address(of: length))) }
        f.if(f.argument(1) == 2) { f.set(status, f.call(queryType, object, f.argument(2), f.argument(3), f.address(of: length))) }
        f.if(f.argument(1) == 4) {
            f.set(length, 2)
            f.set(status, Status.infoLengthMismatch)
            f.if(f.argument(3) == 2) {
                f.set(f.argument(2).byte(), (information.dword() & Value(EntryBits.inherit)) != 0)
                f.set(f.argument(2).byte(1), (information.dword() & 1) != 0)
                f.set(status, Status.success)
            }
        }
        f.call(dereferenceObject, object)
        f.if(f.argument(4) != 0) { f.set(f.argument(4).dword(), length) }
        f.return(status)
    }

    /// `ObpQueryBasic(Object, HandleInformation*, Buffer, Length, ReturnLength*) -> status`: attributes, access, handles, references, and charges.
    private static let queryBasic: Routine = .init(
        "ObpQueryBasic", ["Object", "HandleInformation", "Buffer", "Length", "ReturnLength"]
    ) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        let buffer = f.argument(2)
        f.set(f.argument(4).dword(), 0x38)
        f.if(f.argument(3) != 0x38) { f.return(Status.infoLengthMismatch) }
        f.zero(buffer, 0x38)
        f.set(buffer.dword(0), f.argument(1).dword())
        f.if((header.Flags & Value(ObjectFlag.permanent)) != 0) {
            f.set(buffer.dword(0), buffer.dword(0) | Value(ObjectAttribute.permanent))
        }
        f.if((header.Flags & Value(ObjectFlag.exclusive)) != 0) {
            f.set(buffer.dword(0), buffer.dword(0) | Value(ObjectAttribute.exclusive))
        }
        f.set(buffer.dword(4), f.argument(1).dword(4))
        f.set(buffer.dword(8), header.HandleCount)
        // Without the reference that this query holds.
        f.set(buffer.dword(0xC), header.PointerCount - 1)
        f.set(buffer.dword(0x10), header.Type.TypeInfo.DefaultPagedPoolCharge)
        f.set(buffer.dword(0x14), header.Type.TypeInfo.DefaultNonPagedPoolCharge)
        f.if(header.NameInfoOffset != 0) { f.set(buffer.dword(0x24), header.nameInfo.Name.Length + 10) }
        f.set(buffer.dword(0x28), header.Type.Name.Length + 0x62)
        f.if(header.Type.value == symbolicLinkObjectType.dword) {
            f.copy(to: buffer + 0x30, from: f.argument(0, OBJECT_SYMBOLIC_LINK.self).CreationTime, 8)
        }
        f.return(Status.success)
    }

    /// `ObpQueryType(Object, Buffer, Length, ReturnLength*) -> status`: the type's name, counters and rules.
    private static let queryType: Routine = .init("ObpQueryType", ["Object", "Buffer", "Length", "ReturnLength"]) { f in
        let type = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)).Type)
        let info = type.TypeInfo
        let buffer = f.argument(1)
        let needed = f.local(type.Name.Length + 0x62)
        f.set(f.argument(3).dword(), needed)
        f.if(f.argument(2) < needed) { f.return(Status.infoLengthMismatch) }
        f.zero(buffer, 0x60)
        f.set(buffer.word(0), type.Name.Length)
        f.set(buffer.word(2), type.Name.Length + 2)
        f.set(buffer.dword(4), buffer + 0x60)
        f.copy(to: buffer + 0x60, from: type.Name.Buffer, type.Name.Length)
        f.set((buffer + 0x60 + type.Name.Length).word(), 0)
        f.set(buffer.dword(0x08), type.TotalNumberOfObjects)
        f.set(buffer.dword(0x0C), type.TotalNumberOfHandles)
        f.set(buffer.dword(0x20), type.HighWaterNumberOfObjects)
        f.set(buffer.dword(0x24), type.HighWaterNumberOfHandles)
        f.set(buffer.dword(0x38), info.InvalidAttributes)
        f.copy(to: buffer + 0x3C, from: info.GenericMapping, 16)
        f.set(buffer.dword(0x4C), info.ValidAccessMask)
        f.set(buffer.byte(0x50), info.SecurityRequired)
        f.set(buffer.byte(0x51), info.MaintainHandleCount)
        f.set(buffer.dword(0x54), info.PoolType)
        f.set(buffer.dword(0x58), info.DefaultPagedPoolCharge)
        f.set(buffer.dword(0x5C), info.DefaultNonPagedPoolCharge)
        f.return(Status.success)
    }

    /// `NtOpenDirectoryObject(DirectoryHandle*, DesiredAccess, ObjectAttributes*) -> status`.
    package static let ntOpenDirectoryObject: Routine = .init(
        "NtOpenDirectoryObject", ["DirectoryHandle", "DesiredAccess", "ObjectAttributes"]
    ) { f in
        openByName(f, directoryObjectType)
    }

    /// What `NtOpen…(Handle*, DesiredAccess, ObjectAttributes*) -> status` does, for an object of a type, with the rights of the caller.
    static func openByName(_ f: Function, _ type: Global, context: Value = 0) {
        let handle = f.local(0)
        Ke.probe(f, f.argument(0), 4, write: true)
        let status = f.call(
            openObjectByName, f.argument(2), type.dword, currentThread.Tcb.PreviousMode, 0, f.argument(1), context, f.address(of: handle))
        f.if(status.isSuccess) { f.set(f.argument(0).dword(), handle) }
        f.return(status)
    }
}
