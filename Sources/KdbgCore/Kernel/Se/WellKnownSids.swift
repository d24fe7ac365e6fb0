// SPDX-License-Identifier: GPL-3.0-or-later

/// The well-known security identifiers. Start-up makes each in paged pool, tag 'SeSi', and keeps it in a variable of its name.
extension Se {
    /// One of them: `S-1-authority-numbers`.
    package struct WellKnownSid: Sendable {
        /// The variable.
        package let cell: Global
        package let authority: UInt8
        package let numbers: [UInt32]

        init(_ name: String, _ authority: UInt8, _ numbers: UInt32...) {
            (cell, self.authority, self.numbers) = (.init(name), authority, numbers)
        }

        /// The address of the SID, once it is made.
        var sid: Value { cell.dword }
    }

    static let nullSid: WellKnownSid = .init("SeNullSid", 0, 0)
    static let worldSid: WellKnownSid = .init("SeWorldSid", 1, 0)
    static let localSid: WellKnownSid = .init("SeLocalSid", 2, 0)
    static let creatorOwnerSid: WellKnownSid = .init("SeCreatorOwnerSid", 3, 0)
    static let creatorGroupSid: WellKnownSid = .init("SeCreatorGroupSid", 3, 1)
    static let ntAuthoritySid: WellKnownSid = .init("SeNtAuthoritySid", 5)
    static let dialupSid: WellKnownSid = .init("SeDialupSid", 5, 1)
    static let networkSid: WellKnownSid = .init("SeNetworkSid", 5, 2)
    static let batchSid: WellKnownSid = .init("SeBatchSid", 5, 3)
    static let interactiveSid: WellKnownSid = .init("SeInteractiveSid", 5, 4)
    static let serviceSid: WellKnownSid = .init("SeServiceSid", 5, 6)
    static let anonymousLogonSid: WellKnownSid = .init("SeAnonymousLogonSid", 5, 7)
    static let principalSelfSid: WellKnownSid = .init("SePrincipalSelfSid", 5, 10)
    static let authenticatedUsersSid: WellKnownSid = .init("SeAuthenticatedUsersSid", 5, 11)
    static let restrictedSid: WellKnownSid = .init("SeRestrictedSid", 5, 12)
    static let localSystemSid: WellKnownSid = .init("SeLocalSystemSid", 5, 18)
    static let localServiceSid: WellKnownSid = .init("SeLocalServiceSid", 5, 19)
    static let networkServiceSid: WellKnownSid = .init("SeNetworkServiceSid", 5, 20)
    static let aliasAdminsSid: WellKnownSid = .init("SeAliasAdminsSid", 5, 32, 544)
    static let aliasUsersSid: WellKnownSid = .init("SeAliasUsersSid", 5, 32, 545)
    static let aliasGuestsSid: WellKnownSid = .init("SeAliasGuestsSid", 5, 32, 546)
    static let aliasPowerUsersSid: WellKnownSid = .init("SeAliasPowerUsersSid", 5, 32, 547)
    static let aliasAccountOpsSid: WellKnownSid = .init("SeAliasAccountOpsSid", 5, 32, 548)
    static let aliasSystemOpsSid: WellKnownSid = .init("SeAliasSystemOpsSid", 5, 32, 549)
    static let aliasPrintOpsSid: WellKnownSid = .init("SeAliasPrintOpsSid", 5, 32, 550)
    static let aliasBackupOpsSid: WellKnownSid = .init("SeAliasBackupOpsSid", 5, 32, 551)

    /// In the order in which they are made.
    package static let wellKnownSids: [WellKnownSid] = [
        nullSid, worldSid, localSid, creatorOwnerSid, creatorGroupSid, ntAuthoritySid, dialupSid, networkSid, batchSid, interactiveSid,
        serviceSid, anonymousLogonSid, principalSelfSid, authenticatedUsersSid, restrictedSid, localSystemSid, localServiceSid,
        networkServiceSid, aliasAdminsSid, aliasUsersSid, aliasGuestsSid, aliasPowerUsersSid, aliasAccountOpsSid, aliasSystemOpsSid,
        aliasPrintOpsSid, aliasBackupOpsSid,
    ]

    /// `SepInitSecurityIDs() -> BOOLEAN`: FALSE when the pool is exhausted.
    static let initSecurityIDs: Routine = .init("SepInitSecurityIDs", section: .initialization) { f in
        for known in wellKnownSids {
            let first = known.numbers.first ?? 0
            let second = known.numbers.count > 1 ? known.numbers[1] : 0
            f.if(f.call(makeSid, known.cell, UInt32(known.authority), UInt32(known.numbers.count), first, second) == 0) { f.return(0) }
        }
        f.return(1)
    }

    /// `SepMakeSid(Cell*, Authority, Count, First, Second) -> BOOLEAN`: at most two numbers.
    private static let makeSid: Routine = .init(
        "SepMakeSid", ["Cell", "Authority", "SubAuthorityCount", "First", "Second"], section: .initialization
    ) { f in
        let authority = f.buffer(8)
        f.zero(authority, 8)
        f.set(authority.byte(5), f.argument(1))
        let sid = f.local(f.call(Ex.allocatePoolWithTag, 1, (f.argument(2) << 2) + 8, Value.tag("SeSi")))
        f.set(f.argument(0).dword(), sid)
        f.if(sid == 0) { f.return(0) }
        f.call(Rtl.initializeSid, sid, authority, f.argument(2))
        f.if(f.argument(2) != 0) { f.set(sid.as(SID.self).SubAuthority.dword(), f.argument(3)) }
        f.if(f.argument(2) > 1) { f.set(sid.as(SID.self).SubAuthority.dword(4), f.argument(4)) }
        f.return(1)
    }
}
