// SPDX-License-Identifier: GPL-3.0-or-later

/// Token objects: who a process is, and what it may do.
extension Se {
    package static let tokenObjectType: Global = .init("SeTokenObjectType")

    /// TOKEN_ALL_ACCESS.
    static let tokenAllAccess: UInt32 = 0xF_01FF

    /// `SepTokenInitialization() -> BOOLEAN`: the type Token.
    static let tokenInitialization: Routine = .init("SepTokenInitialization", section: .initialization) { f in
        let initializer = f.structure(OBJECT_TYPE_INITIALIZER.self)
        f.zero(initializer, OBJECT_TYPE_INITIALIZER.size)
        f.set(initializer.Length, OBJECT_TYPE_INITIALIZER.size)
        f.set(initializer.InvalidAttributes, 0x100)
        f.set(initializer.GenericMapping.dword(0), 0x2_0008)
        f.set(initializer.GenericMapping.dword(4), 0x2_00E0)
        f.set(initializer.GenericMapping.dword(8), 0x2_0000)
        f.set(initializer.GenericMapping.dword(12), tokenAllAccess)
        f.set(initializer.ValidAccessMask, tokenAllAccess)
        f.set(initializer.SecurityRequired, 1)
        f.set(initializer.UseDefaultObject, 1)
        f.set(initializer.PoolType, 1)
        f.set(initializer.DefaultPagedPoolCharge, TOKEN.size)
        f.set(initializer.DeleteProcedure, deleteToken)
        f.return(f.call(Ob.createObjectType, f.unicode("Token"), initializer, 0, tokenObjectType).isSuccess)
    }

    /// `SepDeleteToken(Token*)`, the type's delete procedure.
    static let deleteToken: Routine = .init("SepDeleteToken", ["ObjectBody"]) { f in
        let token = f.argument(0, TOKEN.self)
        f.if(token.DynamicPart != 0) { f.call(Ex.freePoolWithTag, token.DynamicPart, Value.tag("SeTd")) }
        f.if(token.TokenLock.isNotNull) {
            f.call(Ex.deleteResourceLite, token.TokenLock)
            f.call(Ex.freePoolWithTag, token.TokenLock, Value.tag("SeTl"))
        }
        f.return()
    }

    /// What `SepCreateToken` is given; a structure of ours.
    package struct TokenContents: Structure {
        package static let size: UInt32 = 0x2C
        package let UserAndGroups = Field.pointer(0x00, to: "SID_AND_ATTRIBUTES")
        package let UserAndGroupCount = Field.u32(0x04)
        package let Privileges = Field.pointer(0x08, to: "LUID_AND_ATTRIBUTES")
        package let PrivilegeCount = Field.u32(0x0C)
        package let PrimaryGroup = Field.pointer(0x10, to: "SID")
        package let DefaultDacl = Field.pointer(0x14, to: "ACL")
        package let DefaultOwnerIndex = Field.u32(0x18)
        package let TokenType = Field.u32(0x1C)
        package let ImpersonationLevel = Field.u32(0x20)
        package let AuthenticationId = Field.pointer(0x24, to: "LUID")
        package let Source = Field.pointer(0x28, to: "TOKEN_SOURCE")

        package static let layout = Self()
    }

    /// Bytes of DynamicPart, at the least: room for another group and list.
    private static let dynamicCharge: UInt32 = 500

