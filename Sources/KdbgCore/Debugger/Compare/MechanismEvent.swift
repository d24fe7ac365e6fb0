// SPDX-License-Identifier: GPL-3.0-or-later

/// Something that was seen of KD on its way to its first I/O.
package struct MechanismEvent: Equatable, Sendable {
    package enum Kind: String, Sendable {
        /// One of the routines was entered that other components call to reach KD.
        case called
        /// A provider's routine was called with a boot phase.
        case phase
        /// A watched cell was written by KD.
        case patched
        /// An entry came into a watched list, or left it, by KD's doing.
        case linked
        case unlinked
        /// Pool with KD's tag was taken.
        case allocated
        case freed
        /// A registry service was called by KD.
        case registry
        /// KD's driver object was handed to it.
        case object
        /// KD called NtCreateFile.
        case opened
        /// KD called NtWriteFile.
        case wrote
        /// KDBinit begins to be executed.
        case script
    }

    package var kind: Kind
    /// What was called, patched, linked, opened.
    package var subject: String
    /// The routine of KD's that did it, or that was called.
    package var routine: String
    /// When it began, and when it returned as far as that was waited for.
    package var mark: Mark
    package var end: Mark?
    /// What it returned.
    package var status: UInt32?
    /// Bytes, boot phase or value, by kind.
    package var number: UInt32 = 0
    /// The boot step of the start-up tables in which it happened, filled in at the end.
    package var step = ""
}

/// What one mechanism did in a boot.
package struct MechanismRecord: Equatable, Sendable {
    package var mechanism: Mechanism
    package var stop: Stop
    /// The code of the crash; 0 when there was none.
    package var bugcheck: UInt32
    package var events: [MechanismEvent]
    /// Every byte that KD printed, and the log file; nil when there is none.
    package var printed: [UInt8]
    package var log: [UInt8]?
    /// Bytes of pool with the tag KDBG that are in use at the end.
    package var poolInUse: UInt32
    /// What is in the printed text and not in the log.
    package var losses: [LogLoss]
}

/// A piece of what KD printed that is not in the log file.
package struct LogLoss: Equatable, Sendable {
    /// Bytes of the printed text.
    package var range: Range<Int>
    /// Lines of it, from 1.
    package var lines: ClosedRange<Int>
    /// The first of these lines, and the last.
    package var first: String
    package var last: String

    /// Compares by lines: the log has the printed lines in their order, but for those that were lost.
    static func find(printed: [UInt8], log: [UInt8]) -> [LogLoss] {
        let whole = lines(of: printed)
        var kept = lines(of: log)[...]
        var losses: [LogLoss] = []
        var offset = 0
        for (number, line) in whole.enumerated() {
            let range = offset..<offset + line.count
            offset = range.upperBound
            if kept.first == line {
                kept = kept.dropFirst()
                continue
            }
            let text = String(decoding: line, as: UTF8.self).filter { !$0.isNewline }.harmless()
            if let last = losses.last, last.range.upperBound == range.lowerBound {
                losses[losses.count - 1].range = last.range.lowerBound..<range.upperBound
                losses[losses.count - 1].lines = last.lines.lowerBound...number + 1
                losses[losses.count - 1].last = text
            } else {
                losses.append(LogLoss(range: range, lines: number + 1...number + 1, first: text, last: text))
            }
        }
        return losses
    }

    /// Each with its line end.
    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == 0x0A {
            result.append(bytes[start...index])
            start = index + 1
        }
        if start < bytes.count { result.append(bytes[start...]) }
        return result
    }
}
