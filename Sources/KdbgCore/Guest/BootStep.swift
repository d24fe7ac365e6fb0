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

    /// The number of a fault in the timeline, from 1: no place in the specification, and before all of them.
    package init(fault: Int) {
        section = []
        row = fault
    }

    /// Whether it stands for a fault.
    package var isFault: Bool { section.isEmpty }

    /// Reads `1.9 #11`; nil when the text has another form.
    package init?(_ text: String) {
        let parts = text.split(separator: " ")
        let numbers = parts.first?.split(separator: ".").map { Int($0) } ?? []
        guard !numbers.isEmpty, !numbers.contains(nil), parts.count <= 2 else { return nil }
        section = numbers.compactMap { $0 }
        row = 0
        if parts.count == 2 {
            guard parts[1].first == "#", let number = Int(parts[1].dropFirst()) else { return nil }
            row = number
        }
    }

    package static func < (a: StepNumber, b: StepNumber) -> Bool {
        a.section == b.section ? a.row < b.row : a.section.lexicographicallyPrecedes(b.section)
    }

    /// `1.9 #11`, or `1.9` for the section itself; `fault 1` for a fault.
    package var description: String {
        if isFault { return "fault \(row)" }
        let section = self.section.map(String.init).joined(separator: ".")
        return row == 0 ? section : "\(section) #\(row)"
    }
}
