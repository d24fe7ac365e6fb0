// SPDX-License-Identifier: GPL-3.0-or-later

/// Handles. All threads of the start-up belong to System (or Idle), whose table is the kernel's; OBJ_KERNEL_HANDLE only sets bit 31.
extension Ob {
    /// `ObpCreateHandle(Object, DesiredAccess, Attributes, Handle*) -> status`: one handle and one reference more. 0xC000009A: the table is full.
    static let createHandle: Routine = .init("ObpCreateHandle", ["Object", "DesiredAccess", "Attributes", "Handle"]) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        let type = f.local(header.Type)
        let access = f.call(mapGenericMask, f.argument(1), type)
        let handle = f.call(exCreateHandle, kernelHandleTable.dword, header, access)
        f.if(handle == 0) { f.return(Status.insufficientResources) }
        f.call(referenceObject, f.argument(0))
        f.exchangeAdd(header.HandleCount, 1)
        f.exchangeAdd(type.TotalNumberOfHandles, 1)
        f.if(type.TotalNumberOfHandles > type.HighWaterNumberOfHandles) {
            f.set(type.HighWaterNumberOfHandles, type.TotalNumberOfHandles)
        }
        f.if((f.argument(2) & Value(ObjectAttribute.kernelHandle)) != 0) { f.set(handle, handle | 0x8000_0000) }
        f.set(f.argument(3).dword(), handle)
        f.return(Status.success)
    }

    /// `ObpMapGenericMask(DesiredAccess, ObjectType*) -> access`: generic rights become the type's own.
    static let mapGenericMask: Routine = .init("ObpMapGenericMask", ["DesiredAccess", "ObjectType"]) { f in
        let mapping = f.argument(1, OBJECT_TYPE.self).TypeInfo.GenericMapping
        let access = f.local(f.argument(0))
        f.if((access & 0x8000_0000) != 0) { f.set(access, access | mapping.dword()) }
        f.if((access & 0x4000_0000) != 0) { f.set(access, access | mapping.dword(4)) }
        f.if((access & 0x2000_0000) != 0) { f.set(access, access | mapping.dword(8)) }
        f.if((access & 0x1200_0000) != 0) { f.set(access, access | mapping.dword(12)) }
        f.return(access & 0x01FF_FFFF)
    }

    /// `ObReferenceObjectByHandle(Handle, DesiredAccess, ObjectType*, AccessMode, Object**, HandleInformation*) -> status`: the object, referenced.
    /// Handle information is attributes and granted access. 0xC0000008: no such handle; 0xC0000024: another type.
    package static let referenceObjectByHandle: Routine = .init(
        "ObReferenceObjectByHandle",
        ["Handle", "DesiredAccess", "ObjectType", "AccessMode", "Object", "HandleInformation"]
    ) { f in
        let object = f.local(0)
        let access = f.local(0x001F_FFFF)
        f.set(f.argument(4).dword(), 0)
        f.if(f.argument(0) == 0xFFFF_FFFF || f.argument(0) == 0xFFFF_FFFE) {
            f.set(object, currentThread)
            f.if(f.argument(0) == 0xFFFF_FFFF) { f.set(object, currentThread.Tcb.ApcState.Process) }
        } else: {
            f.if(kernelHandleTable.dword == 0) { f.return(Status.invalidHandle) }
            let entry = f.call(mapHandleToPointer, kernelHandleTable.dword, f.argument(0) & 0x7FFF_FFFF).as(HANDLE_TABLE_ENTRY.self)
            f.if(entry.isNull) { f.return(Status.invalidHandle) }
            f.set(object, (entry.Object & ~Value(7)) + 0x18)
            f.set(access, entry.GrantedAccess)
        }
        f.if(f.argument(2) != 0 && Pointer<OBJECT_HEADER>.of(object).Type.value != f.argument(2)) { f.return(Status.objectTypeMismatch) }
        f.if(f.argument(5) != 0) {
            f.set(f.argument(5).dword(), 0)
            f.set(f.argument(5).dword(4), access)
        }
        f.call(referenceObject, object)
        f.set(f.argument(4).dword(), object)
        f.return(Status.success)
    }

    /// `NtClose(Handle) -> status`: the type's close procedure, then the handle's name check and reference.
    package static let ntClose: Routine = .init("NtClose", ["Handle"]) { f in
        let handle = f.local(f.argument(0) & 0x7FFF_FFFF)
        f.if(kernelHandleTable.dword == 0) { f.return(Status.invalidHandle) }
        let entry = f.call(mapHandleToPointer, kernelHandleTable.dword, handle).as(HANDLE_TABLE_ENTRY.self)
        f.if(entry.isNull) { f.return(Status.invalidHandle) }
        let header = f.local(Pointer<OBJECT_HEADER>(entry.Object & ~Value(7)))
        let access = f.local(entry.GrantedAccess)
        f.call(destroyHandle, kernelHandleTable.dword, handle)
        f.call(decrementHandleCount, header.body, access)
        f.call(dereferenceObject, header.body)
        f.return(Status.success)
    }

    /// `ObpDecrementHandleCount(Object, GrantedAccess)`: close procedures hear how many handles there were.
    static let decrementHandleCount: Routine = .init("ObpDecrementHandleCount", ["Object", "GrantedAccess"]) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        let type = f.local(header.Type)
        let handles = f.local(header.HandleCount)
        f.exchangeAdd(header.HandleCount, 0xFFFF_FFFF as Value)
        f.exchangeAdd(type.TotalNumberOfHandles, 0xFFFF_FFFF as Value)
        f.if(type.TypeInfo.CloseProcedure != 0) {
            f.callIndirect(
                type.TypeInfo.CloseProcedure, currentThread.Tcb.ApcState.Process, f.argument(0), f.argument(1), handles, handles)
        }
        f.call(deleteNameCheck, f.argument(0))
        f.return()
    }

    /// `ObOpenObjectByName(ObjectAttributes*, ObjectType*, AccessMode, AccessState, DesiredAccess, ParseContext, Handle*) -> status`: what is there under
    /// that name, or what the parse procedure on the way makes of the rest of the name.
    package static let openObjectByName: Routine = .init(
        "ObOpenObjectByName",
        ["ObjectAttributes", "ObjectType", "AccessMode", "AccessState", "DesiredAccess", "ParseContext", "Handle"]
    ) { f in
        let attributes = f.argument(0, OBJECT_ATTRIBUTES.self)
        let found = f.local(0)
        f.set(f.argument(6).dword(), 0)
        f.if(attributes.isNull) { f.return(Status.invalidParameter) }
        f.if(attributes.ObjectName.isNull) { f.return(Status.objectPathSyntaxBad) }
        let status = f.local(
            f.call(
                lookupObjectName, attributes.RootDirectory, attributes.ObjectName, attributes.Attributes, f.argument(1), f.argument(2),
                f.argument(5), attributes.SecurityQualityOfService, 0, f.argument(3), f.address(of: found)))
        f.if(status.isError) { f.return(status) }
        let header = f.local(Pointer<OBJECT_HEADER>.of(found))
        f.if(f.argument(1) != 0 && header.Type.value != f.argument(1)) {
            f.set(status, Status.objectTypeMismatch)
        } else: {
            f.call(freeCreateInformation, header)
            f.set(status, f.call(createHandle, found, f.argument(4), attributes.Attributes, f.argument(6)))
        }
        f.call(dereferenceObject, found)
        f.return(status)
    }

    /// `ObReferenceObjectByName(ObjectPath*, Attributes, AccessState, DesiredAccess, ObjectType*, AccessMode, ParseContext, Object**) -> status`.
    package static let referenceObjectByName: Routine = .init(
        "ObReferenceObjectByName",
        ["ObjectPath", "Attributes", "AccessState", "DesiredAccess", "ObjectType", "AccessMode", "ParseContext", "Object"]
    ) { f in
        let found = f.local(0)
        f.set(f.argument(7).dword(), 0)
        let status = f.call(
            lookupObjectName, 0, f.argument(0), f.argument(1), f.argument(4), f.argument(5), f.argument(6), 0, 0, f.argument(2),
            f.address(of: found))
        f.if(status.isError) { f.return(status) }
        f.if(f.argument(4) != 0 && Pointer<OBJECT_HEADER>.of(found).Type.value != f.argument(4)) {
            f.call(dereferenceObject, found)
            f.return(Status.objectTypeMismatch)
        }
        f.set(f.argument(7).dword(), found)
        f.return(Status.success)
    }
}
