// SPDX-License-Identifier: GPL-3.0-or-later

/// The first token: that of the system itself.
extension Se {
    /// Privileges of the system, and whether they are enabled from the start.
    private static let held: [(privilege: Privilege, isEnabled: Bool)] = [
        (tcbPrivilege, true), (createTokenPrivilege, false), (takeOwnershipPrivilege, false), (createPagefilePrivilege, true),
        (lockMemoryPrivilege, true), (assignPrimaryTokenPrivilege, false), (increaseQuotaPrivilege, false),
        (increaseBasePriorityPrivilege, true), (createPermanentPrivilege, true), (debugPrivilege, true), (auditPrivilege, true),
        (securityPrivilege, false), (systemEnvironmentPrivilege, false), (changeNotifyPrivilege, true), (backupPrivilege, false),
        (restorePrivilege, false), (shutdownPrivilege, false), (loadDriverPrivilege, false), (profileSingleProcessPrivilege, true),
        (systemtimePrivilege, false), (undockPrivilege, false), (manageVolumePrivilege, false), (impersonatePrivilege, true),
        (createGlobalPrivilege, true),
    ]

    /// Groups, behind the user: SE_GROUP_MANDATORY, ENABLED_BY_DEFAULT, ENABLED, OWNER are 1, 2, 4, 8.
    private static let groups: [(sid: WellKnownSid, attributes: UInt32)] = [
        (aliasAdminsSid, 0xE), (worldSid, 7), (authenticatedUsersSid, 7),
    ]

    /// `SeSystemAuthenticationId`: the logon of the system.
    static let systemAuthenticationId: GlobalStructure<LUID> = .init("SeSystemAuthenticationId") {
        [.dword(0x3E7), .dword(0)]
    }

    /// `SeSystemTokenSource`.
    private static let systemTokenSource: GlobalStructure<TOKEN_SOURCE> = .init("SeSystemTokenSource") {
        [.bytes(Array("*SYSTEM*".utf8)), .dword(0), .dword(0)]
    }

    /// `SepCreateSystemProcessToken() -> TOKEN* or NULL`: Local System with its groups and privileges; not inserted yet.
    static let createSystemProcessToken: Routine = .init("SepCreateSystemProcessToken", section: .initialization) { f in
        let accounts = f.buffer(UInt32(8 * (groups.count + 1)))
        let rights = f.buffer(UInt32(held.count) * LUID_AND_ATTRIBUTES.size)
        f.set(accounts.dword(), localSystemSid.sid)
        f.set(accounts.dword(4), 0)
        for (index, group) in groups.enumerated() {
            f.set(accounts.dword(Int32(8 * index + 8)), group.sid.sid)
            f.set(accounts.dword(Int32(8 * index + 12)), group.attributes)
        }
        for (index, entry) in held.enumerated() {
            f.set(rights.dword(Int32(12 * index)), entry.privilege.cell.LowPart)
            f.set(rights.dword(Int32(12 * index + 4)), entry.privilege.cell.HighPart)
            f.set(rights.dword(Int32(12 * index + 8)), entry.isEnabled ? PrivilegeState.enabledByDefault | PrivilegeState.enabled : 0)
        }
        let contents = f.structure(TokenContents.self)
        f.set(contents.UserAndGroups, accounts)
        f.set(contents.UserAndGroupCount, UInt32(groups.count + 1))
        f.set(contents.Privileges, rights)
        f.set(contents.PrivilegeCount, UInt32(held.count))
        f.set(contents.PrimaryGroup, localSystemSid.sid)
        f.set(contents.DefaultDacl, systemDefault.dacl.dword)
        // What it makes belongs to Administrators.
        f.set(contents.DefaultOwnerIndex, 1)
        f.set(contents.TokenType, TokenType.primary)
        f.set(contents.ImpersonationLevel, 0)
        f.set(contents.AuthenticationId, systemAuthenticationId)
        f.set(contents.Source, systemTokenSource)
        let token = f.local(0)
        let status = f.call(createToken, contents, 0, f.address(of: token))
        f.if(status.isError) { f.return(0) }
        f.return(token)
    }

    /// TOKEN_TYPE.
    enum TokenType {
        static let primary: UInt32 = 1
        static let impersonation: UInt32 = 2
    }
}