    /// `SepCreateToken(Contents*, ObjectAttributes* or NULL, Token**) -> status`: a token that is not inserted yet, with copies of all it is given.
    static let createToken: Routine = .init("SepCreateToken", ["Contents", "ObjectAttributes", "Token"]) { f in
        let contents = f.argument(0, TokenContents.self)
        let variable = f.local(f.call(variableLength, contents))
        let object = f.local(0)
        f.set(f.argument(2).dword(), 0)
        let offset = offset(of: \TOKEN.VariablePart)
        let status = f.local(
            f.call(
                Ob.createObject, 0, tokenObjectType.dword, f.argument(1), 0, 0, variable + offset.value + 4, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        let token = object.as(TOKEN.self)
        f.zero(token, TOKEN.size)
        f.set(token.VariableLength, variable)
        f.call(Ex.allocateLocallyUniqueId, token.TokenId)
        f.call(Ex.allocateLocallyUniqueId, token.ModifiedId)
        f.copy(to: token.TokenSource, from: contents.Source, TOKEN_SOURCE.size)
        f.copy(to: token.AuthenticationId, from: contents.AuthenticationId, LUID.size)
        f.set(token.ExpirationTime.LowPart, 0xFFFF_FFFF as Value)
        f.set(token.ExpirationTime.HighPart, 0x7FFF_FFFF as Value)
        f.set(token.TokenType, contents.TokenType)
        f.set(token.ImpersonationLevel, contents.ImpersonationLevel)
        f.set(token.DefaultOwnerIndex, contents.DefaultOwnerIndex)
        f.set(status, f.call(allocateTokenParts, token, contents))
        f.if(status.isError) {
            f.call(Ob.dereferenceObject, token)
            f.return(status)
        }
        f.call(fillVariablePart, token, contents)
        f.set(f.argument(2).dword(), token)
        f.return(Status.success)
    }

    /// `SepVariableLength(Contents*) -> bytes` of privileges, accounts and their SIDs.
    private static let variableLength: Routine = .init("SepVariableLength", ["Contents"]) { f in
        let contents = f.argument(0, TokenContents.self)
        let bytes = f.local(contents.PrivilegeCount * LUID_AND_ATTRIBUTES.size.value + (contents.UserAndGroupCount << 3))
        let index = f.local(0)
        f.while(index < contents.UserAndGroupCount) {
            let sid = f.local((contents.UserAndGroups + (index << 3)).dword())
            f.set(bytes, bytes + f.call(Rtl.lengthSid, sid))
            f.add(index, 1)
        }
        f.return(bytes)
    }

    /// `SepAllocateTokenParts(Token*, Contents*) -> status`: the lock, and the part that can grow, with primary group and default list in it.
    private static let allocateTokenParts: Routine = .init("SepAllocateTokenParts", ["Token", "Contents"]) { f in
        let token = f.argument(0, TOKEN.self)
        let contents = f.argument(1, TokenContents.self)
        let lock = f.local(f.call(Ex.allocatePoolWithTag, 0, ERESOURCE.size, Value.tag("SeTl")))
        f.if(lock == 0) { f.return(Status.insufficientResources) }
        f.call(Ex.initializeResourceLite, lock)
        f.set(token.address(of: \.TokenLock).dword(), lock)
        let group = f.local(f.call(Rtl.lengthSid, contents.PrimaryGroup))
        let list = f.local(0)
        f.if(contents.DefaultDacl != 0) { f.set(list, contents.DefaultDacl.as(ACL.self).AclSize) }
        let charged = f.local(dynamicCharge)
        f.if(group + list > charged) { f.set(charged, group + list) }
        let part = f.local(f.call(Ex.allocatePoolWithTag, 1, charged, Value.tag("SeTd")))
        f.if(part == 0) { f.return(Status.insufficientResources) }
        f.set(token.DynamicPart, part)
        f.set(token.DynamicCharged, charged)
        f.set(token.DynamicAvailable, charged - group - list)
        f.copy(to: part, from: contents.PrimaryGroup, group)
        f.set(token.PrimaryGroup, part)
        f.if(list != 0) {
            f.copy(to: part + group, from: contents.DefaultDacl, list)
            f.set(token.DefaultDacl, part + group)
        }
        f.return(Status.success)
    }

    /// `SepFillVariablePart(Token*, Contents*)`: privileges, then accounts, then the SIDs that these point to.
    private static let fillVariablePart: Routine = .init("SepFillVariablePart", ["Token", "Contents"]) { f in
        let token = f.argument(0, TOKEN.self)
        let contents = f.argument(1, TokenContents.self)
        let privileges = f.local(contents.PrivilegeCount * LUID_AND_ATTRIBUTES.size.value)
        f.set(token.PrivilegeCount, contents.PrivilegeCount)
        f.set(token.Privileges, token.address(of: \.VariablePart))
        f.copy(to: token.Privileges, from: contents.Privileges, privileges)
        f.set(token.UserAndGroupCount, contents.UserAndGroupCount)
        f.set(token.UserAndGroups, token.Privileges + privileges)
        let place = f.local(token.UserAndGroups + (contents.UserAndGroupCount << 3))
        let index = f.local(0)
        f.while(index < contents.UserAndGroupCount) {
            let source = f.local(contents.UserAndGroups + (index << 3))
            let entry = f.local(token.UserAndGroups + (index << 3))
            let length = f.local(f.call(Rtl.lengthSid, source.dword()))
            f.copy(to: place, from: source.dword(), length)
            f.set(entry.dword(), place)
            f.set(entry.dword(4), source.dword(4))
            f.set(place, place + length)
            f.add(index, 1)
        }
        f.return()
    }
}
