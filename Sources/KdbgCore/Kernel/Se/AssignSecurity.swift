// SPDX-License-Identifier: GPL-3.0-or-later

/// The security descriptor of a new object, and what of it is told.
extension Se {
    /// `SeAssignSecurity(ParentDescriptor*, ExplicitDescriptor* or NULL, NewDescriptor**, IsDirectoryObject, SubjectContext*, GenericMapping*, PoolType)
    /// -> status`: a self-relative descriptor, tag 'SeSd', which the caller frees. Owner, group and list are those of the explicit descriptor; what it does
    /// not have comes from the creator's token. Generic rights in the list become those of the object's type.
    package static let assignSecurity: Routine = .init(
        "SeAssignSecurity",
        [
            "ParentDescriptor", "ExplicitDescriptor", "NewDescriptor", "IsDirectoryObject", "SubjectContext", "GenericMapping", "PoolType",
        ]
    ) { f in
        let explicit = f.argument(1, SECURITY_DESCRIPTOR.self)
        let token = f.local(f.call(effectiveToken, f.argument(4))).as(TOKEN.self)
        let owner = f.local((token.UserAndGroups + (token.DefaultOwnerIndex << 3)).dword())
        let group = f.local(token.PrimaryGroup)
        let list = f.local(token.DefaultDacl)
        // No list is not an empty one: it allows everything.
        let control = f.local(SecurityControl.selfRelative | SecurityControl.daclPresent)
        f.set(f.argument(2).dword(), 0)
        f.if(list == 0) { f.set(control, SecurityControl.selfRelative) }
        f.if(explicit.isNotNull) {
            let part = f.local(f.call(Rtl.partOfDescriptor, explicit, offset(of: \SECURITY_DESCRIPTOR.Owner)))
            f.if(part != 0) { f.set(owner, part) }
            f.set(part, f.call(Rtl.partOfDescriptor, explicit, offset(of: \SECURITY_DESCRIPTOR.Group)))
            f.if(part != 0) { f.set(group, part) }
            f.if((explicit.Control & SecurityControl.daclPresent.value) != 0) {
                f.set(control, SecurityControl.selfRelative | SecurityControl.daclPresent)
                f.set(list, f.call(Rtl.partOfDescriptor, explicit, offset(of: \SECURITY_DESCRIPTOR.Dacl)))
            }
        }
        let new = f.local(f.call(makeSelfRelative, control, owner, group, list, f.argument(6)))
        f.if(new == 0) { f.return(Status.insufficientResources) }
        let copy = f.local(new.dword(Int32(offset(of: \SECURITY_DESCRIPTOR.Dacl))))
        f.if(copy != 0) { f.call(mapGenericList, new + copy, f.argument(5)) }
        f.set(f.argument(2).dword(), new)
        f.return(Status.success)
    }

    /// `SepMakeSelfRelative(Control, Owner*, Group*, Dacl*, PoolType) -> SECURITY_DESCRIPTOR* or NULL`: in one block, tag 'SeSd'. Parts that are NULL are left
    /// out.
    private static let makeSelfRelative: Routine = .init(
        "SepMakeSelfRelative", ["Control", "Owner", "Group", "Dacl", "PoolType"]
    ) { f in
        let ownerSize = f.local(0)
        let groupSize = f.local(0)
        let listSize = f.local(0)
        f.if(f.argument(1) != 0) { f.set(ownerSize, f.call(Rtl.lengthSid, f.argument(1))) }
        f.if(f.argument(2) != 0) { f.set(groupSize, f.call(Rtl.lengthSid, f.argument(2))) }
        f.if(f.argument(3) != 0) { f.set(listSize, f.argument(3, ACL.self).AclSize) }
        let block = f.call(
            Ex.allocatePoolWithTag, f.argument(4), ownerSize + groupSize + listSize + SECURITY_DESCRIPTOR.size.value, Value.tag("SeSd"))
        f.if(block == 0) { f.return(0) }
        let descriptor = block.as(SECURITY_DESCRIPTOR.self)
        f.zero(descriptor, SECURITY_DESCRIPTOR.size)
        f.set(descriptor.Revision, 1)
        f.set(descriptor.Control, f.argument(0))
        let place = f.local(SECURITY_DESCRIPTOR.size)
        for (size, source, field) in [
            (listSize, f.argument(3), descriptor.Dacl), (ownerSize, f.argument(1), descriptor.Owner),
            (groupSize, f.argument(2), descriptor.Group),
        ] {
            f.if(size != 0) {
                f.copy(to: descriptor.value + place, from: source, size)
                f.set(field, place)
                f.set(place, place + size)
            }
        }
        f.return(descriptor)
    }

