// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// The host's side of volumes: names, damage, and files that come and go; FAT tools have the last word where they are installed.
struct VolumeHostTests {
    private static let own = BootDisk(
        holding: {
            var files = BootFiles()
            files.add(#"ReactOS\System32\drivers\etc\KDBinit"#, Array("? 1\n".utf8))
            files.add(#"ReactOS\a file with a rather long name.text"#, [UInt8](repeating: 7, count: 5000))
            files.add(#"ReactOS\empty"#, [])
            return files
        }())

    @Test func names() {
        #expect(VolumeName.short("ntoskrnl.exe") == Array("NTOSKRNLEXE".utf8))
        #expect(VolumeName.short("KDBinit") == Array("KDBINIT    ".utf8))
        for name in ["", ".", "a.b.c", "toolongname", "a.long", "a b", "a.", ".a", "a+b"] {
            #expect(VolumeName.short(name) == nil, "\(name)")
        }
        #expect(VolumeName.caseBits("hal.dll") == 0x18)
        #expect(VolumeName.caseBits("HAL.dll") == 0x10)
        #expect(VolumeName.caseBits("KDBinit") == nil)
        let taken = Array("AFILEW~1TEX".utf8)
        #expect(VolumeName.short(for: "a file with.text") { _ in false } == taken)
        #expect(VolumeName.short(for: "a file with.text") { $0 == taken } == Array("AFILEW~2TEX".utf8))
        // A name of exactly 13 characters has neither end nor filling.
        let entries = VolumeName.longEntries("exactly13chrs", short: Array("EXACTL~1   ".utf8))
        #expect(entries.count == 32)
        #expect(String(decoding: VolumeName.units(entries), as: UTF16.self) == "exactly13chrs")
    }

    @Test func readerFollowsLongNames() throws {
        let found = try VolumeFinder(Self.own.image)
        let reader = VolumeReader(Self.own.image, found.geometry)
        #expect(reader.file(at: #"reactos\A FILE WITH A RATHER LONG NAME.TEXT"#)?.count == 5000)
        #expect(reader.file(at: #"ReactOS\AFILEW~1.TEX"#)?.count == 5000)
        #expect(reader.file(at: #"ReactOS\empty"#) == [])
        #expect(reader.file(at: #"ReactOS\System32"#) == nil)
        #expect(reader.entries(of: 0).map { $0.name } == ["ReactOS"])
    }

    /// The high half of a cluster is FAT32's; elsewhere other systems keep other things there.
    @Test func highHalvesOfClusters() throws {
        var disk = Self.own.image
        let geometry = Self.own.geometry
        #expect(geometry.kind == .fat16)
        let root = disk.read(offset: geometry.offset(sector: geometry.rootStart), count: 32 * geometry.rootEntries)
        let entry = try #require(stride(from: 0, to: root.count, by: 32).first { root[$0 + 11] == 0x10 })
        disk.write(offset: geometry.offset(sector: geometry.rootStart) + entry + 20, [0x34, 0x12])
        #expect(VolumeReader(disk, geometry).file(at: #"ReactOS\a file with a rather long name.text"#)?.count == 5000)
        try VolumeCheck.run(disk, geometry)
    }

    /// 128 GiB in clusters of 512 bytes, of which nobody has written any: the table alone has a gigabyte, twice.
    @Test func largeVolumesTakeNoMemory() throws {
        let sectors: Int = 1 << 28
        let perTable: Int = 1 << 21
        var boot = [UInt8](repeating: 0, count: 512)
        boot[0x0C] = 2
        boot[0x0D] = 1
        boot[0x0E] = 32
        boot[0x10] = 2
        boot[510] = 0x55
        boot[511] = 0xAA
        for (offset, value) in [(0x20, sectors), (0x24, perTable), (0x2C, 2)] { boot.setDword(value, at: offset) }
        var disk = DiskImage(DiskSource(size: sectors * 512, read: { [UInt8](repeating: 0, count: $1) }, extents: { [] }))
        disk.write(offset: 0, boot)
        let marks: [UInt8] = [0xF8, 0xFF, 0xFF, 0x0F, 0xFF, 0xFF, 0xFF, 0x0F, 0xFF, 0xFF, 0xFF, 0x0F]
        for copy in 0..<2 { disk.write(offset: (32 + copy * perTable) * 512, marks) }
        let geometry = try VolumeGeometry(boot: boot, start: 0, room: sectors * 512)
        #expect(geometry.kind == .fat32)
        try VolumeCheck.run(disk, geometry)
        var table = VolumeTable(disk, geometry)
        #expect(table.free == geometry.clusters - 1 && table.chain(2) == [2])
        #expect(table.allocate(3) == [3, 4, 5] && table.free == geometry.clusters - 4)
        table.store(to: &disk)
        #expect(VolumeTable(disk, geometry).chain(3) == [3, 4, 5] && VolumeTable(disk, geometry).free == geometry.clusters - 4)
        try VolumeCheck.run(disk, geometry)
        disk.write(offset: (32 + perTable) * 512 + 0x4000_0, [7])
        #expect(throws: VolumeError.self) { try VolumeCheck.run(disk, geometry) }
    }

    @Test func editorAddsReplacesAndRemoves() throws {
        var editor = VolumeEditor(Self.own.image, Self.own.geometry)
        let room = editor.room
        try editor.add(#"ReactOS\new folder\deep.er\x.bin"#, [UInt8](repeating: 1, count: 100_000))
        try editor.add(#"ReactOS\empty"#, [1, 2, 3])
        for number in 0..<200 { try editor.add(#"ReactOS\many\file number \#(number)"#, [UInt8(number)]) }
        let disk = editor.finish()
        try VolumeCheck.run(disk, Self.own.geometry)
        let reader = VolumeReader(disk, Self.own.geometry)
        #expect(reader.file(at: #"ReactOS\New Folder\deep.er\X.BIN"#)?.count == 100_000)
        #expect(reader.file(at: #"ReactOS\empty"#) == [1, 2, 3])
        #expect(reader.file(at: #"ReactOS\many\file number 117"#) == [117])
        var second = VolumeEditor(disk, Self.own.geometry)
        let removed = [#"ReactOS\many"#, #"ReactOS\new folder"#, #"ReactOS\empty"#, #"ReactOS\many"#].map { second.remove($0) }
        #expect(removed == [true, true, true, false])
        try VolumeCheck.run(second.finish(), Self.own.geometry)
        #expect(second.room == room)
        #expect(throws: VolumeError.self) { try second.add(#"ReactOS\x"#, [UInt8](repeating: 0, count: room + 1)) }
        #expect(throws: VolumeError.self) { try second.add(#"ReactOS"#, []) }
    }

    @Test func fullVolumeIsFullAndSound() throws {
        var files = BootFiles()
        files.add(#"ReactOS\x"#, [1])
        let disk = BootDisk(holding: files, free: 3 * 2048)
        try VolumeCheck.run(disk.image, disk.geometry)
        #expect(VolumeEditor(disk.image, disk.geometry).room == 3 * disk.geometry.clusterSize)
    }

    /// One number of the boot sector, or some bytes elsewhere, and what is said about it.
    @Test(
        arguments: [
            (11, [0, 3], "byte 0xB: no FAT volume: 768 bytes"), (11, [0, 4], "kdbg reads volumes with 512"),
            (13, [0], "0 sectors in a cluster"),
            (14, [0, 0], "no reserved sectors"), (16, [3], "3 file allocation tables"), (17, [1, 2], "do not fill whole sectors"),
            (17, [0, 0], "no root directory"), (22, [0, 0], "no clusters"), (32, [0, 0, 0, 0], "the volume has no sectors"),
            (32, [200, 0, 0, 0], "no clusters"), (510, [0, 0], "does not end in 55 AA"), (22, [1, 0], "are too few"),
        ] as [(Int, [UInt8], String)])
    func badBootSectors(offset: Int, bytes: [UInt8], message: String) throws {
        var image = Self.own.image
        image.write(offset: 63 * 512 + offset, bytes)
        do throws(VolumeError) {
            _ = try BootDisk(image)
            Issue.record("accepted")
        } catch {
            #expect(error.message.contains(message) && error.message.contains("partition 1: sector 63"), "\(error.message)")
        }
    }

    /// Damage in chains and folders, in both copies of the table.
    @Test func damagedChains() throws {
        let geometry = Self.own.geometry
        let reader = VolumeReader(Self.own.image, geometry)
        let file = try #require(reader.entry(at: #"ReactOS\a file with a rather long name.text"#))
        let folder = try #require(reader.entry(at: "ReactOS"))
        func message(_ cluster: Int, _ value: Int) -> String {
            var image = Self.own.image
            for copy in 0..<2 {
                let table = geometry.offset(sector: geometry.tableStart + copy * geometry.sectorsPerTable)
                image.write(offset: table + 2 * cluster, [UInt8(value & 255), UInt8(value >> 8)])
            }
            do throws(VolumeError) {
                _ = try BootDisk(image)
                return "accepted"
            } catch { return error.message }
        }
        let name = #"\ReactOS\a file with a rather long name.text: "#
        #expect(message(file.cluster + 1, file.cluster) == name + "its chain leads back to cluster \(file.cluster): a loop")
        #expect(message(file.cluster + 1, 0xFFF7) == name + "its chain leads to a cluster marked as bad")
        #expect(message(file.cluster + 1, 0x7FFF) == name + "its chain leads to cluster 32767, which does not exist")
        #expect(message(file.cluster + 1, 0) == name + "its cluster \(file.cluster + 1) is marked as free")
        #expect(message(file.cluster + 1, 0xFFFF) == name + "5000 bytes, but a chain of 2 clusters with 2048 bytes each")
        #expect(message(file.cluster + 2, folder.cluster).contains("belongs to"))
        #expect(message(folder.cluster, folder.cluster) == #"\ReactOS: its chain leads back to cluster \#(folder.cluster): a loop"#)
    }
}
