// SPDX-License-Identifier: GPL-3.0-or-later

/// May this one do that to the object?
extension Se {
    /// Rights that every object has, and MAXIMUM_ALLOWED.
    enum Access {
        static let delete: UInt32 = 0x1_0000
        static let readControl: UInt32 = 0x2_0000
        static let writeDac: UInt32 = 0x4_0000
        static let writeOwner: UInt32 = 0x8_0000
        static let systemSecurity: UInt32 = 0x0100_0000
        static let maximumAllowed: UInt32 = 0x0200_0000
    }

    /// `SeAccessCheck(SecurityDescriptor*, SubjectContext*, SubjectContextLocked, DesiredAccess, PreviouslyGrantedAccess, Privileges**, GenericMapping*,
    /// AccessMode, GrantedAccess*, AccessStatus*) -> BOOLEAN`. Kernel mode may do everything. Else the entries of the list decide, in their order; what one
    /// denies no later one can give. The owner may read and change the list. 0xC0000022: denied; 0xC0000061: it takes SeSecurityPrivilege. Entries of other kinds
    /// than allowed and denied are passed over; tokens here have no restricting SIDs, and no privileges are returned.
    package static let accessCheck: Routine = .init(
        "SeAccessCheck",
        [
            "SecurityDescriptor", "SubjectContext", "SubjectContextLocked", "DesiredAccess", "PreviouslyGrantedAccess", "Privileges",
            "GenericMapping", "AccessMode", "GrantedAccess", "AccessStatus",
        ]
    ) { f in
        let wanted = f.local(f.argument(3))
        let mapping = f.argument(6)
        let granted = f.argument(8)
        let status = f.argument(9)
        f.if(f.argument(5) != 0) { f.set(f.argument(5).dword(), 0) }
        f.call(Rtl.mapGenericMask, f.address(of: wanted), mapping)
        f.if((f.argument(7) & 0xFF) == 0) {
            f.if((wanted & Access.maximumAllowed.value) != 0) { f.set(wanted, (wanted & ~Access.maximumAllowed.value) | mapping.dword(12)) }
            f.set(granted.dword(), wanted | f.argument(4))
            f.set(status.dword(), Status.success)
            f.return(1)
        }
        f.set(granted.dword(), 0)
        f.set(status.dword(), Status.accessDenied)
        f.if(f.argument(0) == 0) { f.return(0) }
        let token = f.local(f.call(effectiveToken, f.argument(1)))
        let had = f.local(f.argument(4))
        f.if((wanted & Access.systemSecurity.value) != 0) {
            f.if(f.call(hasPrivilege, token, securityPrivilege.cell.LowPart) == 0) {
                f.set(status.dword(), Status.privilegeNotHeld)
                f.return(0)
            }
            f.set(had, had | Access.systemSecurity.value)
        }
        f.if((wanted & Access.writeOwner.value) != 0) {
            f.if(f.call(hasPrivilege, token, takeOwnershipPrivilege.cell.LowPart) != 0) { f.set(had, had | Access.writeOwner.value) }
        }
        f.set(had, had | f.call(allowedByDescriptor, f.argument(0), token, mapping, wanted & ~had))
        f.if((wanted & Access.maximumAllowed.value) != 0) {
            f.set(wanted, wanted & ~Access.maximumAllowed.value)
            f.if((wanted & ~had) != 0 || had == 0) { f.return(0) }
            f.set(granted.dword(), had)
        } else: {
            f.if((wanted & ~had) != 0) { f.return(0) }
            f.set(granted.dword(), wanted | f.argument(4))
        }
        f.set(status.dword(), Status.success)
        f.return(1)
    }

    /// `SepHasPrivilege(Token*, LowPart) -> BOOLEAN`: enabled in the token.
    private static let hasPrivilege: Routine = .init("SepHasPrivilege", ["Token", "LowPart"]) { f in
        let entry = f.local(f.call(findPrivilege, f.argument(0), f.argument(1), 0))
        f.if(entry == 0) { f.return(0) }
        f.return((entry.dword(8) & PrivilegeState.enabled.value) != 0)
    }

    /// `SepAllowedByDescriptor(SecurityDescriptor*, Token*, GenericMapping*, Wanted) -> access`: all that the list and being the owner give; of what is wanted,
    /// nothing that an earlier entry denies.
    private static let allowedByDescriptor: Routine = .init(
        "SepAllowedByDescriptor", ["SecurityDescriptor", "Token", "GenericMapping", "Wanted"]
    ) { f in
        let descriptor = f.argument(0, SECURITY_DESCRIPTOR.self)
        let all = f.local(f.argument(2).dword(12))
        let list = f.local(f.call(Rtl.partOfDescriptor, descriptor, offset(of: \SECURITY_DESCRIPTOR.Dacl)))
        // Without a list, everything is allowed; with an empty one, nothing.
        f.if((descriptor.Control & SecurityControl.daclPresent.value) == 0 || list == 0) { f.return(all | f.argument(3)) }
        let allowed = f.local(0)
        let denied = f.local(0)
        let owner = f.local(f.call(Rtl.partOfDescriptor, descriptor, offset(of: \SECURITY_DESCRIPTOR.Owner)))
        f.if(owner != 0) {
            f.if(f.call(sidInToken, f.argument(1), owner, 0) != 0) { f.set(allowed, Access.readControl | Access.writeDac) }
        }
        let entry = f.local(list + ACL.size.value)
        let left = f.local(list.as(ACL.self).AceCount)
        let mask = f.local(0)
        f.while(left != 0) {
            let ace = entry.as(ACCESS_ALLOWED_ACE.self)
            // INHERIT_ONLY_ACE is for children.
            f.if((ace.AceFlags & 8) == 0 && ace.AceType <= 1) {
                f.if(f.call(sidInToken, f.argument(1), ace.address(of: \.SidStart), ace.AceType) != 0) {
                    f.set(mask, ace.Mask)
                    f.call(Rtl.mapGenericMask, f.address(of: mask), f.argument(2))
                    f.if(ace.AceType == 0) {
                        f.set(allowed, allowed | (mask & ~denied))
                    } else: {
                        f.set(denied, denied | (mask & ~allowed))
                    }
                }
            }
            f.set(entry, entry + ace.AceSize)
            f.set(left, left - 1)
        }
        f.return(allowed)
    }

    /// `SepSidInToken(Token*, Sid*, ForDenial) -> BOOLEAN`: the user, or a group that is enabled; for denial, also one that only counts for that
    /// (SE_GROUP_USE_FOR_DENY_ONLY, 0x10).
    static let sidInToken: Routine = .init("SepSidInToken", ["Token", "Sid", "ForDenial"]) { f in
        let token = f.argument(0, TOKEN.self)
        let index = f.local(0)
        f.while(index < token.UserAndGroupCount) {
            let entry = f.local(token.UserAndGroups + (index << 3))
            f.if(f.call(Rtl.equalSid, entry.dword(), f.argument(1)) != 0) {
                f.if(index == 0 || (entry.dword(4) & 4) != 0) { f.return(1) }
                f.if(f.argument(2) != 0 && (entry.dword(4) & 0x10) != 0) { f.return(1) }
            }
            f.add(index, 1)
        }
        f.return(0)
    }
}
