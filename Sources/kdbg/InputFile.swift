// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// Reads an input named on the command line.
enum InputFile {
    /// Larger scripts are refused: somebody has named the wrong file.
    static let largest = 16 << 20

    /// All of a file, or of standard input for `-`.
    /// - Parameter largest: bytes; longer files are refused.
    static func read(_ name: String, largest: Int = largest) throws(Abort) -> [UInt8] {
        do {
            if name == "-" { return try read(.standardInput, name: name, largest) }
            let file = try FileDescriptor.open(FilePath(name), .readOnly, options: .closeOnExec)
            defer { try? file.close() }
            return try read(file, name: name, largest)
        } catch let error as Errno {
            throw .failed(name: displayName(name), error, status: ExitStatus.noInput)
        } catch let abort as Abort {
            throw abort
        } catch {
            fatalError("swift-system throws Errno only: \(error)")
        }
    }

    /// Whether a file is a FIFO with a name of its own, as opposed to one that a shell has made (`<(command)`).
    static func isNamedPipe(_ name: String) -> Bool {
        var status = stat()
        guard name != "-", !name.hasPrefix("/dev/fd/"), !name.hasPrefix("/proc/"), stat(name, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFIFO
    }

    /// How messages call a file; `-` is not a name one could look for.
    static func displayName(_ name: String) -> String {
        name == "-" ? "<stdin>" : name
    }

    private static func read(_ file: FileDescriptor, name: String, _ largest: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var status = stat()
        if fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            bytes.reserveCapacity(min(Int(status.st_size), largest) + 1)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            let count = try file.read(into: buffer)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= largest else {
                let reason = "larger than \(largest >> 20) MiB"
                throw Abort.refused(name: displayName(name), reason: reason, status: ExitStatus.noInput)
            }
        }
    }
}
