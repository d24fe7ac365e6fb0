// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Folders, deletion, new names, sizes and enumeration through the guest's services, one after the other; after each, tools of the host look at the volume.
struct FATGuestTests {
    private let run = KernelRun.probe()

    /// Opens or makes something below `\SystemRoot`, synchronous; the handle, or the status that refuses it.
    private func open(
        _ name: String, _ access: UInt32, disposition: UInt32 = 1, options: UInt32 = 0x20
    ) -> (handle: UInt32, status: UInt32) {
        let handle = run.scratch(4)
        let status = run.invoke(
            "NtCreateFile", handle, access, run.attributes(#"\SystemRoot\"# + name), run.scratch(8), 0, 0x80, 7, disposition, options, 0, 0)
        return (run.read(handle), status ?? ~0)
    }

    private func makeFolder(_ name: String) -> UInt32 {
        let (handle, status) = open(name, 0x10_0001, disposition: 2, options: 0x21)
        if status == 0 { run.invoke("NtClose", handle) }
        return status
    }

    private func makeFile(_ name: String, bytes: UInt32) -> UInt32 {
        let (handle, status) = open(name, 0x10_0003, disposition: 2)
        guard status == 0 else { return status }
        defer { run.invoke("NtClose", handle) }
        let buffer = run.scratch(bytes)
        for offset in 0..<bytes { _ = run.machine.write8(linear: buffer + offset, UInt8(truncatingIfNeeded: 0x41 + offset % 26)) }
        return run.invoke("NtWriteFile", handle, 0, 0, 0, run.scratch(8), buffer, bytes, 0, 0) ?? ~0
    }

    /// Opens, sets information, closes.
    private func set(_ name: String, _ kind: UInt32, _ information: [UInt8], access: UInt32 = 0x11_0002) -> UInt32 {
        let (handle, status) = open(name, access)
        guard status == 0 else { return status }
        defer { run.invoke("NtClose", handle) }
        let buffer = run.scratch(UInt32(information.count + 3) & ~3)
        _ = run.machine.writeBytes(linear: buffer, information)
        // A file that is to be larger than the volume takes all of it before it gives it back.
        return run.invoke(
            "NtSetInformationFile", handle, run.scratch(8), buffer, UInt32(information.count), kind, limit: 2_000_000_000) ?? ~0
    }

    private func delete(_ name: String) -> UInt32 { set(name, 13, [1], access: 0x11_0000) }
    private func resize(_ name: String, _ size: UInt32) -> UInt32 {
        set(name, 20, (0..<8).map { $0 < 4 ? UInt8(truncatingIfNeeded: size >> (8 * UInt32($0))) : 0 })
    }
    private func rename(_ name: String, _ other: String) -> UInt32 {
        let units = other.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return set(name, 10, [UInt8](repeating: 0, count: 8) + [UInt8(units.count), 0, 0, 0] + units, access: 0x11_0000)
    }

    /// The names in a folder, as NtQueryDirectoryFile of class 12 (names) tells them.
    private func names(_ folder: String, pattern: String? = nil, room: UInt32 = 4096, single: UInt32 = 0) -> [String] {
        let (handle, status) = open(folder, 0x10_0001, options: 0x21)
        guard status == 0 else { return ["\(status)"] }
        defer { run.invoke("NtClose", handle) }
        return query(handle, pattern: pattern, room: room, single: single).names
    }

    private func query(
        _ handle: UInt32, pattern: String?, room: UInt32, single: UInt32 = 0, restart: UInt32 = 0
    ) -> (names: [String], status: UInt32) {
        let buffer = run.scratch(room)
        let result = run.scratch(8)
        var names: [String] = []
        var restart = restart
        while names.count < 1000 {
            let status = run.invoke(
                "NtQueryDirectoryFile", handle, 0, 0, 0, result, buffer, room, 12, single, pattern.map(run.unicode) ?? 0, restart)
            restart = 0
            guard status == 0 else { return (names, status ?? ~0) }
            var entry = buffer
            while true {
                let bytes = run.machine.readBytes(linear: entry + 12, count: Int(run.read(entry + 8))) ?? []
                names.append(
                    String(
                        decoding: stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 },
                        as: UTF16.self))
                guard run.read(entry) != 0 else { break }
                entry += run.read(entry)
            }
        }
        return (names, 0)
    }

    /// What is on the platters, in the eyes of fsck.fat and of mtools: names of a folder, or the text of a file.
    private func tool(_ command: String) throws -> String {
        let image = run.machine.disk.flushedImage
        let found = try VolumeFinder(image)
        #expect(VolumeTools.complaints(about: image, found.geometry) == "")
        return VolumeTools.run(command, on: image, found.geometry).output
    }
    private func listed(_ folder: String) throws -> Set<String> {
        let lines = try tool("mdir -b -i $F '::/ReactOS/\(folder)'").split(separator: "\n")
        return Set(lines.compactMap { $0.split(separator: "/").last.map(String.init) })
    }

    @Test(.enabled(if: VolumeTools.areThere)) func foldersAreMadeAndRemoved() throws {
        #expect(makeFolder("one") == 0 && makeFolder(#"one\A longer name.dir"#) == 0)
        #expect(try listed("one") == ["A longer name.dir"])
        #expect(makeFolder("ONE") == 0xC000_0035 && makeFolder(#"none\two"#) == 0xC000_003A)
        #expect(makeFolder(#"one\a|b"#) == 0xC000_0033)
        #expect(names("one") == [".", "..", "A longer name.dir"])
        #expect(delete("one") == 0xC000_0101)
        #expect(delete(#"one\a longer name.DIR"#) == 0)
        #expect(try listed("one") == [])
        #expect(delete("one") == 0)
        #expect(try tool("mdir -b -i $F ::/ReactOS").contains("one") == false)
        #expect(delete("one") == 0xC000_0034)
    }

    @Test(.enabled(if: VolumeTools.areThere)) func filesAreDeletedWithTheirLastHandle() throws {
        #expect(makeFolder("d") == 0 && makeFile(#"d\short.txt"#, bytes: 3000) == 0)
        #expect(makeFile(#"d\a name that needs several entries.text"#, bytes: 1) == 0)
        let (reader, status) = open(#"d\short.txt"#, 0x10_0001)
        #expect(status == 0 && delete(#"d\short.txt"#) == 0)
        // It is on its way out, and still there for who has it open.
        #expect(open(#"d\short.txt"#, 0x10_0001).status == 0xC000_0056)
        let buffer = run.scratch(4)
        #expect(run.invoke("NtReadFile", reader, 0, 0, 0, run.scratch(8), buffer, 4, run.scratch(8), 0) == 0)
        #expect(run.read(buffer) == 0x4443_4241)
        run.invoke("NtClose", reader)
        #expect(open(#"d\short.txt"#, 0x10_0001).status == 0xC000_0034)
        #expect(try listed("d") == ["a name that needs several entries.text"])
        // Read-only files stay.
        var basic = [UInt8](repeating: 0, count: 0x28)
        basic[0x20] = 1
        #expect(set(#"d\a name that needs several entries.text"#, 4, basic, access: 0x10_0100) == 0)
        #expect(delete(#"d\a name that needs several entries.text"#) == 0xC000_0121)
        #expect(try listed("d").count == 1)
    }

    @Test(.enabled(if: VolumeTools.areThere)) func filesGetOtherNames() throws {
        #expect(makeFolder("r") == 0 && makeFile(#"r\old.txt"#, bytes: 5) == 0 && makeFile(#"r\other.txt"#, bytes: 6) == 0)
        #expect(rename(#"r\old.txt"#, "A name with blanks and .several.dots") == 0)
        #expect(try listed("r") == ["A name with blanks and .several.dots", "other.txt"])
        #expect(try tool("mtype -i $F '::/ReactOS/r/A name with blanks and .several.dots'") == "ABCDE")
        #expect(rename(#"r\A name with blanks and .several.dots"#, "OTHER.TXT") == 0xC000_0035)
        #expect(rename(#"r\other.txt"#, "a*b") == 0xC000_0033 && rename(#"r\other.txt"#, #"..\x"#) == 0xC000_00BB)
        #expect(rename(#"r\other.txt"#, "Other.txt") == 0)
        #expect(try listed("r") == ["A name with blanks and .several.dots", "Other.txt"])
    }

    @Test(.enabled(if: VolumeTools.areThere)) func filesGetOtherSizes() throws {
        #expect(makeFile("size.bin", bytes: 5000) == 0)
        for size in [0, 1, 4096, 70_000, 512, 100] as [UInt32] {
            #expect(resize("size.bin", size) == 0)
            #expect(try tool("mtype -i $F ::/ReactOS/size.bin | wc -c") == "\(size)\n")
        }
        // What was cut off does not come back.
        #expect(try tool("mtype -i $F ::/ReactOS/size.bin | tr -d '\\0' | wc -c") == "0\n")
        // More than the volume has: it stays as it was.
        #expect(resize("size.bin", 0xF000_0000) == 0xC000_007F)
        #expect(try tool("mtype -i $F ::/ReactOS/size.bin | wc -c") == "100\n")
        #expect(set("size.bin", 20, [0, 0, 0, 0, 1, 0, 0, 0]) == 0xC000_007F && set("size.bin", 20, [0, 0, 0, 0]) == 0xC000_0004)
    }

    @Test(.enabled(if: VolumeTools.areThere)) func enumeration() throws {
        #expect(makeFolder("e") == 0)
        let all = (0..<40).map { $0 % 3 == 0 ? "f\($0).txt" : "file number \($0).data" }
        for name in all { #expect(makeFile(#"e\"# + name, bytes: 1) == 0) }
        #expect(try listed("e") == Set(all))
        // All at once, a few at a time, one by one: the same.
        for (room, single) in [(4096, 0), (120, 0), (4096, 1)] as [(UInt32, UInt32)] {
            #expect(names("e", room: room, single: single) == [".", ".."] + all, "\(room) \(single)")
        }
        #expect(names("e", pattern: "*.TXT") == all.filter { $0.hasSuffix(".txt") })
        #expect(names("e", pattern: "FILE?NUMBER 1?.DATA") == all.filter { $0.hasPrefix("file number 1") && $0.count == 19 })
        #expect(names("e", pattern: "none") == [])
        let (handle, _) = open("e", 0x10_0001, options: 0x21)
        #expect(query(handle, pattern: "none", room: 4096).status == 0xC000_000F)
        #expect(query(handle, pattern: "none", room: 4096).status == 0x8000_0006)
        // The pattern of the first query stays.
        #expect(query(handle, pattern: "*", room: 4096, restart: 1).names == [])
        run.invoke("NtClose", handle)
        let (second, _) = open("e", 0x10_0001, options: 0x21)
        #expect(query(second, pattern: nil, room: 10).status == 0x8000_0005)
        #expect(query(second, pattern: nil, room: 4096).names.count == 42)
        #expect(query(second, pattern: nil, room: 4096, restart: 1).names.count == 42)
        run.invoke("NtClose", second)
        // A file has nothing in it.
        let (file, _) = open(#"e\f0.txt"#, 0x10_0001)
        #expect(query(file, pattern: nil, room: 4096).status == 0xC000_0010)
        run.invoke("NtClose", file)
        #expect(run.poolUse("FatC").bytes == 0 && run.poolUse("IoSB").bytes == 0)
    }
}
