// SPDX-License-Identifier: GPL-3.0-or-later

/// Enabling and disabling privileges.
extension Se {
    /// `NtAdjustPrivilegesToken(TokenHandle, DisableAllPrivileges, NewState*, BufferLength, PreviousState* or NULL, ReturnLength* or NULL) -> status`: a
    /// TOKEN_PRIVILEGES is a count and LUID_AND_ATTRIBUTES. 0x106: not all of them are in the token, the others are changed; 0xC0000023: the old state of what
    /// would change has no room, nothing is changed.
    static let ntAdjustPrivilegesToken: Routine = .init(
        "NtAdjustPrivilegesToken",
        ["TokenHandle", "DisableAllPrivileges", "NewState", "BufferLength", "PreviousState", "ReturnLength"]
    ) { f in
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let disableAll = f.local(f.argument(1) & 0xFF)
        let count = f.local(0)
        let access = f.local(TokenAccess.adjustPrivileges)
        let token = f.local(0)
        f.if(disableAll == 0) {
            f.if(f.argument(2) == 0) { f.return(Status.invalidParameter) }
            f.if(f.call(isReadable, f.argument(2), 4, mode) == 0) { f.return(Status.accessViolation) }
            f.set(count, f.argument(2).dword())
            f.if(count > 0x100) { f.return(Status.invalidParameter) }
            f.if(f.call(isReadable, f.argument(2), count * LUID_AND_ATTRIBUTES.size.value + 4, mode) == 0) {
                f.return(Status.accessViolation)
            }
        }
        f.if(f.argument(4) != 0) {
            f.set(access, access | TokenAccess.query.value)
            f.if(mode != 0) {
                f.if(f.call(Ke.probeForWrite, f.argument(4), f.argument(3)) == 0) { f.return(Status.accessViolation) }
                f.if(f.call(Ke.probeForWrite, f.argument(5), 4) == 0) { f.return(Status.accessViolation) }
            }
        }
        let status = f.local(
            f.call(Ob.referenceObjectByHandle, f.argument(0), access, tokenObjectType.dword, mode, f.address(of: token), 0))
        f.if(status.isError) { f.return(status) }
        let lock = f.local(token.as(TOKEN.self).TokenLock.value)
        let found = f.local(0)
        f.call(Ex.acquireResourceExclusiveLite, lock, 1)
        let changes = f.local(f.call(adjustPrivileges, token, disableAll, f.argument(2), count, 0, 0, f.address(of: found)))
        let size = f.local(changes * LUID_AND_ATTRIBUTES.size.value + 4)
        f.if(f.argument(4) != 0) { f.set(f.argument(5).dword(), size) }
        f.if(f.argument(4) != 0 && size > f.argument(3)) {
            f.set(status, Status.bufferTooSmall)
        } else: {
            f.if(f.argument(4) != 0) { f.set(f.argument(4).dword(), changes) }
            let old = f.local(0)
            f.if(f.argument(4) != 0) { f.set(old, f.argument(4) + 4) }
            f.call(adjustPrivileges, token, disableAll, f.argument(2), count, 1, old, f.address(of: found))
            f.if(changes != 0) { f.call(Ex.allocateLocallyUniqueId, token.as(TOKEN.self).ModifiedId) }
            f.if(disableAll == 0 && found != count) { f.set(status, Status.notAllAssigned) }
        }
        f.call(Ex.releaseResourceLite, lock)
        f.call(Ob.dereferenceObject, token)
        f.return(status)
    }

    /// `SepIsReadable(Address, Length, PreviousMode) -> BOOLEAN`: the kernel's own memory is.
    private static let isReadable: Routine = .init("SepIsReadable", ["Address", "Length", "PreviousMode"]) { f in
        f.if((f.argument(2) & 0xFF) == 0) { f.return(1) }
        f.return(f.call(Ke.probeForRead, f.argument(0), f.argument(1)))
    }

    /// `SepAdjustPrivileges(Token*, DisableAll, NewState*, Count, MakeChanges, Previous* or NULL, Found*) -> changes`: how many privileges change, and how
    /// many of those that are named the token has.
    private static let adjustPrivileges: Routine = .init(
        "SepAdjustPrivileges", ["Token", "DisableAll", "NewState", "Count", "MakeChanges", "Previous", "Found"]
    ) { f in
        let token = f.argument(0, TOKEN.self)
        let entry = f.local(token.Privileges)
        let left = f.local(token.PrivilegeCount)
        let previous = f.local(f.argument(5))
        let changes = f.local(0)
        f.set(f.argument(6).dword(), 0)
        f.while(left != 0) {
            let wanted = f.local(entry.dword(8) & PrivilegeState.enabled.value)
            f.if(f.argument(1) != 0) { f.set(wanted, 0) }
            let index = f.local(0)
            f.while(index < f.argument(3)) {
                let named = f.local(f.argument(2) + 4 + index * LUID_AND_ATTRIBUTES.size.value)
                f.if(named.dword() == entry.dword() && named.dword(4) == entry.dword(4)) {
                    f.set(wanted, named.dword(8) & PrivilegeState.enabled.value)
                    f.add(f.argument(6).dword(), 1)
                }
                f.add(index, 1)
            }
            f.if(wanted != (entry.dword(8) & PrivilegeState.enabled.value)) {
                f.add(changes, 1)
                f.if(f.argument(4) != 0) {
                    f.if(previous != 0) {
                        f.copy(to: previous, from: entry, LUID_AND_ATTRIBUTES.size)
                        f.set(previous, previous + LUID_AND_ATTRIBUTES.size.value)
                    }
                    f.set(entry.dword(8), (entry.dword(8) & ~PrivilegeState.enabled.value) | wanted)
                }
            }
            f.set(entry, entry + LUID_AND_ATTRIBUTES.size.value)
            f.set(left, left - 1)
        }
        f.return(changes)
    }
}
