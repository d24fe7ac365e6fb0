// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// What the security start-up leaves behind, tokens, and the services about them (spec/boot.md sections 1.6 #22, 1.8 #14 and #35).
struct SeTokenTests {
    private let run = KernelRun.probe()

    /// The bytes of the SID at an address, as text.
    private func sid(_ address: UInt32) -> String {
        guard address != 0, let head = run.machine.readBytes(linear: address, count: 8), head[0] == 1 else { return "?" }
        return (["S-1-\(head[7])"] + (0..<UInt32(head[1])).map { "\(run.read(address + 8 + 4 * $0))" }).joined(separator: "-")
    }

    private func token(of process: UInt32) -> UInt32 { run.read(process + 0xD8) & ~7 }
    private var systemToken: UInt32 { token(of: run.variable("PsInitialSystemProcess")) }

    /// Number and attributes of each privilege.
    private func privileges(_ token: UInt32) -> [UInt32: UInt32] {
        let list = run.read(token + 0x74)
        return Dictionary(
            uniqueKeysWithValues: (0..<run.read(token + 0x54)).map { (run.read(list + 12 * $0), run.read(list + 12 * $0 + 8)) })
    }

    private func open(_ access: UInt32 = 0xF_01FF) -> UInt32 {
        let cell = run.scratch(4)
        #expect(run.invoke("NtOpenProcessToken", 0xFFFF_FFFF, access, cell) == 0)
        return run.read(cell)
    }

    /// What `NtQueryInformationToken` answers, and in how many bytes.
    private func query(_ token: UInt32, _ number: UInt32) -> (status: UInt32?, buffer: UInt32, size: UInt32) {
        let (buffer, size) = (run.scratch(512), run.scratch(4))
        let status = run.invoke("NtQueryInformationToken", token, number, buffer, 512, size)
        return (status, buffer, run.read(size))
    }

