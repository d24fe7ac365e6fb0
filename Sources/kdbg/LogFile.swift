// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// The file of `--log`: a copy of the guest's debug.log, made when the run ends, whatever ended it.
struct LogFile {
    private let name: String
    private let file: FileDescriptor

    /// Opens the file before the machine boots, so that a wrong name is known at once. What is in it stays until there is something better.
    init(_ name: String) throws(Abort) {
        self.name = name
        do {
            file = try FileDescriptor.open(
                FilePath(name), .writeOnly, options: [.create, .closeOnExec], permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw .failed(name: name, error as! Errno, status: ExitStatus.outputFailed)
        }
    }

    /// Writes the log; nil, when the guest has made none, leaves an empty file.
    func write(_ log: [UInt8]?) throws(Abort) {
        if log == nil { complain("\(name): the guest has written no debug.log; the file is empty") }
        do {
            // Devices and pipes cannot be cut, and need not be.
            do { try file.resize(to: 0) } catch Errno.invalidArgument {}
            try file.writeAll(log ?? [])
            try file.close()
        } catch {
            throw .failed(name: name, error as! Errno, status: ExitStatus.outputFailed)
        }
    }
}
