// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import SystemPackage
import X86

/// The file of `--disk`, which keeps the boot disk across runs.
///
/// The file under the name is never written to: a whole new one takes its place, by rename(2), so that there is a sound one under its name at every moment. Two take
/// turns, the file that the run began with and a copy of it, and each time only what has changed since its last turn is written.
final class DiskFile: DiskKeeper {
    /// As the user wrote it.
    let name: String
    /// Without symbolic links.
    private let path: String
    /// The copy that waits for its turn, and the one that has just had it while names are exchanged.
    private let spareName: String
    private let otherName: String

    /// What has the name, and the disk that it holds.
    private var current: (inode: DiskInode, disk: DiskImage, version: DiskInode.Version)?
    private var spare: (inode: DiskInode, disk: DiskImage)?
    /// The file that the run began with.
    private var first: DiskBase?

    private static let permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    /// What an MBR can describe.
    private static let largest: Int = 2 << 40

    /// Opens and locks the file when there is one.
    init(_ name: String) throws(Abort) {
        self.name = name
        let path = try Self.resolve(name)
        self.path = path
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        spareName = path[..<slash] + "." + path[slash...] + ".kdbg-next"
        otherName = path[..<slash] + "." + path[slash...] + ".kdbg-last"
        try open()
    }

    /// Whether there is no such file yet.
    var isNew: Bool { current == nil }

    /// The disk in the file; nil when there is none yet.
    /// - Throws: when the system cannot boot from it.
    func bootDisk(script: Script?) throws(Abort) -> BootDisk? {
        guard let disk = current?.disk else { return nil }
        do throws(VolumeError) {
            return try BootDisk(disk, script: script?.bytes)
        } catch {
            throw .refused(name: name, reason: error.message, status: ExitStatus.noInput)
        }
    }

    /// Gives up the copies.
    func finish() {
        if spare != nil { unlink(spareName) }
        (spare, current, first) = (nil, nil, nil)
    }

    // MARK: Opening

    private static func resolve(_ name: String) throws(Abort) -> String {
        if let resolved = realpath(name, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        let error = Errno(rawValue: errno)
        var status = stat()
        guard error == .noSuchFileOrDirectory else { throw .failed(name: name, error, status: ExitStatus.noInput) }
        if lstat(name, &status) == 0 {
            throw .refused(name: name, reason: "a symbolic link that leads nowhere", status: ExitStatus.noInput)
        }
        return name
    }

    private func open() throws(Abort) {
        while true {
            var found = stat()
            guard stat(path, &found) == 0 else {
                if errno == ENOENT, !name.hasSuffix("/") { return }
                throw .failed(name: name, Errno(rawValue: errno), status: ExitStatus.noInput)
            }
            try checkKind(found)
            let inode: DiskInode
            do {
                inode = DiskInode(try FileDescriptor.open(FilePath(path), .readWrite, options: .closeOnExec))
            } catch {
                throw .failed(name: name, error as! Errno, status: ExitStatus.noInput)
            }
            guard inode.lock() else {
                throw .refused(name: name, reason: "in use by another kdbg", status: ExitStatus.inUse)
            }
            // Another kdbg may have put a new file there between our two looks.
            var now = stat()
            guard stat(path, &now) == 0, now.st_ino == inode.status.st_ino, now.st_dev == inode.status.st_dev else { continue }
            try checkSize(Int(now.st_size))
            // A kdbg that was killed has left them behind. Nobody else may have made them: the lock is ours.
            unlink(spareName)
            unlink(otherName)
            let base = DiskBase(inode, name: name)
            current = (inode, DiskImage(base.source), inode.version)
            first = base
            return
        }
    }

    private func checkKind(_ status: stat) throws(Abort) {
        func refuse(_ reason: String, _ code: Int32 = ExitStatus.noInput) -> Abort { .refused(name: name, reason: reason, status: code) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw refuse("a directory; the image of a disk is needed")
        case S_IFIFO: throw refuse("a FIFO; a regular file is needed")
        case S_IFSOCK: throw refuse("a socket; a regular file is needed")
        default: throw refuse("a device; a regular file is needed")
        }
        // Putting a new file in its place would go round this.
        guard status.st_mode & 0o222 != 0, access(path, W_OK) == 0 else {
            throw refuse("read-only, but what the guest writes is to be kept in it", ExitStatus.outputFailed)
        }
    }

    private func checkSize(_ size: Int) throws(Abort) {
        func refuse(_ reason: String) -> Abort { .refused(name: name, reason: reason, status: ExitStatus.noInput) }
        guard size > 0 else { throw refuse("empty; the image of a disk is needed") }
        guard size <= Self.largest else { throw refuse("larger than the 2 TiB that a partition table can describe") }
        guard size % 512 == 0 else { throw refuse("\(size) bytes, which is no multiple of 512") }
    }

    // MARK: Making it

    /// Makes the file.
    func create(holding disk: DiskImage) throws(Abort) {
        do {
            let inode = try temporary()
            guard inode.lock() else { throw Errno.resourceTemporarilyUnavailable }
            try inode.fill(with: disk)
            try sync(inode)
            try publish(inode)
            current = (inode, disk, inode.version)
        } catch {
            throw .failed(name: name, error as? Errno ?? .ioError, status: ExitStatus.outputFailed)
        }
    }

    private var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "." }

