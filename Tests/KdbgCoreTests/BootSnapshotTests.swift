// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Snapshots all over a boot of the kernel: going back and running again leads to the same state, and a boot that was torn apart so ends like any other.
struct BootSnapshotTests {
    /// Runs to an instruction count, answering the guest's calls. False when the boot has come to its end before.
    private func run(_ guest: Guest, to count: UInt64) -> Bool {
        while true {
            switch guest.machine.run(until: count, passingStopAtStart: false) {
            case .vmcall: guest.serve()?.finish(0)
            case .instructionLimit: return true
            default: return false
            }
        }
    }

    @Test func everywhereInABoot() {
        let torn = Guest.boot(options: BootConfiguration.defaultBootOptions)
        let whole = Guest.boot(options: BootConfiguration.defaultBootOptions)
        var count: UInt64 = 0
        let spans: [UInt64] = [1, 50, 3000]
        // The kernel never ends; by 12 million it has long been idle.
        while count < 12_000_000, run(torn, to: count) {
            let snapshot = torn.machine.snapshot()
            let hash = torn.machine.stateHash()
            let span = spans[Int(count) % spans.count]
            guard run(torn, to: count + span) else { break }
            let after = torn.machine.stateHash()
            torn.machine.restore(snapshot)
            let restored = torn.machine.stateHash()
            _ = run(torn, to: count + span)
            guard restored == hash, torn.machine.stateHash() == after else {
                Issue.record("at \(count)")
                return
            }
            torn.machine.restore(snapshot)
            // Every instruction at first, then further and further apart.
            count += 1 + (count < 2000 ? 0 : count / 150 * (count % 7 + 1) / 4)
        }
        #expect(count > 5_000_000)
        let end = torn.machine.instructionCount
        _ = run(whole, to: end)
        #expect(whole.machine.instructionCount == end)
        #expect(whole.machine.stateHash() == torn.machine.stateHash())
    }
}
