// SPDX-License-Identifier: GPL-3.0-or-later

/// Opening objects: by name, by pointer, from another handle.
extension Ob {
    /// `ObOpenObjectByName(ObjectAttributes*, ObjectType*, AccessMode, AccessState, DesiredAccess, ParseContext, Handle*) -> status`: what is there under
    /// that name, or what the parse procedure on the way makes of the rest of the name.
    package static let openObjectByName: Routine = .init(
        "ObOpenObjectByName",
        ["ObjectAttributes", "ObjectType", "AccessMode", "AccessState", "DesiredAccess", "ParseContext", "Handle"]
    ) { f in
        f.pagedCode()
        let attributes = f.structure(OBJECT_ATTRIBUTES.self)
        let name = f.structure(UNICODE_STRING.self)
        let found = f.local(0)
        f.set(f.argument(6).dword(), 0)
        f.if(f.argument(0) == 0) { f.return(Status.invalidParameter) }
        let status = f.local(f.call(Ke.captureObjectAttributes, f.argument(0), f.argument(2), attributes, name))
        f.if(status.isError) { f.return(status) }
        f.if(attributes.ObjectName.isNull) { f.return(Status.objectPathSyntaxBad) }
        f.set(
            status,
            f.call(
                lookupObjectName, attributes.RootDirectory, attributes.ObjectName, attributes.Attributes, f.argument(1), f.argument(2),
                f.argument(5), attributes.SecurityQualityOfService, 0, f.argument(3), f.address(of: found)))
        f.if(status.isError) { f.return(status) }
        let header = f.local(Pointer<OBJECT_HEADER>.of(found))
        f.if(f.argument(1) != 0 && header.Type.value != f.argument(1)) {
            f.set(status, Status.objectTypeMismatch)
        } else: {
            let reason = f.local(OpenReason.open)
            f.if((header.Flags & Value(ObjectFlag.createInfo)) != 0) { f.set(reason, OpenReason.create) }
            f.call(freeCreateInformation, header)
            f.set(
                status,
                f.call(createHandle, reason, found, f.argument(3), f.argument(4), attributes.Attributes, f.argument(2), f.argument(6)))
        }
        f.call(dereferenceObject, found)
        f.return(status)
    }

    /// `ObOpenObjectByPointer(Object, HandleAttributes, AccessState, DesiredAccess, ObjectType*, AccessMode, Handle*) -> status`.
    package static let openObjectByPointer: Routine = .init(
        "ObOpenObjectByPointer",
        ["Object", "HandleAttributes", "PassedAccessState", "DesiredAccess", "ObjectType", "AccessMode", "Handle"]
    ) { f in
        f.set(f.argument(6).dword(), 0)
        let status = f.local(f.call(referenceObjectByPointer, f.argument(0), 0, f.argument(4), f.argument(5)))
        f.if(status.isError) { f.return(status) }
        f.if((f.argument(1) & Pointer<OBJECT_HEADER>.of(f.argument(0)).Type.TypeInfo.InvalidAttributes) != 0) {
            f.set(status, Status.invalidParameter)
        } else: {
            f.set(
                status,
                f.call(
                    createHandle, OpenReason.open, f.argument(0), f.argument(2), f.argument(3), f.argument(1), f.argument(5), f.argument(6))
            )
        }
        f.call(dereferenceObject, f.argument(0))
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

    /// `NtDuplicateObject(SourceProcessHandle, SourceHandle, TargetProcessHandle, TargetHandle*, DesiredAccess, HandleAttributes, Options) -> status`.
    /// Options: 1 close the source, 2 same access, 4 same attributes. Both processes must be the current one.
    package static let ntDuplicateObject: Routine = .init(
        "NtDuplicateObject",
        [
            "SourceProcessHandle", "SourceHandle", "TargetProcessHandle", "TargetHandle", "DesiredAccess", "HandleAttributes",
            "Options",
        ]
    ) { f in
        let object = f.local(0)
        let information = f.buffer(8)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let handle = f.local(0)
        Ke.probe(f, optional: f.argument(3), 4, write: true)
        f.if(f.argument(0) != 0xFFFF_FFFF || (f.argument(2) != 0 && f.argument(2) != 0xFFFF_FFFF)) { f.return(Status.notImplemented) }
        let status = f.local(f.call(referenceObjectByHandle, f.argument(1), 0, 0, mode, f.address(of: object), information))
        f.if(status.isError) { f.return(status) }
        f.if(f.argument(2) != 0) {
            let access = f.local(f.argument(4))
            let attributes = f.local(f.argument(5))
            f.if((f.argument(6) & 2) != 0) { f.set(access, information.dword(4)) }
            f.if((f.argument(6) & 4) != 0) { f.set(attributes, information.dword()) }
            f.if(mode != 0) { f.set(attributes, attributes & ~Value(ObjectAttribute.kernelHandle)) }
            // What the source may do the copy may do; only more is asked of the object's descriptor.
            let checked = f.local(mode)
            let wanted = f.call(mapGenericMask, access, Pointer<OBJECT_HEADER>.of(object).Type)
            f.if((wanted & ~information.dword(4)) == 0) { f.set(checked, 0) }
            f.set(status, f.call(createHandle, OpenReason.duplicate, object, 0, access, attributes, checked, f.address(of: handle)))
            f.if(status.isSuccess && f.argument(3) != 0) { f.set(f.argument(3).dword(), handle) }
        }
        f.call(dereferenceObject, object)
        f.if((f.argument(6) & 1) != 0) { f.call(closeHandle, f.argument(1), mode) }
        f.return(status)
    }
}
