// SPDX-License-Identifier: GPL-3.0-or-later

/// Object types (spec/boot.md section 5.3).
extension Ob {
    /// `ObCreateObjectType(TypeName*, ObjectTypeInitializer*, Reserved, ObjectType**) -> status`: makes a type object. The first one ever made is the
    /// type of types and gets itself for its type. Once `\ObjectTypes` is there the type is entered in it.
    package static let createObjectType: Routine = .init(
        "ObCreateObjectType",
        ["TypeName", "ObjectTypeInitializer", "Reserved", "ObjectType"]
    ) { f in
        let typeName = f.argument(0, UNICODE_STRING.self)
        let initializer = f.argument(1, OBJECT_TYPE_INITIALIZER.self)
        f.if(typeName.Length == 0 || (typeName.Length & 1) != 0) { f.return(Status.invalidParameter) }
        f.if(initializer.Length != OBJECT_TYPE_INITIALIZER.size.value) { f.return(Status.invalidParameter) }
        f.if(typeDirectoryObject.dword != 0) {
            let other = f.call(lookupEntryDirectory, typeDirectoryObject.dword, typeName)
            f.if(other != 0) { f.return(Status.objectNameCollision) }
        }
        let name = f.structure(UNICODE_STRING.self)
        let status = f.local(f.call(Rtl.duplicateUnicodeString, name, typeName, Value.tag("ObNm")))
        f.if(status.isError) { f.return(status) }
        let headerCell = f.local(0)
        f.set(status, f.call(allocateObject, 0, 0, typeObjectType.dword, name, OBJECT_TYPE.size, f.address(of: headerCell)))
        f.if(status.isError) { f.return(status) }
        let header = Pointer<OBJECT_HEADER>(headerCell)
        f.set(header.Flags, header.Flags & ~Value(ObjectFlag.createInfo) | Value(ObjectFlag.permanent | ObjectFlag.kernelMode))
        let type = f.local(Pointer<OBJECT_TYPE>(header.body))
        f.zero(type, OBJECT_TYPE.size)
        f.copy(to: type.address(of: \.Name), from: name, UNICODE_STRING.size)
        f.copy(to: type.address(of: \.TypeInfo), from: initializer, OBJECT_TYPE_INITIALIZER.size)
        f.initializeListHead(type.address(of: \.TypeList))
        f.if(typeObjectType.dword == 0) {
            f.set(typeObjectType.dword, type)
            f.set(header.address(of: \.Type).dword(), type)
            f.set(type.TotalNumberOfObjects, 1)
            f.set(type.HighWaterNumberOfObjects, 1)
            f.set(type.Key, Value.tag("ObjT"))
            f.insertTailList(type.address(of: \.TypeList), header.value - OBJECT_HEADER_CREATOR_INFO.size.value)
        } else: {
            f.call(setTypeKey, type)
        }
        f.call(completeType, type)
        f.if(typeDirectoryObject.dword != 0) {
            f.if(f.call(insertEntryDirectory, typeDirectoryObject.dword, header, name) != 0) { f.call(referenceObject, type) }
        }
        f.if(f.argument(3) != 0) { f.set(f.argument(3).dword(), type) }
        f.return(Status.success)
    }

    /// `ObpSetTypeKey(Type*)`: the pool tag of the type's objects is the start of its name, padded with blanks.
    static let setTypeKey: Routine = .init("ObpSetTypeKey", ["Type"]) { f in
        let type = f.argument(0, OBJECT_TYPE.self)
        f.set(type.Key, Value.tag("    "))
        let index = f.local(0)
        f.while(index < 4 && (index << 1) < type.Name.Length) {
            f.set((type.address(of: \.Key) + index).byte(), (type.Name.Buffer + (index << 1)).byte())
            f.add(index, 1)
        }
        f.return()
    }

    /// `ObpCompleteType(Type*)`: charges with the overhead of the header, the object that waiters wait on, the index.
    static let completeType: Routine = .init("ObpCompleteType", ["Type"]) { f in
        let type = f.argument(0, OBJECT_TYPE.self)
        let info = type.TypeInfo
        let overhead = f.local(0x20 + 0x18)
        f.if(info.MaintainHandleCount != 0) { f.add(overhead, OBJECT_HEADER_HANDLE_INFO.size) }
        f.if(info.PoolType == 0) {
            f.set(info.DefaultNonPagedPoolCharge, info.DefaultNonPagedPoolCharge + overhead)
        } else: {
            f.set(info.DefaultPagedPoolCharge, info.DefaultPagedPoolCharge + overhead)
        }
        f.if(info.SecurityProcedure == 0) { f.set(info.SecurityProcedure, defaultObjectMethod) }
        f.if(info.UseDefaultObject != 0) {
            f.set(info.ValidAccessMask, info.ValidAccessMask | 0x0010_0000)
            f.set(type.DefaultObject, defaultObject)
        } else: {
            f.if(type.Key == Value.tag("File")) { f.set(type.DefaultObject, offset(of: \FILE_OBJECT.Event)) }
        }
        let types = typeObjectType.dword.as(OBJECT_TYPE.self)
        f.set(type.Index, types.TotalNumberOfObjects)
        f.if(type.Index <= 48) { f.set((objectTypes.value + ((type.Index - 1) << 2)).dword(), type) }
        f.return()
    }
}
