// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import X86

@testable import KdbgCore

/// What programs of the host say of a volume that the guest has written.
enum VolumeTools {
    static let areThere = system("command -v fsck.fat mkfs.fat mdir mtype >/dev/null 2>&1") == 0

    /// Output and status of a shell command about the volume's file, which the shell knows as `$F`.
    static func run(_ command: String, on image: DiskImage, _ geometry: VolumeGeometry) -> (output: String, status: Int32) {
        let path = "/tmp/kdbg-fat-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).img"
        defer { unlink(path) }
        let file = fopen(path, "w")
        let bytes = image.read(offset: geometry.start, count: geometry.sectors * 512)
        fwrite(bytes, 1, bytes.count, file)
        if let file { fclose(file) }
        return Shell.run("export F=\(path) MTOOLS_SKIP_CHECK=1; \(command)")
    }

    /// What fsck.fat complains of; empty when there is nothing.
    static func complaints(about image: DiskImage, _ geometry: VolumeGeometry) -> String {
        let (output, status) = run("fsck.fat -n $F", on: image, geometry)
        return status == 0 ? "" : output
    }
}
