// SPDX-License-Identifier: GPL-3.0-or-later

/// Privileges: what a token may do beyond what objects allow. Each is a LUID that is the same on every NT system.
extension Se {
    /// A privilege, and the variable with its LUID.
    package struct Privilege: Sendable {
        /// What user mode and `!token` call it.
        package let name: String
        package let number: UInt32
        package let cell: GlobalStructure<LUID>

        init(_ word: String, _ number: UInt32) {
            (name, self.number, cell) = ("Se\(word)Privilege", number, .init("Se\(word)Privilege"))
        }
    }

    static let createTokenPrivilege: Privilege = .init("CreateToken", 2)
    static let assignPrimaryTokenPrivilege: Privilege = .init("AssignPrimaryToken", 3)
    static let lockMemoryPrivilege: Privilege = .init("LockMemory", 4)
    static let increaseQuotaPrivilege: Privilege = .init("IncreaseQuota", 5)
    static let machineAccountPrivilege: Privilege = .init("MachineAccount", 6)
    static let tcbPrivilege: Privilege = .init("Tcb", 7)
    static let securityPrivilege: Privilege = .init("Security", 8)
    static let takeOwnershipPrivilege: Privilege = .init("TakeOwnership", 9)
    static let loadDriverPrivilege: Privilege = .init("LoadDriver", 10)
    static let systemProfilePrivilege: Privilege = .init("SystemProfile", 11)
    static let systemtimePrivilege: Privilege = .init("Systemtime", 12)
    static let profileSingleProcessPrivilege: Privilege = .init("ProfileSingleProcess", 13)
    static let increaseBasePriorityPrivilege: Privilege = .init("IncreaseBasePriority", 14)
    static let createPagefilePrivilege: Privilege = .init("CreatePagefile", 15)
    static let createPermanentPrivilege: Privilege = .init("CreatePermanent", 16)
    static let backupPrivilege: Privilege = .init("Backup", 17)
    static let restorePrivilege: Privilege = .init("Restore", 18)
    static let shutdownPrivilege: Privilege = .init("Shutdown", 19)
    static let debugPrivilege: Privilege = .init("Debug", 20)
    static let auditPrivilege: Privilege = .init("Audit", 21)
    static let systemEnvironmentPrivilege: Privilege = .init("SystemEnvironment", 22)
    static let changeNotifyPrivilege: Privilege = .init("ChangeNotify", 23)
    static let remoteShutdownPrivilege: Privilege = .init("RemoteShutdown", 24)
    static let undockPrivilege: Privilege = .init("Undock", 25)
    static let syncAgentPrivilege: Privilege = .init("SyncAgent", 26)
    static let enableDelegationPrivilege: Privilege = .init("EnableDelegation", 27)
    static let manageVolumePrivilege: Privilege = .init("ManageVolume", 28)
    static let impersonatePrivilege: Privilege = .init("Impersonate", 29)
    static let createGlobalPrivilege: Privilege = .init("CreateGlobal", 30)

    /// In the order of their numbers.
    package static let privileges: [Privilege] = [
        createTokenPrivilege, assignPrimaryTokenPrivilege, lockMemoryPrivilege, increaseQuotaPrivilege, machineAccountPrivilege,
        tcbPrivilege, securityPrivilege, takeOwnershipPrivilege, loadDriverPrivilege, systemProfilePrivilege, systemtimePrivilege,
        profileSingleProcessPrivilege, increaseBasePriorityPrivilege, createPagefilePrivilege, createPermanentPrivilege, backupPrivilege,
        restorePrivilege, shutdownPrivilege, debugPrivilege, auditPrivilege, systemEnvironmentPrivilege, changeNotifyPrivilege,
        remoteShutdownPrivilege, undockPrivilege, syncAgentPrivilege, enableDelegationPrivilege, manageVolumePrivilege,
        impersonatePrivilege, createGlobalPrivilege,
    ]

    /// Bits of LUID_AND_ATTRIBUTES.Attributes.
    package enum PrivilegeState {
        package static let enabledByDefault: UInt32 = 1
        package static let enabled: UInt32 = 2
        package static let usedForAccess: UInt32 = 0x8000_0000
    }

    /// `SepInitPrivileges()`: the LUIDs.
    static let initPrivileges: Routine = .init("SepInitPrivileges", section: .initialization) { f in
        for privilege in privileges {
            f.set(privilege.cell.LowPart, privilege.number)
            f.set(privilege.cell.HighPart, 0)
        }
        f.return()
    }

