// SPDX-License-Identifier: GPL-3.0-or-later

/// A file or folder in a directory.
struct VolumeEntry: Equatable {
    /// The long name, or else the short one.
    let name: String
    /// Eleven bytes.
    let short: [UInt8]
    let attributes: UInt8
    let cluster: Int
    let size: Int
    /// Offsets of its 32-byte entries from the start of the directory: the long ones, then the short one.
    let places: Range<Int>

    var isFolder: Bool { attributes & 0x10 != 0 }
    /// `.` or `..`.
    var isDot: Bool { short[0] == 0x2E }

    /// Case does not matter.
    func isNamed(_ wanted: String) -> Bool {
        name.uppercased() == wanted.uppercased() || VolumeName.short(wanted).map { $0 == short } == true
    }

    /// The files and folders of a directory. Long entries without a short one that they belong to are passed over, as is the label.
    /// Only FAT32 keeps the high half of the first cluster; elsewhere other systems have other things in its place.
    static func all(in directory: [UInt8], _ kind: VolumeGeometry.Kind) -> [VolumeEntry] {
        var entries: [VolumeEntry] = []
        // Parts of a long name, the last first, and where they start.
        var parts: [[UInt16]] = []
        var sum: UInt8 = 0
        var first = 0
        for offset in stride(from: 0, to: directory.count - 31, by: 32) {
            let entry = Array(directory[offset..<offset + 32])
            if entry[0] == 0 { break }
            if entry[0] != 0xE5, entry[11] & 0x3F == 0x0F {
                if entry[0] & 0x40 != 0 { (parts, sum, first) = ([], entry[13], offset) }
                let expected = parts.isEmpty ? entry[0] & 0x40 != 0 : sum == entry[13]
                parts = expected ? parts + [VolumeName.units(entry)] : []
                continue
            }
            defer { parts = [] }
            guard entry[0] != 0xE5, entry[11] & 0x08 == 0 else { continue }
            let short = Array(entry[0..<11])
            let isLong = !parts.isEmpty && sum == VolumeName.checksum(short)
            let name = isLong ? String(decoding: parts.reversed().joined(), as: UTF16.self) : VolumeName.text(entry)
            entries.append(
                VolumeEntry(
                    name: name, short: short, attributes: entry[11],
                    cluster: (kind == .fat32 ? entry.word(at: 20) << 16 : 0) | entry.word(at: 26),
                    size: entry.dword(at: 28), places: (isLong ? first : offset)..<offset + 32))
        }
        return entries
    }
}
