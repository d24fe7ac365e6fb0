// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing
import X86

@testable import KdbgCore

/// fastfat.sys against a model: random operations, and in the end the same files, a sound volume, and an empty list of complaints from fsck.fat.
struct FATDriverTests {
    /// xorshift: a test's numbers are the same each time.
    private struct Dice {
        var state: UInt64

        mutating func roll(_ sides: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 20) % sides
        }
    }

    /// What the files should be.
    private struct Model {
        var files: [String: [UInt8]] = [:]
        var folders: [String] = [""]
        var operations: [(kind: FATOperations.Kind, path: String, other: String, offset: Int, length: Int, seed: Int, status: UInt32)] = []

        private static let names = [
            "a", "B.TXT", "lower.txt", "Mixed.Txt", "a name of its own.text", "an even longer name that takes more than two entries.data",
            "dots.in.name", "exactly13.chr", "plus+sign", "x.longext",
        ]

        mutating func step(_ dice: inout Dice, largest: Int) {
            let kind = FATOperations.Kind.allCases[dice.roll(7)]
            let folder = folders[dice.roll(folders.count)]
            let name = Self.names[dice.roll(Self.names.count)]
            let path = folder.isEmpty ? name : folder + #"\"# + name
            let (offset, length, seed) = (dice.roll(largest), dice.roll(largest) + 1, dice.roll(256))
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7 + seed) }
            var status: UInt32 = 0
            var other = ""
            let isFolder = folders.contains(path)
            var old = files[path]
            switch kind {
            case .write, .append:
                guard !isFolder else {
                    status = 0xC000_00BA
                    break
                }
                let start = kind == .append ? old?.count ?? 0 : offset
                var new = old ?? []
                if new.count < start + length { new += [UInt8](repeating: 0, count: start + length - new.count) }
                new.replaceSubrange(start..<start + length, with: bytes)
                files[path] = new
            case .delete:
                if isFolder {
                    let isEmpty = !files.keys.contains { $0.hasPrefix(path + #"\"#) } && !folders.contains { $0.hasPrefix(path + #"\"#) }
                    if isEmpty { folders.removeAll { $0 == path } } else { status = 0xC000_0101 }
                } else {
                    status = files.removeValue(forKey: path) == nil ? 0xC000_0034 : 0
                }
            case .resize:
                guard !isFolder else {
                    status = 0xC000_00BA
                    break
                }
                guard old != nil else {
                    status = 0xC000_0034
                    break
                }
                old = Array((old ?? []).prefix(offset))
                files[path] = (old ?? []) + [UInt8](repeating: 0, count: offset - (old?.count ?? 0))
            case .makeFolder:
                guard path.count < 60 else { return }
                if isFolder || old != nil { status = 0xC000_0035 } else { folders.append(path) }
            case .rename:
                other = Self.names[dice.roll(Self.names.count)]
                let target = folder.isEmpty ? other : folder + #"\"# + other
                guard !isFolder else { return }
                if old == nil {
                    status = 0xC000_0034
                } else if target != path, files[target] != nil || folders.contains(target) {
                    status = 0xC000_0035
                } else {
                    files[path] = nil
                    files[target] = old
                }
            case .read, .list:
                guard !isFolder else {
                    status = 0xC000_00BA
                    break
                }
                status = old == nil ? 0xC000_0034 : offset < (old?.count ?? 0) ? 0 : 0xC000_0011
                if let old, offset < old.count {
                    let sum = old[offset..<min(offset + length, old.count)].reduce(0 as UInt32) { $0 &* 3 &+ UInt32($1) }
                    operations.append((kind, path, "", offset, length, Int(sum), status))
                    return
                }
            }
            operations.append((kind, path, other, offset, length, seed, status))
        }
    }

    /// A volume that mkfs.fat has made, without partition table.
    private static func disk(_ options: String) throws -> BootDisk {
        let path = "/tmp/kdbg-fat-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).img"
        defer { unlink(path) }
        #expect(system("mkfs.fat \(options.replacing("$F", with: path)) >/dev/null 2>&1") == 0)
        let file = fopen(path, "r")
        defer { if let file { fclose(file) } }
        var status = stat()
        #expect(stat(path, &status) == 0)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        #expect(fread(&bytes, 1, bytes.count, file) == bytes.count)
        let image = DiskImage(DiskSource(bytes))
        let geometry = try VolumeGeometry(boot: image.read(offset: 0, count: 512), start: 0, room: image.size)
        var editor = VolumeEditor(image, geometry)
        try editor.addFolder("ReactOS")
        return try BootDisk(editor.finish())
    }

    /// Lets the guest do the operations and compares.
    private func run(_ disk: BootDisk?, seed: UInt64, steps: Int, largest: Int) throws {
        var dice = Dice(state: seed)
        var model = Model()
        while model.operations.count < steps { model.step(&dice, largest: largest) }
        let run = KernelRun(extra: [DriverImage(service: "fatops", group: "", entry: FATOperations.entry)], disk: disk)
        #expect(run.run(to: "FatOpsRun", limit: 100_000_000) == "FatOpsRun")
        let base = run.address("FatOpsRecords")
        for (index, operation) in model.operations.enumerated() {
            let record = base + 512 * UInt32(index)
            run.write(record, operation.kind.rawValue)
            run.write(record + 4, UInt32(operation.offset))
            run.write(record + 8, UInt32(operation.length))
            run.write(record + 12, operation.kind == .read ? 0 : UInt32(operation.seed))
            run.write(record + 0x10, name: #"\SystemRoot\"# + operation.path, characters: record + 0x28)
            if !operation.other.isEmpty {
                run.write(
                    record + 0x18, name: operation.other,
                    characters: record + 0x28 + 2 * UInt32(#"\SystemRoot\"#.utf16.count + operation.path.utf16.count + 1))
            }
        }
        run.write(run.address("FatOpsCount"), UInt32(model.operations.count))
        #expect(run.run(to: "FatOpsDone", limit: 2_000_000_000) == "FatOpsDone")
        for (index, operation) in model.operations.enumerated() {
            let record = base + 512 * UInt32(index)
            #expect(run.read(record + 0x20) == operation.status, "operation \(index): \(operation)")
            if operation.kind == .read, operation.status == 0 {
                #expect(run.read(record + 0x24) == UInt32(operation.seed), "read \(index)")
            }
        }
        // What has been flushed is all there is, since every file has been closed.
        let image = run.machine.disk.flushedImage
        let found = try VolumeFinder(image)
        try VolumeCheck.run(image, found.geometry)
        let reader = VolumeReader(image, found.geometry)
        for (path, bytes) in model.files { #expect(reader.file(at: #"ReactOS\"# + path) == bytes, "\(path)") }
        for folder in model.folders where !folder.isEmpty {
            let entries = reader.entries(of: reader.entry(at: #"ReactOS\"# + folder)?.cluster ?? 0).filter { !$0.isDot }
            let inside = (Array(model.files.keys) + model.folders).filter { $0.hasPrefix(folder + #"\"#) }
            let names = Set(inside.compactMap { $0.dropFirst(folder.count + 1).split(separator: "\\").first.map(String.init) })
            #expect(Set(entries.map { $0.name }) == names)
        }
        if VolumeTools.areThere { #expect(VolumeTools.complaints(about: image, found.geometry) == "") }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func ourVolume(seed: UInt64) throws {
        try run(nil, seed: seed &* 0x9E37_79B9_7F4A_7C15, steps: 200, largest: 9000)
    }

    @Test(
        .enabled(if: VolumeTools.areThere),
        arguments: [
            ("-F 12 -C $F 4096", 4), ("-F 16 -s 1 -C $F 16384", 5), ("-F 32 -s 1 -C $F 65536", 6), ("-F 12 -f 1 -s 2 -C $F 2880", 7),
        ])
    func otherVolumes(options: String, seed: UInt64) throws {
        try run(try Self.disk(options), seed: seed &* 0x9E37_79B9_7F4A_7C15, steps: 200, largest: 5000)
    }
}
