// SPDX-License-Identifier: GPL-3.0-or-later

/// The memory of objects: header, prefixes, body (spec/boot.md section 5.2).
extension Ob {
    /// `ObpAllocateObject(ObjectCreateInfo*, OwnerMode, ObjectType*, ObjectName*, ObjectSize, ObjectHeader**) -> status`: a block of the type's pool
    /// with quota, handle, name and creator prefixes, in that order, as type, name and attributes ask for, and a header with PointerCount 1 and HandleCount 0.
    /// Without a type the type of types is being made. The body is not zeroed.
    static let allocateObject: Routine = .init(
        "ObpAllocateObject", ["ObjectCreateInfo", "OwnerMode", "ObjectType", "ObjectName", "ObjectSize", "ObjectHeader"]
    ) { f in
        let createInfo = f.argument(0, OBJECT_CREATE_INFORMATION.self)
        let type = f.argument(2, OBJECT_TYPE.self)
        let name = f.argument(3, UNICODE_STRING.self)
        let quotaBytes = f.local(0)
        let handleBytes = f.local(0)
        let nameBytes = f.local(0)
        let creatorBytes = f.local(0)
        let poolType = f.local(0)
        let tag = f.local(Value.tag("ObjT"))
        f.if(type.isNull) {
            f.set(creatorBytes, OBJECT_HEADER_CREATOR_INFO.size)
        } else: {
            f.set(poolType, type.TypeInfo.PoolType)
            f.set(tag, type.Key)
            f.if(type.TypeInfo.MaintainHandleCount != 0) { f.set(handleBytes, OBJECT_HEADER_HANDLE_INFO.size) }
            f.if(type.TypeInfo.MaintainTypeList != 0) { f.set(creatorBytes, OBJECT_HEADER_CREATOR_INFO.size) }
        }
        f.if(name.Buffer != 0) { f.set(nameBytes, OBJECT_HEADER_NAME_INFO.size) }
        f.if(f.call(needsQuotaInfo, createInfo, type) != 0) { f.set(quotaBytes, OBJECT_HEADER_QUOTA_INFO.size) }
        let prefixes = f.local(quotaBytes + handleBytes + nameBytes + creatorBytes)
        let block = f.call(Ex.allocatePoolWithTag, poolType, prefixes + 0x18 + f.argument(4), tag)
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let header = f.local(Pointer<OBJECT_HEADER>(block + prefixes))
        f.zero(block, prefixes + 0x18)
        f.set(header.PointerCount, 1)
        f.set(header.address(of: \.Type).dword(), type)
        f.set(header.address(of: \.ObjectCreateInfo).dword(), createInfo)
        f.set(header.Flags, ObjectFlag.createInfo)
        f.if(quotaBytes != 0) {
            f.set(header.QuotaInfoOffset, prefixes)
            f.set(header.quotaInfo.PagedPoolCharge, createInfo.PagedPoolCharge)
            f.set(header.quotaInfo.NonPagedPoolCharge, createInfo.NonPagedPoolCharge)
            f.set(header.quotaInfo.SecurityDescriptorCharge, createInfo.SecurityDescriptorCharge)
        }
        f.if(handleBytes != 0) {
            f.set(header.HandleInfoOffset, prefixes - quotaBytes)
            f.set(header.Flags, header.Flags | Value(ObjectFlag.singleProcess))
        }
        f.if(nameBytes != 0) {
            f.set(header.NameInfoOffset, nameBytes + creatorBytes)
            f.copy(to: header.nameInfo.address(of: \.Name), from: name, UNICODE_STRING.size)
            f.set(header.nameInfo.QueryReferences, 1)
        }
        f.if(f.argument(1) == 0) { f.set(header.Flags, header.Flags | Value(ObjectFlag.kernelMode)) }
        f.if(createInfo.isNotNull) {
            f.if((createInfo.Attributes & Value(ObjectAttribute.permanent)) != 0) {
                f.set(header.Flags, header.Flags | Value(ObjectFlag.permanent))
            }
            f.if((createInfo.Attributes & Value(ObjectAttribute.exclusive)) != 0) {
                f.set(header.Flags, header.Flags | Value(ObjectFlag.exclusive))
            }
        }
        f.if(creatorBytes != 0) {
            f.set(header.Flags, header.Flags | Value(ObjectFlag.creatorInfo))
            let creator = f.local(header.value - OBJECT_HEADER_CREATOR_INFO.size.value).as(OBJECT_HEADER_CREATOR_INFO.self)
            f.set(creator.CreatorUniqueProcess, currentProcess.as(EPROCESS.self).UniqueProcessId)
            f.initializeListHead(creator.TypeList.value)
            f.if(type.isNotNull) { f.insertTailList(type.address(of: \.TypeList), header.value - OBJECT_HEADER_CREATOR_INFO.size.value) }
        }
        f.if(type.isNotNull) {
            f.exchangeAdd(type.TotalNumberOfObjects, 1)
            f.if(type.TotalNumberOfObjects > type.HighWaterNumberOfObjects) {
                f.set(type.HighWaterNumberOfObjects, type.TotalNumberOfObjects)
            }
        }
        f.set(f.argument(5).dword(), header)
        f.return(Status.success)
    }

