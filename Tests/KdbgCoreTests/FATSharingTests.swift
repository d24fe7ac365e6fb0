// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Who may open a file of the boot volume that somebody has open (spec/boot.md section 6, file.c).
struct FATSharingTests {
    private static let violation: UInt32 = 0xC000_0043
    private enum Access {
        static let read: UInt32 = 0x10_0001
        static let write: UInt32 = 0x10_0002
        static let append: UInt32 = 0x10_0004
        static let attributes: UInt32 = 0x10_0080
        static let delete: UInt32 = 0x11_0000
    }

    /// Opens or makes a file, synchronous; the handle, or the status that refuses it.
    private func open(
        _ run: KernelRun, _ name: String, _ access: UInt32, share: UInt32, disposition: UInt32 = 1, options: UInt32 = 0x20
    ) -> (handle: UInt32, status: UInt32) {
        let handle = run.scratch(4)
        let status = run.invoke(
            "NtCreateFile", handle, access, run.attributes(name), run.scratch(8), 0, 0x80, share, disposition, options, 0, 0)
        return (run.read(handle), status ?? ~0)
    }

    private func opens(
        _ run: KernelRun, _ name: String, _ access: UInt32, share: UInt32, disposition: UInt32 = 1, options: UInt32 = 0x20
    ) -> UInt32 {
        let (handle, status) = open(run, name, access, share: share, disposition: disposition, options: options)
        if status == 0 { run.invoke("NtClose", handle) }
        return status
    }

    /// Every pair of accesses and ways to share against the rule: each must let the other do what it does.
    @Test func everyPair() {
        let run = KernelRun.probe()
        let name = #"\SystemRoot\pairs.txt"#
        #expect(opens(run, name, Access.write, share: 0, disposition: 2) == 0)
        let accesses: [UInt32] = [Access.read, Access.write, Access.delete]
        for (mine, first) in accesses.enumerated() {
            for share in 0..<8 as Range<UInt32> {
                let (handle, status) = open(run, name, first, share: share)
                #expect(status == 0)
                for (other, second) in accesses.enumerated() {
                    for otherShare in 0..<8 as Range<UInt32> {
                        let fits = share & 1 << UInt32(other) != 0 && otherShare & 1 << UInt32(mine) != 0
                        let found = opens(run, name, second, share: otherShare)
                        #expect(found == (fits ? 0 : Self.violation), "\(first) \(share), then \(second) \(otherShare)")
                    }
                }
                // Who neither reads, writes nor deletes disturbs nobody, and nobody disturbs it.
                #expect(opens(run, name, Access.attributes, share: 0) == 0)
                run.invoke("NtClose", handle)
            }
        }
        // Nobody has it any more.
        #expect(opens(run, name, 0x11_0003, share: 0) == 0)
    }

    /// A generic right is what it stands for, and emptying a file is writing, whatever the caller says it wants.
    @Test func whatIsMeant() {
        let run = KernelRun.probe()
        let name = #"\SystemRoot\meant.txt"#
        let (writer, status) = open(run, name, 0x4010_0000, share: 3, disposition: 2)
        #expect(status == 0)
        #expect(opens(run, name, 0x8000_0000 | 0x10_0000, share: 1) == Self.violation)
        #expect(opens(run, name, 0x8000_0000 | 0x10_0000, share: 2) == 0)
        run.invoke("NtClose", writer)
        let (reader, _) = open(run, name, Access.read, share: 1)
        #expect(opens(run, name, Access.read, share: 1, disposition: 4) == Self.violation)
        #expect(opens(run, name, Access.read, share: 1, disposition: 0) == Self.violation)
        #expect(opens(run, name, Access.read, share: 1) == 0)
        run.invoke("NtClose", reader)
        #expect(opens(run, name, Access.read, share: 0, disposition: 4) == 0)
    }

    /// Two handles of one opening count once; the last of them lets go.
    @Test func handlesOfOneOpening() throws {
        let run = KernelRun.probe()
        let name = #"\SystemRoot\twice.txt"#
        let (handle, _) = open(run, name, Access.write, share: 0, disposition: 2)
        let copy = run.scratch(4)
        #expect(run.invoke("NtDuplicateObject", ~0, handle, ~0, copy, 0, 0, 2) == 0)
        run.invoke("NtClose", handle)
        #expect(opens(run, name, Access.read, share: 7) == Self.violation)
        run.invoke("NtClose", run.read(copy))
        #expect(opens(run, name, Access.read, share: 0) == 0)
    }

    /// Folders and the volume itself are shared like files.
    @Test func foldersAndTheVolume() {
        let run = KernelRun.probe()
        for name in [#"\SystemRoot\folder"#, #"\Device\HarddiskVolume1\"#, #"\Device\HarddiskVolume1"#] {
            let isFolder = name != #"\Device\HarddiskVolume1"#
            let options: UInt32 = isFolder ? 0x21 : 0x20
            let (handle, status) = open(run, name, Access.read, share: 0, disposition: name.hasSuffix("folder") ? 2 : 1, options: options)
            #expect(status == 0, "\(name)")
            #expect(opens(run, name, Access.read, share: 7, options: options) == Self.violation, "\(name)")
            // What is in it has its own rules.
            #expect(opens(run, name + (name.hasSuffix("folder") ? #"\file"# : ""), Access.attributes, share: 0, disposition: 3) == 0)
            run.invoke("NtClose", handle)
            #expect(opens(run, name, Access.read, share: 0, options: options) == 0, "\(name)")
        }
    }

    /// KD lets others read its log, if they can bear that it writes (spec/kdbg.md 7.5).
    @Test func theLog() throws {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 DEBUGPORT=FILE")
        #expect(run.run(to: "KdpLoggerThread", limit: 100_000_000) == "KdpLoggerThread")
        let name = #"\SystemRoot\debug.log"#
        #expect(opens(run, name, Access.read, share: 1) == Self.violation)
        #expect(opens(run, name, Access.append, share: 3) == Self.violation)
        #expect(opens(run, name, Access.delete, share: 7) == Self.violation)
        #expect(opens(run, name, Access.read, share: 2) == 0)
        #expect(run.invoke("NtClose", run.variable("KdpLogFileHandle")) == 0)
        #expect(opens(run, name, Access.read, share: 0) == 0)
    }
}
