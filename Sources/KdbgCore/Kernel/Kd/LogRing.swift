// SPDX-License-Identifier: GPL-3.0-or-later

/// The File provider's ring (spec/kdbg.md section 7.5): what comes first stays; what does not fit is dropped.
extension Kd {
    /// Bytes.
    package static let logRingSize: UInt32 = 0x8_0000
    /// The ring; NULL when there is none.
    package static let debugBuffer: Global = .init("KdpDebugBuffer")
    /// Offset of the next byte to write.
    package static let currentPosition: Global = .init("KdpCurrentPosition")
    /// Bytes that can be written.
    package static let freeBytes: Global = .init("KdpFreeBytes")
    /// The logger thread runs.
    package static let loggingEnabled: Global = .init("KdpLoggingEnabled")
    /// Auto-reset event that wakes the logger.
    package static let loggerThreadEvent: GlobalStructure<KEVENT> = .init("KdpLoggerThreadEvent")
    static let logSpinLock: Global = .init("KdpDebugLogSpinLock")

    /// `KdpDebugLogPrint(String*, Length)`: at any IRQL. The logger is only woken when the caller's level allows it.
    package static let debugLogPrint: Routine = .init("KdpDebugLogPrint", ["String", "Length"]) { f in
        printToRing(f)
    }

    /// The same under another name, for a provider that does more.
    static let printToRing: Routine = .init("KdpPrintToRing", ["String", "Length"]) { f in
        printToRing(f)
    }

    private static func printToRing(_ f: Function) {
        f.if(debugBuffer.dword == 0) { f.return() }
        let old = f.call(acquireLock, logSpinLock)
        let count = f.local(f.argument(1))
        f.if(count > freeBytes.dword) { f.set(count, freeBytes.dword) }
        f.if(count != 0) {
            let begin = f.local(currentPosition.dword)
            let end = f.local((begin + count) % Value(logRingSize))
            f.set(currentPosition.dword, end)
            f.exchangeAdd(freeBytes.dword, -count)
            f.call(copyToRing, debugBuffer.dword, logRingSize, begin, f.argument(0), count)
        }
        f.call(releaseLock, logSpinLock, old)
        f.if(old <= Irql.dispatch && loggingEnabled.byte != 0) { f.call(Ke.setEvent, loggerThreadEvent, 0, 0) }
        f.return()
    }

    /// `KdpCopyToRing(Ring*, Size, Begin, Data*, Count)`: `Begin` < `Size`, `Count` <= `Size`; in one piece or, over the end, in two.
    static let copyToRing: Routine = .init("KdpCopyToRing", ["Ring", "Size", "Begin", "Data", "Count"]) { f in
        let room = f.local(f.argument(1) - f.argument(2))
        let count = f.local(f.argument(4))
        f.if(count <= room) {
            f.copy(to: f.argument(0) + f.argument(2), from: f.argument(3), count)
            f.return()
        }
        f.copy(to: f.argument(0) + f.argument(2), from: f.argument(3), room)
        f.copy(to: f.argument(0), from: f.argument(3) + room, count - room)
        f.return()
    }
}
