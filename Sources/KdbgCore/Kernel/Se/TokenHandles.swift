// SPDX-License-Identifier: GPL-3.0-or-later

/// System services that give handles to tokens.
extension Se {
    /// `NtOpenProcessTokenEx(ProcessHandle, DesiredAccess, HandleAttributes, TokenHandle*) -> status`: it takes PROCESS_QUERY_INFORMATION.
    static let ntOpenProcessTokenEx: Routine = .init(
        "NtOpenProcessTokenEx", ["ProcessHandle", "DesiredAccess", "HandleAttributes", "TokenHandle"]
    ) { f in
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let process = f.local(0)
        let handle = f.local(0)
        f.if(mode != 0) {
            f.if(f.call(Ke.probeForWrite, f.argument(3), 4) == 0) { f.return(Status.accessViolation) }
        }
        let status = f.local(
            f.call(Ob.referenceObjectByHandle, f.argument(0), 0x400, Ps.processType.dword, mode, f.address(of: process), 0))
        f.if(status.isError) { f.return(status) }
        let token = f.local(f.call(Ps.referencePrimaryToken, process))
        f.set(status, Status.noToken)
        f.if(token != 0) {
            f.set(
                status,
                f.call(Ob.openObjectByPointer, token, f.argument(2), 0, f.argument(1), tokenObjectType.dword, mode, f.address(of: handle)))
            f.call(Ob.fastDereferenceObject, process.as(EPROCESS.self).address(of: \.Token), token)
        }
        f.call(Ob.dereferenceObject, process)
        f.if(status.isSuccess) { f.set(f.argument(3).dword(), handle) }
        f.return(status)
    }

    /// `NtOpenProcessToken(ProcessHandle, DesiredAccess, TokenHandle*) -> status`.
    static let ntOpenProcessToken: Routine = .init("NtOpenProcessToken", ["ProcessHandle", "DesiredAccess", "TokenHandle"]) { f in
        f.return(f.call(ntOpenProcessTokenEx, f.argument(0), f.argument(1), 0, f.argument(2)))
    }

    /// `NtDuplicateToken(ExistingTokenHandle, DesiredAccess, ObjectAttributes* or NULL, EffectiveOnly, TokenType, NewTokenHandle*) -> status`: the copy has no
    /// name. The level of an impersonation token is that of the attributes' quality of service, else SecurityAnonymous. 0xC00000A5: of a token that may
    /// not even impersonate there is no primary copy. DesiredAccess 0: as the existing handle.
    static let ntDuplicateToken: Routine = .init(
        "NtDuplicateToken", ["ExistingTokenHandle", "DesiredAccess", "ObjectAttributes", "EffectiveOnly", "TokenType", "NewTokenHandle"]
    ) { f in
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let given = f.argument(2, OBJECT_ATTRIBUTES.self)
        let level = f.local(0)
        let flags = f.local(0)
        let information = f.buffer(8)
        let token = f.local(0)
        f.if(mode != 0) {
            f.if(f.call(Ke.probeForWrite, f.argument(5), 4) == 0) { f.return(Status.accessViolation) }
            f.if(given.isNotNull) {
                f.if(f.call(Ke.probeForRead, given, OBJECT_ATTRIBUTES.size) == 0) { f.return(Status.accessViolation) }
            }
        }
        f.if(f.argument(4) != TokenType.primary.value && f.argument(4) != TokenType.impersonation.value) {
            f.return(Status.invalidParameter)
        }
        f.if(given.isNotNull) {
            f.set(flags, given.Attributes & (Ob.EntryBits.inherit.value | ObjectAttribute.kernelHandle.value))
            // From user mode there are no handles of the kernel.
            f.if(mode != 0) { f.set(flags, flags & Ob.EntryBits.inherit.value) }
            let quality = f.local(given.SecurityQualityOfService)
            f.if(quality != 0) {
                f.if(mode != 0) {
                    f.if(f.call(Ke.probeForRead, quality, 12) == 0) { f.return(Status.accessViolation) }
                }
                f.set(level, quality.dword(4))
                f.if(level > 3) { f.return(Status.badImpersonationLevel) }
            }
        }
        let status = f.local(
            f.call(
                Ob.referenceObjectByHandle, f.argument(0), TokenAccess.duplicate, tokenObjectType.dword, mode, f.address(of: token),
                information))
        f.if(status.isError) { f.return(status) }
        let existing = token.as(TOKEN.self)
        let attributes = f.objectAttributes(0 as UInt32, flags)
        let new = f.local(0)
        let handle = f.local(0)
        let access = f.local(f.argument(1))
        f.if(access == 0) { f.set(access, information.dword(4)) }
        f.set(status, Status.badImpersonationLevel)
        f.if(existing.TokenType == TokenType.primary.value || f.argument(4) != TokenType.primary.value || existing.ImpersonationLevel > 1) {
            f.if(f.argument(4) == TokenType.primary.value) { f.set(level, 0) }
            f.set(status, f.call(duplicateToken, token, attributes, f.argument(3), f.argument(4), level, f.address(of: new)))
        }
        f.call(Ob.dereferenceObject, token)
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.insertObject, new, 0, access, 0, 0, f.address(of: handle)))
        f.if(status.isSuccess) { f.set(f.argument(5).dword(), handle) }
        f.return(status)
    }

    /// Rights to a token.
    enum TokenAccess {
        static let duplicate: UInt32 = 0x02
        static let query: UInt32 = 0x08
        static let querySource: UInt32 = 0x10
        static let adjustPrivileges: UInt32 = 0x20
    }
}

extension Status {
    package static let badImpersonationLevel: Value = 0xC000_00A5
    /// A success: some of the privileges are not in the token.
    package static let notAllAssigned: Value = 0x0000_0106
}
