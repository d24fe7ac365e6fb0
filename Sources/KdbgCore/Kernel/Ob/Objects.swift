// SPDX-License-Identifier: GPL-3.0-or-later

/// Objects: creation, insertion, references.
extension Ob {
    /// `ObCreateObjectType(TypeName, ObjectTypeInitializer, Reserved, ObjectType)`: makes a type object.
    package static let createObjectType: Routine = .init(
        "ObCreateObjectType",
        ["TypeName", "ObjectTypeInitializer", "Reserved", "ObjectType"]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `ObCreateObject(ProbeMode, Type, ObjectAttributes, AccessMode, ParseContext, ObjectSize, PagedPoolCharge, NonPagedPoolCharge, Object)`: makes an object.
    package static let createObject: Routine = .init(
        "ObCreateObject",
        [
            "ProbeMode", "Type", "ObjectAttributes", "AccessMode", "ParseContext", "ObjectSize", "PagedPoolCharge", "NonPagedPoolCharge",
            "Object",
        ]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `ObInsertObject(Object, AccessState, DesiredAccess, ObjectPointerBias, NewObject, Handle)`: gives it a name and a handle.
    package static let insertObject: Routine = .init(
        "ObInsertObject",
        ["Object", "AccessState", "DesiredAccess", "ObjectPointerBias", "NewObject", "Handle"]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `ObReferenceObjectByHandle(Handle, DesiredAccess, ObjectType, AccessMode, Object, HandleInformation)`: from handle to pointer.
    package static let referenceObjectByHandle: Routine = .init(
        "ObReferenceObjectByHandle",
        ["Handle", "DesiredAccess", "ObjectType", "AccessMode", "Object", "HandleInformation"]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `ObfReferenceObject(Object)`: one reference more.
    package static let referenceObject: Routine = .init("ObfReferenceObject", ["Object"]) { f in
        f.return(Status.notImplemented)
    }

    /// `ObfDereferenceObject(Object)`: one reference less; the last one deletes.
    package static let dereferenceObject: Routine = .init("ObfDereferenceObject", ["Object"]) { f in
        f.return(Status.notImplemented)
    }

    /// `ObMakeTemporaryObject(Object)`: takes the name out of the name space.
    package static let makeTemporaryObject: Routine = .init("ObMakeTemporaryObject", ["Object"]) { f in
        f.return(Status.notImplemented)
    }

    /// `NtClose(Handle)`: closes a handle.
    package static let ntClose: Routine = .init("NtClose", ["Handle"]) { f in
        f.return(Status.notImplemented)
    }

    /// `ObInitSystem()`: phase 0 or 1, as ExpInitializationPhase says; BOOLEAN.
    package static let initSystem: Routine = .init("ObInitSystem", []) { f in
        f.return(Status.notImplemented)
    }
}
