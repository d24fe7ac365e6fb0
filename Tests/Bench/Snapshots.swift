// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The benchmark guest with a snapshot every million instructions, and without.
enum Snapshots {
    private static let interval: UInt64 = 1_000_000
    /// A quarter of the guest: enough to see the difference.
    private static let instructions: UInt64 = 500_000_000
    /// How many snapshots are alive at a time.
    private static let kept = 100

    static func measure(guest: String) throws {
        let guest = ELFGuest(file: try readFile(guest))
        var without: [Double] = []
        var with: [Double] = []
        for _ in 0..<3 {
            let plain = guest.machine()
            without.append(Measurements.seconds { run(plain) {} })
            let saving = guest.machine()
            var snapshots: [MachineSnapshot] = []
            with.append(
                Measurements.seconds {
                    run(saving) {
                        if snapshots.count == kept { snapshots.removeFirst() }
                        snapshots.append(saving.snapshot())
                    }
                })
            guard plain.stateHash() == saving.stateHash() else { fatalError("snapshots have changed the run") }
        }
        print("without \(Measurements.median(without))")
        print("with \(Measurements.median(with))")
    }

    /// Both runs stop every million instructions; only `save` makes the difference.
    private static func run(_ machine: Machine, _ save: () -> Void) {
        while machine.instructionCount < instructions {
            guard machine.run(until: machine.instructionCount + interval, passingStopAtStart: false) == .instructionLimit else {
                fatalError("the guest has ended too early")
            }
            save()
        }
    }
}
