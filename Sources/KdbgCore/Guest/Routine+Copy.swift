// SPDX-License-Identifier: GPL-3.0-or-later

/// Helpers of the kernel that other images need as well and that NT does not export: like the routines of a static library, each image that calls one is linked
/// with a copy of its own.
extension Routine {
    /// The routine, of which other images get a copy with that name; what they call must be exported, or be copied too.
    package func copied(as name: String) -> Routine {
        var routine = self
        routine.copyName = name
        return routine
    }

    /// What an image that calls the routine is linked with: its own copy, or the routine itself.
    func forCaller(in module: Module) -> Routine {
        guard let copyName, module != self.module else { return self }
        return Routine(
            copyName, parameters, module: module, section: section, convention: convention, step: nil, uses: uses, body: body,
            declaration: declaration)
    }
}
