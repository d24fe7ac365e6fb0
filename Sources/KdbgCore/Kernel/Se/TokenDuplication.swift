// SPDX-License-Identifier: GPL-3.0-or-later

/// Copies of tokens.
extension Se {
    /// `SepDuplicateToken(ExistingToken*, ObjectAttributes* or NULL, EffectiveOnly, TokenType, ImpersonationLevel, NewToken**) -> status`: not inserted yet. An
    /// effective copy has only the groups and privileges that are enabled.
    static let duplicateToken: Routine = .init(
        "SepDuplicateToken", ["ExistingToken", "ObjectAttributes", "EffectiveOnly", "TokenType", "ImpersonationLevel", "NewToken"]
    ) { f in
        let token = f.argument(0, TOKEN.self)
        let contents = f.structure(TokenContents.self)
        f.call(Ex.acquireResourceSharedLite, token.TokenLock, 1)
        f.set(contents.UserAndGroups, token.UserAndGroups)
        f.set(contents.UserAndGroupCount, token.UserAndGroupCount)
        f.set(contents.Privileges, token.Privileges)
        f.set(contents.PrivilegeCount, token.PrivilegeCount)
        f.set(contents.PrimaryGroup, token.PrimaryGroup)
        f.set(contents.DefaultDacl, token.DefaultDacl)
        f.set(contents.DefaultOwnerIndex, token.DefaultOwnerIndex)
        f.set(contents.TokenType, f.argument(3))
        f.set(contents.ImpersonationLevel, f.argument(4))
        f.set(contents.AuthenticationId, token.AuthenticationId)
        f.set(contents.Source, token.TokenSource)
        let status = f.local(f.call(createToken, contents, f.argument(1), f.argument(5)))
        f.if(status.isSuccess) {
            let new = f.local(f.argument(5).dword()).as(TOKEN.self)
            f.copy(to: new.ParentTokenId, from: token.ParentTokenId, LUID.size)
            f.copy(to: new.ModifiedId, from: token.ModifiedId, LUID.size)
            f.copy(to: new.OriginatingLogonSession, from: token.OriginatingLogonSession, LUID.size)
            f.set(new.SessionId, token.SessionId)
            f.if((f.argument(2) & 0xFF) != 0) { f.call(makeEffective, new) }
        }
        f.call(Ex.releaseResourceLite, token.TokenLock)
        f.return(status)
    }

    /// `SepMakeTokenEffectiveOnly(Token*)`: drops what is not enabled. The user stays, and the default owner becomes the user when its group goes.
    private static let makeEffective: Routine = .init("SepMakeTokenEffectiveOnly", ["Token"]) { f in
        let token = f.argument(0, TOKEN.self)
        let read = f.local(token.Privileges)
        let write = f.local(token.Privileges)
        let left = f.local(token.PrivilegeCount)
        f.while(left != 0) {
            f.if((read.dword(8) & PrivilegeState.enabled.value) != 0) {
                f.copy(to: write, from: read, LUID_AND_ATTRIBUTES.size)
                f.set(write, write + LUID_AND_ATTRIBUTES.size.value)
            } else: {
                f.set(token.PrivilegeCount, token.PrivilegeCount - 1)
            }
            f.set(read, read + LUID_AND_ATTRIBUTES.size.value)
            f.set(left, left - 1)
        }
        let index = f.local(1)
        let kept = f.local(1)
        let owner = f.local(0)
        f.while(index < token.UserAndGroupCount) {
            let entry = f.local(token.UserAndGroups + (index << 3))
            f.if((entry.dword(4) & 4) != 0) {
                f.if(index == token.DefaultOwnerIndex) { f.set(owner, kept) }
                f.copy(to: token.UserAndGroups + (kept << 3), from: entry, SID_AND_ATTRIBUTES.size)
                f.add(kept, 1)
            }
            f.add(index, 1)
        }
        f.set(token.UserAndGroupCount, kept)
        f.set(token.DefaultOwnerIndex, owner)
        f.return()
    }

    /// `SeSubProcessToken(ParentToken*, ChildToken**) -> status`: for a new process; in use, with a number of its own. The caller owns the reference.
    static let subProcessToken: Routine = .init("SeSubProcessToken", ["ParentToken", "ChildToken"]) { f in
        let new = f.local(0)
        f.set(f.argument(1).dword(), 0)
        let status = f.local(f.call(duplicateToken, f.argument(0), 0, 0, TokenType.primary, 0, f.address(of: new)))
        f.if(status.isError) { f.return(status) }
        f.set(new.as(TOKEN.self).TokenInUse, 1)
        // No name, no handle: the reference that is added stays when inserting drops the creator's.
        f.call(Ob.insertObject, new, 0, 0, 1, 0, 0)
        f.set(f.argument(1).dword(), new)
        f.return(Status.success)
    }
}
