// SPDX-License-Identifier: GPL-3.0-or-later

/// Access control lists and security descriptors.
extension Rtl {
    /// `RtlCreateAcl(Acl*, AclSize, AclRevision) -> status`: an empty list. 0xC0000023: no room even for the head.
    package static let createAcl: Routine = .init("RtlCreateAcl", ["Acl", "AclSize", "AclRevision"]) { f in
        let acl = f.argument(0, ACL.self)
        f.if(f.argument(1) < ACL.size.value) { f.return(Status.bufferTooSmall) }
        f.if(f.argument(2) < 2 || f.argument(2) > 4 || f.argument(1) > 0xFFFF) { f.return(Status.invalidParameter) }
        f.zero(acl, ACL.size)
        f.set(acl.AclRevision, f.argument(2))
        f.set(acl.AclSize, f.argument(1) & ~Value(3))
        f.return(Status.success)
    }

    /// `RtlFirstFreeAce(Acl*, FirstFreeAce**) -> BOOLEAN`: where the next entry would begin, NULL when the list is full; FALSE when its entries do not fit in it.
    package static let firstFreeAce: Routine = .init("RtlFirstFreeAce", ["Acl", "FirstFreeAce"]) { f in
        let acl = f.argument(0, ACL.self)
        let end = f.local(acl.value + acl.AclSize)
        let entry = f.local(acl.value + ACL.size.value)
        let count = f.local(acl.AceCount)
        f.set(f.argument(1).dword(), 0)
        f.while(count != 0) {
            f.if(entry + 4 > end || entry.word(2) < 4) { f.return(0) }
            f.set(entry, entry + entry.word(2))
            f.set(count, count - 1)
        }
        f.if(entry > end) { f.return(0) }
        f.if(entry != end) { f.set(f.argument(1).dword(), entry) }
        f.return(1)
    }

    /// `RtlAddAccessAllowedAce(Acl*, AceRevision, AccessMask, Sid*) -> status`. 0xC0000099: the list is full; 0xC0000077: it is damaged.
    package static let addAccessAllowedAce: Routine = .init(
        "RtlAddAccessAllowedAce", ["Acl", "AceRevision", "AccessMask", "Sid"]
    ) { f in
        let acl = f.argument(0, ACL.self)
        let place = f.local(0)
        f.if(f.call(validSid, f.argument(3)) == 0) { f.return(Status.invalidSid) }
        f.if(f.call(firstFreeAce, acl, f.address(of: place)) == 0) { f.return(Status.invalidAcl) }
        let length = f.local(f.call(lengthSid, f.argument(3)))
        let size = f.local(length + 8)
        f.if(place == 0 || size > acl.value + acl.AclSize - place) { f.return(Status.allottedSpaceExceeded) }
        let entry = place.as(ACCESS_ALLOWED_ACE.self)
        f.set(entry.AceType, 0)
        f.set(entry.AceFlags, 0)
        f.set(entry.AceSize, size)
        f.set(entry.Mask, f.argument(2))
        f.copy(to: entry.address(of: \.SidStart), from: f.argument(3), length)
        f.set(acl.AceCount, acl.AceCount + 1)
        f.return(Status.success)
    }

    /// `RtlCreateSecurityDescriptor(SecurityDescriptor*, Revision) -> status`: absolute, with nothing in it.
    package static let createSecurityDescriptor: Routine = .init(
        "RtlCreateSecurityDescriptor", ["SecurityDescriptor", "Revision"]
    ) { f in
        f.if(f.argument(1) != 1) { f.return(Status.unknownRevision) }
        f.zero(f.argument(0), SECURITY_DESCRIPTOR.size)
        f.set(f.argument(0, SECURITY_DESCRIPTOR.self).Revision, 1)
        f.return(Status.success)
    }

    /// `RtlSetDaclSecurityDescriptor(SecurityDescriptor*, DaclPresent, Dacl*, DaclDefaulted) -> status`: of an absolute one.
    package static let setDaclSecurityDescriptor: Routine = .init(
        "RtlSetDaclSecurityDescriptor", ["SecurityDescriptor", "DaclPresent", "Dacl", "DaclDefaulted"]
    ) { f in
        let descriptor = f.argument(0, SECURITY_DESCRIPTOR.self)
        f.if((descriptor.Control & SecurityControl.selfRelative.value) != 0) { f.return(Status.invalidSecurityDescriptor) }
        f.set(descriptor.Dacl, 0)
        f.set(descriptor.Control, descriptor.Control & ~(SecurityControl.daclPresent | SecurityControl.daclDefaulted).value)
        f.if((f.argument(1) & 0xFF) != 0) {
            f.set(descriptor.Control, descriptor.Control | SecurityControl.daclPresent.value)
            f.set(descriptor.Dacl, f.argument(2))
            f.if((f.argument(3) & 0xFF) != 0) { f.set(descriptor.Control, descriptor.Control | SecurityControl.daclDefaulted.value) }
        }
        f.return(Status.success)
    }

    /// `RtlpPartOfDescriptor(SecurityDescriptor*, Offset) -> address or 0`: of the pointer at that offset in the structure, or of the offset that stands there.
    package static let partOfDescriptor: Routine = .init("RtlpPartOfDescriptor", ["SecurityDescriptor", "Offset"]) { f in
        let part = f.local((f.argument(0) + f.argument(1)).dword())
        f.if(part == 0) { f.return(0) }
        f.if((f.argument(0, SECURITY_DESCRIPTOR.self).Control & SecurityControl.selfRelative.value) != 0) { f.return(f.argument(0) + part) }
        f.return(part)
    }
}

/// Bits of SECURITY_DESCRIPTOR.Control.
package enum SecurityControl {
    package static let daclPresent: UInt32 = 4
    package static let daclDefaulted: UInt32 = 8
    package static let saclPresent: UInt32 = 0x10
    package static let selfRelative: UInt32 = 0x8000
}

extension Status {
    package static let invalidSid: Value = 0xC000_0078
    package static let invalidAcl: Value = 0xC000_0077
    package static let invalidSecurityDescriptor: Value = 0xC000_0079
    package static let unknownRevision: Value = 0xC000_0058
    package static let allottedSpaceExceeded: Value = 0xC000_0099
}
