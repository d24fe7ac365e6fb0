// SPDX-License-Identifier: GPL-3.0-or-later

/// Making objects and giving them names and handles.
extension Ob {
    /// `ObCreateObject(ProbeMode, Type*, ObjectAttributes*, AccessMode, ParseContext, ObjectSize, PagedPoolCharge, NonPagedPoolCharge, Object**)
    /// -> status`: an object that nobody can find yet, PointerCount 1. With a NULL type it faults at 0x64 (spec/boot.md section 3.1).
    package static let createObject: Routine = .init(
        "ObCreateObject",
        [
            "ProbeMode", "Type", "ObjectAttributes", "AccessMode", "ParseContext", "ObjectSize", "PagedPoolCharge", "NonPagedPoolCharge",
            "Object",
        ]
    ) { f in
        let type = f.argument(1, OBJECT_TYPE.self)
        let name = f.structure(UNICODE_STRING.self)
        let infoBlock = f.call(allocateCreateInfoBuffer)
        f.if(infoBlock == 0) { f.return(Status.insufficientResources) }
        let info = infoBlock.as(OBJECT_CREATE_INFORMATION.self)
        let status = f.local(f.call(captureObjectCreateInformation, f.argument(2), f.argument(0), info, name))
        f.if(status.isSuccess) {
            f.if((info.Attributes & type.TypeInfo.InvalidAttributes) != 0) {
                f.set(status, Status.invalidParameter)
            } else: {
                f.set(info.ParseContext, f.argument(4))
                f.set(info.ProbeMode, f.argument(0))
                f.set(info.PagedPoolCharge, f.argument(6))
                f.set(info.NonPagedPoolCharge, f.argument(7))
                f.if(f.argument(6) == 0) { f.set(info.PagedPoolCharge, type.TypeInfo.DefaultPagedPoolCharge) }
                f.if(f.argument(7) == 0) { f.set(info.NonPagedPoolCharge, type.TypeInfo.DefaultNonPagedPoolCharge) }
                let header = f.local(0)
                f.set(status, f.call(allocateObject, info, f.argument(3), type, name, f.argument(5), f.address(of: header)))
                f.if(status.isSuccess) {
                    f.set(f.argument(8).dword(), header + 0x18)
                    f.return(status)
                }
            }
            f.if(name.Buffer != 0) { f.call(Ex.freePoolWithTag, name.Buffer, Value.tag("ObNm")) }
        }
        f.call(freeCreateInfoBuffer, info)
        f.return(status)
    }

    /// `ObpCaptureObjectCreateInformation(ObjectAttributes*, ProbeMode, ObjectCreateInfo*, ObjectName*) -> status`: copies attributes and name. What user mode points to
    /// must be there (0xC0000005).
    static let captureObjectCreateInformation: Routine = .init(
        "ObpCaptureObjectCreateInformation", ["ObjectAttributes", "ProbeMode", "ObjectCreateInfo", "ObjectName"]
    ) { f in
        let attributes = f.structure(OBJECT_ATTRIBUTES.self)
        let given = f.structure(UNICODE_STRING.self)
        let info = f.argument(2, OBJECT_CREATE_INFORMATION.self)
        let name = f.argument(3, UNICODE_STRING.self)
        f.zero(info, OBJECT_CREATE_INFORMATION.size)
        f.zero(name, UNICODE_STRING.size)
        f.if(f.argument(0) == 0) { f.return(Status.success) }
        let status = f.call(Ke.captureObjectAttributes, f.argument(0), f.argument(1), attributes, given)
        f.if(status.isError) { f.return(status) }
        f.set(info.RootDirectory, attributes.RootDirectory)
        f.set(info.Attributes, attributes.Attributes)
        f.set(info.SecurityDescriptor, attributes.SecurityDescriptor)
        f.set(info.SecurityQos, attributes.SecurityQualityOfService)
        f.if(given.Length == 0) { f.return(Status.success) }
        f.if((given.Length & 1) != 0) { f.return(Status.objectNameInvalid) }
        f.return(f.call(Rtl.duplicateUnicodeString, name, given, Value.tag("ObNm")))
    }

    /// `ObInsertObject(Object, AccessState, DesiredAccess, ObjectPointerBias, NewObject**, Handle*) -> status`: enters the object under its name, if it
    /// has one, opens a handle when a cell for one is given, and drops the creator's reference. `ObjectPointerBias` references are added.
    package static let insertObject: Routine = .init(
        "ObInsertObject",
        ["Object", "AccessState", "DesiredAccess", "ObjectPointerBias", "NewObject", "Handle"]
    ) { f in
        f.pagedCode()
        let object = f.argument(0)
        let header = f.local(Pointer<OBJECT_HEADER>.of(object))
        let attributes = f.local(0)
        let status = f.local(Status.success)
        let found = f.local(object)
        // Root directories are looked up with the rights of whoever made the object, and the handle is made for that one.
        let mode = f.local(0)
        f.if(header.ObjectCreateInfo.isNotNull) {
            f.set(attributes, header.ObjectCreateInfo.Attributes)
            f.set(mode, header.ObjectCreateInfo.ProbeMode & 0xFF)
        }
        f.if(header.NameInfoOffset != 0) {
            let info = header.ObjectCreateInfo
            f.set(
                status,
                f.call(
                    lookupObjectName, info.RootDirectory, header.nameInfo.address(of: \.Name), attributes, header.Type, mode,
                    info.ParseContext,
                    info.SecurityQos, object, f.argument(1), f.address(of: found)))
            f.if(status.isSuccess && found != object) {
                f.set(status, Status.objectNameCollision)
                f.if((attributes & Value(ObjectAttribute.openIf)) != 0) {
                    f.set(status, Status.objectTypeMismatch)
                    f.if(Pointer<OBJECT_HEADER>.of(found).Type.value == header.Type.value) { f.set(status, Status.objectNameExists) }
                }
                f.if(status.isError) { f.call(dereferenceObject, found) }
            }
            f.if(status.isError) {
                f.call(dereferenceObject, object)
                f.return(status)
            }
        }
        f.if(found == object) {
            let secured = f.local(f.call(assignSecurity, header))
            f.if(secured.isError) {
                f.call(makeTemporaryObject, object)
                f.call(dereferenceObject, object)
                f.return(secured)
            }
        }
        f.call(freeCreateInformation, header)
        f.exchangeAdd(Pointer<OBJECT_HEADER>.of(found).PointerCount, f.argument(3))
        f.if(f.argument(4) != 0) { f.set(f.argument(4).dword(), found) }
        f.if(f.argument(5) != 0) {
            let reason = f.local(OpenReason.create)
            f.if(found != object) { f.set(reason, OpenReason.open) }
            let opened = f.call(createHandle, reason, found, f.argument(1), f.argument(2), attributes, mode, f.argument(5))
            f.if(opened.isError) { f.set(status, opened) }
        }
        f.if(found != object) { f.call(dereferenceObject, found) }
        f.call(dereferenceObject, object)
        f.return(status)
    }
}