    /// A file without a name, which vanishes with us.
    private func temporary() throws -> DiskInode {
        // O_TMPFILE, a macro that Swift does not see.
        let flags = 0o20000000 | O_DIRECTORY | O_RDWR | O_CLOEXEC
        let number = Glibc.open(folder, flags, mode_t(0o644))
        if number >= 0 { return DiskInode(FileDescriptor(rawValue: number)) }
        guard errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL else { throw Errno(rawValue: errno) }
        return try named(spareName)
    }

    private func named(_ name: String) throws -> DiskInode {
        unlink(name)
        return DiskInode(
            try FileDescriptor.open(
                FilePath(name), .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: Self.permissions))
    }

    /// Gives it its name, unless somebody has been faster.
    private func publish(_ inode: DiskInode) throws {
        if linkat(AT_FDCWD, "/proc/self/fd/\(inode.file.rawValue)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 { return }
        guard errno != EEXIST else { throw Errno.fileExists }
        guard link(spareName, path) == 0 || rename(spareName, path) == 0 else { throw Errno(rawValue: errno) }
        unlink(spareName)
    }

    // MARK: Keeping it

    func keep(_ disk: DiskImage) throws(HostFileError) {
        guard let current, !disk.changes(since: current.disk).isEmpty else { return }
        do {
            try checkOwnership(current)
            let next = try spare ?? copy(current)
            // What is in it is uncertain until all is written.
            spare = nil
            for offset in disk.changes(since: next.disk) {
                if let first, next.inode === first.inode { first.keep(offset) }
                try next.inode.write(disk.read(offset: offset, count: min(DiskImage.changeSize, disk.size - offset)), at: offset)
            }
            try sync(next.inode)
            let old = current
            let isOurs = first.map { old.inode !== $0.inode || $0.isOurs } ?? true
            let keepsOld = isOurs && link(path, otherName) == 0
            guard rename(spareName, path) == 0 else { throw Errno(rawValue: errno) }
            self.current = (next.inode, disk, next.inode.version)
            if keepsOld, rename(otherName, spareName) == 0 { spare = (old.inode, old.disk) }
        } catch {
            spare = nil
            unlink(spareName)
            unlink(otherName)
            throw error as? HostFileError ?? HostFileError("\(error)")
        }
    }

    /// Whether the file is still what we have put there.
    private func checkOwnership(_ current: (inode: DiskInode, disk: DiskImage, version: DiskInode.Version)) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw HostFileError("it has been taken away while kdbg was using it") }
        guard DiskInode.version(status) == current.version else {
            throw HostFileError("it has been changed by another program while kdbg was using it")
        }
    }

    private func copy(_ current: (inode: DiskInode, disk: DiskImage, version: DiskInode.Version)) throws -> (
        inode: DiskInode, disk: DiskImage
    ) {
        let inode = try named(spareName)
        guard inode.lock() else { throw Errno.resourceTemporarilyUnavailable }
        let status = current.inode.status
        fchmod(inode.file.rawValue, status.st_mode & 0o7777)
        _ = fchown(inode.file.rawValue, status.st_uid, status.st_gid)
        try inode.copy(from: current.inode, name: name)
        return (inode, current.disk)
    }

    /// To the platters of the host: a power failure must not find the new name before the new bytes.
    private func sync(_ inode: DiskInode) throws {
        guard fdatasync(inode.file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
}