    /// `SepPrivilegeCheck(Token*, Privileges*, Count, AllNecessary, PreviousMode) -> BOOLEAN`: kernel mode has every privilege; user mode those that are
    /// enabled in the token. What was used is marked in the token and in the caller's list.
    static let privilegeCheck: Routine = .init(
        "SepPrivilegeCheck", ["Token", "Privileges", "PrivilegeCount", "AllNecessary", "PreviousMode"]
    ) { f in
        let token = f.argument(0, TOKEN.self)
        f.if((f.argument(4) & 0xFF) == 0) { f.return(1) }
        let wanted = f.local(Pointer<LUID_AND_ATTRIBUTES>(f.argument(1)))
        let left = f.local(f.argument(2))
        let found = f.local(0)
        f.call(Ex.acquireResourceSharedLite, token.TokenLock, 1)
        f.while(left != 0) {
            let own = f.local(f.call(findPrivilege, token, wanted.Luid.LowPart, wanted.Luid.HighPart))
            f.if(own != 0) {
                let attributes = Pointer<LUID_AND_ATTRIBUTES>(own)
                f.if((attributes.Attributes & PrivilegeState.enabled.value) != 0) {
                    f.set(attributes.Attributes, attributes.Attributes | PrivilegeState.usedForAccess.value)
                    f.set(wanted.Attributes, wanted.Attributes | PrivilegeState.usedForAccess.value)
                    f.add(found, 1)
                }
            }
            f.set(wanted.value, wanted.value + LUID_AND_ATTRIBUTES.size.value)
            f.set(left, left - 1)
        }
        f.call(Ex.releaseResourceLite, token.TokenLock)
        f.if((f.argument(3) & 0xFF) != 0) { f.return(found == f.argument(2)) }
        f.return(found != 0)
    }

    /// `SepFindPrivilege(Token*, LowPart, HighPart) -> LUID_AND_ATTRIBUTES* or NULL`: in a token's list.
    static let findPrivilege: Routine = .init("SepFindPrivilege", ["Token", "LowPart", "HighPart"]) { f in
        let token = f.argument(0, TOKEN.self)
        let entry = f.local(token.Privileges)
        let left = f.local(token.PrivilegeCount)
        f.while(left != 0) {
            f.if(entry.dword() == f.argument(1) && entry.dword(4) == f.argument(2)) { f.return(entry) }
            f.set(entry, entry + LUID_AND_ATTRIBUTES.size.value)
            f.set(left, left - 1)
        }
        f.return(0)
    }

    /// `SePrivilegeCheck(RequiredPrivileges*, SubjectContext*, AccessMode) -> BOOLEAN`: a PRIVILEGE_SET is a count, 1 when all of them are necessary, the list.
    package static let sePrivilegeCheck: Routine = .init(
        "SePrivilegeCheck", ["RequiredPrivileges", "SubjectContext", "AccessMode"]
    ) { f in
        let set = f.argument(0)
        f.return(
            f.call(
                privilegeCheck, f.call(effectiveToken, f.argument(1)), set + 8, set.dword(), set.dword(4) & 1, f.argument(2)))
    }

    /// `SeSinglePrivilegeCheck(PrivilegeLow, PrivilegeHigh, PreviousMode) -> BOOLEAN`: one privilege of the current thread's process, the LUID by value.
    package static let singlePrivilegeCheck: Routine = .init(
        "SeSinglePrivilegeCheck", ["PrivilegeLow", "PrivilegeHigh", "PreviousMode"]
    ) { f in
        let subject = f.structure(SECURITY_SUBJECT_CONTEXT.self)
        let required = f.buffer(0x14)
        f.set(required.dword(), 1)
        f.set(required.dword(4), 1)
        f.set(required.dword(8), f.argument(0))
        f.set(required.dword(12), f.argument(1))
        f.set(required.dword(16), 0)
        f.call(captureSubjectContext, subject)
        let answer = f.local(f.call(sePrivilegeCheck, required, subject, f.argument(2)))
        f.call(releaseSubjectContext, subject)
        f.return(answer)
    }
}

extension Function {
    /// Ends a service with STATUS_PRIVILEGE_NOT_HELD when user mode calls it and its token does not have the privilege, or has it disabled.
    package func require(_ privilege: Se.Privilege, file: StaticString = #fileID, line: UInt = #line) {
        self.if(currentThread.Tcb.PreviousMode != 0, file: file, line: line) {
            let held = call(
                Se.singlePrivilegeCheck, privilege.cell.LowPart, privilege.cell.HighPart, currentThread.Tcb.PreviousMode, file: file,
                line: line)
            self.if((held & 0xFF) == 0, file: file, line: line) { self.return(Status.privilegeNotHeld, file: file, line: line) }
        }
    }
}

extension Status {
    package static let privilegeNotHeld: Value = 0xC000_0061
}
