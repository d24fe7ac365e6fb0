// SPDX-License-Identifier: GPL-3.0-or-later

/// How objects live and die: reference counts, temporary and permanent objects (spec/boot.md sections 2.3 step 8 and 8.8).
extension Ob {
    /// `ObfReferenceObject(Object) -> references`: one reference more.
    package static let referenceObject: Routine = .init("ObfReferenceObject", ["Object"]) { f in
        f.return(f.exchangeAdd(Pointer<OBJECT_HEADER>.of(f.argument(0)).PointerCount, 1) + 1)
    }

    /// `ObfDereferenceObject(Object) -> references`: one reference less; the last one deletes.
    package static let dereferenceObject: Routine = .init("ObfDereferenceObject", ["Object"]) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        let left = f.local(f.exchangeAdd(header.PointerCount, 0xFFFF_FFFF as Value) - 1)
        f.if(left == 0) { f.call(deleteObject, f.argument(0)) }
        f.return(left)
    }

    /// `ObpDeleteObject(Object)`: the type's delete procedure, then the memory.
    static let deleteObject: Routine = .init("ObpDeleteObject", ["Object"]) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        f.call(freeCreateInformation, header)
        f.if(header.Type.TypeInfo.DeleteProcedure != 0) { f.callIndirect(header.Type.TypeInfo.DeleteProcedure, f.argument(0)) }
        f.call(freeObject, header)
        f.return()
    }

    /// `ObReferenceObjectByPointer(Object, DesiredAccess, ObjectType*, AccessMode) -> status`: one reference more to an object of a type.
    package static let referenceObjectByPointer: Routine = .init(
        "ObReferenceObjectByPointer", ["Object", "DesiredAccess", "ObjectType", "AccessMode"]
    ) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        f.if(f.argument(2) != 0 && header.Type.value != f.argument(2)) { f.return(Status.objectTypeMismatch) }
        f.call(referenceObject, f.argument(0))
        f.return(Status.success)
    }

    /// `ObMakeTemporaryObject(Object)`: takes the name out of the name space, now or when the last handle is closed.
    package static let makeTemporaryObject: Routine = .init("ObMakeTemporaryObject", ["Object"]) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        f.set(header.Flags, header.Flags & ~Value(ObjectFlag.permanent))
        f.call(deleteNameCheck, f.argument(0))
        f.return()
    }

    /// `ObpDeleteNameCheck(Object)`: a temporary object without handles loses its name and with it the directory's reference.
    static let deleteNameCheck: Routine = .init("ObpDeleteNameCheck", ["Object"]) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        f.if(header.HandleCount != 0 || header.NameInfoOffset == 0) { f.return() }
        f.if((header.Flags & Value(ObjectFlag.permanent)) != 0) { f.return() }
        f.if(header.nameInfo.Directory.isNull) { f.return() }
        f.call(deleteEntryDirectory, f.argument(0))
        f.call(dereferenceObject, f.argument(0))
        f.return()
    }

    /// `NtMakeTemporaryObject(Handle) -> status`.
    package static let ntMakeTemporaryObject: Routine = .init("NtMakeTemporaryObject", ["Handle"]) { f in
        let object = f.local(0)
        let status = f.call(referenceObjectByHandle, f.argument(0), 0x10000, 0, 0, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        f.call(makeTemporaryObject, object)
        f.call(dereferenceObject, object)
        f.return(Status.success)
    }
}
