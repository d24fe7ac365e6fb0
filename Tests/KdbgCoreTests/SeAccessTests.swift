// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Security descriptors of objects, and who may open them.
struct SeAccessTests {
    private let run = KernelRun.probe()

    /// An entry of a list: 0 allows, 1 denies; flags; the mask; whom.
    private struct Entry {
        var type: UInt32 = 0
        var flags: UInt32 = 0
        let mask: UInt32
        let sid: String
    }

    /// An absolute descriptor with a list, or with none.
    private func descriptor(_ entries: [Entry]?, owner: String? = nil) -> UInt32 {
        let block = run.scratch(0x14)
        run.write(block, 0x0000_0001)
        if let owner { run.write(block + 4, run.variable(owner)) }
        guard let entries else { return block }
        run.write(block, 0x0004_0001)
        let acl = run.scratch(512)
        var place = acl + 8
        for entry in entries {
            let sid = run.variable(entry.sid)
            let length = 8 + 4 * run.byte(sid + 1)
            run.write(place, entry.type | entry.flags << 8 | (8 + length) << 16)
            run.write(place + 4, entry.mask)
            for offset in stride(from: 0, to: length, by: 4) { run.write(place + 8 + offset, run.read(sid + offset)) }
            place += 8 + length
        }
        run.write(acl, 2 | (place - acl) << 16)
        run.write(acl + 4, UInt32(entries.count))
        run.write(block + 0x10, acl)
        return block
    }

    private func check(_ descriptor: UInt32, _ wanted: UInt32, mode: UInt32 = 1) -> (granted: UInt32, status: UInt32) {
        let (subject, mapping, granted, status) = (run.scratch(0x10), run.scratch(0x10), run.scratch(4), run.scratch(4))
        for (index, right) in [0x2_0001, 0x2_0002, 0x12_0000, 0x1F_0003].enumerated() {
            run.write(mapping + 4 * UInt32(index), UInt32(right))
        }
        run.invoke("SeCaptureSubjectContext", subject)
        let answer = run.invoke("SeAccessCheck", descriptor, subject, 0, wanted, 0, 0, mapping, mode, granted, status)
        run.invoke("SeReleaseSubjectContext", subject)
        #expect((answer ?? 9) & 0xFF == (run.read(status) == 0 ? 1 : 0))
        return (run.read(granted), run.read(status))
    }

    @Test func theListDecides() {
        let allowed = descriptor([Entry(mask: 3, sid: "SeLocalSystemSid")])
        #expect(check(allowed, 1) == (1, 0) && check(allowed, 3) == (3, 0) && check(allowed, 0x4).status == 0xC000_0022)
        // Generic rights, asked for and given.
        #expect(check(allowed, 0x4000_0000).status == 0xC000_0022)
        #expect(check(descriptor([Entry(mask: 0x1000_0000, sid: "SeWorldSid")]), 0x4000_0000) == (0x2_0002, 0))
        // The first word counts, per right.
        let denied = Entry(type: 1, mask: 2, sid: "SeAliasAdminsSid")
        let all = Entry(mask: 0x1F_0003, sid: "SeWorldSid")
        #expect(check(descriptor([denied, all]), 2).status == 0xC000_0022 && check(descriptor([denied, all]), 1) == (1, 0))
        #expect(check(descriptor([all, denied]), 2) == (2, 0))
        #expect(check(descriptor([denied, all]), 0x200_0000) == (0x1F_0001, 0))
        // Somebody else's, and one for children only.
        #expect(check(descriptor([Entry(mask: 3, sid: "SeLocalServiceSid")]), 1).status == 0xC000_0022)
        #expect(check(descriptor([Entry(flags: 8, mask: 3, sid: "SeWorldSid")]), 1).status == 0xC000_0022)
        // No list, an empty list, no descriptor; kernel mode.
        #expect(check(descriptor(nil), 3) == (3, 0) && check(descriptor([]), 1).status == 0xC000_0022)
        #expect(check(0, 1).status == 0xC000_0022 && check(descriptor([]), 3, mode: 0) == (3, 0))
        #expect(check(descriptor([]), 0x200_0000, mode: 0) == (0x1F_0003, 0))
        // The owner reads and writes the list; the security log takes a privilege.
        #expect(check(descriptor([], owner: "SeAliasAdminsSid"), 0x6_0000) == (0x6_0000, 0))
        #expect(check(descriptor([], owner: "SeLocalServiceSid"), 0x2_0000).status == 0xC000_0022)
        #expect(check(allowed, 0x100_0001).status == 0xC000_0061)
    }

