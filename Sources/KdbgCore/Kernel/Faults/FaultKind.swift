// SPDX-License-Identifier: GPL-3.0-or-later

/// Everything about a kind of fault. The reader of `--fault`, `kdbg faults`, the session's `faults` and the documentation are fed from these rows.
package struct FaultKind: Sendable {
    /// What stands in front of the first colon.
    package let name: String
    /// The grammar: words in capitals stand for what the user fills in, brackets are optional.
    package let usage: String
    /// One sentence.
    package let summary: String
    /// A paragraph: what happens, who brings it about, what the fields are.
    package let help: String
    /// A fault to try.
    package let example: String
    /// Reads what stands behind the name.
    let parse: @Sendable (inout FaultReader) throws(FaultError) -> FaultEffect

    /// All of them, in the order in which they are listed.
    package static let all: [FaultKind] = [
        .pool, .status, .missing, .disk, .noUART, .fullVolume, .danglingArc, .early, .defect,
    ]
}

extension Fault {
    /// Reads a fault. Whether the routines it names exist is known only when the kernel is there, see `FaultInjector`.
    package init(parsing text: String) throws(FaultError) {
        var reader = try FaultReader(text)
        let name = try reader.field("the kind of fault")
        guard let kind = FaultKind.all.first(where: { $0.name == name.text }) else {
            throw FaultError(
                text, column: name.column, "there is no fault '\(name.text)'", word: name.text, candidates: FaultKind.all.map(\.name),
                otherwise: "'kdbg faults' lists them.")
        }
        effect = try kind.parse(&reader)
        try reader.finish()
        self.text = text
        self.kind = kind.name
    }
}
