// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Tight loops of one kind of instruction each: what the interpreter can do at best.
enum Loops {
    private static let instructions: UInt64 = 200_000_000

    static func measure() {
        for bench in Bench.allCases {
            let machine = bench.machine()
            let seconds = Measurements.seconds {
                guard machine.run(until: instructions, passingStopAtStart: false) == .instructionLimit else {
                    fatalError("the loop has ended")
                }
            }
            print("\(bench.rawValue) \(Double(instructions) / seconds / 1e6)")
        }
    }
}
