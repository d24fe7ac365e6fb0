// SPDX-License-Identifier: GPL-3.0-or-later

/// What a token says about itself.
extension Se {
    /// TOKEN_INFORMATION_CLASS, as far as it is answered.
    private enum Class {
        static let user: UInt32 = 1
        static let groups: UInt32 = 2
        static let privileges: UInt32 = 3
        static let owner: UInt32 = 4
        static let primaryGroup: UInt32 = 5
        static let defaultDacl: UInt32 = 6
        static let source: UInt32 = 7
        static let type: UInt32 = 8
        static let impersonationLevel: UInt32 = 9
        static let statistics: UInt32 = 10
        static let sessionId: UInt32 = 12
    }

    /// `NtQueryInformationToken(TokenHandle, InformationClass, Information*, Length, ReturnLength*) -> status`. 0xC0000023: the buffer is too small, ReturnLength
    /// says what it takes; 0xC0000003: no such class, or a level is asked of a primary token.
    static let ntQueryInformationToken: Routine = .init(
        "NtQueryInformationToken", ["TokenHandle", "TokenInformationClass", "TokenInformation", "TokenInformationLength", "ReturnLength"]
    ) { f in
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let token = f.local(0)
        let access = f.local(TokenAccess.query)
        f.if(mode != 0) {
            f.if(f.call(Ke.probeForWrite, f.argument(4), 4) == 0) { f.return(Status.accessViolation) }
            f.if(f.argument(3) != 0) {
                f.if(f.call(Ke.probeForWrite, f.argument(2), f.argument(3)) == 0) { f.return(Status.accessViolation) }
            }
        }
        f.if(f.argument(1) == Class.source.value) { f.set(access, TokenAccess.querySource) }
        let status = f.local(
            f.call(Ob.referenceObjectByHandle, f.argument(0), access, tokenObjectType.dword, mode, f.address(of: token), 0))
        f.if(status.isError) { f.return(status) }
        let lock = f.local(token.as(TOKEN.self).TokenLock.value)
        f.call(Ex.acquireResourceSharedLite, lock, 1)
        let size = f.local(f.call(informationLength, token, f.argument(1)))
        f.set(status, Status.invalidInfoClass)
        f.if(size != 0) {
            f.set(f.argument(4).dword(), size)
            f.set(status, Status.bufferTooSmall)
            f.if(size <= f.argument(3)) {
                f.call(fillInformation, token, f.argument(1), f.argument(2))
                f.set(status, Status.success)
            }
        }
        f.call(Ex.releaseResourceLite, lock)
        f.call(Ob.dereferenceObject, token)
        f.return(status)
    }

    /// The SID of the account that owns what the token's process makes.
    private static func owner(_ token: Pointer<TOKEN>) -> Value { (token.UserAndGroups + (token.DefaultOwnerIndex << 3)).dword() }

    /// `SepTokenInformationLength(Token*, InformationClass) -> bytes`, 0 for a class that is not answered.
    private static let informationLength: Routine = .init("SepTokenInformationLength", ["Token", "InformationClass"]) { f in
        let token = f.argument(0, TOKEN.self)
        let wanted = f.argument(1)
        f.if(wanted == Class.user.value) { f.return(f.call(Rtl.lengthSid, token.UserAndGroups.dword()) + 8) }
        f.if(wanted == Class.groups.value) {
            let size = f.local(4)
            let index = f.local(1)
            f.while(index < token.UserAndGroupCount) {
                f.set(size, size + f.call(Rtl.lengthSid, (token.UserAndGroups + (index << 3)).dword()) + 8)
                f.add(index, 1)
            }
            f.return(size)
        }
        f.if(wanted == Class.privileges.value) { f.return(token.PrivilegeCount * LUID_AND_ATTRIBUTES.size.value + 4) }
        f.if(wanted == Class.owner.value) { f.return(f.call(Rtl.lengthSid, owner(token)) + 4) }
        f.if(wanted == Class.primaryGroup.value) { f.return(f.call(Rtl.lengthSid, token.PrimaryGroup) + 4) }
        f.if(wanted == Class.defaultDacl.value) {
            f.if(token.DefaultDacl == 0) { f.return(4) }
            f.return(token.DefaultDacl.as(ACL.self).AclSize + 4)
        }
        f.if(wanted == Class.source.value) { f.return(TOKEN_SOURCE.size) }
        f.if(wanted == Class.type.value || wanted == Class.sessionId.value) { f.return(4) }
        f.if(wanted == Class.impersonationLevel.value && token.TokenType == TokenType.impersonation.value) { f.return(4) }
        f.if(wanted == Class.statistics.value) { f.return(0x38) }
        f.return(0)
    }

