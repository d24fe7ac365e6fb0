// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

/// Notices when continuing leads nowhere: after a bugcheck KD breaks in for ever (spec/kdbg.md section 3.6), and no one is left to say `reboot`.
struct LoopDetector {
    /// Rounds of the same stop after which it counts as a loop, and the instructions that a round may have.
    private static let rounds = 16
    private static let roundLength: UInt64 = 100_000

    private(set) var hasGivenUp = false
    private var last: (stop: Stop, mark: Mark)?
    private var count = 0

    /// Whether to continue from a stop. User's breakpoints may be hit as often as they like as long as instructions retire.
    mutating func mayContinue(from stop: Stop, at mark: Mark) -> Bool {
        defer { last = (stop, mark) }
        guard let last, last.stop == stop, mark.instruction - last.mark.instruction < Self.roundLength else {
            count = 0
            return true
        }
        count += 1
        let isStuck = mark == last.mark || stop == .debugger && count >= Self.rounds
        if isStuck { hasGivenUp = true }
        return !isStuck
    }
}
