// SPDX-License-Identifier: GPL-3.0-or-later

/// How firmware presents a disk image: as a diskette when it has the size of one, otherwise as a hard disk.
struct DiskGeometry: Equatable {
    var cylinders: Int
    var heads: Int
    var sectorsPerTrack: Int
    /// Sectors of 512 bytes.
    var sectors: Int
    var isDiskette: Bool
    /// The diskette's kind in CMOS and INT 13h, such as 4 for 1.44 MB; 0 for hard disks.
    var kind: UInt8

    /// What the firmware calls it.
    var drive: UInt8 { isDiskette ? 0x00 : 0x80 }

    /// Sizes in KiB of the diskettes there were.
    private static let diskettes: [Int: (cylinders: Int, heads: Int, sectorsPerTrack: Int, kind: UInt8)] = [
        160: (40, 1, 8, 1), 180: (40, 1, 9, 1), 320: (40, 2, 8, 1), 360: (40, 2, 9, 1), 720: (80, 2, 9, 3), 1200: (80, 2, 15, 2),
        1440: (80, 2, 18, 4), 2880: (80, 2, 36, 5),
    ]

    /// - Parameter sectors: at least 1.
    init(sectors: Int) {
        self.sectors = sectors
        if sectors % 2 == 0, let diskette = Self.diskettes[sectors / 2] {
            (cylinders, heads, sectorsPerTrack, kind) = diskette
            isDiskette = true
            return
        }
        isDiskette = false
        kind = 0
        sectorsPerTrack = 63
        // LBA-assisted translation: as many heads as make it at most 1024 cylinders.
        heads = [16, 32, 64, 128].first { sectors / 63 / $0 <= 1024 } ?? 255
        cylinders = min(max(sectors / 63 / heads, 1), 1024)
    }
}