    /// `SepFillTokenInformation(Token*, InformationClass, Buffer*)`: there is room. Pointers in the answer point into it.
    private static let fillInformation: Routine = .init("SepFillTokenInformation", ["Token", "InformationClass", "Buffer"]) { f in
        let token = f.argument(0, TOKEN.self)
        let wanted = f.argument(1)
        let buffer = f.argument(2)
        f.if(wanted == Class.user.value) { f.call(copyAccounts, token.UserAndGroups, 1, buffer) }
        f.if(wanted == Class.groups.value) {
            f.set(buffer.dword(), token.UserAndGroupCount - 1)
            f.call(copyAccounts, token.UserAndGroups + 8, token.UserAndGroupCount - 1, buffer + 4)
        }
        f.if(wanted == Class.privileges.value) {
            f.set(buffer.dword(), token.PrivilegeCount)
            f.copy(to: buffer + 4, from: token.Privileges, token.PrivilegeCount * LUID_AND_ATTRIBUTES.size.value)
        }
        for (number, sid) in [(Class.owner, owner(token)), (Class.primaryGroup, token.PrimaryGroup)] {
            f.if(wanted == number.value) {
                f.set(buffer.dword(), buffer + 4)
                f.copy(to: buffer + 4, from: sid, f.call(Rtl.lengthSid, sid))
            }
        }
        f.if(wanted == Class.defaultDacl.value) {
            f.set(buffer.dword(), 0)
            f.if(token.DefaultDacl != 0) {
                f.set(buffer.dword(), buffer + 4)
                f.copy(to: buffer + 4, from: token.DefaultDacl, token.DefaultDacl.as(ACL.self).AclSize)
            }
        }
        f.if(wanted == Class.source.value) { f.copy(to: buffer, from: token.TokenSource, TOKEN_SOURCE.size) }
        f.if(wanted == Class.type.value) { f.set(buffer.dword(), token.TokenType) }
        f.if(wanted == Class.impersonationLevel.value) { f.set(buffer.dword(), token.ImpersonationLevel) }
        f.if(wanted == Class.sessionId.value) { f.set(buffer.dword(), token.SessionId) }
        f.if(wanted == Class.statistics.value) {
            f.copy(to: buffer, from: token.TokenId, LUID.size)
            f.copy(to: buffer + 0x08, from: token.AuthenticationId, LUID.size)
            f.copy(to: buffer + 0x10, from: token.ExpirationTime, 8)
            f.set(buffer.dword(0x18), token.TokenType)
            f.set(buffer.dword(0x1C), token.ImpersonationLevel)
            f.set(buffer.dword(0x20), token.DynamicCharged)
            f.set(buffer.dword(0x24), token.DynamicAvailable)
            f.set(buffer.dword(0x28), token.UserAndGroupCount - 1)
            f.set(buffer.dword(0x2C), token.PrivilegeCount)
            f.copy(to: buffer + 0x30, from: token.ModifiedId, LUID.size)
        }
        f.return()
    }

    /// `SepCopySidAndAttributes(Accounts*, Count, Buffer*)`: an array, and behind it the SIDs.
    private static let copyAccounts: Routine = .init("SepCopySidAndAttributes", ["Accounts", "Count", "Buffer"]) { f in
        let place = f.local(f.argument(2) + (f.argument(1) << 3))
        let index = f.local(0)
        f.while(index < f.argument(1)) {
            let source = f.local(f.argument(0) + (index << 3))
            let length = f.local(f.call(Rtl.lengthSid, source.dword()))
            f.copy(to: place, from: source.dword(), length)
            f.set((f.argument(2) + (index << 3)).dword(), place)
            f.set((f.argument(2) + (index << 3)).dword(4), source.dword(4))
            f.set(place, place + length)
            f.add(index, 1)
        }
        f.return()
    }
}
