// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Glibc
import KdbgCore
import KdbgTUI
import SystemPackage

/// `kdbg export-images`: writes the images of the simulated system as PE32 files, without booting.
struct ExportImagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-images",
        abstract: "Write the kernel, its libraries and the drivers as PE32 files.",
        discussion: """
            DIR is created when it is not there. Files of the same contents stay as they are; when one has other contents, nothing at all is \
            written, unless --force is given. The name and size of each file is printed. Exit status: 0 success, 64 usage, 74 something cannot be \
            written.
            """)

    @Flag(help: "Replace files that have other contents.")
    var force = false

    @Argument(help: ArgumentHelp("Where the files go.", valueName: "dir"))
    var directory: String

    func validate() throws {
        guard !directory.isEmpty, !directory.utf8.contains(0) else { throw ValidationError("'<dir>' must be the name of a directory.") }
    }

    func run() throws {
        throw ExitCode(export())
    }

    private func export() -> Int32 {
        let output = StandardOutput(signals: Signals())
        do throws(Abort) {
            let folder = ExportFolder(directory)
            try folder.create()
            let files = SystemImages.files()
            // What would be refused is refused before anything has been written.
            let kept = try files.map { file throws(Abort) in try folder.holds(file.name, file.bytes, mayReplace: force) }
            for (file, isKept) in zip(files, kept) where !isKept { try folder.write(file.name, file.bytes) }
            for (file, isKept) in zip(files, kept) {
                try output.write("\(folder.path(file.name).string)\t\(file.bytes.count) bytes\(isKept ? ", unchanged" : "")\n")
            }
            return ExitStatus.success
        } catch {
            return error.report()
        }
    }
}

/// The directory that images are exported to.
private struct ExportFolder {
    private let directory: FilePath

    init(_ name: String) { directory = FilePath(name) }

    func path(_ name: String) -> FilePath { directory.appending(name) }

    /// Makes the directory when there is nothing of that name.
    func create() throws(Abort) {
        guard mkdir(directory.string, 0o777) != 0 else { return }
        let error = Errno(rawValue: errno)
        guard error == .fileExists else { throw failed(directory, error) }
        var status = stat()
        guard stat(directory.string, &status) == 0 else { throw failed(directory, Errno(rawValue: errno)) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw failed(directory, .notDirectory) }
    }

    /// Whether the file is there already with just these bytes.
    /// - Throws: when it is there with others and may not be replaced, or is no regular file.
    func holds(_ name: String, _ bytes: [UInt8], mayReplace: Bool) throws(Abort) -> Bool {
        let path = path(name)
        var status = stat()
        guard lstat(path.string, &status) == 0 else {
            let error = Errno(rawValue: errno)
            if error == .noSuchFileOrDirectory { return false }
            throw failed(path, error)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .refused(name: path.string, reason: "Not a regular file; it stays as it is", status: ExitStatus.outputFailed)
        }
        if Int(status.st_size) == bytes.count, (try? InputFile.read(path.string)) == bytes { return true }
        guard mayReplace else {
            let reason = "Exists with other contents; nothing was written (--force replaces it)"
            throw .refused(name: path.string, reason: reason, status: ExitStatus.outputFailed)
        }
        return false
    }

    /// Writes beside the file and renames, so that whoever looks sees all of it or what was there before.
    func write(_ name: String, _ bytes: [UInt8]) throws(Abort) {
        let path = path(name)
        let temporary = directory.appending(".\(name).kdbg-\(getpid())")
        do {
            let file = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
            try file.closeAfter { _ = try file.writeAll(bytes) }
            guard rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(temporary.string)
            throw failed(path, error as! Errno)
        }
    }

    private func failed(_ path: FilePath, _ error: Errno) -> Abort {
        .failed(name: path.string, error, status: ExitStatus.outputFailed)
    }
}
