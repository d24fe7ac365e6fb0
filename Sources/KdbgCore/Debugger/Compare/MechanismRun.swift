// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension MechanismRecord {
    /// Instructions after the boot, two simulated seconds, in which the log's thread writes what is left.
    private static let afterBoot: UInt64 = 200_000_000
    /// No boot takes longer, and a system that has lost its way is not waited for.
    private static let patience: UInt64 = 4_000_000_000

    /// Boots with a configuration and takes note of what its mechanism does.
    /// - Parameter isCancelled: asked now and then; true ends the boot.
    /// - Throws: when a fault of the configuration cannot be had.
    package static func boot(
        _ configuration: BootConfiguration, isCancelled: () -> Bool = { false }
    ) throws(FaultError) -> MechanismRecord {
        try configuration.check()
        let session = Session(configuration)
        let observer = session.observeMechanism()
        var end = patience
        while session.mark.instruction < end, !isCancelled() {
            guard case .stopped(let stop, _) = session.run(.go, budget: 10_000_000) else { continue }
            // After a crash KD breaks in again and again.
            if stop.isFinal || stop == .reset || stop == .debugger && crashCode(of: session) != 0 { break }
            if stop == .bootComplete { end = min(end, session.mark.instruction + afterBoot) }
        }
        return MechanismRecord(session, observer, configuration.mechanism)
    }

    /// The code of the crash; 0 when there was none.
    private static func crashCode(of session: Session) -> UInt32 {
        let target = session.debugger.target
        return target.symbols.symbol(named: "KiBugCheckData").flatMap { target.read32($0.address) } ?? 0
    }

    private init(_ session: Session, _ observer: MechanismObserver, _ mechanism: Mechanism) {
        let rows = session.timeline.filter { $0.step.number.section.first == 1 && $0.entered != nil }
        var events = observer.events
        for index in events.indices { events[index].step = Self.step(at: events[index].mark, rows) }
        let log = session.debugLog()
        let target = session.debugger.target
        self.init(
            mechanism: mechanism, stop: session.stop, bugcheck: Self.crashCode(of: session), events: events, printed: observer.printed,
            log: log,
            poolInUse: PoolUse.bytes(ofTag: "KDBG", in: target), losses: LogLoss.find(printed: observer.printed, log: log ?? []))
    }

    /// The innermost step of the start-up tables that is under way.
    private static func step(at mark: Mark, _ rows: [TimelineRow]) -> String {
        let open = rows.last { row in row.entered.map { $0 <= mark } == true && (row.left.map { $0 > mark } ?? true) }
        return open.map { "\($0.step.number)" } ?? ""
    }
}

/// What the kernel's table of pool tags says.
package enum PoolUse {
    /// Bytes in use of both pools with a tag of four characters.
    package static func bytes(ofTag tag: String, in target: any Target) -> UInt32 {
        guard let table = target.global("PoolTrackTable"), table != 0, let size = target.global("PoolTrackTableSize") else { return 0 }
        let wanted = tag.utf8.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        for index in 0..<min(size, 0x1_0000) {
            let row = table &+ POOL_TRACKER_TABLE.size &* index
            guard target.read32(row) == wanted else { continue }
            return (target.read32(row &+ 12) ?? 0) &+ (target.read32(row &+ 24) ?? 0)
        }
        return 0
    }
}
