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
        let status = f.local(f.call(captureObjectCreateInformation, f.argument(2), info, name))
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

    /// `ObpCaptureObjectCreateInformation(ObjectAttributes*, ObjectCreateInfo*, ObjectName*) -> status`: copies attributes and name.
    static let captureObjectCreateInformation: Routine = .init(
        "ObpCaptureObjectCreateInformation", ["ObjectAttributes", "ObjectCreateInfo", "ObjectName"]
    ) { f in
        let attributes = f.argument(0, OBJECT_ATTRIBUTES.self)
        let info = f.argument(1, OBJECT_CREATE_INFORMATION.self)
        let name = f.argument(2, UNICODE_STRING.self)
        f.zero(info, OBJECT_CREATE_INFORMATION.size)
        f.zero(name, UNICODE_STRING.size)
        f.if(attributes.isNull) { f.return(Status.success) }
        f.if(attributes.Length != OBJECT_ATTRIBUTES.size.value) { f.return(Status.invalidParameter) }
        f.set(info.RootDirectory, attributes.RootDirectory)
        f.set(info.Attributes, attributes.Attributes & 0x7F2)
        f.set(info.SecurityDescriptor, attributes.SecurityDescriptor)
        f.set(info.SecurityQos, attributes.SecurityQualityOfService)
        f.if(attributes.ObjectName.isNull) { f.return(Status.success) }
        f.if(attributes.ObjectName.Length == 0) { f.return(Status.success) }
        f.if((attributes.ObjectName.Length & 1) != 0) { f.return(Status.objectNameInvalid) }
        f.return(f.call(Rtl.duplicateUnicodeString, name, attributes.ObjectName, Value.tag("ObNm")))
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
        f.if(header.ObjectCreateInfo.isNotNull) { f.set(attributes, header.ObjectCreateInfo.Attributes) }
        f.if(header.NameInfoOffset != 0) {
            let info = header.ObjectCreateInfo
            f.set(
                status,
                f.call(
                    lookupObjectName, info.RootDirectory, header.nameInfo.address(of: \.Name), attributes, header.Type, 0,
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
        f.if(found == object) { f.call(assignSecurity, header) }
        f.call(freeCreateInformation, header)
        f.exchangeAdd(Pointer<OBJECT_HEADER>.of(found).PointerCount, f.argument(3))
        f.if(f.argument(4) != 0) { f.set(f.argument(4).dword(), found) }
        f.if(f.argument(5) != 0) {
            let reason = f.local(OpenReason.create)
            f.if(found != object) { f.set(reason, OpenReason.open) }
            let opened = f.call(createHandle, reason, found, f.argument(1), f.argument(2), attributes, 0, f.argument(5))
            f.if(opened.isError) { f.set(status, opened) }
        }
        f.if(found != object) { f.call(dereferenceObject, found) }
        f.call(dereferenceObject, object)
        f.return(status)
    }
}
