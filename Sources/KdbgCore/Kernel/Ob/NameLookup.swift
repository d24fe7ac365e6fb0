// SPDX-License-Identifier: GPL-3.0-or-later

/// From names to objects (spec/boot.md section 3.2).
extension Ob {
    /// What parse procedures are called with; `CompleteName` and `RemainingName` are UNICODE_STRING*, the rest starts with its backslash.
    static let parseParameters = [
        "ParseObject", "ObjectType", "AccessState", "AccessMode", "Attributes", "CompleteName", "RemainingName", "Context", "SecurityQos",
        "Object",
    ]

    /// `ObpLookupObjectName(RootHandle, ObjectName*, Attributes, ObjectType*, AccessMode, ParseContext, SecurityQos, InsertObject, AccessState,
    /// FoundObject**) -> status`: the object with that name, referenced. With `InsertObject` a missing last component is filled with that object.
    /// 0xC000003A: a component before the last is missing; 0xC0000034: the last one is; 0xC000003B: no leading backslash.
    static let lookupObjectName: Routine = .init(
        "ObpLookupObjectName",
        [
            "RootHandle", "ObjectName", "Attributes", "ObjectType", "AccessMode", "ParseContext", "SecurityQos", "InsertObject",
            "AccessState",
            "FoundObject",
        ]
    ) { f in
        let given = f.argument(1, UNICODE_STRING.self)
        let start = f.local(0)
        let found = f.argument(9)
        f.set(found.dword(), 0)
        let status = f.local(Status.success)
        f.if(f.argument(0) != 0) {
            f.set(status, f.call(referenceObjectByHandle, f.argument(0), 0, 0, f.argument(4), f.address(of: start), 0))
            f.if(status.isError) { f.return(status) }
            f.if(given.Length != 0 && given.Buffer.word() == 0x5C) {
                f.call(dereferenceObject, start)
                f.return(Status.objectPathSyntaxBad)
            }
        } else: {
            f.if(given.Length == 0) { f.return(Status.objectPathSyntaxBad) }
            f.if(given.Buffer.word() != 0x5C) { f.return(Status.objectPathSyntaxBad) }
            f.if(given.Length == 2) {
                f.set(found.dword(), f.argument(7))
                f.if(found.dword() == 0) { f.set(found.dword(), rootDirectoryObject.dword) }
                f.if(found.dword() == 0) { f.return(Status.invalidParameter) }
                f.call(referenceObject, found.dword())
                f.return(Status.success)
            }
        }
        let name = f.structure(UNICODE_STRING.self)
        f.set(status, f.call(Rtl.duplicateUnicodeString, name, given, Value.tag("ObNm")))
        f.if(status.isSuccess) {
            f.set(
                status,
                f.call(
                    walkName, start, name, f.argument(2), f.argument(3), f.argument(4), f.argument(5), f.argument(6), f.argument(7),
                    f.argument(8), found))
            f.call(Ex.freePoolWithTag, name.Buffer, Value.tag("ObNm"))
        }
        f.if(start != 0) { f.call(dereferenceObject, start) }
        f.return(status)
    }

