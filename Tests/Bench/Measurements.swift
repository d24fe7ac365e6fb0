// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import X86

/// Measurements that need the inside of the process. `tools/bench` runs this program, holds its figures against the issues' targets, and reads lines
/// of `name value` from it.
@main enum Measurements {
    static func main() throws {
        let arguments = Swift.CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("snapshots", 2): try Snapshots.measure(guest: arguments.last!)
        case ("steps", 2): try Steps.measure(guest: arguments.last!)
        case ("loops", 1): Loops.measure()
        default: print("usage: KdbgBench snapshots GUEST | steps GUEST | loops")
        }
    }

    /// Seconds of wall time that `body` takes.
    static func seconds(_ body: () -> Void) -> Double {
        let time = ContinuousClock().measure(body)
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }

    /// The middle one of several values.
    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