    @Test func wellKnownSidsAreInPagedPool() {
        let expected = [
            "SeNullSid": "S-1-0-0", "SeWorldSid": "S-1-1-0", "SeCreatorGroupSid": "S-1-3-1", "SeNtAuthoritySid": "S-1-5",
            "SeAuthenticatedUsersSid": "S-1-5-11", "SeLocalSystemSid": "S-1-5-18", "SeAliasAdminsSid": "S-1-5-32-544",
            "SeAliasBackupOpsSid": "S-1-5-32-551",
        ]
        for (name, text) in expected { #expect(sid(run.variable(name)) == text, "\(name)") }
        for known in Se.wellKnownSids {
            #expect(run.read(run.variable(known.cell.name) - 4) & 0x7FFF_FFFF == poolTag("SeSi"), "\(known.cell.name)")
        }
        #expect(run.read(run.address("SeTcbPrivilege")) == 7 && run.read(run.address("SeLoadDriverPrivilege")) == 10)
    }

    @Test func defaultListsSayWhoMayDoWhat() {
        // SeSystemDefaultDacl: two entries, Local System all, Administrators read, execute and read control.
        let acl = run.variable("SeSystemDefaultDacl")
        #expect([run.word(acl), run.word(acl + 2), run.word(acl + 4)] == [2, 8 + 20 + 24, 2])
        #expect([run.read(acl + 8), run.read(acl + 12)] == [0x0014_0000, 0x1000_0000] && sid(acl + 16) == "S-1-5-18")
        #expect([run.read(acl + 28), run.read(acl + 32)] == [0x0018_0000, 0xA002_0000] && sid(acl + 36) == "S-1-5-32-544")
        let descriptor = run.variable("SeSystemDefaultSd")
        #expect(run.read(descriptor) == 0x0004_0001 && run.read(descriptor + 0x10) == acl && run.read(descriptor + 4) == 0)
    }

    @Test func theSystemHasAToken() {
        let token = systemToken
        #expect(token == self.token(of: run.address("KiInitialProcess")))
        let type = run.variable("SeTokenObjectType")
        #expect(run.read(token - 0x10) == type && run.object(#"\ObjectTypes\Token"#) == type)
        // Valid access with SYNCHRONIZE, paged pool, generic rights, delete procedure.
        #expect(run.read(type + 0x78) == 0x1F_01FF && run.read(type + 0x80) == 1)
        #expect((0..<4).map { run.read(type + 0x68 + 4 * $0) } == [0x2_0008, 0x2_00E0, 0x2_0000, 0xF_01FF])
        #expect(run.read(type + 0x98) == run.address("SepDeleteToken"))
        #expect(run.machine.readBytes(linear: token, count: 8) == Array("*SYSTEM*".utf8))
        #expect([run.read(token + 0x18), run.read(token + 0x1C)] == [0x3E7, 0])
        #expect([run.read(token + 0x4C), run.read(token + 0x54), run.read(token + 0x80)] == [4, 24, 1])
        let accounts = run.read(token + 0x68)
        #expect((0..<4).map { sid(run.read(accounts + 8 * $0)) } == ["S-1-5-18", "S-1-5-32-544", "S-1-1-0", "S-1-5-11"])
        #expect((0..<4).map { run.read(accounts + 8 * $0 + 4) } == [0, 0xE, 7, 7])
        #expect(sid(run.read(token + 0x70)) == "S-1-5-18" && run.read(token + 0x64) == 1)
        let held = privileges(token)
        #expect(held[7].map { $0 & 3 } == 3 && held[10].map { $0 & 3 } == 0 && held[6] == nil && held[24] == nil)
        // What lies in the object lies behind its fixed part, the rest in the block of its own.
        #expect(run.read(token + 0x74) == token + 0xA0 && run.read(token + 0x78) == run.read(token + 0x70))
        #expect(run.read(run.read(token + 0x78) - 4) & 0x7FFF_FFFF == poolTag("SeTd"))
    }

    @Test func servicesTellWhatIsInIt() {
        let handle = open()
        let user = query(handle, 1)
        #expect(user.status == 0 && user.size == 20 && run.read(user.buffer) == user.buffer + 8 && sid(user.buffer + 8) == "S-1-5-18")
        let groups = query(handle, 2)
        #expect(groups.status == 0 && run.read(groups.buffer) == 3 && sid(run.read(groups.buffer + 4)) == "S-1-5-32-544")
        #expect(sid(run.read(groups.buffer + 20)) == "S-1-5-11" && groups.size == 4 + 24 + 16 + 12 + 12)
        let held = query(handle, 3)
        #expect(held.status == 0 && run.read(held.buffer) == 24 && held.size == 4 + 24 * 12)
        #expect(sid(run.read(query(handle, 4).buffer)) == "S-1-5-32-544" && sid(run.read(query(handle, 5).buffer)) == "S-1-5-18")
        #expect(run.word(run.read(query(handle, 6).buffer) + 4) == 2)
        #expect(run.machine.readBytes(linear: query(handle, 7).buffer, count: 8) == Array("*SYSTEM*".utf8))
        #expect(run.read(query(handle, 8).buffer) == 1 && query(handle, 9).status == 0xC000_0003 && query(handle, 99).status == 0xC000_0003)
        let statistics = query(handle, 10)
        #expect(statistics.size == 0x38 && run.read(statistics.buffer + 8) == 0x3E7 && run.read(statistics.buffer + 0x28) == 3)
        // Too small: nothing is written but the size.
        let (buffer, size) = (run.scratch(16), run.scratch(4))
        #expect(run.invoke("NtQueryInformationToken", handle, 1, buffer, 19, size) == 0xC000_0023)
        #expect(run.read(size) == 20 && run.read(buffer) == 0)
        let event = run.scratch(4)
        #expect(run.invoke("NtCreateEvent", event, 0x1F_0003, 0, 0, 0) == 0)
        #expect(query(run.read(event), 1).status == 0xC000_0024)
    }

    /// TOKEN_PRIVILEGES.
    private func state(_ entries: (UInt32, UInt32)...) -> UInt32 {
        let block = run.scratch(4 + 12 * UInt32(entries.count))
        run.write(block, UInt32(entries.count))
        for (index, entry) in entries.enumerated() {
            run.write(block + 4 + 12 * UInt32(index), entry.0)
            run.write(block + 12 + 12 * UInt32(index), entry.1)
        }
        return block
    }

    @Test func privilegesAreEnabledAndDisabled() {
        let handle = open()
        let (old, size) = (run.scratch(400), run.scratch(4))
        let modified = run.read(systemToken + 0x40)
        // Load driver and shutdown are disabled, debug is enabled already.
        #expect(run.invoke("NtAdjustPrivilegesToken", handle, 0, state((10, 2), (19, 2), (20, 2)), 12, old, size) == 0xC000_0023)
        #expect(run.read(size) == 28 && privileges(systemToken)[10] == 0)
        #expect(run.invoke("NtAdjustPrivilegesToken", handle, 0, state((10, 2), (19, 2), (20, 2)), 400, old, size) == 0)
        #expect(privileges(systemToken)[10] == 2 && privileges(systemToken)[19] == 2)
        #expect(run.read(old) == 2 && Set([run.read(old + 4), run.read(old + 16)]) == [10, 19] && run.read(old + 12) == 0)
        #expect(run.read(systemToken + 0x40) != modified)
        // Back, by what was remembered; one that is not in the token.
        #expect(run.invoke("NtAdjustPrivilegesToken", handle, 0, old, 0, 0, 0) == 0 && privileges(systemToken)[10] == 0)
        #expect(run.invoke("NtAdjustPrivilegesToken", handle, 0, state((24, 2), (10, 2)), 0, 0, 0) == 0x106)
        #expect(privileges(systemToken)[10] == 2 && privileges(systemToken)[24] == nil)
        #expect(run.invoke("NtAdjustPrivilegesToken", handle, 1, 0, 0, 0, 0) == 0)
        #expect(privileges(systemToken).values.allSatisfy { $0 & 2 == 0 })
    }

    /// Calls a service as if user mode had: the thread's previous mode says so.
    private func fromUserMode(_ name: String, _ arguments: [UInt32]) -> UInt32? {
        let mode = run.read(0xFFDF_F124) + 0xD7
        _ = run.machine.write8(linear: mode, 1)
        defer { _ = run.machine.write8(linear: mode, 0) }
        return run.invoke(address: run.address(name), arguments)
    }

    @Test func servicesAskForTheirPrivilege() {
        let name = run.unicode(#"\Registry\Machine\System\CurrentControlSet\Services\Nowhere"#)
        #expect(run.invoke("NtLoadDriver", name) == 0xC000_0034)
        #expect(fromUserMode("NtLoadDriver", [name]) == 0xC000_0061)
        #expect(fromUserMode("NtUnloadDriver", [name]) == 0xC000_0061)
        #expect(run.invoke("NtAdjustPrivilegesToken", open(), 0, state((10, 2)), 0, 0, 0) == 0)
        #expect(fromUserMode("NtLoadDriver", [name]) != 0xC000_0061)
        // Used: it is marked.
        #expect(privileges(systemToken)[10] == 0x8000_0002)
        #expect(fromUserMode("SeSinglePrivilegeCheck", [8, 0, 1]).map { $0 & 0xFF } == 0)
        #expect(fromUserMode("SeSinglePrivilegeCheck", [8, 0, 0]).map { $0 & 0xFF } == 1)
        #expect(fromUserMode("SeSinglePrivilegeCheck", [7, 0, 1]).map { $0 & 0xFF } == 1)
    }

    @Test func tokensAreCopied() {
        let type = run.variable("SeTokenObjectType")
        let count = run.read(type + 0x50)
        let before = run.poolUse("SeTd").bytes
        let cell = run.scratch(4)
        #expect(run.invoke("NtDuplicateToken", open(), 0, 0, 1, 2, cell) == 0)
        let (copy, body) = (run.read(cell), run.scratch(4))
        #expect(run.invoke("ObReferenceObjectByHandle", copy, 0, type, 0, body, 0) == 0)
        let token = run.read(body)
        #expect(token != systemToken && run.read(token + 0x10) != run.read(systemToken + 0x10))
        #expect(run.read(token + 0x18) == 0x3E7 && run.read(token + 0x80) == 2 && run.read(token + 0x84) == 0)
        // Effective only: what is disabled is not in it, and its SIDs are its own.
        #expect(privileges(token).count == privileges(systemToken).values.filter { $0 & 2 != 0 }.count)
        let accounts = run.read(token + 0x68)
        #expect(accounts > token && accounts < token + 0x400 && sid(run.read(accounts)) == "S-1-5-18")
        #expect(run.read(run.read(accounts)) != 0 && run.read(accounts) > token && run.read(accounts) < token + 0x400)
        // An anonymous impersonation token makes no primary one.
        #expect(run.invoke("NtDuplicateToken", copy, 0, 0, 0, 1, run.scratch(4)) == 0xC000_00A5)
        #expect(run.invoke("NtDuplicateToken", copy, 0, 0, 0, 3, run.scratch(4)) == 0xC000_000D)
        #expect(run.read(type + 0x50) == count + 1)
        #expect(run.invoke("ObfDereferenceObject", token) == 1 && run.invoke("NtClose", copy) == 0)
        #expect(run.read(type + 0x50) == count && run.poolUse("SeTd").bytes == before)
    }

    @Test func fastReferencesKeepCount() {
        let cell = run.variable("PsInitialSystemProcess") + 0xD8
        let token = systemToken
        func references() -> UInt32 { run.read(token - 0x18) }
        let (count, cached) = (references(), run.read(cell) & 7)
        #expect(cached == 7)
        // Seven from the cell, the eighth from the object.
        for left in (0..<7).reversed() {
            #expect(run.invoke("ObFastReferenceObject", cell) == token && run.read(cell) & 7 == UInt32(left))
        }
        #expect(references() == count)
        #expect(run.invoke("ObFastReferenceObject", cell) == token && run.read(cell) & 7 == 0 && references() == count + 1)
        for _ in 0..<7 { run.invoke("ObFastDereferenceObject", cell, token) }
        #expect(run.read(cell) & 7 == 7 && references() == count + 1)
        run.invoke("ObFastDereferenceObject", cell, token)
        #expect(run.read(cell) & 7 == 7 && references() == count)
    }

    @Test func processesInheritAndReleaseTokens() {
        let type = run.variable("SeTokenObjectType")
        let (count, bytes) = (run.read(type + 0x50), run.poolUse("SeTd").bytes)
        let name = run.scratch(16)
        run.write(name, 0x6C69_6863)
        let cell = run.scratch(4)
        #expect(run.invoke("PspCreateProcess", name, cell) == 0)
        let process = run.read(cell)
        let token = self.token(of: process)
        #expect(token != systemToken && run.read(token + 0x18) == 0x3E7 && run.byte(token + 0x8C) == 1)
        #expect(run.read(process + 0xD8) & 7 == 7 && run.read(token - 0x18) == 8)
        #expect(run.read(type + 0x50) == count + 1)
        #expect(run.invoke("ObfDereferenceObject", process) == 0)
        #expect(run.read(type + 0x50) == count && run.poolUse("SeTd").bytes == bytes)
    }
}
