// SPDX-License-Identifier: GPL-3.0-or-later

/// Security identifiers: who somebody is.
extension Rtl {
    /// `RtlLengthSid(Sid*) -> bytes`.
    package static let lengthSid: Routine = .init("RtlLengthSid", ["Sid"]) { f in
        f.return((f.argument(0, SID.self).SubAuthorityCount << 2) + 8)
    }

    /// `RtlValidSid(Sid*) -> BOOLEAN`: revision 1 and at most 15 numbers.
    package static let validSid: Routine = .init("RtlValidSid", ["Sid"]) { f in
        let sid = f.argument(0, SID.self)
        f.return(sid.Revision == 1 && sid.SubAuthorityCount <= 15)
    }

    /// `RtlInitializeSid(Sid*, IdentifierAuthority*, SubAuthorityCount) -> status`: everything but the numbers.
    package static let initializeSid: Routine = .init("RtlInitializeSid", ["Sid", "IdentifierAuthority", "SubAuthorityCount"]) { f in
        let sid = f.argument(0, SID.self)
        f.set(sid.Revision, 1)
        f.set(sid.SubAuthorityCount, f.argument(2))
        f.copy(to: sid.IdentifierAuthority, from: f.argument(1), 6)
        f.return(Status.success)
    }

    /// `RtlSubAuthoritySid(Sid*, Index) -> ULONG*`: the cell of a number, the first one being 0.
    package static let subAuthoritySid: Routine = .init("RtlSubAuthoritySid", ["Sid", "SubAuthority"]) { f in
        f.return(f.argument(0, SID.self).SubAuthority + (f.argument(1) << 2))
    }

    /// `RtlEqualSid(Sid1*, Sid2*) -> BOOLEAN`.
    package static let equalSid: Routine = .init("RtlEqualSid", ["Sid1", "Sid2"]) { f in
        let left = f.local(f.argument(0))
        let right = f.local(f.argument(1))
        // Revision, count and the first of the authority: with the same count, the same length.
        f.if(left.dword() != right.dword()) { f.return(0) }
        let words = f.local(left.as(SID.self).SubAuthorityCount + 1)
        f.while(words != 0) {
            f.add(left, 4)
            f.add(right, 4)
            f.if(left.dword() != right.dword()) { f.return(0) }
            f.set(words, words - 1)
        }
        f.return(1)
    }

    /// `RtlCopySid(DestinationLength, Destination*, Source*) -> status`. 0xC0000023: too long.
    package static let copySid: Routine = .init("RtlCopySid", ["DestinationSidLength", "DestinationSid", "SourceSid"]) { f in
        let length = f.call(lengthSid, f.argument(2))
        f.if(length > f.argument(0)) { f.return(Status.bufferTooSmall) }
        f.copy(to: f.argument(1), from: f.argument(2), length)
        f.return(Status.success)
    }

    /// `RtlCompareMemory(Source1*, Source2*, Length) -> bytes` that are equal, from the start.
    package static let compareMemory: Routine = .init("RtlCompareMemory", ["Source1", "Source2", "Length"]) { f in
        let index = f.local(0)
        f.while(index < f.argument(2) && (f.argument(0) + index).byte() == (f.argument(1) + index).byte()) { f.add(index, 1) }
        f.return(index)
    }
}
