// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage
import X86

/// An open, locked file with the contents of a disk. Closing it gives the lock back.
final class DiskInode: Sendable {
    /// What tells whether somebody else has changed it.
    struct Version: Equatable {
        let device: UInt
        let inode: UInt
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    let file: FileDescriptor

    // Linux has these; Swift's Glibc does not show them.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4
    /// FICLONE of linux/fs.h, a macro that Swift does not see.
    private static let clone: UInt = 0x4004_9409
    /// Bytes that are copied at a time, and those that are left out of a copy when they are zeros.
    private static let pieceSize = 1 << 20
    private static let blockSize = 1 << 16

    init(_ file: FileDescriptor) { self.file = file }

    deinit { try? file.close() }

    var status: stat {
        var status = stat()
        fstat(file.rawValue, &status)
        return status
    }

    var version: Version { Self.version(status) }

    static func version(_ status: stat) -> Version {
        Version(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
    }

    /// Takes the lock; false when another process has it.
    func lock() -> Bool { flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 }

    /// Bytes from an offset; what cannot be read stops the program, since a run on wrong bytes is none.
    func read(_ offset: Int, _ count: Int, name: String) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                do {
                    let got = try file.read(fromAbsoluteOffset: Int64(offset + filled), into: rest)
                    if got == 0 { throw Errno.ioError }
                    filled += got
                } catch {
                    complain("\(name): \(error) at byte \(offset + filled)")
                    exit(ExitStatus.noInput)
                }
            }
        }
    }

    /// In order, the ranges that are no holes.
    var extents: [Range<Int>] {
        let size = Int(status.st_size)
        var found: [Range<Int>] = []
        var position = 0
        while position < size {
            let start = lseek(file.rawValue, off_t(position), Self.seekData)
            // ENXIO: nothing but holes follows. Anything else: this file system does not know its holes.
            if start < 0 { return errno == ENXIO ? found : [0..<size] }
            let end = lseek(file.rawValue, start, Self.seekHole)
            guard end > start else { return [0..<size] }
            found.append(Int(start)..<Int(end))
            position = Int(end)
        }
        return found
    }

    func write(_ bytes: some Collection<UInt8>, at offset: Int) throws {
        try file.writeAll(toAbsoluteOffset: Int64(offset), bytes)
    }

    /// Copies everything but holes and what might be some: an image of a large disk is mostly zeros, whether they take room or not. A file system that can share blocks
    /// does that, at once and for all of them.
    func copy(from other: DiskInode, name: String) throws {
        if ioctl(file.rawValue, Self.clone, other.file.rawValue) == 0 { return }
        let size = Int(other.status.st_size)
        try file.resize(to: Int64(size))
        for extent in other.extents {
            for position in stride(from: extent.lowerBound, to: extent.upperBound, by: Self.pieceSize) {
                let piece = other.read(position, min(Self.pieceSize, extent.upperBound - position), name: name)
                for range in Self.used(piece) { try write(piece[range], at: position + range.lowerBound) }
            }
        }
    }

    /// In order, the ranges that have something in them but zeros, in whole blocks.
    private static func used(_ bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            for offset in stride(from: 0, to: bytes.count, by: blockSize) {
                let count = min(blockSize, bytes.count - offset)
                // Each byte is like the one before it, and the first is zero.
                if bytes[offset] == 0, memcmp(start + offset, start + offset + 1, count - 1) == 0 { continue }
                if let last = found.last, last.upperBound == offset {
                    found[found.count - 1] = last.lowerBound..<offset + count
                } else {
                    found.append(offset..<offset + count)
                }
            }
        }
        return found
    }

    /// Makes the file hold a disk from scratch.
    func fill(with disk: DiskImage) throws {
        try file.resize(to: Int64(disk.size))
        let piece = 1 << 16
        for extent in disk.extents {
            for position in stride(from: extent.lowerBound, to: extent.upperBound, by: piece) {
                let bytes = disk.read(offset: position, count: min(piece, extent.upperBound - position))
                if bytes.contains(where: { $0 != 0 }) { try write(bytes, at: position) }
            }
        }
    }
}
