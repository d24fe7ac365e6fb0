// SPDX-License-Identifier: GPL-3.0-or-later

/// What is known about a boot step before it runs: a row of the tables in spec/boot.md sections 1.2 to 1.9.
package struct BootStep: Hashable, Sendable {
    /// The number the specification gives it, such as `1.9 #11`.
    package var number: StepNumber
    /// The guest routine that performs it.
    package var routine: String
    /// A few words for a list.
    package var title: String
    /// A paragraph for a person who asks what happens here and why.
    package var explanation: String

    package init(number: StepNumber, routine: String, title: String, explanation: String) {
        self.number = number
        self.routine = routine
        self.title = title
        self.explanation = explanation
    }
}

/// A step's place in the specification, ordered as the specification is: section numbers, then the row.
package struct StepNumber: Comparable, Hashable, Sendable, CustomStringConvertible {
    /// The section, such as `[1, 6, 2]`.
    package var section: [Int]
    /// The row of the section's table, from 1; 0 for the section itself.
    package var row: Int

    package init(_ section: [Int], row: Int) {
        self.section = section
        self.row = row
    }

    package static func < (a: StepNumber, b: StepNumber) -> Bool {
        a.section == b.section ? a.row < b.row : a.section.lexicographicallyPrecedes(b.section)
    }

    /// `1.9 #11`, or `1.9` for the section itself.
    package var description: String {
        let section = self.section.map(String.init).joined(separator: ".")
        return row == 0 ? section : "\(section) #\(row)"
    }
}

/// One row of the boot timeline: a step, and when the machine entered and left it.
package struct TimelineRow: Identifiable, Equatable, Sendable {
    /// Position in the list as shown; observed rows first, in order of entry, then the steps still to come, in the specification's order.
    package var id: Int
    package var step: BootStep
    /// How many observed steps were open when this one was entered.
    package var depth: Int
    /// When it was entered; nil when it is still to come.
    package var entered: Mark?
    /// When it returned; nil while it runs or when it never returns.
    package var left: Mark?
    /// Address (virtual) of the thread that entered it, from the PCR.
    package var thread: UInt32
    package var processor: UInt8
    /// IRQL at entry, from the PCR.
    package var irql: UInt8
    /// EAX when it returned.
    package var result: UInt32?

    package init(
        id: Int, step: BootStep, depth: Int = 0, entered: Mark? = nil, left: Mark? = nil, thread: UInt32 = 0, processor: UInt8 = 0,
        irql: UInt8 = 0, result: UInt32? = nil
    ) {
        self.id = id
        self.step = step
        self.depth = depth
        self.entered = entered
        self.left = left
        self.thread = thread
        self.processor = processor
        self.irql = irql
        self.result = result
    }
}
