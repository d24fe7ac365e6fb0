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
    private typealias CopyFileRange =
        @convention(c) (Int32, UnsafeMutablePointer<off_t>, Int32, UnsafeMutablePointer<off_t>, Int, UInt32) -> Int
    private static let copyFileRange = dlsym(nil, "copy_file_range").map { unsafeBitCast($0, to: CopyFileRange.self) }

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

    /// Copies everything but the holes. The kernel does it, and shares the blocks where the file system can.
    func copy(from other: DiskInode, name: String) throws {
        let size = Int(other.status.st_size)
        try file.resize(to: Int64(size))
        for extent in other.extents {
            var position = extent.lowerBound
            while position < extent.upperBound {
                var (from, to) = (off_t(position), off_t(position))
                let count =
                    Self.copyFileRange?(other.file.rawValue, &from, file.rawValue, &to, extent.upperBound - position, 0) ?? 0
                if count > 0 {
                    position += count
                } else if count < 0, errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG {
                    throw Errno(rawValue: errno)
                } else {
                    // Not on this file system, or not on this kernel.
                    let piece = min(1 << 20, extent.upperBound - position)
                    try write(other.read(position, piece, name: name), at: position)
                    position += piece
                }
            }
        }
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
