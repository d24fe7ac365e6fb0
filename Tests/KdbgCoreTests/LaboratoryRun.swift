// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// A boot with faults, run to its end, and what is asked of it.
struct LaboratoryRun {
    let session: Session
    let serial: String

    /// - Parameters:
    ///   - options: nil for the usual ones.
    ///   - instructions: after which the run is over, however it stands.
    init(
        options: String? = nil, faults: [String], mechanism: Mechanism = .hook, script: String? = "# nothing\n", reboots: Int = 0,
        fromRamDisk: Bool = false, instructions: UInt64 = 2_000_000_000
    ) throws {
        var configuration = BootConfiguration(
            bootsFromRamDisk: fromRamDisk, faults: try faults.map { try Fault(parsing: $0) }, mechanism: mechanism)
        if let options { configuration.bootOptions = options }
        configuration.script = script.map { Array($0.utf8) }
        try configuration.check()
        session = Session(configuration)
        var bytes: [UInt8] = []
        var debuggerStops = 0
        for _ in 0..<reboots {
            _ = session.run(.go, budget: instructions)
            _ = session.run(.reset, budget: 1)
            session.restart()
        }
        _ = session.drainSerial()
        while session.mark.instruction < instructions {
            let result = session.run(.go, budget: 10_000_000)
            bytes += session.drainSerial()
            if session.stop.isFinal { break }
            if session.stop == .bootComplete, session.timeline.contains(where: { $0.step.number == StepNumber([1, 8], row: 39) }) {
                // Half a simulated second for the log's thread.
                let end = session.mark.instruction + 50_000_000
                while session.mark.instruction < end, !session.stop.isFinal { _ = session.run(.go, budget: end - session.mark.instruction) }
                bytes += session.drainSerial()
                break
            }
            // After a crash KD breaks in again and again.
            if case .stopped(.debugger, _) = result { debuggerStops += 1 }
            if debuggerStops > 8 { break }
        }
        serial = String(decoding: bytes, as: UTF8.self)
    }

    /// Code and parameters of the crash; nil when there was none.
    var bugcheck: [UInt32]? {
        let target = session.debugger.target
        guard let data = target.symbols.symbol(named: "KiBugCheckData")?.address, let code = target.read32(data), code != 0 else {
            return nil
        }
        return (0..<5).map { target.read32(data + 4 * $0) ?? 0 }
    }

    func global(_ name: String) -> UInt32 { session.debugger.target.global(name) ?? 0xDEAD_BEEF }

    /// A provider: Screen, Serial, File or KDBG.
    func provider(_ name: String) -> ProviderRow { session.providers.first { $0.name == name }! }

    /// The statuses that a provider's init routine returned, in order.
    func phases(of routine: String) -> [UInt32] {
        session.timeline.filter { $0.step.routine == routine && $0.entered != nil && !$0.step.number.isFault }.map {
            $0.result ?? 0xFFFF_FFFF
        }
    }

    /// Bytes of pool with the tag KDBG in use.
    var poolInUse: UInt32 { PoolUse.bytes(ofTag: "KDBG", in: session.debugger.target) }

    var isBooted: Bool {
        session.timeline.contains { $0.step.number == StepNumber([1, 8], row: 39) && $0.entered != nil } && bugcheck == nil
    }

    /// `\Driver\KdDriver` is gone.
    var driverIsGone: Bool { serial.contains(#"Deleting driver object '\Driver\KdDriver'"#) }
}
