// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import Synchronization
import X86

/// The file that a run began with, as the source of the machine's disk: it stays what it was, even when it is written to.
///
/// After the first turn the file has no name any more but the one it is given while it waits for its next turn. So it may be written to like any copy, which saves making
/// another one; what the machine, and every checkpoint of it, may still read is kept here before it goes.
final class DiskBase: Sendable {
    let inode: DiskInode
    private let name: String
    private let size: Int
    /// Pages of `DiskImage.changeSize` bytes as they were, by their offset.
    private let kept = Mutex<[Int: [UInt8]]>([:])

    /// - Parameter name: for messages.
    init(_ inode: DiskInode, name: String) {
        self.inode = inode
        self.name = name
        size = Int(inode.status.st_size)
    }

    /// Whether nobody else can see the file once it has lost its name. Other hard links must keep the old contents.
    var isOurs: Bool { inode.status.st_nlink == 1 }

    /// The disk that is in the file.
    var source: DiskSource {
        // What becomes of holes later is no matter: beyond these ranges all was zero.
        let extents = inode.extents
        return DiskSource(size: size, read: { self.read($0, $1) }, extents: { extents })
    }

    /// Keeps a page that is about to be written for the first time.
    func keep(_ offset: Int) {
        kept.withLock { kept in
            if kept[offset] == nil { kept[offset] = inode.read(offset, min(DiskImage.changeSize, size - offset), name: name) }
        }
    }

    private func read(_ offset: Int, _ count: Int) -> [UInt8] {
        var bytes = inode.read(offset, count, name: name)
        kept.withLock { kept in
            guard !kept.isEmpty else { return }
            let page = DiskImage.changeSize
            for start in stride(from: offset / page * page, to: offset + count, by: page) {
                guard let old = kept[start] else { continue }
                let range = max(start, offset)..<min(start + old.count, offset + count)
                guard !range.isEmpty else { continue }
                bytes.replaceSubrange(
                    range.lowerBound - offset..<range.upperBound - offset, with: old[range.lowerBound - start..<range.upperBound - start])
            }
        }
        return bytes
    }
}
