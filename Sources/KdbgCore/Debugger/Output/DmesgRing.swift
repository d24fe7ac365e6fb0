// SPDX-License-Identifier: GPL-3.0-or-later

/// The KDBG provider's ring in guest memory, where everything printed ends up (spec/kdbg.md section 7.7).
package struct DmesgRing: Sendable {
    /// Bytes of the ring.
    package static let size: UInt32 = 0x20000

    /// Virtual address of the ring; 0 before BootPhase 1.
    package var buffer: UInt32
    /// Offset of the next write.
    package var position: UInt32
    /// Bytes ever written, modulo 2^32.
    package var total: UInt32

    /// Reads the kernel's globals; nil when the kernel has none.
    package init?(_ target: any Target) {
        guard let buffer = target.global("KdpDmesgBuffer"), let position = target.global("KdpDmesgCurrentPosition"),
            let total = target.global("KdbDmesgTotalWritten")
        else { return nil }
        self.buffer = buffer
        self.position = position % Self.size
        self.total = total
    }

    /// The text before and after the point where the ring wrapped; the first is empty when it has not. Nil when the ring is not readable.
    /// - Parameter showsFull: whether a ring that is exactly full is shown; KDBG asks for "more than the size" and shows nothing.
    package func contents(in target: any Target, showsFull: Bool = true) -> (older: [UInt8], newer: [UInt8])? {
        var older: [UInt8]? = []
        if total > Self.size || total == Self.size && showsFull {
            older = target.readBytes(buffer &+ position, count: Int(Self.size - position))
        }
        guard let older, let newer = target.readBytes(buffer, count: Int(position)) else { return nil }
        return (older, newer)
    }

    /// Logged bytes as text that cannot move the cursor, complete to the end of its last line.
    package static func text(_ bytes: [UInt8]) -> String {
        let lines = String(decoding: bytes.filter { $0 != 13 && $0 != 0 }, as: UTF8.self).harmless(keepingLines: true)
        return lines.isEmpty || lines.hasSuffix("\n") ? lines : lines + "\n"
    }
}