    /// `ObpNeedsQuotaInfo(ObjectCreateInfo*, ObjectType*) -> BOOLEAN`: charges other than the type's, made outside System, or exclusive use.
    private static let needsQuotaInfo: Routine = .init("ObpNeedsQuotaInfo", ["ObjectCreateInfo", "ObjectType"]) { f in
        let info = f.argument(0, OBJECT_CREATE_INFORMATION.self)
        let type = f.argument(1, OBJECT_TYPE.self)
        f.if(info.isNull || type.isNull) { f.return(0) }
        f.if((info.Attributes & Value(ObjectAttribute.exclusive)) != 0) { f.return(1) }
        f.if(Ps.initialSystemProcess.dword == 0 || currentProcess == Ps.initialSystemProcess.dword) { f.return(0) }
        f.if(info.PagedPoolCharge != type.TypeInfo.DefaultPagedPoolCharge) { f.return(1) }
        f.return(info.NonPagedPoolCharge != type.TypeInfo.DefaultNonPagedPoolCharge || info.SecurityDescriptorCharge > 2048)
    }

    /// `ObpFreeObject(ObjectHeader*)`: gives back name, creation information and block.
    static let freeObject: Routine = .init("ObpFreeObject", ["ObjectHeader"]) { f in
        let header = f.argument(0, OBJECT_HEADER.self)
        let type = f.local(header.Type)
        f.exchangeAdd(type.TotalNumberOfObjects, 0xFFFF_FFFF as Value)
        let prefixes = f.local(0)
        f.if((header.Flags & Value(ObjectFlag.creatorInfo)) != 0) {
            f.set(prefixes, OBJECT_HEADER_CREATOR_INFO.size)
            f.removeEntryList(header.value - OBJECT_HEADER_CREATOR_INFO.size.value)
        }
        f.if(header.NameInfoOffset != 0) {
            f.set(prefixes, header.NameInfoOffset)
            f.if(header.nameInfo.Name.Buffer != 0) { f.call(Ex.freePoolWithTag, header.nameInfo.Name.Buffer, Value.tag("ObNm")) }
        }
        f.if(header.HandleInfoOffset != 0) {
            f.set(prefixes, header.HandleInfoOffset)
            f.if((header.Flags & Value(ObjectFlag.singleProcess)) == 0) {
                f.call(Ex.freePoolWithTag, header.handleInfo.SingleEntryProcess, Value.tag("ObHd"))
            }
        }
        f.if(header.QuotaInfoOffset != 0) { f.set(prefixes, header.QuotaInfoOffset) }
        f.call(freeCreateInformation, header)
        f.call(Ex.freePoolWithTag, header.value - prefixes, type.Key)
        f.return()
    }

    /// `ObpFreeObjectCreateInformation(ObjectHeader*)`: the record of a creation is needed until the object is inserted.
    static let freeCreateInformation: Routine = .init("ObpFreeObjectCreateInformation", ["ObjectHeader"]) { f in
        let header = f.argument(0, OBJECT_HEADER.self)
        f.if((header.Flags & Value(ObjectFlag.createInfo)) == 0) { f.return() }
        f.if(header.ObjectCreateInfo.isNotNull) { f.call(freeCreateInfoBuffer, header.ObjectCreateInfo) }
        f.set(header.address(of: \.ObjectCreateInfo).dword(), 0)
        f.set(header.Flags, header.Flags & ~Value(ObjectFlag.createInfo))
        f.return()
    }
}