    /// `ObpWalkName(StartDirectory, Name*, …) -> status`: walks until no link sends it back to the root, 32 times at most.
    static let walkName: Routine = .init(
        "ObpWalkName",
        [
            "Start", "ObjectName", "Attributes", "ObjectType", "AccessMode", "ParseContext", "SecurityQos", "InsertObject", "AccessState",
            "FoundObject",
        ]
    ) { f in
        let start = f.local(f.argument(0))
        let rounds = f.local(0)
        f.while(rounds < 32) {
            let status = f.call(
                walkComponents, start, f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5), f.argument(6),
                f.argument(7), f.argument(8), f.argument(9))
            f.if(status != Status.reparse) { f.return(status) }
            f.set(start, 0)
            f.add(rounds, 1)
        }
        f.return(Status.objectNameInvalid)
    }

    /// `ObpWalkComponents(StartDirectory, Name*, …) -> status`: one walk over the components of a name; STATUS_REPARSE when a link changed the name.
    static let walkComponents: Routine = .init(
        "ObpWalkComponents",
        [
            "Start", "ObjectName", "Attributes", "ObjectType", "AccessMode", "ParseContext", "SecurityQos", "InsertObject", "AccessState",
            "FoundObject",
        ]
    ) { f in
        let name = f.argument(1, UNICODE_STRING.self)
        let insert = f.argument(7)
        let found = f.argument(9)
        let object = f.local(f.argument(0))
        let rest = f.structure(UNICODE_STRING.self)
        let component = f.structure(UNICODE_STRING.self)
        f.copy(to: rest, from: name, UNICODE_STRING.size)
        f.if(object == 0) {
            f.set(object, rootDirectoryObject.dword)
            f.if(name.Length >= 6 && name.Buffer.dword() == 0x003F_005C && name.Buffer.word(4) == 0x3F) {
                f.if(name.Length == 6 || name.Buffer.word(6) == 0x5C) {
                    f.set(object, systemDeviceMap.dword.as(DEVICE_MAP.self).DosDevicesDirectory)
                    f.setString(rest, name.Buffer + 6, name.Length - 6)
                }
            }
        }
        f.loop {
            let type = f.local(Value(0))
            let parse = f.local(0)
            f.if(object != 0) {
                f.set(type, Pointer<OBJECT_HEADER>.of(object).Type)
                f.set(parse, type.as(OBJECT_TYPE.self).TypeInfo.ParseProcedure)
            }
            // Only links are followed on the way to a place for a new object.
            f.if(parse != 0 && (insert == 0 || parse == parseSymbolicLink.value)) {
                f.call(referenceObject, object)
                let status = f.call(
                    callParseProcedure, parse, object, f.argument(3), f.argument(8), f.argument(4), f.argument(2), name, rest,
                    f.argument(5),
                    f.argument(6), found)
                f.call(dereferenceObject, object)
                f.if(status != Status.reparseObject) { f.return(status) }
                // The link knows its object; the walk goes on there.
                f.set(object, found.dword())
                f.set(found.dword(), 0)
                f.continue()
            }
            f.if(rest.Length == 0) {
                f.call(referenceObject, object)
                f.set(found.dword(), object)
                f.return(Status.success)
            }
            f.if(object != 0 && type != directoryObjectType.dword) { f.return(Status.objectTypeMismatch) }
            f.call(splitName, rest, component)
            f.if(component.Length == 0) { f.return(Status.objectNameInvalid) }
            let next = f.call(lookupEntryDirectory, object, component)
            f.if(next == 0) {
                f.if(rest.Length != 0) { f.return(Status.objectPathNotFound) }
                f.if(insert == 0) { f.return(Status.objectNameNotFound) }
                f.return(f.call(enterObject, object, insert, component, found))
            }
            f.set(object, next)
        }
        f.return(Status.unsuccessful)
    }

    /// `ObpCallParseProcedure(ParseProcedure, …) -> status`: success without an object means that the name is missing.
    static let callParseProcedure: Routine = .init("ObpCallParseProcedure", ["ParseProcedure"] + parseParameters) { f in
        let found = f.argument(10)
        f.set(found.dword(), 0)
        let status = f.callIndirect(
            f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5), f.argument(6), f.argument(7),
            f.argument(8), f.argument(9), found)
        f.if(status.isSuccess && status != Status.reparse && status != Status.reparseObject && found.dword() == 0) {
            f.return(Status.objectNameNotFound)
        }
        f.return(status)
    }

    /// `ObpSplitName(Rest*, Component*)`: takes the first component off the rest, which may start with a backslash.
    static let splitName: Routine = .init("ObpSplitName", ["Rest", "Component"]) { f in
        let rest = f.argument(0, UNICODE_STRING.self)
        let component = f.argument(1, UNICODE_STRING.self)
        f.if(rest.Length != 0 && rest.Buffer.word() == 0x5C) { f.setString(rest, rest.Buffer + 2, rest.Length - 2) }
        let length = f.local(0)
        f.while(length < rest.Length && (rest.Buffer + length).word() != 0x5C) { f.add(length, 2) }
        f.setString(component, rest.Buffer, length)
        f.setString(rest, rest.Buffer + length, rest.Length - length)
        f.return()
    }.copied(as: "FatSplitName")

    /// `ObpEnterObject(Directory*, Object, Component*, FoundObject**) -> status`: gives the object its last component for a name, and the directory's
    /// reference.
    static let enterObject: Routine = .init("ObpEnterObject", ["Directory", "Object", "Component", "FoundObject"]) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(1)))
        let short = f.structure(UNICODE_STRING.self)
        let status = f.call(Rtl.duplicateUnicodeString, short, f.argument(2), Value.tag("ObNm"))
        f.if(status.isError) { f.return(status) }
        f.call(Ex.freePoolWithTag, header.nameInfo.Name.Buffer, Value.tag("ObNm"))
        f.copy(to: header.nameInfo.address(of: \.Name), from: short, UNICODE_STRING.size)
        let entered = f.call(insertEntryDirectory, f.argument(0), header, short)
        f.if(entered == 0) { f.return(Status.insufficientResources) }
        f.call(referenceObject, f.argument(1))
        f.set(f.argument(3).dword(), f.argument(1))
        f.if(header.Type.value == symbolicLinkObjectType.dword) { f.call(createSymbolicLinkName, f.argument(1)) }
        f.return(Status.success)
    }
}
