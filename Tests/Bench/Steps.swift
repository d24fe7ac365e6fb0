// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

/// Host-side single steps: each a call of `Session.run`, as a front end makes it.
enum Steps {
    private static let count = 2_000_000

    static func measure(guest: String) throws {
        let file = BareConfiguration.File(name: guest, bytes: try readFile(guest))
        let session = try Session(bare: BareConfiguration(program: .kernel(file, commandLine: "", modules: [])))
        // A program that steps millions of times does not read the text of each.
        session.showsSteps = false
        // Away from the start.
        _ = session.run(.step(1000), budget: .max)
        let before = session.mark
        let times = (0..<3).map { _ in
            Measurements.seconds {
                for _ in 0..<count {
                    guard case .stopped = session.run(.step(1), budget: .max) else { fatalError("a step did not stop") }
                }
            }
        }
        guard session.mark.instruction - before.instruction == 3 * UInt64(count) else { fatalError("a step was not one instruction") }
        print("steps \(Double(count) / Measurements.median(times))")
    }
}
