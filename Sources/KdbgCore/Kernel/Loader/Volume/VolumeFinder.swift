// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The volume on a disk that has the system: the disk itself is one, or a partition of its master boot record is.
struct VolumeFinder {
    /// FAT16 (small, large, by LBA) and FAT32 (by CHS and LBA); FAT12 cannot hold a system, but is looked at.
    private static let types: Set<UInt8> = [0x01, 0x04, 0x06, 0x0B, 0x0C, 0x0E]

    let geometry: VolumeGeometry
    /// The number that the guest gives it, from 1: entries of the partition table that are in use count.
    let partition: Int

    /// - Throws: why there is none.
    init(_ disk: DiskImage) throws(VolumeError) {
        let first = disk.read(offset: 0, count: 512)
        if Self.isVolume(first) {
            geometry = try VolumeGeometry(boot: first, start: 0, room: disk.size)
            partition = 1
            guard VolumeReader(disk, geometry).isFolder(BootFiles.root) else { throw VolumeError("", Self.noSystem(geometry.kind)) }
            return
        }
        guard first.word(at: 510) == 0xAA55 else { throw Self.strange(disk) }
        var reasons: [VolumeError] = []
        var number = 0
        for slot in 0..<4 {
            let entry = 446 + 16 * slot
            let type = first[entry + 4]
            guard type != 0 else { continue }
            guard first[entry] & 0x7F == 0 else { throw VolumeError("sector 0", "neither a FAT boot sector nor a partition table") }
            number += 1
            do throws(VolumeError) {
                geometry = try Self.volume(disk, type: type, start: first.dword(at: entry + 8), count: first.dword(at: entry + 12))
                partition = number
                return
            } catch {
                reasons.append(VolumeError("partition \(number)", error.message))
            }
        }
        guard !reasons.isEmpty else { throw VolumeError("sector 0", "the partition table is empty") }
        throw VolumeError("", reasons.map(\.message).joined(separator: "; "))
    }

    private static func volume(_ disk: DiskImage, type: UInt8, start: Int, count: Int) throws(VolumeError) -> VolumeGeometry {
        let size = VolumeGeometry.sectorSize
        guard types.contains(type) else { throw VolumeError("", "type 0x\(String(type, radix: 16)), \(meaning(type))") }
        guard start > 0, (start + count) * size <= disk.size else {
            throw VolumeError("", "sectors \(start) to \(start + count - 1), but the disk has \(disk.size / size)")
        }
        let geometry = try VolumeGeometry(boot: disk.read(offset: start * size, count: size), start: start * size, room: count * size)
        guard VolumeReader(disk, geometry).isFolder(BootFiles.root) else { throw VolumeError("", noSystem(geometry.kind)) }
        return geometry
    }

    private static func noSystem(_ kind: VolumeGeometry.Kind) -> String { #"a FAT\#(kind.rawValue) volume without \ReactOS"# }

    /// Whether a sector is the boot sector of some file system: it begins with a jump.
    private static func isVolume(_ sector: [UInt8]) -> Bool {
        (sector[0] == 0xEB && sector[2] == 0x90 || sector[0] == 0xE9) && sector.word(at: 510) == 0xAA55 && sector.word(at: 0x0B) != 0
            || sector[3..<11].elementsEqual("NTFS    ".utf8)
    }

    private static func meaning(_ type: UInt8) -> String {
        switch type {
        case 0x05, 0x0F, 0x85: "an extended partition, into which kdbg does not look"
        case 0x07: "NTFS or exFAT"
        case 0x82: "Linux swap"
        case 0x83: "Linux"
        case 0xEE: "a GPT disk"
        case 0xEF: "an EFI system partition"
        default: "which is not FAT16 or FAT32"
        }
    }

    /// A disk without boot sector and partition table: what else it may be.
    private static func strange(_ disk: DiskImage) -> VolumeError {
        let superblock = disk.read(offset: 1024, count: 64)
        if superblock.word(at: 56) == 0xEF53 { return VolumeError("", "an ext2, ext3 or ext4 file system; kdbg reads FAT16 and FAT32") }
        if disk.read(offset: 0, count: 4).elementsEqual("QFI\u{fb}".unicodeScalars.map { UInt8($0.value) }) {
            return VolumeError("", "a QCOW image; kdbg reads raw images (qemu-img convert -O raw)")
        }
        return VolumeError("sector 0", "neither a boot sector nor a partition table: it does not end in 55 AA")
    }
}