    private func event(_ descriptor: UInt32 = 0, name: String? = nil) -> (handle: UInt32, object: UInt32, attributes: UInt32) {
        let attributes = name.map { run.attributes($0) } ?? run.scratch(24)
        run.write(attributes, 24)
        if name == nil { run.write(attributes + 12, 0x200) }
        run.write(attributes + 16, descriptor)
        let (handle, object) = (run.scratch(4), run.scratch(4))
        #expect(run.invoke("NtCreateEvent", handle, 0x1F_0003, attributes, 0, 0) == 0)
        #expect(run.invoke("ObReferenceObjectByHandle", run.read(handle), 0, 0, 0, object, 0) == 0)
        run.invoke("ObfDereferenceObject", run.read(object))
        return (run.read(handle), run.read(object), attributes)
    }

    @Test func equalDescriptorsAreOne() {
        let bytes = run.poolUse("SeSd").bytes
        let first = event()
        let descriptor = run.read(first.object - 4)
        let references = run.read(descriptor - 8)
        #expect(descriptor != 0 && run.byte(first.object - 9) & 0x20 != 0)
        let second = event()
        #expect(run.read(second.object - 4) == descriptor && run.read(descriptor - 8) == references + 1)
        // Of Administrators, group Local System, the token's default list.
        #expect(run.read(descriptor) == 0x8004_0001)
        let list = descriptor + run.read(descriptor + 0x10)
        #expect(run.word(list + 4) == 2 && run.read(list + 8) == 0x0014_0000)
        #expect(run.read(descriptor + run.read(descriptor + 4) + 12) == 544 && run.read(descriptor + run.read(descriptor + 8) + 8) == 18)
        // Another list is another descriptor, which goes with its object.
        let cached = run.poolUse("ObSc").bytes
        let third = event(self.descriptor([]))
        #expect(run.read(third.object - 4) != descriptor && run.poolUse("ObSc").bytes > cached)
        #expect(run.invoke("NtClose", third.handle) == 0 && run.poolUse("ObSc").bytes == cached)
        #expect(run.invoke("NtClose", second.handle) == 0 && run.read(descriptor - 8) == references)
        #expect(run.poolUse("SeSd").bytes == bytes)
    }

    /// A directory that is opened by pointer, as user mode's services do in the end.
    @Test func userModeIsAsked() {
        func directory(_ name: String, _ descriptor: UInt32) -> UInt32 {
            let (attributes, handle, object) = (run.attributes(name), run.scratch(4), run.scratch(4))
            run.write(attributes + 16, descriptor)
            #expect(run.invoke("NtCreateDirectoryObject", handle, 0xF_000F, attributes) == 0)
            #expect(run.invoke("ObReferenceObjectByHandle", run.read(handle), 0, 0, 0, object, 0) == 0)
            return run.read(object)
        }
        let closed = directory(#"\Closed"#, descriptor([]))
        let ajar = directory(#"\Ajar"#, 0)
        func open(_ object: UInt32, mode: UInt32) -> UInt32? {
            run.invoke("ObOpenObjectByPointer", object, 0, 0, 1, 0, mode, run.scratch(4))
        }
        #expect(open(closed, mode: 0) == 0 && open(closed, mode: 1) == 0xC000_0022)
        #expect(open(ajar, mode: 0) == 0 && open(ajar, mode: 1) == 0)
    }
}
