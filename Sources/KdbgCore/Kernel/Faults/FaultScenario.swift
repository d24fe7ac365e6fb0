// SPDX-License-Identifier: GPL-3.0-or-later

/// Faults and boot options that together show one way in which start-up goes wrong. `kdbg faults` lists them, and a test runs each.
package struct FaultScenario: Sendable {
    package let name: String
    /// One sentence: what is done.
    package let summary: String
    /// What comes of it.
    package let outcome: String
    /// Nil: the usual ones.
    package let bootOptions: String?
    /// As they are written behind `--fault`.
    package let faults: [String]
    /// Whether it is about the KDBinit file, so that there has to be one.
    package let needsScript: Bool

    init(
        _ name: String, _ summary: String, options: String? = nil, needsScript: Bool = false, _ faults: String..., outcome: String
    ) {
        (self.name, self.summary, self.outcome, bootOptions, self.faults) = (name, summary, outcome, options, faults)
        self.needsScript = needsScript
    }

    /// What to type, for a shell.
    package var commandLine: String {
        let options = bootOptions.map { " --boot-options '\($0)'" } ?? ""
        let script = needsScript ? " --script kdbinit.samples/providers.kdbinit" : ""
        return "kdbg" + script + options + faults.map { " --fault \(Self.quoted($0))" }.joined()
    }

    /// In apostrophes when a shell would make something of it.
    private static func quoted(_ text: String) -> String {
        text.allSatisfy { $0.isLetter || $0.isNumber || ":@-_+".contains($0) } ? text : "'\(text)'"
    }
}
