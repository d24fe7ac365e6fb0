// SPDX-License-Identifier: GPL-3.0-or-later

/// A point in a run, totally ordered: how many instructions have retired and how many journalled inputs were applied (design section 5).
package struct Mark: Comparable, Hashable, Sendable {
    /// Retired instructions since the machine was switched on.
    package var instruction: UInt64
    /// Entries of the input journal applied so far.
    package var input: Int

    package init(instruction: UInt64, input: Int = 0) {
        self.instruction = instruction
        self.input = input
    }

    package static func < (a: Mark, b: Mark) -> Bool {
        (a.instruction, a.input) < (b.instruction, b.input)
    }
}
