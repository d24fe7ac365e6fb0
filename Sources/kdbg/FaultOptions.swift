// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

/// `--fault`: reading it, and what is said of it.
enum FaultOptions {
    /// Reads what stands behind each `--fault`.
    static func read(_ texts: [String]) throws(Abort) -> [Fault] {
        try texts.map { text throws(Abort) in
            do throws(FaultError) {
                return try Fault(parsing: text)
            } catch {
                throw refusal(error)
            }
        }
    }

    /// Faults may name what this kernel does not have.
    static func check(_ configuration: BootConfiguration) throws(Abort) {
        do throws(FaultError) {
            try configuration.check()
        } catch {
            throw refusal(error)
        }
    }

    /// Boots for a comparison.
    static func boot(_ configuration: BootConfiguration, isCancelled: () -> Bool) throws(Abort) -> MechanismRecord {
        do throws(FaultError) {
            return try MechanismRecord.boot(configuration, isCancelled: isCancelled)
        } catch {
            throw refusal(error)
        }
    }

    private static func refusal(_ error: FaultError) -> Abort {
        let hint = error.hint.map { ". \($0)" } ?? ""
        return .refused(
            name: "--fault '\(error.fault)', column \(error.column)", reason: error.message + hint, status: ExitStatus.usage)
    }

    /// At the end of a run: which faults have not come.
    static func complainOfUnreached(_ session: Session) {
        for report in session.faultReports {
            if let complaint = report.complaint { complain("--fault '\(report.fault.text)': \(complaint)") }
        }
    }
}
