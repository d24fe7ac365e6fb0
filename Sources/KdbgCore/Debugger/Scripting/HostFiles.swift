// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The files of the host, as far as `source` and `log` need them. The core opens none: a front end hands this in through the session (design rule 5).
package protocol HostFiles: AnyObject {
    /// All of a file.
    /// - Throws: a short reason, such as "No such file or directory".
    func read(_ name: String) throws(HostFileError) -> [UInt8]
    /// Begins to write a file, which is made or emptied; the one before is closed.
    func openLog(_ name: String) throws(HostFileError)
    /// Appends to it.
    func writeLog(_ text: String) throws(HostFileError)
    /// Closes it.
    func closeLog() throws(HostFileError)
}

/// Why a file of the host cannot be used.
package struct HostFileError: Error, Equatable, Sendable {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// Keeps the boot disk in a file of the host.
package protocol DiskKeeper: AnyObject {
    /// Makes the file hold this disk, all of it or nothing.
    /// - Throws: why the file is as it was before.
    func keep(_ disk: DiskImage) throws(HostFileError)
}