    /// `SepMapGenericList(Acl*, GenericMapping*)`: in every entry.
    private static let mapGenericList: Routine = .init("SepMapGenericList", ["Acl", "GenericMapping"]) { f in
        let acl = f.argument(0, ACL.self)
        let entry = f.local(acl.value + ACL.size.value)
        let left = f.local(acl.AceCount)
        f.while(left != 0) {
            f.call(Rtl.mapGenericMask, entry + 4, f.argument(1))
            f.set(entry, entry + entry.word(2))
            f.set(left, left - 1)
        }
        f.return()
    }

    /// Bits of SECURITY_INFORMATION.
    enum Information {
        static let owner: UInt32 = 1
        static let group: UInt32 = 2
        static let dacl: UInt32 = 4
    }

    /// `SeQuerySecurityDescriptorInfo(SecurityInformation*, SecurityDescriptor*, Length*, ObjectsDescriptor**) -> status`: the parts asked for, self-relative.
    /// 0xC0000023 with the length that is needed.
    package static let querySecurityDescriptorInfo: Routine = .init(
        "SeQuerySecurityDescriptorInfo", ["SecurityInformation", "SecurityDescriptor", "Length", "ObjectsSecurityDescriptor"]
    ) { f in
        let wanted = f.local(f.argument(0).dword())
        let source = f.local(f.argument(3).dword()).as(SECURITY_DESCRIPTOR.self)
        let owner = f.local(0)
        let group = f.local(0)
        let list = f.local(0)
        let control = f.local(SecurityControl.selfRelative)
        f.if(source.isNotNull) {
            f.if((wanted & Information.owner.value) != 0) {
                f.set(owner, f.call(Rtl.partOfDescriptor, source, offset(of: \SECURITY_DESCRIPTOR.Owner)))
            }
            f.if((wanted & Information.group.value) != 0) {
                f.set(group, f.call(Rtl.partOfDescriptor, source, offset(of: \SECURITY_DESCRIPTOR.Group)))
            }
            f.if((wanted & Information.dacl.value) != 0) {
                f.set(control, control | (source.Control & SecurityControl.daclPresent.value))
                f.set(list, f.call(Rtl.partOfDescriptor, source, offset(of: \SECURITY_DESCRIPTOR.Dacl)))
            }
        }
        let new = f.local(f.call(makeSelfRelative, control, owner, group, list, 1))
        f.if(new == 0) { f.return(Status.insufficientResources) }
        let room = f.local(f.argument(2).dword())
        let size = f.local(f.call(descriptorLength, new))
        f.set(f.argument(2).dword(), size)
        f.if(room >= size) { f.copy(to: f.argument(1), from: new, size) }
        f.call(Ex.freePoolWithTag, new, Value.tag("SeSd"))
        f.if(room < size) { f.return(Status.bufferTooSmall) }
        f.return(Status.success)
    }

    /// `RtlLengthSecurityDescriptor(SecurityDescriptor*) -> bytes`, all parts included.
    package static let descriptorLength: Routine = .init("RtlLengthSecurityDescriptor", ["SecurityDescriptor"]) { f in
        let size = f.local(SECURITY_DESCRIPTOR.size)
        for field in [offset(of: \SECURITY_DESCRIPTOR.Owner), offset(of: \SECURITY_DESCRIPTOR.Group)] {
            let part = f.local(f.call(Rtl.partOfDescriptor, f.argument(0), field))
            f.if(part != 0) { f.set(size, size + f.call(Rtl.lengthSid, part)) }
        }
        let list = f.local(f.call(Rtl.partOfDescriptor, f.argument(0), offset(of: \SECURITY_DESCRIPTOR.Dacl)))
        f.if(list != 0) { f.set(size, size + list.as(ACL.self).AclSize) }
        f.return(size)
    }
}

extension Rtl {
    /// `RtlMapGenericMask(AccessMask*, GenericMapping*)`: generic rights become those of a type.
    package static let mapGenericMask: Routine = .init("RtlMapGenericMask", ["AccessMask", "GenericMapping"]) { f in
        let access = f.local(f.argument(0).dword())
        for (bit, field) in [(0x8000_0000, 0), (0x4000_0000, 4), (0x2000_0000, 8), (0x1000_0000, 12)] as [(UInt32, Int32)] {
            f.if((access & bit.value) != 0) { f.set(access, access | f.argument(1).dword(field)) }
        }
        f.set(f.argument(0).dword(), access & 0x0FFF_FFFF)
        f.return()
    }
}
