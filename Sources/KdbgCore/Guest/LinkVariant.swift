// SPDX-License-Identifier: GPL-3.0-or-later

/// How a set of images differs from the one that is linked when nothing is said: routines with other code, and code added to routines.
///
/// Nothing of it is in the images otherwise, so a boot without variants has not one instruction more.
package struct LinkVariant: Sendable {
    /// Code that is added to a routine.
    package struct Insertion: Sendable {
        /// Name of the routine, in the kernel's image.
        let routine: String
        /// The `Function.seam` that it goes to; nil is the routine's beginning, where its arguments stand but nothing has been done.
        let seam: String?
        let code: @Sendable (Function) -> Void

        package init(into routine: String, seam: String? = nil, _ code: @escaping @Sendable (Function) -> Void) {
            self.routine = routine
            self.seam = seam
            self.code = code
        }
    }

    /// Each is linked wherever the routine with its name and module is referred to.
    package var replacements: [Routine] = []
    package var insertions: [Insertion] = []

    package init() {}

    /// Everything of both.
    package static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.replacements += b.replacements
        sum.insertions += b.insertions
        return sum
    }

    /// What is linked for an item.
    func item(for item: AnyItem) -> AnyItem {
        guard !replacements.isEmpty, let replacement = replacements.last(where: { AnyItem($0) == item }) else { return item }
        return AnyItem(replacement)
    }

    /// What is added to a routine.
    func insertions(into routine: Routine) -> [Insertion] {
        guard routine.module == .kernel else { return [] }
        return insertions.filter { $0.routine == routine.name }
    }
}
